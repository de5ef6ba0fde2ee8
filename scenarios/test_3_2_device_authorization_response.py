"""RFC 8628 section 3.2: the codes that come back, for whom, and with which scope."""

from __future__ import annotations

from harness.checks.tokens import scopes
from harness.requirements import verifies
from harness.target import Target
from harness.verdict import Judge, describe, given, heard
from harness.wire import FORM, Answer
from scenarios.outcomes import STILL_OPEN, codes_are_issued, collects, token_collected
from scenarios.wrong_requests import typed
from simulators.device import Device
from simulators.user import User

MADE_UP = "devicegrant:nonsense"
"""A scope that surely no server knows."""


@verifies(
    "RFC8628-3.2-device_code-unique",
    "RFC8628-3.2-user_code-unique",
    "RFC8628-3.2-complete-carries-code",
)
def test_every_display_gets_codes_of_its_own(device: Device, judge: Judge) -> None:
    """Several displays ask one after the other, and no two of them share anything."""
    asked = [device.ask() for _ in range(5)]

    given(all(one.issued for one in asked), f"no codes were issued: {describe(asked[-1])}")
    bodies = [one.response.json() or {} for one in asked if one.response is not None]
    if not any(body.get("verification_uri_complete") for body in bodies):
        judge.not_applicable(
            "RFC8628-3.2-complete-carries-code", "the target sends no verification_uri_complete"
        )


@verifies("RFC8628-3.2-invalid_scope", "RFC6749-5.1-scope-reduced")
def test_a_made_up_scope_is_refused_or_dropped_aloud(
    device: Device, user: User, judge: Judge
) -> None:
    """Who asks for a scope that does not exist is refused, or told that it was not granted."""
    codes_are_issued(device)
    wanted = f"{device.scope} {MADE_UP}".strip()
    asked = device.ask(device.device_authorization_request(scope=wanted))

    if not asked.issued:
        judge.answers("RFC8628-3.2-invalid_scope", asked, {Answer.INVALID_SCOPE})
        judge.not_applicable("RFC6749-5.1-scope-reduced", "the target refuses unknown scopes")
        return
    device.takes(asked)
    user.approve(device)
    polled = collects(device)
    if polled.answer is Answer.INVALID_SCOPE:
        judge.answers("RFC8628-3.2-invalid_scope", polled, (), tolerated={Answer.INVALID_SCOPE})
        judge.not_applicable("RFC6749-5.1-scope-reduced", "the target refuses unknown scopes")
        return
    granted = device.token_response.get("scope")
    judge.holds(
        "RFC6749-5.1-scope-reduced",
        granted is not None,
        expected="a scope member, because less was granted than asked",
        received="a token without a scope member, which says that all was granted",
        evidence=device.polls,
    )
    if granted is not None:
        judge.holds(
            "RFC8628-3.2-invalid_scope",
            MADE_UP not in scopes(granted),
            expected="a made-up scope to be refused or dropped",
            received="a token with the made-up scope",
            evidence=(asked, *device.polls),
        )
    else:
        judge.undecided("RFC8628-3.2-invalid_scope", "the token does not say what was granted")


@verifies("RFC8628-3.2-unauthorized_client", "RFC6749-5.2-unauthorized_client")
def test_a_client_without_the_grant_is_refused(
    outsider: Device, device: Device, judge: Judge
) -> None:
    """A client that is registered, but not for devices, gets neither codes nor a token."""
    asked = outsider.ask()

    heard(asked)
    if asked.issued:
        outsider.takes(asked)
    else:
        device.begin()
        outsider.response = {"device_code": "devicegrant-" + "0" * 32}
    device.waits()
    polled = outsider.sends(outsider.token_request())
    refused_later = heard(polled) is Answer.UNAUTHORIZED_CLIENT
    judge.holds(
        "RFC8628-3.2-unauthorized_client",
        asked.answer is Answer.UNAUTHORIZED_CLIENT,
        expected="unauthorized_client",
        received=describe(asked) + (", refused only at the token endpoint" * refused_later),
        tolerated=refused_later or (not asked.issued and 400 <= asked.status < 500),
        evidence=(asked, polled),
    )
    judge.answers(
        "RFC6749-5.2-unauthorized_client",
        polled,
        {Answer.UNAUTHORIZED_CLIENT},
        tolerated=set(Answer) - {Answer.TOKEN, Answer.BROKEN, Answer.GARBLED, *STILL_OPEN},
    )


@verifies("RFC6749-3.3-scope-default")
def test_without_a_scope_there_is_a_default(device: Device, user: User, judge: Judge) -> None:
    """Who asks for no scope gets a default one and is told which, or is refused."""
    codes_are_issued(device)
    asked = device.ask(device.device_authorization_request(without={"scope"}))

    if not asked.issued:
        judge.answers(
            "RFC6749-3.3-scope-default",
            asked,
            {Answer.INVALID_SCOPE},
            tolerated={Answer.INVALID_REQUEST},
        )
        return
    device.takes(asked)
    user.approve(device)
    polled = collects(device)
    if polled.answer is not Answer.TOKEN:
        # Whether the pages were misread shows when somebody approves an ordinary request.
        ordinary = Device(device.world, device.client, "ordinary display")
        ordinary.begin()
        user.approve(ordinary)
        token_collected(ordinary)
    judge.holds(
        "RFC6749-3.3-scope-default",
        polled.answer is Answer.TOKEN and "scope" in device.token_response,
        expected="a token that names its scope, or invalid_scope",
        received=f"{describe(polled)}, without a scope member",
        tolerated=polled.answer in {Answer.TOKEN, Answer.DENIED, Answer.INVALID_SCOPE},
        evidence=(asked, polled),
    )


@verifies("RFC6749-3.3-scope-kept", "RFC6749-3.3-scope-not-wider", "RFC6749-3.3-scope-syntax")
def test_the_scope_that_was_asked_is_granted(
    device: Device, user: User, judge: Judge, target: Target
) -> None:
    """The scope of the device authorization request is what the token is good for."""
    given(device.scope, "the target file names no scope to ask for", "settings")
    for asked in (device.scope, target.scope.split()[-1]):
        device.begin(scope=asked)
        user.approve(device)
        polled = token_collected(device)
        granted = scopes(device.token_response.get("scope", asked))
        lost = scopes(asked) - granted
        judge.holds(
            "RFC6749-3.3-scope-kept",
            not lost,
            expected=f"a token for {asked!r:.80}",
            received=f"a token for {' '.join(sorted(granted))!r:.80}",
            # Policy may reduce a scope if it says so; to grant nothing of it is no reduction.
            tolerated="scope" in device.token_response and lost < scopes(asked),
            evidence=(polled,),
        )


@verifies("RFC8628-3.1-as-form-charset")
def test_a_charset_loses_no_scope(device: Device, user: User, judge: Judge) -> None:
    """A charset on the form's media type does not make the server forget the scope."""
    given(device.scope, "the target file names no scope to ask for", "settings")
    plain = _granted(device, user)
    usual = device.device_authorization_request()
    asked = device.ask(typed(usual, f"{FORM}; charset=UTF-8"))
    given(asked.issued, f"no codes with a charset: {describe(asked)}")
    device.takes(asked)
    user.approve(device)
    token_collected(device)

    granted = scopes(device.token_response.get("scope", device.scope))
    judge.holds(
        "RFC8628-3.1-as-form-charset",
        granted == plain,
        expected=f"the scope {' '.join(sorted(plain))!r:.80}, as without a charset",
        received=" ".join(sorted(granted))[:80] or "none",
        grave=True,
        evidence=(asked, *device.polls),
    )


def _granted(device: Device, user: User) -> set[str]:
    device.begin()
    user.approve(device)
    token_collected(device)
    return scopes(device.token_response.get("scope", device.scope))
