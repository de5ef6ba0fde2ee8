"""What a target was seen to do where the RFC leaves it free: facts without a verdict.

The laws of this file: it reads transcripts and nothing else; what was not seen is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from harness.transcript import Exchange, Transcript
from harness.wire import DEVICE_CODE_GRANT, Answer

IMMEDIATE = 1.0
"""Seconds after the issue within which a first poll counts as immediate."""


def observed(transcripts: Iterable[Transcript]) -> dict[str, object]:
    """The facts, by name; times in seconds unless the name says milliseconds."""
    kept = list(transcripts)
    issued = [e for transcript in kept for e in transcript.at("device_authorization") if e.issued]
    facts = _announced(issued) | _answered(kept)
    polls = [poll for transcript in kept for poll in _gaps(transcript)]
    return facts | _throttled(polls) | _immediate(kept)


def _announced(issued: list[Exchange]) -> dict[str, object]:
    bodies = [
        (exchange.response.json() if exchange.response else None) or {} for exchange in issued
    ]
    facts: dict[str, object] = {}
    if not bodies:
        return facts
    for name in ("expires_in", "interval"):
        values = [body[name] for body in bodies if _is_number(body.get(name))]
        if values:
            facts[name] = median(values) if len(set(values)) > 1 else values[0]
    facts["interval_announced"] = any("interval" in body for body in bodies)
    facts["sends_verification_uri_complete"] = any(
        body.get("verification_uri_complete") for body in bodies
    )
    lengths = {
        sum(character.isalnum() for character in body["user_code"])
        for body in bodies
        if isinstance(body.get("user_code"), str)
    }
    if lengths:
        facts["user_code_characters"] = max(lengths)
    return facts


def _answered(transcripts: list[Transcript]) -> dict[str, object]:
    tokens = [
        (e.response.json() if e.response else None) or {}
        for transcript in transcripts
        for e in transcript.at("token")
        if e.answer is Answer.TOKEN and e.request.field("grant_type") == DEVICE_CODE_GRANT
    ]
    if not tokens:
        return {}
    facts: dict[str, object] = {
        "issues_refresh_token": any(body.get("refresh_token") for body in tokens),
        "issues_id_token": any(body.get("id_token") for body in tokens),
    }
    lives = [body["expires_in"] for body in tokens if _is_number(body.get("expires_in"))]
    if lives:
        facts["access_token_expires_in"] = max(lives)
    return facts


class _Gap:
    """One poll: how long after the one before, against what a polite device waits (seconds)."""

    __slots__ = ("early", "gap", "required", "slowed")

    def __init__(self, gap: float, required: float, *, slowed: bool) -> None:
        self.gap = gap
        self.required = required
        self.early = required - gap
        self.slowed = slowed


def _gaps(transcript: Transcript) -> list[_Gap]:
    """Every ordinary poll that had one before it with the same code, while nobody had decided."""
    interval: dict[str, float] = {}
    last: dict[str, Exchange] = {}
    slowed: dict[str, int] = {}
    found = []
    for exchange in transcript.exchanges:
        body = (exchange.response.json() if exchange.response else None) or {}
        if exchange.door == "device_authorization" and exchange.issued:
            pause = body.get("interval")
            usual = 5.0
            interval[str(body["device_code"])] = (
                float(pause or usual) if _is_number(pause) else usual
            )
        code = exchange.request.field("device_code") or ""
        if exchange.door != "token" or code not in interval or exchange.manner != "lawful":
            continue
        if exchange.answer in {Answer.PENDING, Answer.SLOW_DOWN} and code in last:
            required = interval[code] + 5.0 * slowed.get(code, 0)
            gap = exchange.began - last[code].began
            found.append(_Gap(gap, required, slowed=exchange.answer is Answer.SLOW_DOWN))
        slowed[code] = slowed.get(code, 0) + (exchange.answer is Answer.SLOW_DOWN)
        last[code] = exchange
    return found


def _throttled(polls: list[_Gap]) -> dict[str, object]:
    """How early a poll may come, and whether slow_down was ever heard."""
    if not polls:
        return {}
    early = [poll for poll in polls if poll.early > 0]
    facts: dict[str, object] = {"says_slow_down": any(poll.slowed for poll in polls)}
    tolerated = [poll.early for poll in early if not poll.slowed]
    if early:
        facts["early_tolerance_ms"] = round(1000 * max(tolerated, default=0.0))
    return facts


def _immediate(transcripts: list[Transcript]) -> dict[str, object]:
    """Whether a poll right after the issue of the code is answered with slow_down."""
    heard: list[Answer] = []
    for transcript in transcripts:
        issued: dict[str, float] = {}
        for exchange in transcript.exchanges:
            body = (exchange.response.json() if exchange.response else None) or {}
            if exchange.door == "device_authorization" and exchange.issued:
                issued[str(body["device_code"])] = exchange.ended
            code = exchange.request.field("device_code") or ""
            if exchange.door == "token" and exchange.manner == "lawful" and code in issued:
                since = exchange.began - issued.pop(code)
                if since <= IMMEDIATE and exchange.answer in {Answer.PENDING, Answer.SLOW_DOWN}:
                    heard.append(exchange.answer)
    return {"first_poll_counts": Answer.SLOW_DOWN in heard} if heard else {}


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -1e9 < value < 1e9  # type: ignore[operator]
