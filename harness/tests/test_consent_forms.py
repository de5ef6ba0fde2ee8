"""Pages nobody told us about: the same eight visits to every style of page."""

from __future__ import annotations

import pytest

from harness.consent import Browser, Outcome, Person, Visit, Wish, consent_from
from harness.tests.consent_sites import ALICE, BOB, SITES, Site, codes_of

WRONG = "BCDF-GHJK"

every_site = pytest.mark.parametrize("kind", SITES, ids=lambda kind: kind.__name__)


def visit(
    site: Site,
    wish: Wish,
    person: Person | None = ALICE,
    browser: Browser | None = None,
    *,
    typed: str | None = None,
    by_link: bool = False,
) -> Visit:
    browser = browser or Browser(site, now=lambda: 0.0)
    return consent_from("forms").decide(
        codes_of(site), wish, person, browser, typed=typed, by_link=by_link
    )


@every_site
def test_a_yes_arrives(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE)

    assert (found.outcome, site.state, site.by) == (Outcome.DECIDED, "approved", "alice"), found
    assert found.decision is not None
    assert found.code_sent


@every_site
def test_the_yes_belongs_to_whoever_signed_in(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE, BOB)

    assert (found.outcome, site.by) == (Outcome.DECIDED, "bob"), found


@every_site
def test_a_no_arrives(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.DENY)

    assert (found.outcome, site.state) == (Outcome.DECIDED, "denied"), found


@every_site
def test_looking_decides_nothing(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.LOOK)

    assert (found.outcome, site.state) == (Outcome.OFFERED, "pending"), found
    assert found.decision is not None and found.refusal is not None
    assert found.code_sent == kind.wrong_is_refused


@every_site
def test_what_was_seen_can_be_refused_later(kind: type[Site]) -> None:
    site = kind()
    browser = Browser(site, now=lambda: 0.0)
    found = visit(site, Wish.LOOK, browser=browser)
    assert found.refusal is not None

    browser.submit(found.refusal)

    assert site.state == "denied"


@every_site
def test_a_wrong_code_is_refused(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE, typed=WRONG)

    assert (found.outcome, site.state) == (Outcome.REFUSED, "pending"), found
    assert WRONG not in found.message + "".join(found.steps)


@every_site
def test_a_wrong_password_is_told_from_a_wrong_code(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE, Person("alice", "not-it"))

    assert (found.outcome, site.state) == (Outcome.SIGN_IN_FAILED, "pending"), found
    assert "not-it" not in repr(found)


@every_site
def test_nobody_signs_in_if_nobody_is_there(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE, None)

    assert found.outcome is Outcome.SIGN_IN or found.decision is not None, found
    assert (site.state, site.by) == ("pending", ""), found


@every_site
def test_the_complete_link_leads_to_the_same_decision(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE, by_link=True)

    assert (found.outcome, site.state) == (Outcome.DECIDED, "approved"), found
    assert not any("had not filled in" in step for step in found.steps)


@every_site
def test_a_second_visit_with_the_same_browser_needs_no_sign_in(kind: type[Site]) -> None:
    site, consent = kind(), consent_from("forms")
    browser = Browser(site, now=lambda: 0.0)
    consent.decide(codes_of(site), Wish.APPROVE, ALICE, browser)
    site.state = "pending"

    found = consent.decide(codes_of(site), Wish.DENY, ALICE, browser)

    assert (found.outcome, site.state) == (Outcome.DECIDED, "denied"), found
