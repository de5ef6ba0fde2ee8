"""What a device authorization response must look like (RFC 8628 section 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.checks.independence import computed_from
from harness.target import is_loopback
from harness.transcript import Exchange, Transcript
from harness.verdict import Judge, describe
from harness.wire import number_of

_OF_CODES = {"device_code", "user_code", "verification_uri", "verification_url", "expires_in"}
"""A body with none of these is no attempt at a device authorization response."""
ENOUGH = 50
"""Responses of one transcript that are looked at one by one; more tell nothing new but codes."""
SHORT_URI = 40
SANE_INTERVAL = 60
SHORTEST_LIFE, LONGEST_LIFE = 120, 1800


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every successful device authorization response of a transcript."""
    seen = _Seen()
    for exchange in transcript.at("device_authorization"):
        response = exchange.response
        if response is None or not 200 <= response.status < 300 or exchange.manner == "hostile":
            continue
        body = response.json()
        judge.holds(
            "RFC8628-3.2-error-not-200",
            body is None or ("error" not in body and bool(body.keys() & _OF_CODES)),
            expected="a status of 4xx with an error",
            received=describe(exchange),
            evidence=(exchange,),
        )
        if body is None:
            _envelope(exchange, judge, parsed=False)
        if body is None or "error" in body or not body.keys() & _OF_CODES:
            continue
        if seen.responses >= ENOUGH:
            _across(exchange, body, seen, judge)
            continue
        _envelope(exchange, judge, parsed=True)
        _members(exchange, body, judge)
        _times(exchange, body, judge)
        _links(exchange, body, judge)
        _across(exchange, body, seen, judge)


def _envelope(exchange: Exchange, judge: Judge, *, parsed: bool) -> None:
    response = exchange.response
    assert response is not None
    evidence = (exchange,)
    judge.holds(
        "RFC8628-3.2-status",
        response.status == 200,
        expected="200",
        received=response.status,
        evidence=evidence,
    )
    judge.holds(
        "RFC8628-3.2-json",
        parsed and response.media_type == "application/json",
        expected="a JSON object as application/json",
        received=describe(exchange) + f" as {response.media_type or 'no media type'}",
        evidence=evidence,
    )
    judge.holds(
        "RFC8628-3.1-dup-response",
        not response.repeated_members(),
        expected="each member once",
        received=f"{', '.join(response.repeated_members())} twice",
        evidence=evidence,
    )
    judge.holds(
        "RFC8628-3.2-no-store",
        "no-store" in (response.header("cache-control") or "").lower(),
        expected="Cache-Control: no-store",
        received=response.header("cache-control") or "no Cache-Control",
        evidence=evidence,
    )


def _members(exchange: Exchange, body: dict[str, Any], judge: Judge) -> None:
    for name in ("device_code", "user_code"):
        judge.holds(
            f"RFC8628-3.2-{name}",
            isinstance(body.get(name), str) and body[name],
            expected=f"{name} as a non-empty string",
            received=_kind(body, name),
            evidence=(exchange,),
        )
    uri = body.get("verification_uri")
    received = _kind(body, "verification_uri")
    if "verification_url" in body and "verification_uri" not in body:
        received = "verification_url, the name that drafts before RFC 8628 used"
    judge.holds(
        "RFC8628-3.2-verification_uri",
        _absolute(uri),
        expected="verification_uri as an absolute URI",
        received=received,
        evidence=(exchange,),
    )
    device_code, user_code = body.get("device_code"), body.get("user_code")
    if isinstance(device_code, str) and isinstance(user_code, str) and device_code and user_code:
        judge.holds(
            "RFC8628-5.2-independent",
            not computed_from(user_code, device_code),
            expected="a device_code that has nothing to do with the user_code",
            received="a device_code that contains the user_code or a digest of it",
            evidence=(exchange,),
        )


def _times(exchange: Exchange, body: dict[str, Any], judge: Judge) -> None:
    evidence = (exchange,)
    expires_in, interval = body.get("expires_in"), body.get("interval")
    seconds = number_of(expires_in)
    judge.holds(
        "RFC8628-3.2-expires_in",
        seconds is not None and seconds > 0,
        expected="expires_in above 0",
        received=_kind(body, "expires_in"),
        evidence=evidence,
    )
    if "expires_in" in body:
        judge.holds(
            "RFC8628-3.2-expires_in-number",
            _is_whole(expires_in),
            expected="expires_in as a JSON number of whole seconds",
            received=_kind(body, "expires_in"),
            grave=seconds is None,
            evidence=evidence,
        )
    if seconds is not None and seconds > 0:
        judge.holds(
            "RFC8628-5.4-lifetime-min",
            seconds >= SHORTEST_LIFE,
            expected=f"at least {SHORTEST_LIFE} s to type a code",
            received=f"{seconds:g} s",
            evidence=evidence,
        )
        judge.holds(
            "RFC8628-5.4-lifetime-max",
            seconds <= LONGEST_LIFE,
            expected=f"codes that live {LONGEST_LIFE} s at most",
            received=f"{seconds:g} s",
            evidence=evidence,
        )
    if "interval" not in body:
        judge.holds("RFC8628-3.2-interval-number", condition=True, evidence=evidence)
        judge.holds("RFC8628-3.2-interval-sane", condition=True, evidence=evidence)
        return
    pause = number_of(interval)
    whole = _is_whole(interval)
    judge.holds(
        "RFC8628-3.2-interval-number",
        whole and pause is not None and pause > 0,
        expected="interval as a positive JSON number of seconds, or none",
        received=_kind(body, "interval"),
        grave=interval is not None and (pause is None or pause < 0),
        evidence=evidence,
    )
    if pause is not None and seconds is not None:
        judge.holds(
            "RFC8628-3.2-interval-sane",
            pause < seconds / 2 and pause <= SANE_INTERVAL,
            expected=f"an interval under half the lifetime and {SANE_INTERVAL} s at most",
            received=f"interval {pause:g} s, expires_in {seconds:g} s",
            evidence=evidence,
        )


def _links(exchange: Exchange, body: dict[str, Any], judge: Judge) -> None:
    evidence = (exchange,)
    uri, complete = body.get("verification_uri"), body.get("verification_uri_complete")
    device_code, user_code = body.get("device_code"), body.get("user_code")
    if isinstance(uri, str) and uri:
        plain = not any(mark in uri for mark in "?#%")
        judge.holds(
            "RFC8628-3.2-verification_uri-short",
            len(uri) <= SHORT_URI and plain and _port_is_usual(uri),
            expected=f"at most {SHORT_URI} characters without query, fragment, escapes or port",
            received=f"{len(uri)} characters: {uri[:120]}",
            evidence=evidence,
        )
        if isinstance(user_code, str) and len(normal(user_code)) >= 4:
            judge.holds(
                "RFC8628-3.3-no-user_code-in-uri",
                normal(user_code) not in normal(uri),
                expected="a verification_uri without the user_code",
                received="a verification_uri with the user_code in it",
                evidence=evidence,
            )
    if "verification_uri_complete" in body:
        judge.holds(
            "RFC8628-3.2-complete-optional",
            _absolute(complete),
            expected="verification_uri_complete as an absolute URI, or none",
            received=_kind(body, "verification_uri_complete"),
            evidence=evidence,
        )
    else:
        judge.holds("RFC8628-3.2-complete-optional", condition=True, evidence=evidence)
    if isinstance(device_code, str) and device_code:
        shown = [link for link in (uri, complete) if isinstance(link, str)]
        judge.holds(
            "RFC8628-3.3-no-device_code-uri",
            not any(device_code in link or device_code in unquote(link) for link in shown),
            expected="links without the device_code",
            received="the device_code inside a link that people open",
            evidence=evidence,
        )


@dataclass(slots=True)
class _Seen:
    """What earlier responses of the same transcript carried."""

    links: set[object] = field(default_factory=set)
    device_code: set[str] = field(default_factory=set)
    user_code: set[str] = field(default_factory=set)
    responses: int = 0


def _across(exchange: Exchange, body: dict[str, Any], seen: _Seen, judge: Judge) -> None:
    """Rules on several responses of one transcript."""
    complete, user_code = body.get("verification_uri_complete"), body.get("user_code")
    if isinstance(complete, str) and isinstance(user_code, str) and complete:
        carried = normal(user_code) in normal(unquote(complete))
        if carried or seen.responses:
            judge.holds(
                "RFC8628-3.2-complete-carries-code",
                carried or complete not in seen.links,
                expected="a link that carries the user_code or something in its place",
                received="the same link for two flows",
                evidence=(exchange,),
            )
        seen.links.add(complete)
    for name, known in (("device_code", seen.device_code), ("user_code", seen.user_code)):
        code = body.get(name)
        if not isinstance(code, str):
            continue
        mine = normal(code) if name == "user_code" else code
        if seen.responses:
            judge.holds(
                f"RFC8628-3.2-{name}-unique",
                mine not in known,
                expected=f"a {name} of its own for every flow",
                received=f"the same {name} twice",
                evidence=(exchange,),
            )
        known.add(mine)
    seen.responses += 1


def normal(code: str) -> str:
    """A code as it is compared: upper case, letters and digits only (RFC 8628 section 6.1).

    A code without any stays as it is.
    """
    return re.sub(r"[^0-9A-Z]", "", code.upper()) or code


def _absolute(uri: object) -> bool:
    if not isinstance(uri, str):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def _port_is_usual(uri: str) -> bool:
    try:
        port = urlsplit(uri).port
    except ValueError:
        return False
    return port in {None, 443} or is_loopback(uri)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0


def _kind(body: dict[str, Any], name: str) -> str:
    """What a member is, without its value: values may be secret."""
    if name not in body:
        return f"no {name}"
    value = body[name]
    if value is None:
        return f"{name} null"
    if isinstance(value, str):
        return f"{name} as a string" + ("" if value else ", empty")
    if isinstance(value, list | dict):
        return f"{name} as {'an array' if isinstance(value, list) else 'an object'}"
    return f"{name} {value!r:.40}"
