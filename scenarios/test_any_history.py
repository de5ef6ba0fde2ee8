"""Random histories: whatever devices and people do, the oracle must allow what the server says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from harness import checks
from harness.requirements import on_violation, verifies
from harness.target import Target
from harness.transcript import Transcript
from harness.verdict import Inconclusive, Judge, NotApplicable, Verdict
from harness.world import World

POLL = "the display polls"
WAIT_AND_POLL = "the display waits and polls"
HALF = "half the life passes"
ACTS = (
    POLL,
    WAIT_AND_POLL,
    "the display polls twice",
    HALF,
    "alice approves",
    "alice denies",
    "bob approves",
    "another client polls",
    "the other display polls",
)
"""What can happen next."""

LONGEST = 12
"""Acts in one history."""
HISTORIES = 12


class Company(Protocol):
    """A fresh world and whoever acts in it."""

    world: World

    def actor(self, name: str) -> Any:
        """An actor by name."""
        ...


@verifies(
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    "RFC8628-3.5-access_denied",
    "RFC8628-3.5-single-use",
    "RFC8628-3.5-expired_token",
    virtual_only=True,
)
def test_whatever_happens_the_answers_are_lawful(
    again: Callable[[], Company], judge: Judge, world: World
) -> None:
    """Displays, people and another client act in any order, and no answer surprises the oracle.

    If one does, the shortest such history is what the report shows.
    """
    from hypothesis import HealthCheck, Phase, example, given, settings
    from hypothesis import strategies as st

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, *((Phase.generate, Phase.shrink) if world.thorough else ())),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @example([POLL, "alice approves", WAIT_AND_POLL, WAIT_AND_POLL])
    @example([POLL, "alice denies", WAIT_AND_POLL, WAIT_AND_POLL])
    @example([WAIT_AND_POLL, HALF, HALF, HALF, POLL])
    @example(["another client polls", "the display polls twice", "alice approves", HALF, POLL])
    @example(["bob approves", "the other display polls", POLL, "alice denies", "alice approves"])
    @given(st.lists(st.sampled_from(ACTS), min_size=3, max_size=LONGEST))
    def histories(acts: list[str]) -> None:
        company = again()
        _play(company, acts)
        found = _judged(company.world.transcript, world.target)
        bad = {j.requirement for j in found if j.verdict is Verdict.FAIL}
        world.transcript.events[:] = company.world.transcript.events
        judge.judgements += [j for j in found if j.verdict is Verdict.PASS and not j.message]
        if bad:
            raise _Surprise(sorted(bad))

    # The last history played is the shortest; the standing checks say what is wrong with it.
    with suppress(_Surprise):
        histories()


class _Surprise(Exception):
    """An answer that the past does not allow."""


def _play(company: Company, acts: list[str]) -> None:
    display, other = company.actor("device"), company.actor("other_device")
    display.begin()
    other.begin()
    for act in acts:
        try:
            _act(company, act)
        except (Inconclusive, NotApplicable):
            continue


def _act(company: Company, act: str) -> None:
    display, other = company.actor("device"), company.actor("other_device")
    if act == POLL:
        display.poll()
    elif act == WAIT_AND_POLL:
        display.waits_and_polls()
    elif act == "the display polls twice":
        display.poll()
        display.poll()
    elif act == HALF:
        company.world.wait(0.55 * display.expires_in)
    elif act == "alice approves":
        company.actor("user").approve(display)
    elif act == "alice denies":
        company.actor("user").deny(display)
    elif act == "bob approves":
        company.actor("other_user").approve(other)
    elif act == "the other display polls":
        other.waits_and_polls()
    else:
        stranger = company.actor("stranger")
        stranger.sends(stranger.token_request(device_code=display.device_code), manner="lawful")


def _judged(transcript: Transcript, target: Target) -> list[Any]:
    judge = Judge(on_violation)
    checks.judge(transcript, target, judge)
    return judge.judgements
