"""The same flows through bad networks: what gets lost or comes twice does nobody any harm."""

from __future__ import annotations

from functools import partial

from harness.histories import bad_histories, history_of
from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import STILL_OPEN, lived
from simulators.device import MARGIN, Device
from simulators.faults import garbles, loses_answers, loses_requests, repeats_requests
from simulators.user import User
from simulators.weather import THE_NETWORK, Weather


@verifies("RFC8628-3.5-pending", "RFC8628-3.5-success")
def test_displays_outlast_a_bad_network(device: Device, user: User, judge: Judge) -> None:
    """One display's poll gets lost, one's answer, and one's is damaged; all wait on and get in."""
    weather = Weather(device.world)
    faults = (loses_requests, loses_answers, garbles)
    displays = [Device(device.world, device.client, f"display {n + 1}") for n in range(len(faults))]
    for display in displays:
        display.begin()
    ordinary = _round(displays)
    odd = next((one for one in ordinary if heard(one) not in STILL_OPEN), None)
    given(odd is None, f"a display hears {describe(odd)}" if odd is not None else "")

    device.world.wait(max(display.pause for display in displays) + MARGIN)
    for display, fault in zip(displays, faults, strict=True):
        with weather.strikes(partial(fault, share=1.0)):
            display.poll()
    after = _round(displays)
    for display in displays:
        user.approve(display)
    last = _round(displays)

    for display, waiting, collecting in zip(displays, after, last, strict=True):
        given(waiting.answer is not Answer.SLOW_DOWN, "a display was slowed down meanwhile")
        judge.answers("RFC8628-3.5-pending", waiting, {Answer.PENDING})
        still = collecting.answer in STILL_OPEN
        given(not still, f"the approval has not arrived yet: {describe(collecting)}")
        lived(display, collecting)
        judge.answers("RFC8628-3.5-success", collecting, {Answer.TOKEN})


@verifies("RFC8628-3.5-parallel-single-use")
def test_a_poll_that_arrives_twice_buys_one_token(device: Device, user: User, judge: Judge) -> None:
    """A proxy sends the decisive poll a second time; the two bring one token between them."""
    weather = Weather(device.world)
    device.begin()
    user.approve(device)
    device.waits()

    with weather.strikes(partial(repeats_requests, share=1.0)):
        device.poll()

    _one_token(judge, device, "RFC8628-3.5-parallel-single-use")


@verifies("RFC8628-3.5-single-use")
def test_a_token_that_got_lost_is_not_followed_by_another(
    device: Device, user: User, judge: Judge
) -> None:
    """The answer with the token never arrives; whoever polls again gets no second one."""
    weather = Weather(device.world)
    device.begin()
    user.approve(device)
    device.waits()

    with weather.strikes(partial(loses_answers, share=1.0)):
        device.poll()
    device.waits_and_polls()

    _one_token(judge, device, "RFC8628-3.5-single-use")


@verifies("RFC8628-3.2-device_code-unique", "RFC8628-3.2-user_code-unique")
def test_codes_that_got_lost_are_not_given_out_again(device: Device, judge: Judge) -> None:
    """The answer with the codes never arrives; the display asks again and gets codes of its own."""
    weather = Weather(device.world)
    device.begin()

    with weather.strikes(partial(loses_answers, share=1.0), "device_authorization"):
        device.ask()
    lost = [one for one in device.world.transcript.at("device_authorization") if _unheard(one)]
    given(lost and lost[0].issued, "the request whose answer got lost brought no codes")
    device.begin()

    kept = (lost[0].response.json() if lost[0].response else None) or {}
    for name in ("device_code", "user_code"):
        judge.holds(
            f"RFC8628-3.2-{name}-unique",
            kept.get(name) != device.response.get(name),
            expected=f"another {name} for another request",
            received=f"the {name} of the answer that got lost",
            evidence=(lost[0], device.issued),
        )


def _round(displays: list[Device]) -> list[Exchange]:
    """Everybody waits as long as the most patient one must, and polls."""
    world = displays[0].world
    world.wait(max(display.pause for display in displays) + MARGIN)
    return [display.poll() for display in displays]


def _one_token(judge: Judge, device: Device, requirement: str) -> None:
    """Judge that all polls that have arrived, heard of or not, brought one token between them."""
    polls = [one for one in device.world.transcript.at("token") if one.answer is not None]
    tokens = [one for one in polls if one.answer is Answer.TOKEN]
    given(tokens, f"the approval brought no token: {describe(polls[-1]) if polls else 'nothing'}")
    history = history_of(device.world.transcript, device.device_code)
    found = bad_histories(history) if history is not None else []
    bad = next((one for one in found if "single-use" in one.requirement), None)
    judge.holds(
        requirement,
        len(tokens) == 1,
        expected="one token",
        received=f"{len(tokens)} answers with a token",
        tolerated=bad is not None and bad.tolerated,
        evidence=bad.numbers if bad is not None else tokens,
    )


def _unheard(exchange: Exchange) -> bool:
    return exchange.who == THE_NETWORK
