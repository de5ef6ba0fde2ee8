"""RFC 9700 and RFC 10027: what is good practice today, also where it was no rule in 2019."""

from __future__ import annotations

import contextlib
import re
from urllib.parse import urlsplit

from harness.checks.tokens import scopes
from harness.consent import Outcome, Page, Visit, Wish
from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Inconclusive, Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, Response
from scenarios.claims import payload
from scenarios.outcomes import STILL_OPEN, codes_are_issued, collects, token_collected
from simulators.device import Device
from simulators.user import User

SHORT = 900
"""Seconds: twice the lifetime that RFC 8628 takes for its example."""
AT_ONCE, EACH = 10, 20


@verifies("RFC9700-4.16-clickjacking", "RFC9700-4.16-csp", "RFC10027-6.1.14-ux-decline")
def test_nobody_can_lay_a_page_over_the_decision(device: Device, user: User, judge: Judge) -> None:
    """The pages cannot be framed by another site, and saying no is no harder than saying yes."""
    device.begin()

    visit = user.looks(device)

    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    own = {urlsplit(url)[1] for url in (device.codes.verification_uri, visit.pages[-1].url)}
    pages = [page for page in visit.pages if page.forms and urlsplit(page.url)[1] in own]
    given(pages, "no page with a form was seen", "person")
    shown = {page.url for page in pages}
    seen = [one for one in device.world.transcript.at("page") if one.request.url in shown]
    by_policy = all(_frames_refused(page.response) for page in pages)
    by_any = all(_frames_refused(page.response) or _old_way(page.response) for page in pages)
    for requirement in ("RFC9700-4.16-clickjacking", "RFC9700-4.16-csp"):
        judge.holds(
            requirement,
            by_policy,
            expected="Content-Security-Policy with frame-ancestors 'none' or 'self'",
            received="X-Frame-Options alone" if by_any else "pages that any site may frame",
            tolerated=by_any,
            evidence=seen[:5],
        )
    judge.holds(
        "RFC10027-6.1.14-ux-decline",
        visit.refusal is not None and not _approval_has_focus(visit),
        expected="a way to say no, no harder to find than the way to say yes",
        received="no way to say no" if visit.refusal is None else "approval is preselected",
        evidence=seen[-1:],
    )


def _frames_refused(response: Response) -> bool:
    for header in response.all_headers("content-security-policy"):
        for policy in header.split(","):
            for directive in policy.split(";"):
                name, *sources = directive.lower().split()[:40] or [""]
                if name == "frame-ancestors":
                    return not {"*", "http:", "https:"} & set(sources)
    return False


def _old_way(response: Response) -> bool:
    words = [word.strip().lower() for word in response.all_headers("x-frame-options")]
    return bool(words) and set(words) <= {"deny", "sameorigin"}


def _approval_has_focus(visit: Visit) -> bool:
    if visit.decision is None or not visit.decision.label or visit.page is None:
        return False
    return visit.decision.label in _focused(visit.page)


def _focused(page: Page) -> set[str]:
    """What stands on the button that Enter presses, if the page says which."""
    found = re.search(
        r"<(?:button|input)\b([^>]*\bautofocus\b[^>]*)>([^<]*)", page.response.text, re.IGNORECASE
    )
    if found is None:
        return set()
    value = re.search(r"""value\s*=\s*["']([^"']*)""", found[1], re.IGNORECASE)
    return {found[2].strip(), value[1].strip() if value else ""}


@verifies("RFC9700-4.12-307", "RFC9700-4.12-303")
def test_a_password_is_not_sent_on(device: Device, user: User, judge: Judge) -> None:
    """After signing in, the browser goes on without taking the password along."""
    device.begin()

    with contextlib.suppress(Inconclusive):
        user.decides(Wish.APPROVE, device)

    sent = [one for one in device.world.transcript.at("page") if _carries_password(one, user)]
    if not sent:
        raise NotApplicable("no form with a password was seen")
    kept = [one for one in sent if one.status in {307, 308}]
    judge.holds(
        "RFC9700-4.12-307",
        not kept,
        expected="a redirect that turns POST into GET",
        received=f"{kept[0].status}" if kept else "",
        evidence=sent,
    )
    moved = [one for one in sent if one.status // 100 == 3]
    if not moved:
        judge.not_applicable("RFC9700-4.12-303", "signing in is not answered by a redirect")
        return
    judge.holds(
        "RFC9700-4.12-303",
        all(one.status == 303 for one in moved),
        received=f"a redirect with {moved[0].status}",
        evidence=moved,
    )


def _carries_password(exchange: Exchange, user: User) -> bool:
    secret = user.person.password
    return bool(secret) and any(value == secret for _, value in exchange.request.fields)


@verifies("RFC10027-6.1.3-one-time", "RFC10027-6.1.9-limit-scope", "RFC9700-2.3-audience")
def test_a_code_is_good_for_one_yes(device: Device, user: User, judge: Judge) -> None:
    """A code that was approved opens no consent page again; what it bought is noted."""
    device.begin()
    user.approve(device)

    visit = user.looks(device)
    token_collected(device)

    judge.holds(
        "RFC10027-6.1.3-one-time",
        not (visit.code_sent and visit.outcome is Outcome.OFFERED),
        expected="an error for a code that was approved",
        received="a consent page",
    )
    asked = scopes(device.scope)
    missing = asked - scopes(device.token_response.get("scope", device.scope))
    judge.holds(
        "RFC10027-6.1.9-limit-scope",
        not missing,
        received=f"less scope than asked for, without {' '.join(sorted(missing))[:80]}",
        evidence=device.polls,
    )
    claims = payload(device.access_token)
    if not claims and device.world.target.introspection_endpoint is not None:
        judge.not_applicable("RFC9700-2.3-audience", "the token is opaque: introspection tells")
        return
    judge.holds(
        "RFC9700-2.3-audience",
        claims.get("aud"),
        received="nothing names an audience of the access token",
        evidence=device.polls,
    )


@verifies("RFC10027-6.1.2-short")
def test_user_codes_live_briefly(device: Device, judge: Judge) -> None:
    """How long a person has is noted if it is longer than it takes to type a code."""
    device.begin()

    judge.holds(
        "RFC10027-6.1.2-short",
        device.expires_in <= SHORT,
        received=f"user codes live {device.expires_in:g} s",
        evidence=(device.issued,),
    )


@verifies("RFC10027-6.1.4-unique")
def test_one_code_in_many_browsers(device: Device, user: User, judge: Judge) -> None:
    """The same code is typed in three browsers, and what the server makes of it is noted."""
    device.begin()
    outcomes = []
    for _ in range(3):
        visit = user.looks(device)
        given(visit.code_sent, "the page asks for code and decision in one step", "person")
        outcomes.append(visit.outcome)
        user.forgets()

    judge.holds(
        "RFC10027-6.1.4-unique",
        outcomes[-1] is not Outcome.OFFERED,
        received="three browsers were asked for a decision on one code",
    )


@verifies("RFC10027-6.1.11-rate-limit", alone=True)
def test_many_displays_at_once(device: Device, judge: Judge) -> None:
    """Two hundred displays ask at the same time, and each gets codes or is put off politely."""
    codes_are_issued(device)

    each = EACH if device.world.thorough else EACH // 4
    bursts = device.world.together(*[lambda: [device.ask() for _ in range(each)]] * AT_ONCE)
    asked = [one for burst in bursts for one in burst]

    answered = [one for one in asked if one.response is not None]
    given(answered, "no request was answered", "network")
    put_off = [one for one in answered if not one.issued]
    broken = [one for one in put_off if one.status >= 500 and one.status != 503]
    judge.holds(
        "RFC10027-6.1.11-rate-limit",
        not broken,
        expected="codes, 429 or an OAuth error",
        received=f"{len(broken)} times {describe(broken[0])}" if broken else "",
        grave=True,
        evidence=broken[:3],
    )
    if put_off and not broken:
        told = f"{len(put_off)} of {len(answered)} requests at once hear {describe(put_off[0])}"
        judge.note("RFC10027-6.1.11-rate-limit", told, put_off[:1])


@verifies("RFC8628-3.4-unknown-param")
def test_what_becomes_of_pkce(device: Device, user: User, judge: Judge) -> None:
    """A device sends a PKCE challenge, which this grant does not know, and a wrong verifier.

    Servers may ignore both or add PKCE of their own, so the outcome is only noted.
    """
    challenge = [("code_challenge", "A" * 43), ("code_challenge_method", "S256")]
    device.begin(plus=challenge)
    user.approve(device)
    device.waits()
    request = device.token_request(plus=[("code_verifier", "wrong-verifier-" + "0" * 40)])
    polled = device.sends(request, note="a code_verifier that does not fit")

    given(heard(polled) not in STILL_OPEN, "the approval has not arrived")
    if polled.answer is Answer.TOKEN:
        told = "a PKCE challenge is accepted and a wrong verifier not noticed"
    else:
        given(collects(device).answer is Answer.TOKEN, "the approval brought no token")
        told = f"PKCE is applied to this grant: a wrong verifier hears {describe(polled)}"
    judge.note("RFC8628-3.4-unknown-param", told, (polled,))
