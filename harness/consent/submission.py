"""One request that a page makes, and the addresses that it makes requests to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from harness.wire import FORM, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.wire import Header

MULTIPART = "multipart/form-data"
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a control on a screen: fill, select, tick, untick, press or enter."""

    what: str
    mark: str
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """One request that a page makes: a form sent, a button pressed, a link followed.

    Everything needed to send it again is in here except cookies, which belong to the browser.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    enctype: str = FORM
    referer: str = ""
    label: str = ""
    acts: tuple[Act, ...] = ()
    """For a screen that runs scripts: what is done to the controls, in order."""

    def __repr__(self) -> str:
        return f"<Submission {self.method} {without_query(self.url)} {self.label!r}>"

    def request(self, headers: Iterable[Header] = ()) -> Request:
        """The request as a browser would make it, without cookies."""
        more = tuple(headers)
        if self.method == "GET":
            return Request("GET", self.url, more)
        body, kind = _encoded(self.fields, self.enctype)
        return Request(self.method, self.url, (("content-type", kind), *more), body)


def is_web(url: str) -> bool:
    """Whether a browser can open this address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def absolute(base: str, url: str) -> str:
    """The address that `url` means on a page at `base`; what cannot be read means the page."""
    try:
        found = urljoin(base, url.strip())
        urlsplit(found)
    except ValueError:
        return base
    return found


def without_query(url: str) -> str:
    """The URL as it may be printed: without query and fragment, where codes and tokens travel."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="", fragment=""))


def _encoded(fields: tuple[tuple[str, str], ...], enctype: str) -> tuple[bytes, str]:
    if enctype == MULTIPART:
        boundary = "form-" + hashlib.sha256(repr(fields).encode()).hexdigest()[:32]
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}'
            for name, value in fields
        ]
        body = "\r\n".join([*parts, f"--{boundary}--\r\n"])
        return body.encode(), f"{MULTIPART}; boundary={boundary}"
    if enctype == PLAIN:
        return "".join(f"{name}={value}\r\n" for name, value in fields).encode(), PLAIN
    return urlencode(fields).encode(), FORM


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
