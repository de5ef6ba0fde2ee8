"""RFC 6750: how a token is shown, and what is said to those who show none or a wrong one."""

from __future__ import annotations

from harness.checks.challenges import bearer, challenges
from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given
from scenarios.outcomes import token_collected
from scenarios.protected import (
    NO_TOKEN_OF_YOURS,
    Protected,
    bearer_token,
    granted_to,
    protected_by,
    reached,
)
from simulators.device import Device
from simulators.user import User


@verifies("RFC6750-3-challenge", "RFC6750-3.1-no-info", "RFC6750-3-attr-once")
def test_who_shows_no_token_is_asked_for_one(device: Device, target: Target, judge: Judge) -> None:
    """A device without a token hears that one is needed, and nothing of what might be wrong."""
    for resource in protected_by(target):
        shown = reached(device.reads(resource.url, None), resource)
        _asked(resource, shown, judge)
    if not any(bearer(one) for one in device.world.transcript.exchanges):
        raise NotApplicable("there is no Bearer challenge to look at")


def _asked(resource: Protected, shown: Exchange, judge: Judge) -> None:
    challenge = bearer(shown)
    headers = shown.response.all_headers("www-authenticate") if shown.response else []
    if challenge is None and any(one.scheme == "dpop" for one in challenges(headers)):
        judge.not_applicable("RFC6750-3-challenge", f"{resource.name} takes DPoP tokens only")
        return
    judge.holds(
        "RFC6750-3-challenge",
        shown.status == 401 and challenge is not None and challenge.parameters,
        expected="401 with WWW-Authenticate: Bearer and a parameter",
        received=f"{describe(shown)} at {resource.name}, "
        + ("without a Bearer challenge" if challenge is None else "with a Bearer challenge"),
        tolerated=challenge is not None and shown.status >= 400,
        evidence=(shown,),
    )
    if challenge is not None:
        judge.holds(
            "RFC6750-3.1-no-info",
            challenge.get("error") is None,
            expected="a challenge without error",
            received=f"error {challenge.get('error')!r:.60} at {resource.name}",
            evidence=(shown,),
        )


@verifies("RFC6750-3.1-invalid_token", "OIDC-5.3.3-error")
def test_a_token_out_of_thin_air_is_called_invalid(
    device: Device, target: Target, judge: Judge
) -> None:
    """A token that was never issued opens nothing, and its holder is told that it is invalid."""
    for resource in protected_by(target):
        shown = reached(device.reads(resource.url, NO_TOKEN_OF_YOURS), resource)
        challenge = bearer(shown)
        rules = ["RFC6750-3.1-invalid_token", *["OIDC-5.3.3-error"] * resource.is_userinfo]
        for requirement in rules:
            judge.holds(
                requirement,
                shown.status == 401 and challenge and challenge.get("error") == "invalid_token",
                expected='401 with WWW-Authenticate: Bearer error="invalid_token"',
                received=f"{describe(shown)} at {resource.name}, {_error_in(shown)}",
                evidence=(shown,),
            )
    if target.userinfo_endpoint is None:
        judge.not_applicable("OIDC-5.3.3-error", "needs a userinfo_endpoint")


@verifies("RFC6750-2.1-header")
def test_the_header_carries_the_token(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """A device that shows its token in the Authorization header is let in."""
    resources = protected_by(target)
    device.begin()
    user.approve(device)
    token_collected(device)

    token, granted = bearer_token(device), granted_to(device)
    open_to = [resource for resource in resources if resource.opens_to(granted)]
    for resource in open_to:
        shown = reached(device.reads(resource.url, token), resource)
        judge.holds(
            "RFC6750-2.1-header",
            shown.status // 100 == 2,
            expected=f"2xx at {resource.name}",
            received=f"{describe(shown)}, {_error_in(shown)}",
            evidence=(shown,),
        )
    if not open_to:
        raise NotApplicable("needs the scope of [resource] or openid in the scope of the settings")


@verifies("RFC6750-3.1-insufficient_scope", "OIDC-no-openid")
def test_a_token_for_other_things_opens_no_door(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """A device that did not ask for a scope gets neither its resource nor an ID token."""
    wanted = [name for name in target.scope.split() if name != "openid"]
    if target.resource is not None:
        wanted = [name for name in wanted if name not in target.resource.scope.split()]
    device.scope = " ".join(wanted)
    device.begin(scope=device.scope)
    user.approve(device)
    token_collected(device)

    granted = granted_to(device)
    _no_id_token(device, granted, judge)
    shut = [one for one in protected_by(target) if one.scope and not one.opens_to(granted)]
    given(granted or wanted, "it is not known which scope the token has")
    for resource in shut:
        shown = reached(device.reads(resource.url, bearer_token(device)), resource)
        challenge = bearer(shown)
        judge.holds(
            "RFC6750-3.1-insufficient_scope",
            shown.status == 403 and challenge and challenge.get("error") == "insufficient_scope",
            expected=f'403 with error="insufficient_scope" for want of {resource.scope}',
            received=f"{describe(shown)} at {resource.name}, {_error_in(shown)}",
            evidence=(shown,),
        )
    if not shut:
        raise NotApplicable("needs a resource whose scope the target does not grant unasked")


def _no_id_token(device: Device, granted: set[str], judge: Judge) -> None:
    if "openid" in granted:
        judge.note("OIDC-no-openid", "the target grants openid unasked", device.polls[-1:])
        return
    judge.holds(
        "OIDC-no-openid",
        "id_token" not in device.token_response,
        received="an id_token, though openid was not asked for",
        evidence=device.polls[-1:],
    )


def _error_in(shown: Exchange) -> str:
    """What a challenge says, in one phrase."""
    challenge = bearer(shown)
    if challenge is None:
        return "without a Bearer challenge"
    return f"with error {challenge.get('error') or 'left out'}"
