"""kind = "forms": through the provider's own pages, as a person with a browser without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.consent.ending import Progress
from harness.consent.walk import Walk

if TYPE_CHECKING:
    from harness.consent.session import Browser
    from harness.consent.visit import Codes, Person, Visit, Wish


class Forms:
    """Understands a page by what people read on it; knows no product.

    What approvals have shown about a server's pages is remembered: which pages without a refusal
    lead to one.  That is all that one visit tells another.
    """

    pages = True

    def __init__(self) -> None:
        self._harmless: set[str] = set()

    def decide(
        self,
        codes: Codes,
        wish: Wish,
        person: Person | None,
        browser: Browser,
        *,
        typed: str | None = None,
        by_link: bool = False,
    ) -> Visit:
        """Visit the verification page as `person` and carry out `wish` (see `Consent`)."""
        progress = Progress(codes, wish, person, typed, by_link, harmless=self._harmless)
        return Walk(progress, browser).run()
