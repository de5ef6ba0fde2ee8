"""RFC 8628 sections 3.3 and 5.4: whose decision it is, and what people are told before it."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.checks.codes import normal
from harness.consent import Outcome, Submission, Visit
from harness.requirements import verifies
from harness.target import Target
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer
from scenarios.claims import subject
from scenarios.outcomes import STILL_OPEN, stays_open, token_collected
from simulators.device import Device
from simulators.user import User

ELSEWHERE = "https://attacker.example"


@verifies("UA-session-binding")
def test_another_session_cannot_decide(
    device: Device, other_device: Device, user: User, other_user: User, judge: Judge
) -> None:
    """What one person was asked, nobody else can answer with a copy of the form."""
    device.begin()
    visit = user.looks(device)
    given(visit.code_sent, "the page asks for code and decision in one step", "person")
    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    other_device.begin()
    other_user.approve(other_device)

    other_user.presses_again(visit, device, approve=True)
    polled = device.waits_and_polls()

    stays_open(judge, "UA-session-binding", polled)


@verifies("RFC6749-10.12-csrf")
def test_a_foreign_page_cannot_approve(
    device: Device, other_device: Device, user: User, judge: Judge
) -> None:
    """A page elsewhere that makes the browser send the form approves nothing.

    It knows the code and the form, but not what the server put into the form for this person, and
    the browser keeps back cookies that are not meant for other sites.
    """
    other_device.begin()
    user.approve(other_device)
    device.begin()
    visit = user.looks(device)
    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    given(visit.decision, "the decision is no form that could be sent", "person")
    given(visit.code_sent, "the page asks for code and decision in one step", "person")

    forged = _forged(visit, device.user_code)
    user.presses_from_elsewhere(forged, device, ELSEWHERE)
    polled = device.waits_and_polls()

    stays_open(judge, "RFC6749-10.12-csrf", polled)


@verifies("UA-user-identity")
def test_the_token_is_the_approvers(
    device: Device,
    other_device: Device,
    user: User,
    other_user: User,
    judge: Judge,
    target: Target,
) -> None:
    """Two people approve two devices, and each device gets a token of its own person."""
    if "openid" not in target.scope.split() and target.userinfo_endpoint is None:
        raise NotApplicable("needs ID tokens (scope openid) or a userinfo_endpoint")
    device.begin()
    other_device.begin()

    user.approve(device)
    other_user.approve(other_device)
    device.waits()
    for display in (device, other_device):  # at the same moment, when mixing up is likeliest
        polled = display.poll()
        polled = token_collected(display) if heard(polled) in STILL_OPEN else polled
        given(polled.answer is Answer.TOKEN, f"an approval brought no token: {describe(polled)}")

    mine, theirs = subject(device), subject(other_device)
    given(mine and theirs, "neither ID token nor userinfo tells whose token it is")
    judge.holds(
        "UA-user-identity",
        mine != theirs,
        expected="two subjects for two people",
        received="the same subject for both",
        evidence=(*device.polls, *other_device.polls),
    )


@verifies("RFC8628-5.4-inform-device")
def test_people_are_told_that_a_device_asks(device: Device, user: User, judge: Judge) -> None:
    """Before they decide, people read that a device asks."""
    device.begin()

    visit = user.looks(device)

    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    text = " ".join(page.text for page in visit.pages)
    judge.holds(
        "RFC8628-5.4-inform-device",
        _DEVICE_WORDS.search(text),
        expected="a page that speaks of a device",
        received="pages that do not",
    )


@verifies("RFC8628-3.3-inform", "RFC8628-5.4-show-device", "RFC10027-6.1.14-ux-context")
def test_people_are_told_who_asks(
    device: Device, stranger: Device, user: User, judge: Judge
) -> None:
    """The pages for two different clients differ, because they name the client that asks."""
    texts = []
    for asking in (device, stranger):
        asking.begin()
        visit = user.looks(asking)
        given(visit.outcome is Outcome.OFFERED, f"no decision: {visit.message}", "person")
        given(visit.code_sent, "the page asks for code and decision in one step", "person")
        shown = visit.page.text if visit.page is not None else ""
        texts.append(_without(shown, asking.user_code))

    for requirement in (
        "RFC8628-3.3-inform",
        "RFC8628-5.4-show-device",
        "RFC10027-6.1.14-ux-context",
    ):
        judge.holds(
            requirement,
            texts[0] != texts[1],
            expected="pages that name the client",
            received="the same page for two clients",
        )


def _forged(visit: Visit, user_code: str) -> Submission:
    """The decision's form as somebody else would build it: without what only the page knows."""
    decision = visit.decision
    assert decision is not None
    kept = [
        (name, value)
        for name, value in decision.fields
        if normal(value) == normal(user_code) or not _only_the_page_knows(name, value)
    ]
    return replace(decision, fields=tuple(kept), url=_guessed(decision.url), referer=ELSEWHERE)


def _only_the_page_knows(name: str, value: str) -> bool:
    telling = re.search(r"csrf|xsrf|token|nonce|challenge|state|authentic|verif", name.lower())
    return bool(telling) or (len(value) >= 12 and _random(value))


def _guessed(url: str) -> str:
    """The address with whatever nobody can guess in it replaced."""
    return re.sub(r"[A-Za-z0-9_-]{16,}", lambda m: "A" * len(m[0]) if _random(m[0]) else m[0], url)


def _random(text: str) -> bool:
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]")
    return len(text) >= 12 and sum(bool(re.search(kind, text)) for kind in kinds) >= 2


def _without(text: str, user_code: str) -> str:
    spelled = r"[^0-9A-Za-z]*".join(map(re.escape, normal(user_code)))
    return re.sub(spelled, "", text, flags=re.IGNORECASE)


_DEVICE_WORDS = re.compile(
    r"device|gerät|appareil|dispositi|apparaat|apparecchi|aparelho|equipo|display|screen|\btv\b",
    re.IGNORECASE,
)
