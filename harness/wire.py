"""What crosses the wire: requests, responses and the answers of a token endpoint.

The laws of this file: values only, no I/O, no clock, nothing that knows who speaks.  Whatever
answers a request is a `Transport`: a socket, the reference server itself, a recording, or a fault
wrapped round any of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
"""The `grant_type` of a poll (RFC 8628 section 3.4)."""

FORM = "application/x-www-form-urlencoded"

Header: TypeAlias = tuple[str, str]
Fields: TypeAlias = Iterable[tuple[str, str]]
"""Form fields in the order sent; a name may come twice, because some scenarios want that."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: absolute `url`, header names in any case, body as bytes."""

    method: str
    url: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    @classmethod
    def form(cls, url: str, fields: Fields, headers: Iterable[Header] = ()) -> Request:
        """A form-encoded POST, the only encoding that RFC 8628 sections 3.1 and 3.4 define."""
        body = _encoded(tuple(fields))
        return cls("POST", url, (("content-type", FORM), *headers), body)

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return _header(self.headers, name)

    def with_header(self, name: str, value: str) -> Request:
        """The same request with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    @property
    def path(self) -> str:
        """The path of the URL, at least "/"."""
        return _split(self.url)[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's parameters, decoded, in order; empty values are kept."""
        return parse_qsl(_split(self.url)[1], keep_blank_values=True, errors="replace")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The form fields of the body, decoded, in order; empty values are kept.

        Empty if the body is no form.  Never raises: what cannot be decoded is replaced.
        """
        kind = self.header("content-type") or ""
        if kind.partition(";")[0].strip().lower() != FORM:
            return []
        return list(_pairs(self.body))

    def field(self, name: str) -> str | None:
        """The first form field of that name, or None."""
        return next((value for key, value in self.fields if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; header names are lower-case."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return _header(self.headers, name)

    def all_headers(self, name: str) -> list[str]:
        """Every value of that header, in order."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower-case; empty if there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object, or None if it is anything else.  Never raises.

        The object may be shared with others who ask: do not change it.
        """
        return _small_object(self.body) if len(self.body) <= 16_384 else _object(self.body)

    def repeated_members(self) -> list[str]:
        """Names that occur twice in one JSON object of the body (RFC 8628 section 3.2)."""
        twice: list[str] = []

        def notice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
            return dict(pairs)

        try:
            json.loads(self.body, object_pairs_hook=notice)
        except (ValueError, RecursionError):
            return []
        return twice

    @property
    def error(self) -> str | None:
        """The `error` member, if the body is an object and it is a string (RFC 6749 section 5)."""
        found = (self.json() or {}).get("error")
        return found if isinstance(found, str) else None


Transport: TypeAlias = Callable[[Request], Response]
"""Answers one request, or raises `NoAnswer`."""

Reason: TypeAlias = Literal[
    "refused", "reset", "timeout", "too_large", "too_slow", "tls", "garbled", "unresolved"
]


class NoAnswer(Exception):
    """No HTTP response came back.

    `reason` is one word out of `Reason`, `detail` the sentence for people.  Whether the server or
    the network between is to blame cannot be seen from here, so nobody is blamed.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


class Answer(Enum):
    """Everything a token endpoint can say to a poll (RFC 8628 section 3.5, RFC 6749 section 5)."""

    TOKEN = "token"
    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"
    INVALID_GRANT = "invalid_grant"
    INVALID_CLIENT = "invalid_client"
    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    BUSY = "busy"
    """429 or 503 without one of the errors above: come back later."""
    BROKEN = "server error"
    """Any other 5xx."""
    OTHER = "another error"
    """An `error` that no registry knows."""
    GARBLED = "no OAuth answer"
    """Neither a token nor an `error`: HTML, an empty object, broken JSON."""

    def __repr__(self) -> str:
        return self.value

    @property
    def is_final(self) -> bool:
        """Whether a device that hears this stops polling (RFC 8628 section 3.5)."""
        return self not in {Answer.PENDING, Answer.SLOW_DOWN, Answer.BUSY, Answer.BROKEN}


_BY_ERROR = {
    answer.value: answer
    for answer in Answer
    if answer not in {Answer.TOKEN, Answer.BUSY, Answer.BROKEN, Answer.OTHER, Answer.GARBLED}
}


def answer_of(response: Response) -> Answer:
    """What a token endpoint's response says.

    The `error` member decides before the status does: real servers send the right words with 401,
    403, 428, 429 and even 200, and which status is lawful is a requirement of its own.
    """
    body = response.json() or {}
    error = body.get("error")
    if isinstance(error, str) and error:
        if error in _BY_ERROR:
            return _BY_ERROR[error]
        if response.status < 500 and response.status != 429:
            return Answer.OTHER
    if response.status in {429, 503}:
        return Answer.BUSY
    if response.status >= 500:
        return Answer.BROKEN
    token = body.get("access_token")
    if response.status < 300 and isinstance(token, str) and token:
        return Answer.TOKEN
    return Answer.GARBLED


def number_of(value: object) -> float | None:
    """A number in a JSON member, also out of a numeric string; None for anything else and NaN.

    Never raises: a number that is too large is infinite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if str(value)[:1] != "-" else -math.inf
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body, parse_constant=_no_constant)
        if b"\\ud" in body or b"\\uD" in body:
            # Half a surrogate pair is no text that could be written anywhere.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_small_object = lru_cache(maxsize=512)(_object)
"""A response is judged by many checks, each of which reads it."""


@lru_cache(maxsize=512)
def _encoded(fields: tuple[tuple[str, str], ...]) -> bytes:
    return urlencode(fields).encode()


@lru_cache(maxsize=512)
def _pairs(body: bytes) -> tuple[tuple[str, str], ...]:
    try:
        text = body.decode("utf-8", "replace")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="replace"))
    except ValueError:
        return ()


def _header(headers: tuple[Header, ...], name: str) -> str | None:
    name = name.lower()
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


@lru_cache(maxsize=4096)
def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/", ""
    return parts.path or "/", parts.query
