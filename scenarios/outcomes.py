"""What several scenarios conclude from a poll: each of them blames only what it has isolated."""

from __future__ import annotations

from harness.oracle import expiry_slack
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from scenarios.wrong_requests import UNKNOWN_CLIENT
from simulators.device import Device

STILL_OPEN = {Answer.PENDING, Answer.SLOW_DOWN}
"""What a device hears while nobody has decided."""


def codes_are_issued(device: Device) -> None:
    """Take for granted that an ordinary request gets codes, so that its variation can be judged.

    Raises `Inconclusive` otherwise.
    """
    device.begin()


def refusal_of_strangers(device: Device) -> Exchange:
    """How a client that nobody registered is refused, so that other refusals can be compared.

    Raises `Inconclusive` if it hears no error.
    """
    asked = device.ask(
        device.device_authorization_request(client=UNKNOWN_CLIENT), manner="malformed"
    )
    told = heard(asked) not in {Answer.GARBLED, Answer.BROKEN} and asked.status >= 400
    given(told, f"an unknown client hears {describe(asked)}")
    return asked


def lived(device: Device, poll: Exchange) -> Exchange:
    """Take for granted that a poll was not refused because its code was over."""
    if poll.answer in {*STILL_OPEN, Answer.TOKEN}:
        return poll
    issued = device.issued.began if device.issued is not None else 0.0
    rest = device.expires_in - expiry_slack(device.expires_in) - (poll.ended - issued)
    given(rest > 0, f"codes that live {device.expires_in:g} s end before this is over")
    return poll


def collects(device: Device) -> Exchange:
    """Poll politely after an approval, once more if it has not arrived yet."""
    polled = device.waits_and_polls()
    return device.waits_and_polls() if heard(polled) in STILL_OPEN else polled


def token_collected(device: Device) -> Exchange:
    """Take for granted that the approval brings a token."""
    polled = collects(device)
    given(polled.answer is Answer.TOKEN, f"the approval brought no token: {describe(polled)}")
    return polled


def stays_open(judge: Judge, requirement: str, polled: Exchange) -> None:
    """Judge that nobody's approval counted: a token violates it, and so does a refusal.

    Any other answer has its own requirement, and decides nothing here.
    """
    answer = heard(polled)
    if answer in STILL_OPEN or answer in {Answer.TOKEN, Answer.DENIED}:
        judge.answers(requirement, polled, STILL_OPEN)
    else:
        judge.undecided(requirement, f"a waiting device hears {describe(polled)}")


def brings_token(judge: Judge, requirement: str, polled: Exchange) -> None:
    """Judge that an approval arrived: a device that waits on violates it.

    An error of another kind has its own requirement, and decides nothing here.
    """
    answer = heard(polled)
    if answer is Answer.TOKEN or answer in STILL_OPEN:
        judge.answers(requirement, polled, {Answer.TOKEN})
    else:
        judge.undecided(requirement, f"after the approval the device hears {describe(polled)}")


def changes_nothing(judge: Judge, requirement: str, device: Device, varied: Exchange) -> None:
    """Judge that a poll with a harmless variation is answered like an ordinary one.

    If it is not, an ordinary poll is sent beside it: the variation is to blame only if that one is
    answered as it should be.
    """
    if heard(varied) not in STILL_OPEN:
        usual = device.waits_and_polls()
        if heard(usual) not in STILL_OPEN:
            judge.undecided(requirement, f"an ordinary poll hears {describe(usual)}")
            return
    judge.answers(requirement, varied, STILL_OPEN)
