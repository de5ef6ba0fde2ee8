"""What a target makes of polls where RFC 8628 section 3.5 leaves it free, measured on many codes.

What is found is reported as observed; the one thing that is judged is whether devices that obey are
served in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from harness.world import Behaviour
from scenarios.outcomes import STILL_OPEN
from simulators.device import MARGIN, Device
from simulators.user import User

EARLY = (0.0, 0.05, 0.09, 0.2, 0.45, 0.95, 1.9)
"""Seconds before the end of the interval at which polls are tried, each on a code of its own.

They lie just inside the round numbers at which a server's own tolerance may end.
"""
TRIES = 3
"""How often a gap is tried: a clock that counts whole seconds takes it now and then."""
STAGGER = 0.31
"""Seconds between the codes, so that their polls meet the target's clock at different moments."""


@verifies("RFC8628-3.5-slow_down-no-livelock")
def test_who_obeys_is_served_however_early_it_was(device: Device, judge: Judge) -> None:
    """Displays that poll a little early, each by another margin, obey and hear pending again."""
    device.begin()
    needed = 8 * device.interval + 20
    given(device.expires_in > needed, f"the codes live {device.expires_in:g} s, {needed:g} needed")
    margins = [early for early in EARLY if early < 0.5 * device.interval]
    displays = [_twin(device, turn) for turn in range(len(margins) + 1)]

    device.world.run(
        *[
            _tries_gaps(d, STAGGER * turn, displays[turn].interval - early)
            for turn, (d, early) in enumerate(zip(displays, margins, strict=False))
        ],
        _obeys_step_by_step(displays[-1]),
    )

    given(len({d.device_code for d in displays}) == len(displays), "two displays share a code")
    slowed = [display for display in displays if Answer.SLOW_DOWN in display.answers]
    for display in slowed:
        _served(judge, display)
    if not slowed:
        judge.not_applicable(
            "RFC8628-3.5-slow_down-no-livelock", "the target never sends slow_down"
        )


@verifies("RFC8628-3.5-approval-during-wait")
def test_haste_does_not_hide_an_approval(device: Device, user: User, judge: Judge) -> None:
    """A display polls right after its approval; haste may cost it a wait, but not the token."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")

    user.approve(device)
    device.poll()
    last = _final(device)

    given(last.answer in {Answer.TOKEN, *STILL_OPEN}, f"a device that polls hears {describe(last)}")
    hidden = last.answer is Answer.TOKEN or Answer.SLOW_DOWN in device.answers
    given(hidden, "the approval is lost, though nobody was slowed down")
    judge.answers("RFC8628-3.5-approval-during-wait", last, {Answer.TOKEN})


@verifies("RFC8628-3.3-deny-recorded")
def test_haste_does_not_hide_a_denial(device: Device, user: User, judge: Judge) -> None:
    """A display polls right after the person said no, and hears of it then or after its wait."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")

    user.deny(device)
    device.poll()
    last = _final(device)

    judged = {Answer.DENIED, *STILL_OPEN}
    given(last.answer in judged, f"a device that polls hears {describe(last)}")
    judge.answers("RFC8628-3.3-deny-recorded", last, {Answer.DENIED})


def _twin(device: Device, turn: int) -> Device:
    return Device(device.world, device.client, f"display {turn + 1}")


def _tries_gaps(display: Device, after: float, gap: float) -> Behaviour:
    """Poll with one gap until it is refused, three times at most; then obey."""
    yield after
    display.begin()
    yield display.interval + MARGIN
    display.poll()
    for _ in range(TRIES):
        yield max(0.0, display.polls[-1].began + gap - display.world.clock.now())
        if display.poll().answer is not Answer.PENDING:
            break
    yield from _obeys(display)


def _obeys_step_by_step(display: Device) -> Behaviour:
    """Be hasty once, then wait the plain interval, the longer one, and the plain one again.

    This tells whether slow_down raises what the target demands, and for how long.
    """
    display.begin()
    yield display.interval + MARGIN
    display.poll()
    if display.poll().answer is not Answer.SLOW_DOWN:
        return
    yield display.interval + MARGIN
    display.poll()
    yield from _obeys(display)
    yield display.interval + MARGIN
    display.poll()


def _obeys(display: Device) -> Behaviour:
    """As long as the last answer is slow_down, wait as it asks; twice at most."""
    for _ in range(2):
        if display.answers[-1:] != [Answer.SLOW_DOWN]:
            return
        yield display.pause + MARGIN
        display.poll()


def _served(judge: Judge, display: Device) -> None:
    """Judge that no slow_down follows a slow_down although the device has obeyed."""
    for before, poll, after in _obedient(display):
        given(poll.answer in STILL_OPEN, f"a waiting device hears {describe(poll)}")
        judge.holds(
            "RFC8628-3.5-slow_down-no-livelock",
            poll.answer is Answer.PENDING,
            expected="authorization_pending after the wait that slow_down asks for",
            received=f"{describe(poll)} after {poll.began - before.began:.2f} s",
            tolerated=after is not None and after.answer is Answer.PENDING,
            evidence=(before, poll),
        )


def _obedient(display: Device) -> Iterator[tuple[Exchange, Exchange, Exchange | None]]:
    """Polls after a slow_down that waited for all of it, with the poll before and the one after."""
    slow_downs = 0
    for turn, (before, poll) in enumerate(pairwise(display.polls)):
        slow_downs += before.answer is Answer.SLOW_DOWN
        wanted = display.interval + 5.0 * slow_downs + MARGIN
        if before.answer is Answer.SLOW_DOWN and poll.began - before.began >= wanted - 1e-6:
            rest = display.polls[turn + 2 :]
            yield before, poll, rest[0] if rest else None


def _final(device: Device) -> Exchange:
    """The last poll once two polite waits have passed, or the first that was final."""
    for _ in range(2):
        if heard(device.polls[-1]).is_final:
            break
        device.waits_and_polls()
    return device.polls[-1]
