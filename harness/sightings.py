"""Where secrets travel: which fields, members, headers, cookies and links carry one.

The laws of this file: it learns and changes nothing; a name decides, not a guess, except on a
person's way through pages, whose forms carry anti-forgery values under any name.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, unquote_plus

from harness.pseudonyms import Pseudonyms, folded, looks_random
from harness.transcript import Exchange
from harness.wire import FORM, Response

HARMLESS_NAMES = {"client_id", "scope", "lang", "locale", "ui_locales", "response_type", "format"}
"""Fields of a person's forms that may be seen."""

PAIR = re.compile(r'("((?:[^"\\]|\\.){1,80})"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)')
"""A member of JSON or JavaScript: what stands before the value, its name, the value."""
PART = re.compile(
    r'(\bname="([^"]{1,80})"[^\n]*(?:\r?\n[^\n]+)*?\r?\n\r?\n)(.*?)(?=\r?\n--)', re.DOTALL
)
"""A part of multipart/form-data: what stands before the value, its name, the value."""

_NAMES = {"device_code", "user_code", "usercode", "id_token_hint", "auth_req_id", "otp", "pin"}
_NAMES_IN_REQUESTS = {"code", "state"}
"""Secrets when a browser carries them; in an answer the same words name errors and places."""
_ENDINGS = ("token", "secret", "password", "passwd", "assertion", "verifier", "csrf", "xsrf")


class Sightings:
    """Learns from exchanges.  `own` are the client secrets out of the settings."""

    def __init__(self, names: Pseudonyms, own: set[str]) -> None:
        self.names = names
        self._own = own

    def see(self, exchange: Exchange) -> None:
        """Learn what one exchange carried."""
        request, response = exchange.request, exchange.response
        body = text_of(request.body)
        sent = [*request.fields, *request.query, *members(body)]
        sent += [(found[2], found[3]) for found in PART.finditer(body)]
        for name, value in sent:
            if is_secret(name, sent=True):
                self.by_name(name, value)
            elif exchange.door == "page" and name not in HARMLESS_NAMES and looks_random(value):
                self.names.learn("form_value", value)
        for name, value in request.headers:
            self._header(name, value)
        if response is None:
            return
        text = response.text
        for name, value in [*members(text), *_form_of(response)]:
            if is_secret(name):
                self.by_name(name, value)
        self._complete_link(text)
        for name, value in response.headers:
            self._header(name, value)

    def by_name(self, name: str, value: str) -> str:
        """The name for a value whose field or member is secret."""
        kind = _snake(name)
        if kind == "client_secret" and self._own and value not in self._own:
            kind = "wrong_secret"
        kind = "user_code" if kind == "usercode" else kind
        # A plain word such as code=en is replaced where it stands, and not searched for.
        plain = kind in _NAMES_IN_REQUESTS and not looks_random(value)
        return self.names.learn(kind, value, search=not plain)

    def credentials(self, value: str) -> str:
        """The name of what follows the scheme of an Authorization header."""
        scheme, _, content = value.partition(" ")
        content = content.strip() or scheme
        pair = _decoded(content) if scheme.lower() == "basic" else ""
        client, colon, secret = pair.partition(":")
        if not colon:
            bearer = scheme.lower() in {"bearer", "dpop"}
            return self.names.learn("access_token" if bearer else "credentials", content)
        secret = unquote_plus(secret)
        mine = bool(secret) and (secret in self._own or not self._own)
        kind = "client_secret" if mine else "wrong_secret" if secret else "no_secret"
        self.names.learn(kind, secret)
        who = re.sub(r"[^0-9A-Za-z_.]", "_", unquote_plus(client))
        return self.names.learn(f"{who}:{kind}", content)

    def _header(self, name: str, value: str) -> None:
        name = name.lower()
        if name in {"authorization", "proxy-authorization"}:
            self.credentials(value)
        elif name == "dpop":
            self.names.learn("dpop_proof", value)
        elif name in {"cookie", "set-cookie"}:
            pairs = value.split(";") if name == "cookie" else [value.partition(";")[0]]
            for pair in pairs:
                content = pair.partition("=")[2].strip().strip('"')
                if looks_random(content):
                    self.names.learn("cookie", content)
        elif name == "location":
            for piece in re.split(r"[?#]", value)[1:]:
                for key, content in parse_qsl(piece):
                    if is_secret(key, sent=True):
                        self.by_name(key, content)

    def _complete_link(self, body: str) -> None:
        """Learn an opaque handle in verification_uri_complete: it opens the flow as the code does.

        RFC 8628 section 3.3.1 does not say that the link carries the user_code itself.
        """
        found = dict(members(body))
        complete = found.get("verification_uri_complete", "")
        code, plain = folded(found.get("user_code", "")), found.get("verification_uri", "")
        path, *rest = re.split(r"[?#]", complete)
        values = [value for piece in rest for _, value in parse_qsl(piece)]
        values += [piece for piece in rest if "=" not in piece]
        values += [unquote(segment) for segment in path.split("/")[3:] if segment not in plain]
        for value in values:
            carries_code = code and code in folded(value)
            if not carries_code and (looks_random(value) or len(value) >= 6):
                self.names.learn("link_handle", value)


def is_secret(name: str, *, sent: bool = False) -> bool:
    """Whether the value under that name is a secret; `sent` if a request or a redirect has it."""
    name = _snake(name)
    return name in _NAMES or name.endswith(_ENDINGS) or (sent and name in _NAMES_IN_REQUESTS)


def members(text: str) -> Iterator[tuple[str, str]]:
    """Every pair of a name and a string or number in JSON or JavaScript, however broken."""
    for found in PAIR.finditer(text):
        yield found[2], unescaped(found[3])


def unescaped(literal: str) -> str:
    """The value of a JSON string or number."""
    if not literal.startswith('"'):
        return literal
    try:
        return str(json.loads(literal))
    except ValueError:
        return literal.strip('"')


def text_of(body: bytes) -> str:
    """A body as text that can be turned back into the very same bytes."""
    return body.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes that `text_of` made a text from."""
    return text.encode("utf-8", "surrogateescape")


def _form_of(response: Response) -> list[tuple[str, str]]:
    """The fields of a response that is a form in place of JSON, as some servers send it."""
    text = response.text
    if response.media_type not in {FORM, "text/plain"} or "=" not in text[:200]:
        return []
    return parse_qsl(text)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")


def _decoded(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode()
    except ValueError:
        return ""
