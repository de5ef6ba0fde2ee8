"""Real concurrency: several things at the same instant, each on a connection of its own."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from harness.consent import Outcome, Visit, Wish
from harness.histories import BadHistory, bad_histories, history_of
from harness.requirements import verifies
from harness.verdict import Inconclusive, Judge, describe, given, heard
from harness.wire import Answer
from harness.world import Behaviour
from scenarios.outcomes import STILL_OPEN
from simulators.device import MARGIN, Device
from simulators.user import User

POLLS = 10
"""Polls at once in a burst."""
FLOWS = 12
"""Decisions that are raced in virtual time; in real time it is two of each kind."""
AROUND = 0.15
"""Seconds before and after the end of a code at which bursts come."""


@verifies("RFC8628-3.5-parallel-single-use")
def test_many_polls_at_once_buy_one_token(device: Device, user: User, judge: Judge) -> None:
    """Ten polls of an approved code arrive together; one of them gets the token."""
    device.begin()
    user.approve(device)
    device.waits()

    burst = device.world.together(*[device.poll] * POLLS)

    given(all(poll.answer is not None for poll in burst), "a poll got no response", "network")
    tokens = [poll for poll in burst if poll.answer is Answer.TOKEN]
    later = None if tokens else device.waits_and_polls()
    judged = {Answer.TOKEN, Answer.PENDING, Answer.SLOW_DOWN, Answer.INVALID_GRANT, Answer.BROKEN}
    given(tokens or (later and later.answer in judged), f"polls hear {describe(burst[0])}")
    bad = _bad(device, "RFC8628-3.5-parallel-single-use", "RFC8628-3.5-single-use")
    judge.holds(
        "RFC8628-3.5-parallel-single-use",
        len(tokens) == 1 or (later is not None and later.answer is Answer.TOKEN),
        expected="exactly one token",
        received=f"{len(tokens)} answers with a token"
        + (f", later {describe(later)}" if later is not None else ""),
        tolerated=bad is not None and bad.tolerated,
        evidence=bad.numbers if bad is not None else burst,
    )


@verifies("RFC8628-3.5-decision-not-lost", "RFC8628-3.5-access_denied-repeat")
def test_a_decision_at_the_instant_of_a_poll_counts(
    device: Device, user: User, judge: Judge
) -> None:
    """While the person decides, the device polls; neither undoes what the other did."""
    displays = _displays(device)
    for turn, display in enumerate(displays):
        display.begin()
        decide = user.approve if turn % 2 else user.deny
        display.world.together(partial(decide, display), *[display.poll] * 3)
    device.world.run(*[_polls_until_it_knows(display) for display in displays])
    device.world.run(*[_polls_once_more(display) for display in displays[::2]])

    for turn, display in enumerate(displays):
        wanted = Answer.TOKEN if turn % 2 else Answer.DENIED
        _decision_counts(judge, display, {wanted})
    for display in displays[::2]:
        _stays_denied(judge, display)


@verifies("RFC8628-3.5-decision-not-lost", "RFC8628-3.3-deny-final")
def test_two_people_decide_at_once(
    device: Device, user: User, other_user: User, judge: Judge
) -> None:
    """One person says yes and another says no: one of the two counts, and it stays so."""
    displays = _displays(device)
    displays = displays[: max(4, len(displays) // 2)]
    told: list[tuple[Visit | None, Visit | None]] = []
    for turn, display in enumerate(displays):
        display.begin()
        acts = [
            partial(_tries, user, Wish.APPROVE, display),
            partial(_tries, other_user, Wish.DENY, display),
        ]
        acts = acts[:: 1 if turn % 2 else -1]
        first, second, _ = display.world.together(*acts, partial(_polls_meanwhile, display))
        told.append((first, second) if turn % 2 else (second, first))
    given(any(map(_is_done, (v for pair in told for v in pair))), "nobody could decide", "person")
    device.world.run(*[_polls_until_it_knows(display) for display in displays])
    device.world.run(*[_polls_once_more(display) for display in displays])

    for display, (yes, no) in zip(displays, told, strict=True):
        if _is_done(yes) or _is_done(no):
            _decision_counts(judge, display, {Answer.TOKEN, Answer.DENIED})
            _denial_stands(judge, display)


@verifies("RFC8628-3.5-expired_token")
def test_polls_at_the_end_of_a_code(device: Device, judge: Judge) -> None:
    """Polls come in bursts just when a code ends; once one has heard so, all others do."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")

    _bursts_at_the_end(device, moments=(-AROUND, 0.0, AROUND))
    rest = device.issued_until() - device.world.clock.now()
    device.world.wait(max(rest, device.pause + MARGIN))
    last = device.poll()

    given(last.answer not in {Answer.SLOW_DOWN, Answer.BROKEN}, f"polls hear {describe(last)}")
    _nothing_after_the_end(judge, device, "RFC8628-3.5-expired_token")
    judge.answers(
        "RFC8628-3.5-expired_token", last, {Answer.EXPIRED}, tolerated={Answer.INVALID_GRANT}
    )


@verifies("RFC8628-3.5-expired_token")
def test_an_approved_code_at_its_end(device: Device, user: User, judge: Judge) -> None:
    """Bursts of polls fetch an approved code just when it ends: one token, or none at all."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")
    user.approve(device)

    _bursts_at_the_end(device, moments=(0.0, AROUND, 2 * AROUND))
    device.world.wait(device.issued_until() + device.interval - device.world.clock.now())
    device.poll()

    _nothing_after_the_end(judge, device, "RFC8628-3.5-expired_token")
    # These are judged elsewhere with less patience; here they can only fail.
    for requirement in ("RFC8628-3.5-parallel-single-use", "RFC8628-3.5-expired-approved"):
        if _bad(device, requirement) is not None:
            _nothing_after_the_end(judge, device, requirement)


def _displays(device: Device) -> list[Device]:
    """Displays of one household: as many as can be raced in the time that there is."""
    many = FLOWS if device.world.clock.virtual else 4
    many = many if device.world.thorough else many // 2
    if device.world.target.consent == "hand":
        many = 2
    return [Device(device.world, device.client, f"display {turn + 1}") for turn in range(many)]


def _polls_until_it_knows(display: Device) -> Behaviour:
    """Poll politely for two intervals, or until the answer is final."""
    for _ in range(2):
        if any(answer in {Answer.TOKEN, Answer.DENIED} for answer in display.answers):
            return
        yield display.pause + MARGIN
        display.poll()


def _polls_once_more(display: Device) -> Behaviour:
    yield display.pause + MARGIN
    display.poll()


def _polls_meanwhile(display: Device) -> None:
    """Poll while people decide; once in real time, where every poll too many costs five seconds."""
    for _ in range(6 if display.world.clock.virtual else 1):
        display.poll()


def _bursts_at_the_end(device: Device, moments: tuple[float, ...]) -> None:
    """Poll in bursts of three at these moments, in seconds after the announced end."""
    for moment in moments:
        device.world.wait(max(0.0, device.expires_in + moment - device.age))
        device.world.together(*[device.poll] * 3)


def _nothing_after_the_end(judge: Judge, device: Device, requirement: str) -> None:
    """Judge that a code which is over, or has bought its token, stays so."""
    bad = _bad(device, requirement)
    judge.holds(
        requirement,
        bad is None,
        expected="nothing new of a code that is over",
        received=bad.says if bad else "",
        tolerated=bad and bad.tolerated,
        evidence=bad.numbers if bad else device.polls[-1:],
    )


def _tries(person: User, wish: Wish, display: Device) -> Visit | None:
    """Decide, if the pages let somebody do so while another person does the same."""
    with suppress(Inconclusive):
        return person.decides(wish, display)
    return None


def _is_done(visit: Visit | None) -> bool:
    return visit is not None and visit.outcome is Outcome.DECIDED


def _decision_counts(judge: Judge, display: Device, wanted: set[Answer]) -> None:
    """Judge that a decision, which polls ran beside, has reached the device."""
    found = [poll for poll in display.polls if poll.answer in wanted]
    last = found[0] if found else display.polls[-1]
    judged = {Answer.TOKEN, Answer.DENIED, *STILL_OPEN, Answer.BROKEN}
    given(last.answer in judged, f"a device that polls hears {describe(last)}")
    judge.holds(
        "RFC8628-3.5-decision-not-lost",
        found,
        expected=f"{' or '.join(sorted(one.value for one in wanted))}, as was decided",
        received=describe(last),
        evidence=(last,),
    )


def _stays_denied(judge: Judge, display: Device) -> None:
    """Judge that a denial which the device has heard of is never taken back."""
    bad = _bad(display, "RFC8628-3.5-access_denied-repeat")
    heard_of_it = Answer.DENIED in display.answers
    judge.holds(
        "RFC8628-3.5-access_denied-repeat",
        bad is None,
        expected="no other news after access_denied",
        received=bad.says if bad else "",
        evidence=bad.numbers if bad else display.polls[-1:] if heard_of_it else (),
    )


def _denial_stands(judge: Judge, display: Device) -> None:
    """Judge that nobody's yes overrules a no of which the device has heard."""
    bad = _bad(display, "RFC8628-3.5-access_denied-repeat")
    judge.holds(
        "RFC8628-3.3-deny-final",
        bad is None,
        expected="no other news after access_denied",
        received=bad.says if bad else "",
        evidence=bad.numbers if bad else display.polls[-1:],
    )


def _bad(display: Device, *requirements: str) -> BadHistory | None:
    """The shortest bad history of one of these kinds that a device has been through."""
    history = history_of(display.world.transcript, display.device_code)
    found = bad_histories(history) if history is not None else []
    return next((bad for bad in found if bad.requirement in requirements), None)
