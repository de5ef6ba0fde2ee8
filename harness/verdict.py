"""Verdicts, and the ways in which a scenario says what it found.

The laws of this file: a judgement names one requirement; level and default outcome come from the
catalogue, never from the scenario; "could not test" is an outcome of its own and never looks green.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

from harness.transcript import Exchange
from harness.wire import Answer, NoAnswer


class Verdict(Enum):
    """The outcome for one requirement, from best to worst when merged (see `worst`)."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    KNOWN = "known"
    ERROR = "error"

    def __repr__(self) -> str:
        return self.value


_SEVERITY = {
    verdict: rank
    for rank, verdict in enumerate(
        (
            Verdict.NOT_APPLICABLE,
            Verdict.PASS,
            Verdict.INCONCLUSIVE,
            Verdict.WARN,
            Verdict.KNOWN,
            Verdict.ERROR,
            Verdict.FAIL,
        )
    )
}

Blame: TypeAlias = Literal[
    "target", "settings", "network", "person", "harness", "specification", "patience"
]
"""Whose fault an outcome is that is not a pass; "specification" marks an open point of it."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Merge verdicts on one requirement: the worst wins; without any it is inconclusive."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look at the evidence says about one requirement.

    `evidence` holds numbers of transcript events.  A pass may carry a message, too: something worth
    knowing that is no violation.
    """

    requirement: str
    verdict: Verdict
    message: str = ""
    expected: str = ""
    received: str = ""
    evidence: tuple[int, ...] = ()
    blame: Blame | None = None


class Violation(AssertionError):
    """A requirement did not hold; carries its `Judgement` (raised by runners, for pytest)."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.message)
        self.judgement = judgement


class Inconclusive(Exception):
    """The situation that a scenario needs did not come about, so it decides nothing."""

    def __init__(self, reason: str, blame: Blame = "target") -> None:
        super().__init__(reason)
        self.reason = reason
        self.blame: Blame = blame


class NotApplicable(Exception):
    """The target does not claim, or the target file does not offer, what a scenario needs."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


def given(condition: object, reason: str, blame: Blame = "target") -> None:
    """State what a scenario takes for granted; otherwise it is inconclusive, not failed.

    Raises `Inconclusive` with `reason`.
    """
    if not condition:
        raise Inconclusive(reason, blame)


@dataclass(slots=True)
class Judge:
    """Collects the judgements of one scenario.

    `on_violation` maps a requirement's id to "fail", "warn" or "info" (KeyError for unknown ids).
    `enough` passes of one requirement tell all that more of them would.
    """

    on_violation: Callable[[str], str]
    judgements: list[Judgement] = field(default_factory=list)
    enough: float = math.inf
    _passes: dict[str, int] = field(default_factory=dict, repr=False)

    def holds(
        self,
        requirement: str,
        condition: object,
        *,
        expected: str = "",
        received: object = "",
        tolerated: object = False,
        grave: bool = False,
        evidence: Iterable[Exchange | int | None] = (),
    ) -> bool:
        """Judge one requirement by a condition; return whether it held.

        `tolerated` is a second condition: what the catalogue calls arguable, a warning at most.
        `grave` makes a violation a failure even where the catalogue's default is a warning.
        """
        if condition:
            passes = self._passes[requirement] = self._passes.get(requirement, 0) + 1
            if passes > self.enough:
                return True
        default = self.on_violation(requirement)
        kept = tuple(
            [e.number if isinstance(e, Exchange) else e for e in evidence if e is not None]
        )
        if condition:
            self.judgements.append(Judgement(requirement, Verdict.PASS, evidence=kept))
            return True
        verdict = _VIOLATED[default]
        if tolerated and verdict is Verdict.FAIL:
            verdict = Verdict.WARN
        if grave and not tolerated:
            verdict = Verdict.FAIL
        text = str(received)
        judgement = Judgement(
            requirement,
            verdict,
            f"expected {expected}, received {text}" if expected else text,
            evidence=kept,
            expected=expected,
            received=text,
            blame="target" if verdict is not Verdict.PASS else None,
        )
        self.judgements.append(judgement)
        return False

    def answers(
        self,
        requirement: str,
        exchange: Exchange,
        lawful: Collection[Answer],
        *,
        tolerated: Collection[Answer] = (),
        grave: Collection[Answer] = (),
    ) -> bool:
        """Judge one requirement by what the target said, against the set of lawful answers.

        A request that got no response, and a target that is busy (429, 503), decide nothing:
        raises `Inconclusive`.
        """
        answer = heard(exchange)
        return self.holds(
            requirement,
            answer in lawful,
            expected=" or ".join(sorted(one.value for one in lawful)),
            received=describe(exchange),
            tolerated=answer in tolerated,
            grave=answer in grave,
            evidence=(exchange,),
        )

    def note(
        self, requirement: str, message: str, evidence: Iterable[Exchange | None] = ()
    ) -> None:
        """Record something worth knowing that is no violation."""
        numbers = tuple(exchange.number for exchange in evidence if exchange is not None)
        self.judgements.append(Judgement(requirement, Verdict.PASS, message, evidence=numbers))

    def undecided(self, requirement: str, reason: str, blame: Blame = "target") -> None:
        """Record that one requirement of several could not be put to the test."""
        self.judgements.append(
            Judgement(requirement, Verdict.INCONCLUSIVE, reason, blame=blame),
        )

    def not_applicable(self, requirement: str, needs: str) -> None:
        """Record that the target does not claim, or the target file does not offer, a feature."""
        self.judgements.append(Judgement(requirement, Verdict.NOT_APPLICABLE, needs))


_VIOLATED = {"fail": Verdict.FAIL, "warn": Verdict.WARN, "info": Verdict.PASS}


def heard(exchange: Exchange) -> Answer:
    """What was answered; raises `Inconclusive` if nothing came back or the target was busy."""
    answer = exchange.answer
    if answer is None:
        raise unanswered(exchange.failure)
    if answer is Answer.BUSY:
        raise Inconclusive(f"the target was busy: {describe(exchange)}", "target")
    return answer


def unanswered(failure: NoAnswer | None) -> Inconclusive:
    """The outcome of a scenario whose request got no response: nobody is blamed but the network."""
    detail = failure.detail if failure else "no response"
    return Inconclusive(f"a request got no response: {detail}", "network")


def describe(exchange: Exchange) -> str:
    """What came back, in one phrase: status and OAuth error, or what it was instead."""
    response = exchange.response
    if response is None:
        return f"no response ({exchange.failure})"
    answer = exchange.answer
    if answer is Answer.TOKEN:
        return f"{response.status} with a token"
    if exchange.issued:
        return f"{response.status} with codes"
    if response.error is not None:
        return f"{response.status} {response.error[:60]}"
    if response.json() is not None:
        return f"{response.status} with JSON members {', '.join(response.json() or {})[:80] or '-'}"
    return f"{response.status} {response.media_type or 'without a media type'}"
