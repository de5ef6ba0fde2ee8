"""How a person's yes or no reaches the server (RFC 8628 section 3.3).

`consent_from` makes the way that a target file names: through the provider's own pages, by a
command, or by hand.  None of them knows a product: a page is understood by what people read on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.consent.pages import Page
from harness.consent.session import Browser
from harness.consent.submission import Submission
from harness.consent.visit import Codes, Consent, Outcome, Person, Visit, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Browser",
    "Codes",
    "Consent",
    "Outcome",
    "Page",
    "Person",
    "Submission",
    "Visit",
    "Wish",
    "consent_from",
]


def consent_from(
    kind: str,
    command: Sequence[str] | None = None,
    tell: Callable[[str], None] = print,
    ask: Callable[[str], str] = input,
) -> Consent:
    """The way to a decision that `[consent] kind` of a target file names.

    Raises `ValueError` if there is no such way, or if it lacks what it needs.
    """
    if kind == "forms":
        from harness.consent.forms import Forms

        return Forms()
    if kind == "command":
        from harness.consent.command import Command

        if not command:
            raise ValueError('[consent] kind = "command" needs consent.command, a list of words')
        return Command(command)
    if kind in {"hand", "none"}:
        from harness.consent.hand import Hand, Nobody

        return Hand(tell, ask) if kind == "hand" else Nobody()
    if kind == "browser":
        from harness.consent.screen import Screens

        return Screens()
    raise ValueError(f"[consent] kind = {kind!r}: known are forms, browser, command, hand, none")
