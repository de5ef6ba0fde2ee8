"""RFC 7009: a token that its owner has no more use for."""

from __future__ import annotations

from harness.requirements import verifies
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer
from scenarios.token_fate import (
    NO_SUCH_TOKEN,
    body_of,
    is_alive,
    refresh_token,
    refreshed,
    refreshes,
    renewed,
    revokes,
    turned_away,
    with_wrong_secret,
)
from scenarios.wrong_requests import WRONG_SECRET
from simulators.device import Device
from simulators.user import User

SOON = 30.0
"""Seconds after which a revoked access token should be known everywhere."""
CANNOT = "unsupported_token_type"


@verifies("RFC7009-2-support-refresh", "RFC7009-2.1-cascade")
def test_a_refresh_token_can_be_given_back(owner: Device, user: User, judge: Judge) -> None:
    """A device that is sold gives its refresh token back, and nothing of the grant is left."""
    access, token = renewed(owner, refresh_token(owner, user))
    was_alive = is_alive(owner, access)

    given_back = revokes(owner, token, hint="refresh_token")
    given(not turned_away(given_back), f"the client may not revoke: {describe(given_back)}")
    lives = is_alive(owner, access)
    later = refreshes(owner, token)

    judge.holds(
        "RFC7009-2-support-refresh",
        given_back.status == 200 and heard(later) is not Answer.TOKEN,
        expected="200, and invalid_grant for a refresh afterwards",
        received=f"{describe(given_back)}, then {describe(later)}",
        evidence=(given_back, later),
    )
    if was_alive is not True:
        judge.not_applicable("RFC7009-2.1-cascade", "nothing shows whether an access token lives")
        return
    given(later.answer is not Answer.TOKEN, "the refresh token itself is not revoked")
    if lives and _cannot(owner, access):
        judge.not_applicable("RFC7009-2.1-cascade", "the target cannot revoke access tokens")
        return
    judge.holds(
        "RFC7009-2.1-cascade",
        not lives,
        expected="the access token of the same grant to be dead",
        received="an access token that lives on",
        evidence=(given_back,),
    )


def _cannot(owner: Device, access: str) -> bool:
    answer = revokes(owner, access, hint="access_token")
    return answer.response is not None and answer.response.error == CANNOT


@verifies("RFC7009-2-support-access")
def test_an_access_token_can_be_given_back(owner: Device, user: User, judge: Judge) -> None:
    """An access token that was revoked opens nothing half a minute later."""
    requirement = "RFC7009-2-support-access"
    owner.begin()
    user.approve(owner)
    owner.waits_and_polls()
    access = owner.access_token
    was_alive = is_alive(owner, access)

    given_back = revokes(owner, access, hint="access_token")
    given(not turned_away(given_back), f"the client may not revoke: {describe(given_back)}")
    if given_back.response is not None and given_back.response.error == CANNOT:
        judge.note(requirement, "the target says that it cannot", (given_back,))
        return
    if was_alive is not True:
        raise NotApplicable("nothing shows whether an access token lives")
    lives = is_alive(owner, access)
    if lives:
        owner.world.wait(SOON)
        lives = is_alive(owner, access)

    judge.holds(
        requirement,
        given_back.status == 200 and not lives,
        expected="200, and a token that is dead soon",
        received=f"{describe(given_back)}, {'alive' if lives else 'dead'} {SOON:g} s later",
        evidence=(given_back,),
    )


@verifies("RFC7009-2.1-client-binding")
def test_nobody_gives_back_what_others_own(
    owner: Device, stranger: Device, user: User, judge: Judge
) -> None:
    """A client that asks for the end of another client's token does not bring it about."""
    token = refreshed(owner, refresh_token(owner, user))

    asked = revokes(stranger, token, hint="refresh_token")
    afterwards = refreshes(owner, token)

    if heard(afterwards) in {Answer.TOKEN, Answer.INVALID_GRANT}:
        judge.holds(
            "RFC7009-2.1-client-binding",
            afterwards.answer is Answer.TOKEN,
            expected="the owner's token to work on",
            received=f"{describe(asked)} for the other client, then {describe(afterwards)}",
            evidence=(asked, afterwards),
        )
    else:
        judge.undecided("RFC7009-2.1-client-binding", f"the owner hears {describe(afterwards)}")


@verifies("RFC7009-2.1-hint")
def test_a_wrong_hint_saves_no_token(
    owner: Device, other_owner: Device, user: User, judge: Judge
) -> None:
    """A refresh token that is called an access token, or by no known name, is revoked as well."""
    for device, hint in ((owner, "access_token"), (other_owner, "x-unknown")):
        token = refreshed(device, refresh_token(device, user))
        asked = revokes(device, token, hint=hint)
        given(not turned_away(asked), f"the client may not revoke: {describe(asked)}")
        later = refreshes(device, token)
        lives = heard(later) is Answer.TOKEN
        if lives:
            _a_right_hint_works(device, str(body_of(later).get("refresh_token", token)))
        judge.holds(
            "RFC7009-2.1-hint",
            asked.status == 200 and not lives,
            expected=f"200 and a dead refresh token in spite of the hint {hint}",
            received=f"{describe(asked)}, then {describe(later)}",
            evidence=(asked, later),
        )


def _a_right_hint_works(device: Device, token: str) -> None:
    """Take for granted that revocation works at all."""
    revokes(device, token, hint="refresh_token")
    later = refreshes(device, token)
    given(later.answer is not Answer.TOKEN, "a revoked refresh token is good in any case")


@verifies("RFC7009-2.2-invalid-ok", "RFC7009-2-tls")
def test_what_nobody_issued_is_as_good_as_given_back(owner: Device, judge: Judge) -> None:
    """A client that gives back a token which the server does not know has reached its aim."""
    asked = revokes(owner, NO_SUCH_TOKEN)

    given(not turned_away(asked), f"the client may not revoke: {describe(asked)}")
    judge.holds(
        "RFC7009-2.2-invalid-ok",
        asked.status == 200,
        expected="200",
        received=describe(asked),
        evidence=(asked,),
    )


@verifies("RFC7009-2.1-client-auth")
def test_nobody_revokes_with_a_wrong_secret(kiosk: Device, judge: Judge) -> None:
    """Who shows a wrong secret at the revocation endpoint is turned away."""
    wrong = with_wrong_secret(kiosk.client, WRONG_SECRET)

    asked = revokes(kiosk, NO_SUCH_TOKEN, client=wrong)

    refused = heard(asked) is Answer.INVALID_CLIENT
    judge.holds(
        "RFC7009-2.1-client-auth",
        refused and asked.status in {400, 401},
        expected="400 or 401 invalid_client",
        received=describe(asked),
        tolerated=refused or asked.status in {400, 401, 403},
        evidence=(asked,),
    )
