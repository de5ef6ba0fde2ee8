"""Whose account it is: what a code alone opens, and who may still give access."""

from __future__ import annotations

import re

from harness.administration import Administrator
from harness.consent import Outcome, Wish
from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Inconclusive, Judge, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import collects, token_collected
from simulators.device import Device
from simulators.user import User

_TOKEN = re.compile(r"(?:access_token|id_token)(?:=|\"\s*:\s*\")[A-Za-z0-9_.~+/-]{8}")


@verifies("UA-code-not-auth")
def test_a_code_is_no_password(
    device: Device, other_device: Device, user: User, judge: Judge
) -> None:
    """Somebody who types a code without signing in is nobody: the next code asks again."""
    requirement = "UA-code-not-auth"
    device.begin()
    other_device.begin()

    # Some pages ask whether the code is right before they ask who is there.
    visit = user.decides(Wish.APPROVE, device, signed_in=False)
    given(
        visit.outcome is Outcome.SIGN_IN,
        f"nobody was asked to sign in: {visit.message or visit.outcome.value}",
    )
    pages = [page.response for page in visit.pages]
    leaks = [one for one in pages if _TOKEN.search(one.text + (one.header("location") or ""))]
    judge.holds(
        requirement,
        not leaks,
        expected="pages without tokens",
        received="a token in the browser",
    )
    second = user.decides(Wish.APPROVE, other_device, signed_in=False)

    if second.outcome in {Outcome.SIGN_IN, Outcome.DECIDED}:
        judge.holds(
            requirement,
            second.outcome is Outcome.SIGN_IN,
            expected="a sign-in page for the second code, too",
            received="an approval: the first code has opened a session",
        )
    else:
        judge.undecided(requirement, f"the second code led to: {second.message}", "person")


@verifies("UA-user-identity")
def test_an_access_policy_holds_in_this_flow_too(
    locker: Device, user: User, other_user: User, judge: Judge
) -> None:
    """Who may not use a client cannot connect a device for it either."""
    locker.begin()
    user.approve(locker)
    token_collected(locker)
    locker.begin()

    try:
        other_user.decides(Wish.APPROVE, locker, counts=False)
    except Inconclusive as reason:
        # A page that only says no is no page to decide on; whether it said no shows in the poll.
        if reason.blame != "person":
            raise
    polled = locker.waits_and_polls()

    judge.holds(
        "UA-user-identity",
        heard(polled) is not Answer.TOKEN,
        expected="no token for a person who may not use the client",
        received=describe(polled),
        evidence=(polled,),
    )


@verifies("UA-account-state", alone=True)
def test_a_closed_account_gives_nothing(
    device: Device, user: User, administrator: Administrator, judge: Judge
) -> None:
    """Between the person's yes and the next poll the account is closed, and with it the way in."""
    device.begin()
    user.approve(device, counts=False)

    administrator.disable(user.name)
    try:
        polled = collects(device)
    finally:
        administrator.enable(user.name)

    _brings_nothing(polled, judge)


@verifies("UA-account-state", alone=True)
def test_what_was_taken_back_is_not_collected(
    device: Device, user: User, administrator: Administrator, judge: Judge
) -> None:
    """A person who takes back all access has also taken back what no device collected yet."""
    device.begin()
    user.approve(device, counts=False)

    administrator.withdraw(user.name)
    polled = collects(device)

    _brings_nothing(polled, judge)


def _brings_nothing(polled: Exchange, judge: Judge) -> None:
    given(heard(polled) is not Answer.BROKEN, f"the device hears {describe(polled)}")
    judge.holds(
        "UA-account-state",
        polled.answer is not Answer.TOKEN,
        expected="access_denied or invalid_grant",
        received=describe(polled),
        evidence=(polled,),
    )
