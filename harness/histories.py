"""One device_code's life as a history of overlapping calls, and the laws that no history may break.

The laws of this file: it reads events and nothing else; order is by position, so calls that overlap
have none; whatever is wrong is shown in the fewest events that prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from harness.oracle import client_of, expiry_slack
from harness.transcript import Decision, Event, Exchange, Transcript, precedes
from harness.wire import DEVICE_CODE_GRANT, Answer, number_of

REPLAY = 5.0
"""Seconds for which the very same token may be served again: an answer can get lost."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened to one device_code: its issue, its owner's ordinary polls, what people did.

    `expires_in` and `interval` are seconds, as announced.  Events stand in the order in which they
    ended.
    """

    device_code: str = field(repr=False)
    issued: Exchange
    polls: tuple[Exchange, ...]
    decisions: tuple[Decision, ...]
    expires_in: float
    interval: float

    @property
    def events(self) -> list[Event]:
        """Everything, in order."""
        return sorted([self.issued, *self.polls, *self.decisions], key=lambda event: event.number)

    def having(self, *answers: Answer) -> list[Exchange]:
        """The polls that were answered so."""
        return [poll for poll in self.polls if poll.answer in answers]


@dataclass(frozen=True, slots=True)
class BadHistory:
    """Events that no lawful server can bring about, and the requirement that they violate.

    `says` is what is wrong with them, in words.  What is `tolerated` is arguable.
    """

    requirement: str
    says: str
    events: tuple[Event, ...]
    tolerated: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """Where the events stand in their transcript."""
        return tuple(event.number for event in self.events)


def histories(transcript: Transcript) -> list[History]:
    """The history of every device_code that was issued in a transcript."""
    issues: dict[str, tuple[Exchange, dict[str, Any]]] = {}
    owners: dict[str, str | None] = {}
    users: dict[str, str] = {}
    polls: dict[str, list[Exchange]] = {}
    decisions: dict[str, list[Decision]] = {}
    for event in transcript.events:
        if isinstance(event, Decision):
            if event.user_code in users:
                decisions[users[event.user_code]].append(event)
        elif event.door == "device_authorization" and event.issued and event.response:
            body = event.response.json() or {}
            code = str(body["device_code"])
            issues[code], owners[code] = (event, body), client_of(event)
            users[str(body.get("user_code"))] = code
            polls[code], decisions[code] = [], []
        elif event.door == "token":
            sent = dict(reversed(event.request.fields))
            code = sent.get("device_code", "")
            ordinary = event.response is not None and event.manner == "lawful"
            granted = sent.get("grant_type") == DEVICE_CODE_GRANT
            if code in owners and ordinary and granted and client_of(event) == owners[code]:
                polls[code].append(event)
    return [
        History(
            code,
            issued,
            tuple(polls[code]),
            tuple(decisions[code]),
            number_of(body.get("expires_in")) or 0.0,
            max(0.0, number_of(body.get("interval")) or 0.0) or 5.0,
        )
        for code, (issued, body) in issues.items()
    ]


def history_of(transcript: Transcript, device_code: str) -> History | None:
    """The history of one device_code, None if it was not issued here."""
    found = (one for one in histories(transcript) if one.device_code == device_code)
    return next(found, None)


def bad_histories(history: History) -> list[BadHistory]:
    """Everything that is wrong with a history; the clearest and shortest first."""
    found = [bad for law in LAWS for bad in law(history)]
    return sorted(found, key=lambda bad: (bad.tolerated, len(bad.events), bad.numbers[::-1]))


def shortest(history: History, *requirements: str) -> BadHistory | None:
    """The shortest bad history there is, of one of `requirements` if some are named."""
    found = bad_histories(history)
    return next((b for b in found if not requirements or b.requirement in requirements), None)


# --- the laws ---------------------------------------------------------------------------------


def _one_token_set(history: History) -> Iterator[BadHistory]:
    """A code buys at most one set of tokens (RFC 6749 section 10.5)."""
    for first, second in combinations(history.having(Answer.TOKEN), 2):
        same = _token(first) == _token(second)
        in_turn = precedes(first, second) or precedes(second, first)
        soon = not in_turn or second.began - first.ended <= REPLAY
        yield BadHistory(
            "RFC8628-3.5-single-use" if in_turn else "RFC8628-3.5-parallel-single-use",
            f"two polls {'' if in_turn else 'at once '}got {'the same' if same else 'a'} token",
            (first, second),
            tolerated=same and soon,
        )


def _no_token_after_denial(history: History) -> Iterator[BadHistory]:
    """A denial is final (RFC 8628 section 3.3)."""
    approvals = [one for one in history.decisions if one.approved and one.done is not False]
    for token in history.having(Answer.TOKEN):
        for denial in (one for one in history.decisions if not one.approved and one.done):
            # An approval that may have come first makes the token lawful.
            if precedes(denial, token) and all(precedes(denial, one) for one in approvals):
                yield BadHistory(
                    "RFC8628-3.3-deny-final", "a token after the denial", (denial, token)
                )


def _what_is_over_stays_over(history: History) -> Iterator[BadHistory]:
    """No state goes back: a code that was denied, expired or redeemed stays so."""
    for over, (requirement, name) in _OVER.items():
        for first in history.having(over):
            for later in history.having(Answer.TOKEN, Answer.PENDING):
                if later.answer is not over and precedes(first, later):
                    heard = "a token" if later.answer is Answer.TOKEN else "authorization_pending"
                    yield BadHistory(requirement, f"{heard} after {name}", (first, later))


_OVER = {
    Answer.DENIED: ("RFC8628-3.5-access_denied-repeat", "access_denied"),
    Answer.EXPIRED: ("RFC8628-3.5-expired_token", "expired_token"),
    Answer.TOKEN: ("RFC8628-3.5-single-use", "the token"),
}


def _no_token_after_the_end(history: History) -> Iterator[BadHistory]:
    """A code that is too old buys nothing (RFC 8628 section 3.5)."""
    tokens = history.having(Answer.TOKEN)
    for token in tokens:
        since = token.began - history.issued.ended - history.expires_in
        bought = any(precedes(earlier, token) for earlier in tokens)
        if history.expires_in > 0 and since > expiry_slack(history.expires_in) and not bought:
            yield BadHistory(
                "RFC8628-3.5-expired-approved",
                f"a token {since:.0f} s after the end of the code",
                (history.issued, token),
                tolerated=since <= history.interval,
            )


def _decisions_take_effect(history: History) -> Iterator[BadHistory]:
    """Nobody is told that a decision is made which the device then never hears of."""
    for decision in history.decisions:
        lost = [
            poll
            for poll in history.having(Answer.PENDING)
            if precedes(decision, poll) and poll.began - decision.ended > history.interval
        ]
        if not decision.done or not lost:
            continue
        beside = [poll for poll in history.polls if _overlap(poll, decision)]
        what = "approval" if decision.approved else "denial"
        if beside:
            yield BadHistory(
                "RFC8628-3.5-decision-not-lost",
                f"authorization_pending long after the {what}, which a poll ran beside",
                (beside[0], decision, lost[0]),
            )
        else:
            yield BadHistory(
                "RFC8628-3.5-success" if decision.approved else "RFC8628-3.3-deny-recorded",
                f"authorization_pending long after the {what}",
                (decision, lost[0]),
            )


LAWS: Sequence[Callable[[History], Iterator[BadHistory]]] = (
    _one_token_set,
    _no_token_after_denial,
    _what_is_over_stays_over,
    _no_token_after_the_end,
    _decisions_take_effect,
)
"""Each yields what breaks it."""


def _overlap(one: Event, other: Event) -> bool:
    return not precedes(one, other) and not precedes(other, one)


def _token(poll: Exchange) -> object:
    return ((poll.response.json() if poll.response else None) or {}).get("access_token")
