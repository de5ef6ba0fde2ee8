"""OpenID Connect Core over the device grant: who approved, said in an ID token and at UserInfo."""

from __future__ import annotations

from collections.abc import Sequence

from harness.checks import access_tokens, id_tokens, jwts
from harness.checks.dates import ahead
from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given
from harness.wire import Answer
from scenarios.claims import subject
from scenarios.outcomes import token_collected
from scenarios.protected import bearer_token, granted_to
from scenarios.published import fetch_keys
from scenarios.times import approval_on_target_clock, unix_at
from simulators.device import Device
from simulators.user import User

BEFORE_COLLECTING = 20.0
"""Seconds between the approval and the poll, so that auth_time can be told from both."""
_NONCE = "devicegrant-nonce-7391"


@verifies(
    "OIDC-openid-scope",
    "OIDC-2-nonce",
    "OIDC-2-claims",
    "OIDC-2-iss",
    "OIDC-2-aud",
    "OIDC-2-azp",
    "OIDC-2-exp",
    "OIDC-2-auth_time",
    "OIDC-2-signed",
    "OIDC-2-none",
    "OIDC-2-header-keys",
    "OIDC-3.1.3.6-at_hash",
    "OIDC-5.3.2-sub",
    "OIDC-5.3.2-type",
    "OIDCDisc-3-iss-identical",
)
def test_a_device_learns_who_approved(
    device: Device, user: User, target: Target, judge: Judge
) -> None:
    """An ID token that comes with the access token says who approved, for whom, and when."""
    if "openid" not in target.scope.split():
        raise NotApplicable("needs openid in the scope of the settings")
    nonce = _asks_with_nonce(device, judge)
    user.approve(device)
    far = device.expires_in - device.age > BEFORE_COLLECTING + 4 * device.interval
    device.world.wait(BEFORE_COLLECTING if far else 0)
    polled = token_collected(device)

    jwt = _id_token(device, judge)
    if jwt is not None:
        since = approval_on_target_clock(device, polled) if far else None
        _judged(jwt, device, polled, since, nonce, judge)
    _userinfo(device, jwt.claims.get("sub") if jwt else None, judge)
    raise NotApplicable("no id_token came along")


def _judged(
    jwt: jwts.Jwt,
    device: Device,
    polled: Exchange,
    approved_at: float | None,
    nonce: str,
    judge: Judge,
) -> None:
    """Judge all that an ID token says, and how it is signed."""
    now = unix_at(device.world, polled)
    token = id_tokens.Issued(
        jwt=jwt,
        exchange=polled,
        access_token=device.access_token,
        client_id=device.client.client_id,
        now=now + ahead(polled, now),
        approved_at=approved_at,
        nonce=nonce,
    )
    id_tokens.judge_claims(token, device.world.target, judge)
    id_tokens.judge_signature(token, fetch_keys(device.world), device.client.client_secret, judge)
    id_tokens.judge_bindings(token, judge)


def _asks_with_nonce(device: Device, judge: Judge) -> str:
    """Ask for codes with a nonce, and without if that is refused; returns what was sent."""
    asked = device.ask(device.device_authorization_request(plus=[("nonce", _NONCE)]))
    if asked.issued:
        device.takes(asked)
        return _NONCE
    usual = device.ask()
    error = usual.response.error if usual.response else None
    if error in {"invalid_scope", "unauthorized_client"}:
        # No specification defines openid over this grant: to refuse it is to be honest.
        judge.note("OIDC-openid-scope", f"the target refuses openid: {error}", (usual,))
        raise NotApplicable(f"the target does not grant openid to devices: {error}")
    device.takes(usual)
    judge.holds(
        "OIDC-2-nonce",
        condition=False,
        expected="codes, whether the nonce is used or not",
        received=describe(asked),
        evidence=(asked, usual),
    )
    return ""


def _id_token(device: Device, judge: Judge) -> jwts.Jwt | None:
    """The ID token, None without one; raises `Inconclusive` if it cannot be read."""
    if "openid" not in granted_to(device):
        raise NotApplicable("the target did not grant openid")
    text = device.token_response.get("id_token")
    judge.holds(
        "OIDC-openid-scope",
        text,
        expected="an id_token, because openid was granted",
        received="a token response without one",
        evidence=device.polls[-1:],
    )
    if not text:
        return None
    given(not jwts.encrypted(text), "the id_token is encrypted")
    jwt = jwts.read(text)
    if jwt is None:
        judge.holds(
            "OIDC-2-signed",
            condition=False,
            expected="an id_token that is a signed JWT",
            received="something else",
            evidence=device.polls[-1:],
        )
    given(jwt, "the id_token is no JWT")
    return jwt


def _userinfo(device: Device, sub: object, judge: Judge) -> None:
    """Judge what UserInfo says, against the `sub` of the ID token if there is one."""
    endpoint = device.world.target.userinfo_endpoint
    if endpoint is None:
        for requirement in ("OIDC-5.3.2-sub", "OIDC-5.3.2-type"):
            judge.not_applicable(requirement, "needs a userinfo_endpoint")
        return
    told = device.reads(endpoint, bearer_token(device))
    if told.response is None:
        for requirement in ("OIDC-5.3.2-sub", "OIDC-5.3.2-type"):
            judge.undecided(requirement, "UserInfo did not answer", "network")
        return
    if jwts.encrypted(told.response.text.strip()):
        judge.undecided("OIDC-5.3.2-sub", "what UserInfo says is encrypted")
    else:
        claims = _claims_of(told) if told.status == 200 else None
        found = (claims or {}).get("sub")
        judge.holds(
            "OIDC-5.3.2-sub",
            found and found == (sub or found),
            expected="200 with the sub of the ID token",
            received=describe(told) if claims is None else "another sub, or none",
            evidence=(told,),
        )
    if told.status == 200:
        _type(told, judge)
    else:
        judge.undecided("OIDC-5.3.2-type", f"UserInfo answers {describe(told)}")


def _claims_of(told: Exchange) -> dict[str, object] | None:
    if told.response is None:
        return None
    jwt = jwts.read(told.response.text.strip())
    return dict(jwt.claims) if jwt else told.response.json()


def _type(told: Exchange, judge: Judge) -> None:
    response = told.response
    assert response is not None
    text = response.text.strip()
    signed = jwts.read(text) is not None or jwts.encrypted(text)
    expected = "application/jwt" if signed else "application/json"
    judge.holds(
        "OIDC-5.3.2-type",
        response.media_type == expected and (signed or response.json() is not None),
        expected=f"a body that is {expected}, and says so",
        received=response.media_type or "no media type",
        evidence=(told,),
    )


@verifies("OIDC-8-sub-stable", "RFC9068-2.2-sub-user")
def test_a_person_stays_the_same_person(
    device: Device, user: User, other_user: User, judge: Judge
) -> None:
    """Two devices of one person agree on who that is, and a third one belongs to somebody else."""
    subjects, tokens = [], []
    for person in (user, user, other_user):
        device.begin()
        person.approve(device)
        token_collected(device)
        subjects.append(subject(device))
        tokens.append(jwts.read(device.access_token))

    evidence = [one for one in device.world.transcript.at("token") if one.answer is Answer.TOKEN]
    if None in subjects:
        judge.not_applicable("OIDC-8-sub-stable", "the target does not say who approved")
    else:
        judge.holds(
            "OIDC-8-sub-stable",
            subjects[0] == subjects[1] != subjects[2],
            expected="one sub for one person, and another for another",
            received=_compared(subjects),
            evidence=evidence,
        )
    read = [one for one in tokens if one is not None]
    if len(read) < len(tokens) or not access_tokens.follows_profile(read[0], device.world.target):
        raise NotApplicable("needs access tokens that follow RFC 9068")
    subs = [one.claims.get("sub") for one in read]
    judge.holds(
        "RFC9068-2.2-sub-user",
        subs[0] == subs[1] != subs[2] and device.client.client_id not in subs,
        expected="the person who approved as sub",
        received="the client_id" if device.client.client_id in subs else _compared(subs),
        evidence=evidence,
    )


def _compared(subjects: Sequence[object]) -> str:
    first, second, third = subjects
    if first != second:
        return "two values of sub for one person"
    return "the same sub for two persons" if first == third else "two persons, told apart"
