"""Providers put together by chance: whatever they look like, a yes is a yes and a no is a no."""

from __future__ import annotations

import pytest

from harness.consent import Browser, Outcome, Wish, consent_from
from harness.tests.consent_sites import ALICE, codes_of
from harness.tests.consent_sites.mixed import Mixed

EXPECTED = {
    Wish.APPROVE: (Outcome.DECIDED, "approved"),
    Wish.DENY: (Outcome.DECIDED, "denied"),
    Wish.LOOK: (Outcome.OFFERED, "pending"),
}


@pytest.mark.parametrize("by_link", [False, True], ids=["typed", "by link"])
@pytest.mark.parametrize("wish", list(Wish), ids=lambda wish: wish.value)
def test_every_wish_is_carried_out(wish: Wish, by_link: bool) -> None:
    failures = []
    for seed in range(120):
        site = Mixed(seed=seed)
        browser = Browser(site, now=lambda: 0.0)

        found = consent_from("forms").decide(codes_of(site), wish, ALICE, browser, by_link=by_link)

        if (found.outcome, site.state) != EXPECTED[wish]:
            failures.append(f"{site.describe()}: {found.outcome}, {site.state}, {found.message}")
    assert not failures, "\n".join(failures)


def test_a_wrong_code_never_decides() -> None:
    failures = []
    for seed in range(120):
        site = Mixed(seed=seed)
        browser = Browser(site, now=lambda: 0.0)

        found = consent_from("forms").decide(
            codes_of(site), Wish.APPROVE, ALICE, browser, typed="QQQQ-QQQQ"
        )

        if (found.outcome, site.state) != (Outcome.REFUSED, "pending"):
            failures.append(f"{site.describe()}: {found.outcome}, {found.message}")
    assert not failures, "\n".join(failures)
