"""RFC 7515, RFC 7519, RFC 8725 and RFC 9068: tokens that can be read, and what they must say.

An opaque access token leaves all of this to its server.
"""

from __future__ import annotations

from harness.checks import access_tokens, jwts
from harness.client_auth import JWT_BEARER
from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import DEVICE_CODE_GRANT, Answer, Request
from scenarios.outcomes import STILL_OPEN, token_collected
from scenarios.protected import Protected, bearer_token, granted_to, protected_by, reached
from scenarios.published import fetch_keys
from scenarios.times import approval_on_target_clock
from scenarios.token_fate import refreshes
from simulators.device import Device
from simulators.user import User

_ANOTHER_RESOURCE = "https://somebody-else.example/api"
_PROFILE = (
    "RFC9068-2.1-typ",
    "RFC9068-2.1-signed",
    "RFC9068-2.2-claims",
    "RFC9068-2.2.3-scope",
    "RFC9068-2.2.1-auth_time",
    "RFC9068-3-aud",
)


@verifies(
    "RFC7515-4.1.1-alg",
    "RFC7515-4.1.4-kid",
    "RFC7519-4.1-numericdate",
    "RFC7519-4-unique-claims",
    "RFC9068-2.1-none",
    *_PROFILE,
)
def test_tokens_that_can_be_read_are_well_made(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """A JWT names its algorithm and its key, and says each thing once and in the usual form."""
    device.begin()
    user.approve(device)
    polled = token_collected(device)

    id_token = jwts.read(device.token_response.get("id_token"))
    access = jwts.read(device.access_token)
    if id_token is None and access is None:
        raise NotApplicable("needs tokens that are JWTs")
    keys = fetch_keys(device.world)
    if id_token is not None:
        access_tokens.judge_form("ID token", id_token, polled, judge)
        access_tokens.judge_key("ID token", id_token, keys, polled, judge)
    if access is None:
        raise NotApplicable("needs access tokens that are JWTs")
    access_tokens.judge_form("access token", access, polled, judge)
    judge.holds(
        "RFC9068-2.1-none",
        not access.unsigned,
        received="an access token whose alg is none",
        evidence=(polled,),
    )
    if not access_tokens.follows_profile(access, target):
        raise NotApplicable("the access token does not say that it follows RFC 9068")
    access_tokens.judge_key("access token", access, keys, polled, judge)
    token = access_tokens.Issued(
        jwt=access,
        exchange=polled,
        client_id=device.client.client_id,
        asked=device.scope,
        granted=device.token_response.get("scope"),
        approved_at=approval_on_target_clock(device, polled),
        refreshed=_refreshed(device),
    )
    access_tokens.judge_profile(token, keys, target, judge)


def _refreshed(device: Device) -> jwts.Jwt | None:
    """The access token after a refresh, None if there is none to be had."""
    token = device.token_response.get("refresh_token")
    if not isinstance(token, str):
        return None
    answer = refreshes(device, token)
    body = (answer.response.json() if answer.response else None) or {}
    return jwts.read(body.get("access_token"))


@verifies("RFC8725-3.12-confusion", "RFC9068-4-rs-typ")
def test_one_kind_of_token_does_not_pass_as_another(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """An ID token opens no resource, and an access token proves no client."""
    device.begin()
    user.approve(device)
    token_collected(device)

    id_token = device.token_response.get("id_token")
    if isinstance(id_token, str) and jwts.read(id_token):
        _as_access_token(device, id_token, judge)
    if jwts.read(device.access_token):
        _as_assertion(device, judge)
    if target.resource is None:
        judge.not_applicable("RFC9068-4-rs-typ", "needs [resource]")
    raise NotApplicable("needs an ID token and where to show it, or a JWT as access token")


def _as_access_token(device: Device, id_token: str, judge: Judge) -> None:
    """Show the ID token where the access token is let in."""
    token, granted = bearer_token(device), granted_to(device)
    for resource in protected_by(device.world.target):
        if not resource.opens_to(granted):
            continue
        usual = reached(device.reads(resource.url, token), resource)
        rule = "RFC8725-3.12-confusion" if resource.is_userinfo else "RFC9068-4-rs-typ"
        if usual.status // 100 != 2:
            judge.undecided(rule, f"{resource.name} answers {describe(usual)} to an access token")
            continue
        _turned_away(judge, rule, reached(device.reads(resource.url, id_token), resource), resource)


def _turned_away(judge: Judge, rule: str, shown: Exchange, resource: Protected) -> None:
    judge.holds(
        rule,
        400 <= shown.status < 500,
        expected=f"401 at {resource.name}",
        received=f"{describe(shown)}, though the token was not made for it",
        evidence=(shown,),
    )


def _as_assertion(device: Device, judge: Judge) -> None:
    """Show the access token as the proof of a client that must authenticate."""
    world = device.world
    client = world.target.clients.get("confidential")
    if client is None:
        return
    kiosk = Device(world, client, "kiosk")
    kiosk.begin()
    url = world.target.token_endpoint
    bare = [
        ("grant_type", DEVICE_CODE_GRANT),
        ("device_code", kiosk.device_code),
        ("client_id", client.client_id),
    ]
    given(
        heard(kiosk.sends(Request.form(url, bare))) not in {*STILL_OPEN, Answer.TOKEN},
        "the target serves a client with a secret that does not show it",
    )
    proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", device.access_token)]
    kiosk.waits()
    shown = kiosk.sends(Request.form(url, [*bare, *proof]))
    judge.holds(
        "RFC8725-3.12-confusion",
        heard(shown) not in {*STILL_OPEN, Answer.TOKEN},
        expected="invalid_client for an access token in place of a client_assertion",
        received=describe(shown),
        evidence=(shown,),
    )


@verifies("RFC9068-4-rs-aud")
def test_a_token_for_somebody_else_opens_no_door(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """A token that was made for another resource is turned away by this one."""
    if target.resource is None:
        raise NotApplicable("needs [resource]")
    here = protected_by(target)[0]
    plus = [("resource", _ANOTHER_RESOURCE)]
    asked = device.ask(device.device_authorization_request(plus=plus))
    if not asked.issued:
        raise NotApplicable(f"the target makes no tokens for other resources: {describe(asked)}")
    device.takes(asked)
    user.approve(device)
    token_collected(device)

    access = jwts.read(device.access_token)
    if access is None:
        raise NotApplicable("needs access tokens that are JWTs")
    named = access.claims.get("aud")
    if _ANOTHER_RESOURCE not in (named if isinstance(named, list) else [named]):
        raise NotApplicable("the target does not make tokens for the resource that is named")
    if isinstance(named, list) and len(named) > 1:
        raise NotApplicable("the target makes tokens for several resources at once")
    if not here.opens_to(granted_to(device)):
        raise NotApplicable("needs the scope of [resource] in the scope of the settings")
    shown = reached(device.reads(here.url, bearer_token(device)), here)
    _turned_away(judge, "RFC9068-4-rs-aud", shown, here)
