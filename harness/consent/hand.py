"""kind = "hand": somebody who reads the terminal takes the decision; kind = "none": nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.consent.command import NEEDS_PAGES
from harness.consent.visit import Outcome, Visit, Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.consent.session import Browser
    from harness.consent.visit import Codes, Person

_ANSWERS = {Wish.APPROVE: "approve (say yes)", Wish.DENY: "deny (say no)"}


class Hand:
    """Tells a person what to do, then waits until that is confirmed with Enter."""

    pages = False

    def __init__(self, tell: Callable[[str], None], ask: Callable[[str], str]) -> None:
        self._tell = tell
        self._ask = ask

    def decide(
        self,
        codes: Codes,
        wish: Wish,
        person: Person | None,
        browser: Browser,  # noqa: ARG002  (the person has one)
        *,
        typed: str | None = None,
        by_link: bool = False,
    ) -> Visit:
        """Ask for the decision and believe that it was taken."""
        if wish is Wish.LOOK or typed is not None:
            return Visit(Outcome.STUCK, message=NEEDS_PAGES.format(kind="hand"))
        link = codes.verification_uri_complete if by_link else codes.verification_uri
        if link is None:
            return Visit(Outcome.STUCK, message="the server gave no verification_uri_complete")
        who = f"as {person.username}" if person else "without signing in"
        self._tell("Your turn, in a browser:")
        self._tell(f"  open    {link}")
        self._tell(f"  {'compare' if by_link else 'enter  '} {codes.user_code}")
        self._tell(f"  answer  {_ANSWERS[wish]}, {who}")
        try:
            self._ask("Press Enter when that is done. ")
        except EOFError:
            return Visit(
                Outcome.STUCK, message='[consent] kind = "hand" needs a terminal to wait at'
            )
        steps = [f"asked a person to {wish.value} {who}"]
        return Visit(Outcome.DECIDED, steps=steps, message="a person said so", code_sent=True)


class Nobody:
    """No way to a decision: whatever needs one cannot be put to the test."""

    pages = False

    def decide(
        self,
        codes: Codes,  # noqa: ARG002
        wish: Wish,
        person: Person | None,  # noqa: ARG002
        browser: Browser,  # noqa: ARG002
        *,
        typed: str | None = None,  # noqa: ARG002
        by_link: bool = False,  # noqa: ARG002
    ) -> Visit:
        """Always stuck; the message names the setting."""
        why = f'nobody can {wish.value}: set [consent] kind to "forms", "command" or "hand"'
        return Visit(Outcome.STUCK, message=why)
