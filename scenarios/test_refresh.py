"""RFC 6749 section 6, RFC 9700 section 4.14: a device that stays connected."""

from __future__ import annotations

from typing import Any

from harness.requirements import verifies
from harness.target import Client, Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, number_of
from scenarios.claims import payload
from scenarios.token_fate import (
    NO_SUCH_TOKEN,
    OFFLINE,
    body_of,
    connected,
    lasting,
    offers_offline_access,
    refresh_token,
    refreshed,
    refreshes,
    scope_of,
)
from simulators.device import Device
from simulators.user import User

A_MOMENT = 2.0
"""Seconds after which a new token differs from the one before, even if it is made of whole ones."""
GRACE = 61.0
"""Seconds after which no server takes a spent refresh token for a lost response."""


@verifies(
    "RFC6749-6-refresh",
    "RFC6749-6-scope-omitted",
    "OIDC-12.2-refresh-id_token",
    "RFC9700-2.2.2-rotation",
)
def test_a_device_stays_connected(device: Device, user: User, judge: Judge) -> None:
    """A device refreshes its access token, and all else is as the person once allowed it."""
    first = connected(device, user, lasting(device))
    token = first.get("refresh_token")
    if not isinstance(token, str) or not token:
        judge.note("RFC6749-6-refresh", f"no refresh_token for {lasting(device)!r}", device.polls)
        raise NotApplicable("the target issued no refresh_token")
    device.world.wait(A_MOMENT)
    answer = refreshes(device, token)
    later = body_of(answer)

    judge.answers(
        "RFC6749-6-refresh",
        answer,
        {Answer.TOKEN},
        # The client may have to be registered for this grant, too.
        tolerated={Answer.UNAUTHORIZED_CLIENT},
    )
    given(answer.answer is Answer.TOKEN, f"the refresh hears {describe(answer)}")
    judge.holds(
        "RFC6749-6-refresh",
        later.get("access_token") != first.get("access_token"),
        expected="a fresh access token",
        received="the old one",
        evidence=(answer,),
    )
    _same_scope(lasting(device), first, later, answer, judge)
    _same_person(first, later, answer, judge)
    _another_refresh_token(device, token, later, answer, judge)


def _same_scope(
    asked: str, first: dict[str, Any], later: dict[str, Any], answer: Exchange, judge: Judge
) -> None:
    # A response without scope is for what was asked (RFC 6749 section 5.1), or granted before.
    granted = scope_of(first)
    granted = set(asked.split()) if granted is None else granted
    kept = scope_of(later)
    kept = granted if kept is None else kept
    judge.holds(
        "RFC6749-6-scope-omitted",
        kept == granted,
        expected=f"scope {' '.join(sorted(granted))[:80]!r} as before",
        received=f"{' '.join(sorted(kept))[:80]!r}",
        tolerated=kept ^ granted <= {OFFLINE},
        evidence=(answer,),
    )


def _same_person(
    first: dict[str, Any], later: dict[str, Any], answer: Exchange, judge: Judge
) -> None:
    requirement = "OIDC-12.2-refresh-id_token"
    old, new = payload(str(first.get("id_token", ""))), payload(str(later.get("id_token", "")))
    if not old or not new:
        judge.not_applicable(requirement, "there is no id_token to compare after a refresh")
        return
    names = ["iss", "sub", "aud"] + ["auth_time"] * ("auth_time" in old and "auth_time" in new)
    changed = [name for name in names if _set_of(old.get(name)) != _set_of(new.get(name))]
    judge.holds(
        requirement,
        not changed,
        expected=f"the same {', '.join(names)}",
        received=f"another {', '.join(changed)}",
        evidence=(answer,),
    )
    born, again = number_of(old.get("iat")), number_of(new.get("iat"))
    if born is not None and again is not None:
        judge.holds(
            requirement,
            again > born,
            expected="iat of the time of the refresh",
            received="iat of the first id_token" if again == born else "an earlier iat",
            # The same token served once more is arguably not a new one.
            tolerated=again == born,
            evidence=(answer,),
        )


def _set_of(value: object) -> set[str]:
    return {str(one) for one in value} if isinstance(value, list) else {str(value)}


def _another_refresh_token(
    device: Device, token: str, later: dict[str, Any], answer: Exchange, judge: Judge
) -> None:
    requirement = "RFC9700-2.2.2-rotation"
    if device.client.auth != "none":
        judge.not_applicable(requirement, "[clients.public] has a secret")
        return
    bound = str(later.get("token_type", "")).lower() == "dpop"
    bound = bound or "cnf" in payload(str(later.get("access_token", "")))
    judge.holds(
        requirement,
        bound or later.get("refresh_token", token) != token,
        expected="another refresh token, or one bound to a key",
        received="a refresh token that anybody can use again and again",
        evidence=(answer,),
    )


@verifies("RFC9700-4.14.2-reuse")
def test_a_spent_refresh_token_is_a_warning_sign(device: Device, user: User, judge: Judge) -> None:
    """When a spent refresh token comes back, somebody has a copy, and the one in use ends, too."""
    requirement = "RFC9700-4.14.2-reuse"
    spent = refresh_token(device, user)
    in_use = refreshed(device, spent)
    if in_use == spent:
        raise NotApplicable("the target does not rotate refresh tokens")

    device.world.wait(GRACE)
    again = refreshes(device, spent, note="a refresh token that was spent")
    judge.answers(requirement, again, {Answer.INVALID_GRANT})
    given(again.answer is not Answer.TOKEN, "the spent refresh token is good again")
    afterwards = refreshes(device, in_use)

    if heard(afterwards) in {Answer.TOKEN, Answer.INVALID_GRANT}:
        judge.holds(
            requirement,
            afterwards.answer is Answer.INVALID_GRANT,
            expected="invalid_grant for the refresh token in use, too",
            received=describe(afterwards),
            evidence=(again, afterwards),
        )
    else:
        judge.undecided(requirement, f"the refresh token in use hears {describe(afterwards)}")


@verifies("RFC6749-6-client-binding")
def test_another_client_cannot_refresh(
    device: Device, stranger: Device, user: User, judge: Judge
) -> None:
    """A refresh token that falls into the hands of another client is worth nothing there."""
    token = refreshed(device, refresh_token(device, user))

    stolen = refreshes(stranger, token, note="a refresh token of another client")

    if heard(stolen) is Answer.UNAUTHORIZED_CLIENT:
        raise NotApplicable("needs [clients.second] to be registered for refresh_token, too")
    judge.answers(
        "RFC6749-6-client-binding",
        stolen,
        {Answer.INVALID_GRANT},
        tolerated={Answer.INVALID_CLIENT, Answer.INVALID_REQUEST},
    )


@verifies("RFC6749-6-client-auth")
def test_a_client_with_a_secret_must_show_it_to_refresh(
    kiosk: Device, user: User, judge: Judge
) -> None:
    """The refresh token of a client that has a secret is worth nothing without the secret."""
    token = refreshed(kiosk, refresh_token(kiosk, user))

    bare = refreshes(kiosk, token, client=Client(kiosk.client.client_id), note="no credentials")

    judge.answers(
        "RFC6749-6-client-auth",
        bare,
        {Answer.INVALID_CLIENT},
        tolerated={Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_REQUEST, Answer.INVALID_GRANT},
    )


@verifies("RFC6749-6-scope")
def test_a_refresh_cannot_ask_for_more(
    device: Device, user: User, judge: Judge, target: Target
) -> None:
    """A device that was allowed one thing cannot help itself to others when it refreshes."""
    names = [name for name in target.scope.split() if name != OFFLINE]
    given(len(names) > 1, "needs a target file whose scope has two names", "settings")
    token = refreshed(device, refresh_token(device, user, names[0]))
    had = scope_of(device.token_response) or set(lasting(device, names[0]).split())
    surplus = set(names) - had
    if not surplus:
        raise NotApplicable("the target grants the whole scope whatever is asked")

    greedy = refreshes(device, token, scope=" ".join(names), note="asks for more than was approved")

    requirement = "RFC6749-6-scope"
    if heard(greedy) is not Answer.TOKEN:
        arguable = {Answer.INVALID_GRANT, Answer.INVALID_REQUEST}
        judge.answers(requirement, greedy, {Answer.INVALID_SCOPE}, tolerated=arguable)
        return
    got = scope_of(body_of(greedy))
    if got is None:
        judge.undecided(requirement, "the new token does not say what it is for")
        return
    judge.holds(
        requirement,
        not surplus & got,
        expected="invalid_scope, or a token without the surplus",
        received=f"a token for {' '.join(sorted(surplus & got))[:80]!r} in addition",
        evidence=(greedy,),
    )


@verifies("RFC6749-6-invalid")
def test_a_refresh_token_that_nobody_issued_is_no_grant(device: Device, judge: Judge) -> None:
    """Refreshing with a made-up value ends at once."""
    made_up = refreshes(device, NO_SUCH_TOKEN, note="a made-up refresh token")

    if heard(made_up) in {Answer.UNSUPPORTED_GRANT_TYPE, Answer.UNAUTHORIZED_CLIENT}:
        raise NotApplicable("[clients.public] may not refresh")
    judge.answers("RFC6749-6-invalid", made_up, {Answer.INVALID_GRANT})


@verifies("OIDC-11-offline_access")
def test_offline_access_means_little_here(device: Device, user: User, judge: Judge) -> None:
    """A device asks for offline_access, made for another flow, and what it gets is noted."""
    requirement = "OIDC-11-offline_access"
    if not offers_offline_access(device):
        got = "refresh_token" in connected(device, user)
        told = f"{'a' if got else 'no'} refresh_token comes without the scope offline_access"
        judge.note(requirement, told, device.polls)
        return
    body = connected(device, user, lasting(device))
    granted = OFFLINE in (scope_of(body) or {OFFLINE})
    judge.holds(
        requirement,
        not granted or body.get("refresh_token"),
        received="offline_access was granted, and no refresh_token came",
        evidence=device.polls,
    )
