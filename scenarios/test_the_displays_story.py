"""The story of a display, from the socket in the wall to its owner's dashboard."""

from __future__ import annotations

from harness.client_auth import credentials
from harness.requirements import verifies
from harness.target import Resource, Target
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given
from harness.wire import Answer, Request
from scenarios.claims import payload, subject
from scenarios.outcomes import collects, lived, token_collected
from scenarios.protected import Protected, bearer_token, granted_to, protected_by, reached
from simulators.device import Device
from simulators.user import User


@verifies(
    "RFC8628-3.5-success",
    "OIDC-openid-scope",
    "OIDC-5.3.2-sub",
    "RFC6750-2.1-header",
    "RFC6750-3.1-insufficient_scope",
    "UA-user-identity",
)
def test_a_display_shows_its_owners_dashboard(
    device: Device, other_device: Device, user: User, other_user: User, target: Target, judge: Judge
) -> None:
    """It boots, shows a link, is approved elsewhere, and shows what its owner may see, no more."""
    display, neighbours = device, other_device

    display.begin()
    given(display.codes.verification_uri, "there is no link to show")
    display.world.run(
        display.polls_politely(), user.approves(display, after=2.5 * display.interval)
    )
    _token_arrives(display, judge)

    _id_token_says_who(display, judge)
    _profile_is_theirs(display, judge)
    if _dashboard_can_be_read(display, target, judge):
        _nothing_can_be_written(display, target.resource, judge)

    neighbours.begin()
    other_user.approve(neighbours)
    token_collected(neighbours)
    _two_people_two_subjects(display, neighbours, judge)


@verifies("OIDC-no-openid", "RFC6750-3.1-insufficient_scope", "UA-user-identity")
def test_a_sign_that_nobody_signs_in_to(
    signage: Device, device: Device, user: User, target: Target, judge: Judge
) -> None:
    """A sign next to the display has a token of its own: nobody's, with no name and no profile."""
    device.begin()
    user.approve(device)
    token_collected(device)

    got = signage.sends(_for_itself(signage, target.resource), manner="lawful")
    given(got.answer is Answer.TOKEN, f"the sign gets no token: {describe(got)}", "settings")
    body = (got.response.json() if got.response else None) or {}
    token = str(body["access_token"])

    judge.holds(
        "OIDC-no-openid",
        "id_token" not in body,
        received="an id_token, though nobody has signed in",
        evidence=(got,),
    )
    shown = _no_profile(signage, token, target, judge)
    _is_nobody(device, token, shown, judge)


def _token_arrives(display: Device, judge: Judge) -> None:
    given(display.polls, "the display never polled")
    last = display.polls[-1]
    judge.answers(
        "RFC8628-3.5-success",
        last if last.answer is Answer.TOKEN else lived(display, collects(display)),
        {Answer.TOKEN},
    )
    bearer_token(display)


def _id_token_says_who(display: Device, judge: Judge) -> None:
    if "openid" not in granted_to(display):
        judge.not_applicable("OIDC-openid-scope", "needs openid in the scope of the settings")
        return
    judge.holds(
        "OIDC-openid-scope",
        "id_token" in display.token_response,
        expected="an id_token",
        received="none",
        evidence=display.polls[-1:],
    )


def _profile_is_theirs(display: Device, judge: Judge) -> None:
    endpoint = display.world.target.userinfo_endpoint
    named = payload(str(display.token_response.get("id_token", ""))).get("sub")
    if endpoint is None or named is None:
        judge.not_applicable("OIDC-5.3.2-sub", "needs an ID token and a userinfo_endpoint")
        return
    profile = display.reads(endpoint, display.access_token)
    body = (profile.response.json() if profile.response else None) or {}
    if profile.status == 200 and body:
        judge.holds(
            "OIDC-5.3.2-sub",
            body.get("sub") == named,
            expected="the sub of the ID token",
            received="another" if "sub" in body else "none",
            evidence=(profile,),
        )
    else:
        judge.undecided("OIDC-5.3.2-sub", f"UserInfo answers {describe(profile)}")


def _dashboard_can_be_read(display: Device, target: Target, judge: Judge) -> bool:
    """Judge that the token opens what it should; return whether all of it opened."""
    granted, shut = granted_to(display), False
    open_to = [resource for resource in protected_by(target) if resource.opens_to(granted)]
    for resource in open_to:
        read = reached(display.reads(resource.url, display.access_token), resource)
        shut = shut or read.status // 100 != 2
        if read.status == 403:
            # The header was understood; what the token may do is another matter.
            judge.undecided("RFC6750-2.1-header", f"{resource.name} answers {describe(read)}")
            continue
        judge.holds(
            "RFC6750-2.1-header",
            read.status // 100 == 2,
            expected=f"2xx at {resource.name}",
            received=describe(read),
            evidence=(read,),
        )
    if not open_to:
        judge.not_applicable("RFC6750-2.1-header", "the scope of the settings opens no resource")
    if shut or not open_to:
        judge.undecided("RFC6750-3.1-insufficient_scope", "the token opens nothing it should")
    return not shut and bool(open_to)


def _nothing_can_be_written(display: Device, resource: Resource | None, judge: Judge) -> None:
    if resource is None or not resource.write_scope:
        judge.not_applicable("RFC6750-3.1-insufficient_scope", "needs resource.write_scope")
        return
    door = Protected(resource.url, resource.write_scope)
    given(not door.opens_to(granted_to(display)), "the display may write", "settings")
    _refused(display.reads(resource.url, display.access_token, "POST"), door, judge)


def _refused(shown: Exchange, resource: Protected, judge: Judge) -> None:
    """Judge that a token is turned away for what it lacks; that it is turned away comes first."""
    challenge = (shown.response.header("www-authenticate") if shown.response else None) or ""
    judge.holds(
        "RFC6750-3.1-insufficient_scope",
        reached(shown, resource).status == 403 and "insufficient_scope" in challenge,
        expected=f"403 with insufficient_scope, for want of {resource.scope}",
        received=describe(shown),
        grave=shown.status // 100 == 2,
        evidence=(shown,),
    )


def _two_people_two_subjects(display: Device, neighbours: Device, judge: Judge) -> None:
    mine, theirs = subject(display), subject(neighbours)
    if mine is None or theirs is None:
        judge.not_applicable("UA-user-identity", "needs ID tokens or a userinfo_endpoint")
        return
    judge.holds(
        "UA-user-identity",
        mine != theirs,
        expected="two subjects for two people",
        received="the same subject for both",
        evidence=(*display.polls, *neighbours.polls),
    )


def _for_itself(signage: Device, resource: Resource | None) -> Request:
    """A request for a token of the client's own (RFC 6749 section 4.4)."""
    url = signage.world.target.token_endpoint
    fields, auth = credentials(signage.client, audience=url, now=signage.world.clock.unix())
    fields = [("grant_type", "client_credentials"), *fields]
    if resource is not None and resource.scope:
        fields.append(("scope", resource.scope))
    return Request.form(url, fields, auth)


def _no_profile(signage: Device, token: str, target: Target, judge: Judge) -> Exchange | None:
    """Judge that UserInfo tells a token without a person nothing."""
    if target.userinfo_endpoint is None:
        judge.not_applicable("RFC6750-3.1-insufficient_scope", "needs a userinfo_endpoint")
        return None
    profile = Protected(target.userinfo_endpoint, "openid", is_userinfo=True)
    shown = reached(signage.reads(profile.url, token), profile)
    judge.holds(
        "RFC6750-3.1-insufficient_scope",
        shown.status in {401, 403},
        expected="403 with insufficient_scope, or 401",
        received=describe(shown),
        evidence=(shown,),
    )
    return shown


def _is_nobody(person: Device, token: str, shown: Exchange | None, judge: Judge) -> None:
    """Judge that the subject of a client's own token is not somebody else."""
    told = (shown.response.json() if shown and shown.response else None) or {}
    subjects = {payload(token).get("sub"), told.get("sub")} - {None}
    owner = subject(person)
    if not subjects or owner is None:
        judge.not_applicable("UA-user-identity", "the sign's token does not tell whose it is")
        return
    judge.holds(
        "UA-user-identity",
        owner not in subjects,
        expected="the client itself as subject",
        received="a person who has approved nothing of this",
        evidence=(shown,) if shown else (),
    )
