"""One visit to the verification page, page by page (RFC 8628 section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.consent import deciding, entering
from harness.consent.ending import Move, after_decision, stuck, without_decision
from harness.consent.fields import bare
from harness.consent.submission import is_web, without_query
from harness.consent.survey import survey
from harness.consent.visit import Outcome, Visit

if TYPE_CHECKING:
    from harness.consent.ending import Ending, Progress
    from harness.consent.pages import Page
    from harness.consent.submission import Submission

MAX_STEPS = 14

_LOOKS = (
    entering.pass_through,
    entering.code_again,
    deciding.all_in_one,
    entering.sign_in,
    entering.code,
    deciding.comfort,
    entering.account,
    entering.skip,
    entering.second_factor,
    deciding.decide,
    entering.further,
)
"""What is looked for on every page, the most telling first."""


class Window(Protocol):
    """What a walk needs: a browser without scripts, or a screen."""

    page: Page | None
    seen: list[Page]
    signed_in_as: str | None

    def get(self, url: str) -> Page:
        """Open an address."""
        ...

    def submit(self, submission: Submission) -> Page:
        """Press what `submission` came from."""
        ...


class Walk:
    """Walks from the verification URI to an outcome."""

    def __init__(self, progress: Progress, browser: Window) -> None:
        self._progress = progress
        self._browser = browser
        self._first = len(browser.seen)
        progress.signed_in = browser.signed_in_as is not None

    def run(self) -> Visit:
        """Take steps until there is an outcome."""
        progress = self._progress
        url = progress.codes.verification_uri
        if progress.by_link:
            if progress.codes.verification_uri_complete is None:
                return self._visit((Outcome.STUCK, "the server gave no verification_uri_complete"))
            url = progress.codes.verification_uri_complete
            progress.code_known = True
        # A verification_uri must not carry the code; where it does, nobody is asked to type it.
        progress.code_known = progress.code_known or bare(progress.codes.user_code) in bare(url)
        if not is_web(url):
            return self._visit((Outcome.STUCK, "the verification URI is no address of the web"))
        progress.steps.append(f"opened {without_query(url)}")
        page = self._browser.get(url)
        for _ in range(MAX_STEPS):
            found = self._next(page)
            if not isinstance(found, Move):
                return self._visit(found)
            progress.read.update(page.lines)
            progress.steps.append(found.step)
            progress.last, progress.sent = found.kind, found.submission
            page = self._browser.submit(found.submission)
        return self._visit(stuck(progress, page, f"no end after {MAX_STEPS} steps"))

    def _next(self, page: Page) -> Move | Ending:
        progress = self._progress
        if 300 <= page.status < 400:
            return stuck(progress, page, "the redirects lead nowhere")
        here = survey(progress, page)
        username = progress.person.username if progress.person else None
        signing = progress.last.startswith("sign in") or (progress.last == "all" and username)
        if signing and here.sign_in is None and page.status < 400:
            progress.signed_in = True
            self._browser.signed_in_as = username
        for look in _LOOKS:
            found = look(progress, here)
            if found is not None:
                return found
        if progress.took:
            return after_decision(progress, page, code_form=here.code is not None)
        return without_decision(progress, page)

    def _visit(self, ending: Ending) -> Visit:
        progress = self._progress
        outcome, message = ending
        return Visit(
            outcome=outcome,
            page=self._browser.page,
            pages=self._browser.seen[self._first :],
            steps=progress.steps,
            decision=progress.decision,
            message=message,
            refusal=progress.refusal,
            code_sent=progress.code_known,
        )
