"""RFC 8628 section 3.3.1: the code travels in a link or a QR code."""

from __future__ import annotations

from harness.checks.codes import normal
from harness.consent import Outcome, Page, Visit
from harness.requirements import verifies
from harness.verdict import Judge, NotApplicable, given
from harness.wire import NoAnswer
from scenarios.outcomes import stays_open, token_collected
from simulators.device import Device
from simulators.user import User


@verifies("RFC8628-3.3.1-complete-works")
def test_the_link_spares_the_typing(device: Device, user: User, judge: Judge) -> None:
    """Somebody scans the QR code in a fresh browser, signs in, approves, and the device gets in."""
    device.begin()

    visit = user.approve(device, by_link=True)
    polled = token_collected(device)

    typed = [step for step in visit.steps if step.startswith("typed the code")]
    judge.holds(
        "RFC8628-3.3.1-complete-works",
        not typed,
        expected="nothing to type after the link was opened",
        received=f"a page that asked for the code: {', '.join(visit.steps)}",
        evidence=(polled,),
    )


@verifies("RFC8628-3.3.1-complete-shows-code", "UA-referrer")
def test_the_link_shows_the_code_to_compare(device: Device, user: User, judge: Judge) -> None:
    """Before anything is approved, the page shows the code, so that it can be compared."""
    device.begin()

    visit = user.looks(device, by_link=True)

    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    judge.holds(
        "RFC8628-3.3.1-complete-shows-code",
        any(_shows(page, device.user_code) for page in visit.pages),
        expected="the user_code on a page before the approval",
        received="pages without it",
    )
    policy = visit.pages[0].response.header("referrer-policy") or ""
    foreign = _foreign_loads(visit)
    judge.holds(
        "UA-referrer",
        bool(policy) or not foreign,
        received="a page that loads from other hosts and sets no Referrer-Policy",
    )


@verifies("RFC8628-3.3.1-complete-no-auto-approve", "RFC8628-5.4-confirm-possession")
def test_opening_the_link_approves_nothing(
    device: Device, other_device: Device, user: User, judge: Judge
) -> None:
    """Whoever is signed in and merely opens the link has not said yes."""
    other_device.begin()
    user.approve(other_device)
    device.begin()
    link = device.codes.verification_uri_complete
    if link is None:
        raise NotApplicable("the target sends no verification_uri_complete")

    try:
        user.browser.get(link)
    except NoAnswer as problem:
        given(condition=False, reason=f"the page did not answer: {problem.detail}", blame="network")
    polled = device.waits_and_polls()

    stays_open(judge, "RFC8628-3.3.1-complete-no-auto-approve", polled)
    stays_open(judge, "RFC8628-5.4-confirm-possession", polled)


def _shows(page: Page, user_code: str) -> bool:
    values = [field.value for form in page.forms for field in form.fields if field.kind != "hidden"]
    return any(normal(user_code) in normal(text) for text in [page.text, *values])


def _foreign_loads(visit: Visit) -> bool:
    html = "".join(page.response.text for page in visit.pages).lower()
    return any(f'src="{scheme}' in html for scheme in ("http://", "https://", "//"))
