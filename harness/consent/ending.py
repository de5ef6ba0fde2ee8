"""How a visit stands and how it ends: structure first, words as second evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from harness.consent.fields import bare
from harness.consent.leaning import Mood, failures_in, mood_of, sounds_refused
from harness.consent.survey import description_of
from harness.consent.visit import Codes, Outcome, Person, Wish
from harness.consent.words import mentions

if TYPE_CHECKING:
    from harness.consent.pages import Page
    from harness.consent.submission import Submission

Ending: TypeAlias = tuple[Outcome, str]
"""An outcome and the sentence for people."""

OTHER_WAYS = (
    '[consent] kind = "browser" runs the page\'s scripts; '
    'kind = "command" or "hand" does without the pages'
)


@dataclass(frozen=True, slots=True)
class Move:
    """The next thing to press; `step` is how a person would tell it."""

    kind: str
    submission: Submission
    step: str


@dataclass(slots=True)
class Progress:
    """What has happened so far in one visit."""

    codes: Codes
    wish: Wish
    person: Person | None
    typed: str | None = None
    by_link: bool = False
    code_known: bool = False
    """Whether the server has been told the code."""
    code_names: tuple[str, ...] = ()
    retyped: bool = False
    signed_in: bool = False
    """Whether somebody has signed in with this browser, in this visit or before."""
    sign_ins: list[str] = field(default_factory=list)
    last: str = ""
    """The kind of the last move."""
    sent: Submission | None = None
    """The last move itself."""
    took: bool = False
    """Whether the wish was pressed."""
    decision: Submission | None = None
    refusal: Submission | None = None
    pressed: set[str] = field(default_factory=set)
    """Decisions that were pressed, as `key_of` names them."""
    passed: list[str] = field(default_factory=list)
    """Pages without a refusal that an approval went through."""
    harmless: set[str] = field(default_factory=set)
    """Such pages that led to one with a refusal: they decide nothing.  Shared between visits."""
    steps: list[str] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    @property
    def code(self) -> str:
        """What is typed."""
        return self.codes.user_code if self.typed is None else self.typed

    def fresh(self, page: Page) -> list[str]:
        """What a page says that no page before it said."""
        return [line for line in page.lines if line not in self.read]

    def sayings(self, page: Page) -> list[str]:
        """What a page says to the person now: its new lines, or all if there are none."""
        return self.fresh(page) or [page.title, *page.lines]

    def without_codes(self, text: str) -> str:
        """The text with the codes made unreadable, so that it may be printed."""
        for code in {self.codes.user_code, self.code}:
            letters = [re.escape(letter) for letter in bare(code)]
            if letters:
                text = re.sub(r"[^\w]?".join(letters), "(code)", text, flags=re.IGNORECASE)
        return text

    def complaint(self, page: Page) -> str:
        """What a page complains of, in its own words if it has some."""
        found = failures_in(self.sayings(page)) or self.fresh(page)
        said = f"said {' '.join(found[:2])[:200]!r}" if found else "gave no reason"
        return self.without_codes(f"the page answered {page.status} and {said}")


def after_code_again(progress: Progress, page: Page) -> Ending:
    """The code was sent and the form that asks for it is there again."""
    lines = progress.fresh(page)
    if progress.took and progress.wish is Wish.DENY and sounds_refused(lines):
        return Outcome.DECIDED, "refused"
    if progress.last == "all" and mentions("credentials", *failures_in(lines)):
        return Outcome.SIGN_IN_FAILED, progress.complaint(page)
    if page.status < 400 and mood_of(lines) is Mood.GOOD:
        return _decided_alone(progress)
    if page.needs_script:
        return stuck(progress, page, "the form is sent by a script")
    return Outcome.REFUSED, f"the code form came back; {progress.complaint(page)}"


def after_decision(progress: Progress, page: Page, *, code_form: bool) -> Ending:
    """The wish was pressed and nothing more is asked."""
    if progress.wish is Wish.DENY:
        return _after_refusal(progress, page)
    if page.status >= 400:
        return Outcome.REFUSED, f"the answer to the approval: {progress.complaint(page)}"
    if mood_of(progress.sayings(page)) is Mood.BAD and (page.forms or not code_form):
        return Outcome.REFUSED, f"the answer to the approval: {progress.complaint(page)}"
    return Outcome.DECIDED, "approved"


def _after_refusal(progress: Progress, page: Page) -> Ending:
    lines = [page.title, *progress.sayings(page)]
    not_taken = mentions("not_taken", *failures_in(lines))
    if page.status >= 400:
        taken = sounds_refused(lines) or page.status in {400, 401, 403}
        if not_taken or not taken:
            return Outcome.REFUSED, f"the answer to the refusal: {progress.complaint(page)}"
        return Outcome.DECIDED, f"refused; the page answered {page.status}"
    if not_taken and not sounds_refused(lines):
        return Outcome.REFUSED, f"the answer to the refusal: {progress.complaint(page)}"
    return Outcome.DECIDED, "refused"


def without_decision(progress: Progress, page: Page) -> Ending:
    """Nothing more is asked, and no decision was offered."""
    if not progress.code_known:
        if page.status >= 400 and progress.last.startswith("sign in"):
            return Outcome.SIGN_IN_FAILED, progress.complaint(page)
        return stuck(progress, page, "nothing here takes the code")
    if page.status >= 400:
        if progress.last.startswith("sign in") and page.status in {401, 403}:
            return Outcome.SIGN_IN_FAILED, progress.complaint(page)
        return Outcome.REFUSED, progress.complaint(page)
    mood = mood_of(progress.sayings(page))
    if mood is Mood.BAD:
        return Outcome.REFUSED, progress.complaint(page)
    if page.needs_script:
        return stuck(progress, page, "a script makes this page")
    if mood is Mood.GOOD:
        return _decided_alone(progress)
    if any(button.visible for form in page.forms for button in form.buttons) or page.loose:
        return stuck(progress, page, "no button here reads as yes or no")
    return Outcome.REFUSED, "a notice without any decision to take came after the code"


def came_back(progress: Progress, page: Page, label: str) -> Ending:
    """The same decision is asked for again after it was taken."""
    if mood_of(progress.fresh(page)) is Mood.BAD or page.status >= 400:
        return Outcome.REFUSED, f"the same page came back; {progress.complaint(page)}"
    return stuck(progress, page, f"the same page came back after pressing {label!r}")


def stuck(progress: Progress, page: Page, why: str) -> Ending:
    """No way on; says what the page has and which setting helps."""
    said = progress.without_codes(description_of(page))
    return Outcome.STUCK, f"{why}: {said}. {OTHER_WAYS}"


def _decided_alone(progress: Progress) -> Ending:
    if progress.wish is Wish.DENY:
        why = "the server approved as soon as it knew the code; there was nothing to refuse"
        return Outcome.STUCK, why
    if progress.wish is Wish.LOOK:
        return Outcome.DECIDED, "the server decided as soon as it knew the code, without asking"
    progress.decision = progress.sent
    return Outcome.DECIDED, "approved by the code alone: no decision was asked for"
