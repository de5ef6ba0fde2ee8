"""One person's cookies (RFC 6265 sections 5.2 to 5.4, without a public suffix list)."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_COOKIES = 500


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie; `expires` is Unix time in seconds, or None for as long as the browser is open."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    expires: float | None
    same_site: str = ""

    def __repr__(self) -> str:
        return f"<Cookie {self.name} of {self.domain}{self.path}>"


class Cookies:
    """A cookie jar.

    Secure cookies are kept and sent on plain HTTP only by a loopback host: that is how browsers
    treat one, and it lets a provider run on a developer's machine.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], Cookie] = {}
        self._from_elsewhere = False

    @contextmanager
    def cross_site(self) -> Iterator[None]:
        """While this lasts, keep back what browsers do not send with another site's form.

        A cookie that says nothing about it is sent: not all browsers take that for `Lax`.
        """
        self._from_elsewhere = True
        try:
            yield
        finally:
            self._from_elsewhere = False

    def __iter__(self) -> Iterator[Cookie]:
        return iter(list(self._kept.values()))

    def __len__(self) -> int:
        return len(self._kept)

    def store(self, url: str, headers: Iterable[str], now: float) -> None:
        """Keep what the `Set-Cookie` headers of a response from `url` say at Unix time `now`."""
        for header in headers:
            cookie = _parsed(url, header, now)
            if cookie is None or (cookie.secure and not _is_safe(url)):
                continue
            if cookie.expires is not None and cookie.expires <= now:
                self._kept.pop((cookie.domain, cookie.path, cookie.name), None)
            else:
                self.keep(cookie)

    def keep(self, cookie: Cookie) -> None:
        """Keep one cookie, in place of an older one of the same name, domain and path."""
        key = (cookie.domain, cookie.path, cookie.name)
        if key in self._kept or len(self._kept) < MAX_COOKIES:
            self._kept[key] = cookie

    def header_for(self, url: str, now: float) -> str:
        """The `Cookie` header of a request to `url` at Unix time `now`; empty if there is none."""
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        chosen = [
            cookie
            for cookie in self._kept.values()
            if _host_matches(host, cookie)
            and _path_matches(path, cookie.path)
            and (not cookie.secure or _is_safe(url))
            and (cookie.expires is None or cookie.expires > now)
            and not (self._from_elsewhere and cookie.same_site in {"lax", "strict"})
        ]
        chosen.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in chosen)


def is_loopback(host: str) -> bool:
    """Whether a host name can only be this machine."""
    host = host.lower().strip("[]")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def _parsed(url: str, header: str, now: float) -> Cookie | None:
    first, *rest = header.split(";")
    name, equals, value = first.partition("=")
    if not equals or not name.strip():
        return None
    attributes: dict[str, str] = {}
    for item in rest:
        key, _, content = item.partition("=")
        attributes[key.strip().lower()] = content.strip()
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    domain = attributes.get("domain", "").lower().lstrip(".")
    if domain and domain != host and not (_is_under(host, domain) and "." in domain):
        return None
    path = attributes.get("path", "")
    return Cookie(
        name=name.strip(),
        value=value.strip(),
        domain=domain or host,
        host_only=not domain,
        path=path if path.startswith("/") else _default_path(parts.path),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        expires=_expiry(attributes, now),
        same_site=attributes.get("samesite", "").lower(),
    )


def _expiry(attributes: dict[str, str], now: float) -> float | None:
    age = attributes.get("max-age", "")
    if len(age) < 12 and age.removeprefix("-").isdecimal():
        return now + int(age) if int(age) > 0 else float("-inf")
    if "expires" not in attributes:
        return None
    text = attributes["expires"].replace("-", " ")
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _default_path(path: str) -> str:
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"


def _host_matches(host: str, cookie: Cookie) -> bool:
    if host == cookie.domain:
        return True
    return not cookie.host_only and _is_under(host, cookie.domain)


def _is_under(host: str, domain: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.endswith("." + domain)
    return False


def _path_matches(path: str, prefix: str) -> bool:
    if path == prefix:
        return True
    return path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix)] == "/")
