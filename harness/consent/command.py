"""kind = "command": somebody else's program takes the decision."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.consent.visit import Outcome, Visit, Wish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.consent.session import Browser
    from harness.consent.visit import Codes, Person

TIMEOUT = 60.0
"""Seconds that a command may take."""

NEEDS_PAGES = (
    'this needs single steps on the pages, which [consent] kind = "{kind}" cannot take; '
    'kind = "forms" can'
)


class Command:
    """Runs a program with verification URI, user code, approve or deny, and user name.

    No shell is involved.  Exit code 0 means done; otherwise the last line of the program's error
    output becomes the message.
    """

    pages = False

    def __init__(self, argv: Sequence[str], timeout: float = TIMEOUT) -> None:
        self._argv = list(argv)
        self._timeout = timeout

    def decide(
        self,
        codes: Codes,
        wish: Wish,
        person: Person | None,
        browser: Browser,  # noqa: ARG002  (the program brings its own)
        *,
        typed: str | None = None,
        by_link: bool = False,
    ) -> Visit:
        """Let the program carry out `wish`; looking, mistyping and links are beyond it."""
        if wish is Wish.LOOK or typed is not None or by_link or person is None:
            return Visit(Outcome.STUCK, message=NEEDS_PAGES.format(kind="command"))
        argv = [*self._argv, codes.verification_uri, codes.user_code, wish.value, person.username]
        step = f"ran {self._argv[0]} to {wish.value} as {person.username}"
        problem = self._run(argv)
        outcome = Outcome.STUCK if problem else Outcome.DECIDED
        message = problem or f"{self._argv[0]} reported success"
        return Visit(outcome, steps=[step], message=message, code_sent=not problem)

    def _run(self, argv: list[str]) -> str:
        """What went wrong, or nothing."""
        try:
            done = subprocess.run(  # noqa: S603  (running the user's own program is the point)
                argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{argv[0]} took longer than {self._timeout:.0f} s"
        except (OSError, ValueError) as problem:
            return f"{argv[0]} could not be run: {problem}"
        if done.returncode == 0:
            return ""
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = f": {lines[-1][:300]}" if lines else ""
        return f"{argv[0]} ended with exit code {done.returncode}{said}"
