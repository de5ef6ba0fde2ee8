"""What tells a sturdy server from a frail one, though no rule of the grant asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, Request
from scenarios.outcomes import STILL_OPEN, codes_are_issued, token_collected
from scenarios.wrong_requests import UNKNOWN_CLIENT
from simulators.device import MARGIN, Device
from simulators.user import User

ODD_METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE")
CROWD = 60
"""Devices that wait together in virtual time; against a server outside only `FEW` do."""
FEW = 20
ROUNDS = 3
"""Polls of each of them."""
LONG = 5.0
"""Seconds after which an answer is taken for one that was held back."""


@verifies("HTTP-head-options")
def test_odd_methods_break_nothing(device: Device, judge: Judge, target: Target) -> None:
    """Health checks and browsers ask with methods of their own; both endpoints take it calmly."""
    for url in (target.device_authorization_endpoint, target.token_endpoint):
        for method in ODD_METHODS:
            sent = device.world.send(
                Request(method, url),
                who=device.name,
                door="token" if url == target.token_endpoint else "device_authorization",
                manner="hostile",
            )
            # 501 is the proper word for a method that a server does not know (RFC 9110 15.6.2).
            judge.holds(
                "HTTP-head-options",
                heard(sent) and (sent.status < 500 or sent.status == 501),
                expected=f"no 5xx to {method}",
                received=describe(sent),
                evidence=(sent,),
            )


@verifies("HTTP-5xx")
def test_nothing_makes_the_server_fall_over(device: Device) -> None:
    """A display with a bug sends forms that lack something or hold nonsense; nothing breaks."""
    codes_are_issued(device)

    for request in (
        device.device_authorization_request(without={"client_id", "scope"}),
        device.device_authorization_request(client=UNKNOWN_CLIENT),
        device.device_authorization_request(scope="devicegrant:nonsense"),
    ):
        device.ask(request, manner="malformed")
    for request in (
        device.token_request(without={"grant_type", "device_code", "client_id"}),
        device.token_request(without={"device_code"}),
        device.token_request(device_code="devicegrant-nonsense"),
        device.token_request(client=UNKNOWN_CLIENT),
    ):
        device.sends(request)


@verifies("CIBA-10-long-poll")
def test_how_long_a_poll_takes(device: Device, judge: Judge) -> None:
    """A display that polls is answered at once, or by a server that waits for news."""
    device.begin()

    polled = device.waits_and_polls()

    given(heard(polled) in STILL_OPEN, f"an ordinary poll hears {describe(polled)}")
    took = polled.ended - polled.began
    judge.holds(
        "CIBA-10-long-poll",
        took <= LONG,
        expected=f"an answer within {LONG:g} s",
        received=f"{describe(polled)} after {took:.1f} s, as in long polling",
        evidence=(polled,),
    )


@verifies("HTTP-latency-load", alone=True)
def test_many_displays_wait_together(device: Device, user: User, judge: Judge) -> None:
    """A shop full of displays waits for its codes to be entered; nobody loses its place."""
    _waits_alone(device, user)
    world = device.world
    size = CROWD if world.clock.virtual and world.thorough else FEW
    crowd = [Device(device.world, device.client, f"display {turn}") for turn in range(size)]
    for display in crowd:
        if not (asked := display.ask()).issued:
            raise NotApplicable(f"the target lets nobody ask for {size} codes: {describe(asked)}")
        display.takes(asked)
    lucky = crowd[0]
    given(lucky.expires_in > (ROUNDS + 3) * (lucky.pause + MARGIN), "the codes live too briefly")

    device.world.run(*(display.polls_politely(ROUNDS) for display in crowd))
    user.approve(lucky)
    device.world.run(*(display.polls_politely(ROUNDS + 1) for display in crowd))

    polls = [poll for display in crowd for poll in display.polls]
    answered = [poll for poll in polls if poll.answer not in {None, Answer.BUSY}]
    given(len(answered) > len(polls) / 2, "the target was too busy", "network")
    tokens = [poll for poll in answered if poll.answer is Answer.TOKEN]
    wrong = [poll for poll in answered if poll.answer not in {*STILL_OPEN, Answer.TOKEN}]
    strayed = [poll for poll in tokens if poll not in lucky.polls]
    judge.holds(
        "HTTP-latency-load",
        not wrong and not strayed,
        expected=f"authorization_pending for {size - 1} displays, a token for the approved one",
        received=_told(wrong, strayed),
        grave=bool(strayed),
        evidence=[*strayed, *wrong][:5],
    )


def _waits_alone(device: Device, user: User) -> None:
    """Take for granted that a display alone is served; raises `Inconclusive` otherwise."""
    device.begin()
    device.world.run(device.polls_politely(ROUNDS))
    odd = [poll for poll in device.polls if heard(poll) not in STILL_OPEN]
    given(not odd, f"a display alone hears {describe(odd[0])}" if odd else "")
    user.approve(device)
    token_collected(device)


def _told(wrong: Sequence[Exchange], strayed: Sequence[Exchange]) -> str:
    kinds = sorted({describe(poll) for poll in wrong})
    told = f"{len(wrong)} other answers ({', '.join(kinds)[:120] or 'none'})"
    return f"{told}, {len(strayed)} tokens for displays that nobody approved"
