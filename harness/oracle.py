"""The relation that RFC 8628 is: which answers the past allows a poll to get.

The laws of this file: it reads a transcript and nothing else; where the RFC leaves freedom, or
where two things overlapped in time, the set of answers is wide; it shares words with the reference
server, never logic.  What is said of open points is explained in docs/verdicts.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.transcript import Decision, Exchange, Transcript, precedes
from harness.wire import DEVICE_CODE_GRANT, Answer, number_of

MARGIN = 0.25
"""Seconds in the server's favour: a poll this much after the interval is surely not too early."""
FORGOTTEN = 60.0
"""Seconds after expiry from which a server may have forgotten the code."""
REPLAY = 5.0
"""Seconds within which the same token once more may replace a lost answer."""
STEP = 5.0
"""Seconds that each slow_down adds (RFC 8628 section 3.5)."""


def expiry_slack(expires_in: float) -> float:
    """Seconds of grace around an expiry: clocks are coarse and cleaning up takes time."""
    return max(5.0, 0.1 * expires_in)


@dataclass(slots=True)
class Expectation:
    """What one poll may be answered, and which requirement says so.

    An answer outside `allowed` violates `requirement`, unless `instead` names another for it;
    `tolerated` answers are arguable and a warning at most, `unclear` ones may be the doing of
    whoever went through the pages, so that they decide nothing.  `why` is the state in words.
    """

    requirement: str
    why: str
    allowed: set[Answer]
    tolerated: set[Answer] = field(default_factory=set)
    unclear: set[Answer] = field(default_factory=set)
    instead: dict[Answer, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Life:
    """Everything in a transcript that concerns one device_code, in order."""

    issued: Exchange
    body: dict[str, Any]
    uses: list[Exchange] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


@dataclass(slots=True)
class _Flow:
    """What a transcript tells about one device_code up to a poll (times in seconds)."""

    issued: Exchange
    expires_in: float
    interval: float
    own_polls: list[Exchange]
    decisions: list[Decision]
    disturbed: bool
    """Somebody sent odd or foreign requests with this code: what follows is not the owner's."""


def allowed(transcript: Transcript, poll: Exchange) -> Expectation | None:
    """The set of answers that the past allows `poll`; None if it is no ordinary poll.

    Ordinary is a well-formed poll with a device_code of this transcript, by the client that it was
    issued to.
    """
    return Oracle(transcript).allowed(poll)


class Oracle:
    """Answers `allowed` for many polls of one transcript."""

    def __init__(self, transcript: Transcript) -> None:
        self._lives: dict[str, _Life] = {}
        by_user_code: dict[str, _Life] = {}
        for event in transcript.events:
            if isinstance(event, Decision):
                if event.user_code in by_user_code:
                    by_user_code[event.user_code].decisions.append(event)
            elif event.door == "device_authorization" and event.issued and event.response:
                body = event.response.json() or {}
                life = self._lives[str(body["device_code"])] = _Life(event, body)
                by_user_code[str(body.get("user_code"))] = life
            elif event.door == "token":
                code = event.request.field("device_code")
                if code in self._lives:
                    self._lives[code].uses.append(event)

    def allowed(self, poll: Exchange) -> Expectation | None:
        """As the function of that name."""
        life = self._lives.get(poll.request.field("device_code") or "")
        if life is None or not _well_formed(poll) or client_of(life.issued) != client_of(poll):
            return None
        flow = _flow(life, poll)
        return None if flow is None else _expected(flow, poll)


def _expected(flow: _Flow, poll: Exchange) -> Expectation:
    age_least = poll.began - flow.issued.ended
    age_most = poll.ended - flow.issued.began
    slack = expiry_slack(flow.expires_in)
    if age_least > flow.expires_in + slack:
        return _expired(flow, poll, age_least - flow.expires_in)
    expectation = _alive(flow, poll)
    if age_most > flow.expires_in - slack:
        expectation.allowed |= {Answer.EXPIRED, Answer.INVALID_GRANT}
        expectation.unclear.add(Answer.BROKEN)
    _throttle(flow, poll, expectation)
    if flow.disturbed:
        # Whether odd requests count as polls, or cost the code its life, is judged elsewhere.
        expectation.allowed |= {Answer.SLOW_DOWN, Answer.INVALID_GRANT, Answer.DENIED}
    return expectation


def client_of(exchange: Exchange) -> str | None:
    """The client that a request names: by its Authorization header, else by client_id."""
    header = exchange.request.header("authorization")
    return f"header {header}" if header else exchange.request.field("client_id")


def _well_formed(poll: Exchange) -> bool:
    names = [name for name, _ in poll.request.fields]
    return (
        poll.door == "token"
        and poll.manner == "lawful"
        and poll.response is not None
        and len(names) == len(set(names))
        and poll.request.field("grant_type") == DEVICE_CODE_GRANT
    )


def _flow(life: _Life, poll: Exchange) -> _Flow | None:
    """What happened to a code up to `poll`, or while it was under way."""
    # A number in a string is judged elsewhere; devices that read it are judged by it here.
    expires_in, interval = (number_of(life.body.get(name)) for name in ("expires_in", "interval"))
    if expires_in is None or expires_in <= 0:
        return None
    uses = [use for use in life.uses if use is not poll and not precedes(poll, use)]
    client = client_of(poll)
    own = [_well_formed(use) and client_of(use) == client for use in uses]
    return _Flow(
        life.issued,
        expires_in,
        interval if interval is not None and interval > 0 else 5.0,
        [use for use, mine in zip(uses, own, strict=True) if mine or use.response is None],
        [decision for decision in life.decisions if not precedes(poll, decision)],
        disturbed=not all(own),
    )


def _alive(flow: _Flow, poll: Exchange) -> Expectation:
    """The expectation while the code lives: by whether it was redeemed, decided, or neither."""
    before = [p for p in flow.own_polls if precedes(p, poll)]
    during = [p for p in flow.own_polls if not precedes(p, poll)]
    lost = any(p.response is None for p in flow.own_polls)
    redeemed = next((p for p in before if p.answer is Answer.TOKEN), None)
    if redeemed is not None:
        tolerated = {Answer.EXPIRED, Answer.DENIED}
        if _is_replay(redeemed, poll):
            tolerated.add(Answer.TOKEN)
        return Expectation(
            "RFC8628-3.5-single-use",
            "the code was redeemed before",
            {Answer.INVALID_GRANT},
            tolerated,
        )
    effective = [d for d in flow.decisions if d.done is not False]
    settled = [d for d in effective if d.done and precedes(d, poll)]
    open_ones = [d for d in effective if d not in settled or _contests(d, settled[0])]
    expectation = _undecided() if not settled else _decided(settled[0], before, poll, flow)
    for decision in open_ones:
        expectation.allowed |= {Answer.TOKEN if decision.approved else Answer.DENIED}
        if decision.done is None:
            # Nobody saw what was pressed in the end.
            expectation.unclear |= {Answer.TOKEN, Answer.DENIED}
        expectation.unclear |= {Answer.BROKEN, Answer.INVALID_GRANT}
        expectation.why += ", and somebody was deciding at that time"
        if any(p.answer is Answer.DENIED for p in before):
            expectation.allowed |= {Answer.INVALID_GRANT, Answer.EXPIRED}
    if lost or any(p.answer in {Answer.TOKEN, Answer.DENIED, None} for p in during):
        expectation.allowed |= {Answer.INVALID_GRANT, Answer.PENDING}
        expectation.tolerated |= {Answer.EXPIRED, Answer.DENIED}
        for answer in (Answer.EXPIRED, Answer.DENIED):
            expectation.instead[answer] = "RFC8628-3.5-single-use"
        expectation.why += ", and other polls overlapped or were lost"
    return expectation


def _is_replay(redeemed: Exchange, poll: Exchange) -> bool:
    """Whether the very same response came again so soon that a lost one may be the reason."""
    first, again = redeemed.response, poll.response
    same = first is not None and again is not None and first.json() == again.json()
    return same and poll.began - redeemed.ended <= REPLAY


def _contests(decision: Decision, first: Decision) -> bool:
    """Whether somebody answered otherwise at the same time, so that either may have counted."""
    return decision.approved is not first.approved and not precedes(first, decision)


def _undecided() -> Expectation:
    return Expectation(
        "RFC8628-3.5-pending",
        "the user has not decided",
        {Answer.PENDING},
        instead={
            Answer.TOKEN: "RFC8628-3.3-choice",
            Answer.EXPIRED: "RFC8628-3.2-expires_in-shared",
        },
    )


def _decided(
    decision: Decision, before: Iterable[Exchange], poll: Exchange, flow: _Flow
) -> Expectation:
    lag = poll.began - decision.ended <= flow.interval
    if decision.approved:
        found = Expectation("RFC8628-3.5-success", "the user has approved", {Answer.TOKEN})
        # A page misread for a yes ends in access_denied; and a scope may be refused only here.
        found.unclear |= {Answer.DENIED, Answer.INVALID_SCOPE}
    else:
        found = Expectation(
            "RFC8628-3.5-access_denied",
            "the user has denied",
            {Answer.DENIED},
            instead={
                Answer.TOKEN: "RFC8628-3.3-deny-final",
                Answer.PENDING: "RFC8628-3.3-deny-recorded",
            },
        )
        if any(p.answer is Answer.DENIED for p in before):
            found.requirement = "RFC8628-3.5-access_denied-repeat"
            found.allowed |= {Answer.INVALID_GRANT, Answer.EXPIRED}
            found.instead.pop(Answer.PENDING)
    if lag:
        found.tolerated.add(Answer.PENDING)
    return found


def _expired(flow: _Flow, poll: Exchange, since: float) -> Expectation:
    found = Expectation(
        "RFC8628-3.5-expired_token",
        f"the code expired {since:.0f} s ago",
        {Answer.EXPIRED},
        instead={Answer.TOKEN: "RFC8628-3.5-expired-approved"},
    )
    before = [p for p in flow.own_polls if precedes(p, poll)]
    told = any(p.answer in {Answer.EXPIRED, Answer.DENIED, Answer.TOKEN} for p in before)
    decided = any(d.done is not False for d in flow.decisions)
    (found.allowed if told or since > FORGOTTEN else found.tolerated).add(Answer.INVALID_GRANT)
    if decided:
        found.allowed.add(Answer.INVALID_GRANT)
        found.tolerated.add(Answer.DENIED)
        if any(d.approved for d in flow.decisions) and since <= flow.interval:
            found.tolerated.add(Answer.TOKEN)
    if any(p.answer is Answer.TOKEN for p in before):
        found.instead |= dict.fromkeys((Answer.TOKEN, Answer.DENIED), "RFC8628-3.5-single-use")
        found.allowed.add(Answer.INVALID_GRANT)
    if flow.disturbed:
        found.tolerated.add(Answer.DENIED)
    if _is_early(flow, poll):
        found.instead[Answer.SLOW_DOWN] = "RFC8628-3.5-expired-over-throttle"
        found.instead[Answer.BROKEN] = "RFC8628-3.5-expired-over-throttle"
        found.tolerated.add(Answer.SLOW_DOWN)
    return found


def _throttle(flow: _Flow, poll: Exchange, expectation: Expectation) -> None:
    """Add slow_down: allowed to whoever is early, else a violation of its own."""
    before = [p for p in flow.own_polls if precedes(p, poll)]
    if len(before) < len(flow.own_polls) or _is_early(flow, poll):
        expectation.allowed.add(Answer.SLOW_DOWN)
    elif not before:
        expectation.instead[Answer.SLOW_DOWN] = "RFC8628-3.5-first-poll-immediate"
    elif any(p.answer is Answer.SLOW_DOWN for p in before):
        expectation.instead[Answer.SLOW_DOWN] = "RFC8628-3.5-slow_down-no-livelock"
        if before[-1].answer is not Answer.SLOW_DOWN or _is_early(flow, before[-1]):
            # One late slow_down may come from a coarse clock; a second in a row may not.
            expectation.tolerated.add(Answer.SLOW_DOWN)
    else:
        expectation.instead[Answer.SLOW_DOWN] = "RFC8628-3.5-slow_down-exact-interval"


def _is_early(flow: _Flow, poll: Exchange) -> bool:
    """Whether the poll may have come before the time that an obedient device waits for."""
    earlier = [p for p in flow.own_polls if precedes(p, poll)]
    if not earlier:
        return False
    slow_downs = sum(p.answer is Answer.SLOW_DOWN for p in earlier)
    gap = poll.began - max(p.ended for p in earlier)
    return gap < flow.interval + STEP * slow_downs + MARGIN - 1e-6
