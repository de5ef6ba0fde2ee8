"""What a protected resource says to those whom it refuses (RFC 6750 section 3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.transcript import Exchange, Transcript
from harness.verdict import Judge

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_GAP = re.compile(r"[\s,]*")
_SCHEME = re.compile(rf"({_TOKEN})(?:\s+([A-Za-z0-9._~+/-]+=*)(?=\s*(?:,|$)))?")
_PARAMETER = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_TEXT = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*\Z")
_ALLOWED = {
    "scope": _TEXT,
    "error": _TEXT,
    "error_description": _TEXT,
    "error_uri": re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*\Z"),
    "realm": re.compile(r"[\x20-\x7e\x80-\uffff]*\Z"),
}
"""The characters that each attribute may hold, once the quotes and backslashes are taken off."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge of a WWW-Authenticate header; names are in lower case."""

    scheme: str
    parameters: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The first parameter of that name."""
        return next((value for key, value in self.parameters if key == name), None)


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """Every challenge in these WWW-Authenticate headers (RFC 9110 section 11.6.1)."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for header in headers:
        place, alone = _gap(header, 0), True
        while place < len(header):
            pair = _PARAMETER.match(header, place)
            if pair and not alone:
                name, quoted, bare = pair.groups()
                value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
                found[-1][1].append((name.lower(), value))
                place = _gap(header, pair.end())
                continue
            scheme = None if pair else _SCHEME.match(header, place)
            if scheme is None:
                break
            found.append((scheme[1].lower(), []))
            place, alone = _gap(header, scheme.end()), False
    return [Challenge(scheme, tuple(parameters)) for scheme, parameters in found]


def _gap(header: str, place: int) -> int:
    """Where the next word begins."""
    found = _GAP.match(header, place)
    return found.end() if found else place


def bearer(exchange: Exchange) -> Challenge | None:
    """The Bearer challenge of a response, None if it has none."""
    if exchange.response is None:
        return None
    told = challenges(exchange.response.all_headers("www-authenticate"))
    return next((one for one in told if one.scheme == "bearer"), None)


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge the form of every Bearer challenge of a transcript."""
    for exchange in (*transcript.at("userinfo"), *transcript.at("resource")):
        challenge = bearer(exchange)
        if challenge is not None:
            wrong = _wrong_with(challenge)
            judge.holds(
                "RFC6750-3-attr-once",
                not wrong,
                expected="each attribute once, in the characters that it may hold",
                received=wrong,
                evidence=(exchange,),
            )


def _wrong_with(challenge: Challenge) -> str:
    times = Counter(name for name, _ in challenge.parameters)
    for name, value in challenge.parameters:
        if name not in _ALLOWED:
            continue
        if times[name] > 1:
            return f"{name} {times[name]} times"
        if not _ALLOWED[name].match(value):
            return f"{name} with the value {value!r:.60}"
    return ""
