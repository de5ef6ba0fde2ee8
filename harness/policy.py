"""What a target was seen to do where the RFC leaves it free: facts without a verdict.

The laws of this file: it reads transcripts and nothing else; what was not seen is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from statistics import median

from harness.histories import History, histories
from harness.oracle import expiry_slack
from harness.pacing import OPEN, Pace, locked_out, paces
from harness.transcript import Decision, Exchange, Transcript, precedes
from harness.wire import DEVICE_CODE_GRANT, Answer

IMMEDIATE = 1.0
"""Seconds after the issue within which a first poll counts as immediate."""
HASTY = 0.5
"""The part of the interval below which no server takes a poll for well-spaced."""


def observed(transcripts: Iterable[Transcript]) -> dict[str, object]:
    """The facts, by name; times in seconds unless the name says milliseconds."""
    kept = list(transcripts)
    issued = [e for transcript in kept for e in transcript.at("device_authorization") if e.issued]
    lives = [life for transcript in kept for life in histories(transcript)]
    facts = _announced(issued) | _answered(kept) | _throttled(lives) | _immediate(lives)
    if facts.get("says_slow_down") or facts.get("first_poll_counts"):
        facts |= _order(lives)
    return facts | _afterwards(lives)


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


# --- the interval -----------------------------------------------------------------------------


def _throttled(lives: list[History]) -> dict[str, object]:
    """How early a poll may come, what slow_down changes, and whether obeying helps."""
    by_code = [list(paces(life)) for life in lives]
    measured = [pace for one in by_code for pace in one]
    if not measured:
        return {}
    facts: dict[str, object] = {
        "says_slow_down": any(pace.refused for pace in measured),
        "gaps_measured": len(measured),
        "codes_measured": sum(bool(one) for one in by_code),
    }
    facts |= _tolerance([pace for pace in measured if not pace.slow_downs])
    facts |= _escalation(measured)
    obedient = [pace for pace in measured if pace.obedient]
    facts["obedient_polls"] = len(obedient)
    facts["obedient_polls_slowed_down"] = sum(pace.refused for pace in obedient)
    outcomes = [outcome for one in by_code if (outcome := locked_out(one)) is not None]
    if outcomes:
        facts["obedient_device_locked_out"] = any(outcomes)
    return facts


def _tolerance(calm: list[Pace]) -> dict[str, object]:
    """The edge between what is taken and what is refused, while nobody was slowed down yet."""
    taken = [pace for pace in calm if not pace.refused]
    refused = [pace for pace in calm if pace.refused]
    facts: dict[str, object] = {}
    if refused:
        facts["largest_gap_refused"] = round(max(pace.least for pace in refused), 3)
    if taken:
        facts["smallest_gap_taken"] = round(min(pace.most for pace in taken), 3)
    early = [pace.interval - pace.most for pace in taken if pace.most < pace.interval]
    if early or any(pace.most < pace.interval for pace in refused):
        facts["early_tolerance_ms"] = round(1000 * max(early, default=0.0))
    blur = max((pace.least for pace in refused), default=-math.inf)
    blur -= min((pace.most for pace in taken), default=math.inf)
    if blur > 0:
        # A server that counts whole seconds takes a gap or refuses it, by when it began.
        facts["edge_blurred_ms"] = round(1000 * blur)
    least = max((pace.interval for pace in calm), default=0.0)
    if refused:
        least = max(least, math.ceil(4 * max(pace.least for pace in refused)) / 4)
    if least:
        facts["safe_gap"] = least
    return facts


def _escalation(measured: list[Pace]) -> dict[str, object]:
    """Whether slow_down raises the demand itself, and whether a patient poll brings it back."""
    told = [pace for pace in measured if pace.raised]
    facts: dict[str, object] = {}
    at_once = {pace.refused for pace in told if pace.after_slow_down}
    later = {pace.refused for pace in told if not pace.after_slow_down}
    if at_once == {False}:
        facts["escalation"] = "none"
    elif True in at_once and len(at_once) == 1:
        ways = {frozenset({True}): "kept", frozenset({False}): "reset"}
        facts["escalation"] = ways.get(frozenset(later), "rises")
    elif at_once:
        facts["escalation"] = "now and then"
    spared = [
        pace
        for pace in measured
        if pace.after_slow_down
        and pace.most < HASTY * pace.interval
        and (pace.since_taken or 0.0) >= pace.interval
    ]
    if spared and facts.get("escalation") == "none":
        facts["early_poll_restarts_interval"] = all(pace.refused for pace in spared)
    return facts


def _immediate(lives: list[History]) -> dict[str, object]:
    """Whether a poll right after the issue of the code is answered with slow_down."""
    heard = [
        life.polls[0].answer
        for life in lives
        if life.polls and life.polls[0].began - life.issued.ended <= IMMEDIATE
        # In a burst nobody knows which poll was the first.
        if all(precedes(life.polls[0], later) for later in life.polls[1:])
    ]
    heard = [answer for answer in heard if answer in OPEN]
    return {"first_poll_counts": Answer.SLOW_DOWN in heard} if heard else {}


# --- order, and what comes after --------------------------------------------------------------

_FINAL: dict[str, set[Answer]] = {
    "granted": {Answer.TOKEN},
    "denied": {Answer.DENIED},
    "expired": {Answer.EXPIRED, Answer.INVALID_GRANT},
}


def _order(lives: list[History]) -> dict[str, object]:
    """Whether a hasty poll of a decided or expired code hears of that, or of its haste."""
    facts: dict[str, object] = {}
    for name, final in _FINAL.items():
        told = [seen for life in lives for seen in _first_told(life, final, _is_over(life, name))]
        if told:
            facts[f"{name}_before_throttle"] = all(told)
    return facts


def _first_told(
    life: History, final: set[Answer], is_over: Callable[[Exchange], bool]
) -> Iterator[bool]:
    """Whether hasty polls of a code that is over hear so, up to the first that does."""
    for before, poll in pairwise(life.polls):
        if not precedes(before, poll) or before.answer not in {*OPEN, *_FINAL["expired"]}:
            continue
        if is_over(poll) and poll.answer is Answer.SLOW_DOWN:
            yield False
        elif is_over(poll) and poll.answer in final:
            if poll.ended - before.began < HASTY * life.interval:
                yield True
            return


def _is_over(life: History, name: str) -> Callable[[Exchange], bool]:
    def decided(poll: Exchange) -> bool:
        return any(_counts(one, poll, approved=name == "granted") for one in life.decisions)

    def expired(poll: Exchange) -> bool:
        end = life.issued.ended + life.expires_in + expiry_slack(life.expires_in)
        return poll.began > end and not life.decisions

    return expired if name == "expired" else decided


def _counts(decision: Decision, poll: Exchange, *, approved: bool) -> bool:
    return decision.approved is approved and bool(decision.done) and precedes(decision, poll)


def _afterwards(lives: list[History]) -> dict[str, object]:
    """What a code says once it has bought its token, or has said that it is denied or expired."""
    facts: dict[str, object] = {}
    for name, first in (
        ("token", Answer.TOKEN),
        ("denial", Answer.DENIED),
        ("expiry", Answer.EXPIRED),
    ):
        later = {
            poll.answer.value
            for life in lives
            for told in life.having(first)[:1]
            for poll in life.polls
            if precedes(told, poll) and _in_time(life, poll, over=first is Answer.EXPIRED)
            if poll.answer not in {Answer.SLOW_DOWN, Answer.BUSY}
            if poll.answer is not None
        }
        if later:
            facts[f"after_{name}"] = " or ".join(sorted(later))
    return facts


def _in_time(life: History, poll: Exchange, *, over: bool) -> bool:
    """Whether a poll came while the code lived, or, if it is `over`, at any time."""
    return over or poll.ended - life.issued.began < life.expires_in


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -1e9 < value < 1e9  # type: ignore[operator]
