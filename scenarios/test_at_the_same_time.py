"""Real concurrency: several things at the same instant, each on a connection of its own."""

from __future__ import annotations

from functools import partial

from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Inconclusive, Judge, describe, given
from harness.wire import Answer
from simulators.device import Device
from simulators.user import User

POLLS = 10
"""Polls at once in a burst."""


@verifies("RFC8628-3.5-parallel-single-use")
def test_many_polls_at_once_buy_one_token(device: Device, user: User, judge: Judge) -> None:
    """Ten polls of an approved code arrive together; one of them gets the token."""
    device.begin()
    user.approve(device)
    device.waits()

    burst = device.world.together(*[device.poll] * POLLS)

    given(all(poll.answer is not None for poll in burst), "a poll got no response", "network")
    tokens = _tokens(burst)
    later = None
    if not tokens:
        later = device.waits_and_polls()
    judged = {Answer.TOKEN, Answer.PENDING, Answer.SLOW_DOWN, Answer.INVALID_GRANT, Answer.BROKEN}
    given(tokens or (later and later.answer in judged), f"polls hear {describe(burst[0])}")
    judge.holds(
        "RFC8628-3.5-parallel-single-use",
        len(tokens) == 1 or (later is not None and later.answer is Answer.TOKEN),
        expected="exactly one token",
        received=f"{len(tokens)} answers with a token"
        + (f", later {describe(later)}" if later is not None else ""),
        tolerated=len(tokens) > 1 and len(set(tokens)) == 1,
        evidence=burst,
    )


@verifies("RFC8628-3.5-decision-not-lost")
def test_a_decision_at_the_instant_of_a_poll_counts(
    device: Device, user: User, judge: Judge
) -> None:
    """While the person decides, the device polls; neither undoes what the other did."""
    rounds = 25 if device.world.clock.virtual else 2
    for turn in range(2 * rounds):
        decide, wanted = (user.approve, Answer.TOKEN) if turn % 2 else (user.deny, Answer.DENIED)
        device.begin()

        device.world.together(partial(decide, device), *[device.poll] * 3)

        last = _settled(device)
        judged = {Answer.TOKEN, Answer.DENIED, Answer.PENDING, Answer.SLOW_DOWN, Answer.BROKEN}
        given(last.answer in judged, f"a device that polls hears {describe(last)}")
        held = judge.holds(
            "RFC8628-3.5-decision-not-lost",
            wanted in device.answers,
            expected=f"{wanted.value}, as the person decided",
            received=describe(last),
            evidence=(last,),
        )
        if not held:
            break


def _settled(device: Device) -> Exchange:
    """The last poll once two intervals have passed, or the first that was final."""
    for _ in range(2):
        finals = [p for p in device.polls if p.answer in {Answer.TOKEN, Answer.DENIED}]
        if finals:
            return finals[0]
        device.waits_and_polls()
    if not device.polls:
        raise Inconclusive("the device never polled", "harness")
    return device.polls[-1]


def _tokens(burst: list[Exchange]) -> list[str]:
    bodies = [poll.response.json() or {} for poll in burst if poll.response is not None]
    return [
        str(body.get("access_token"))
        for body, poll in zip(bodies, burst, strict=True)
        if poll.answer is Answer.TOKEN
    ]
