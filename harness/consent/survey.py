"""What one page has to offer: everything that the walker decides upon, looked up once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.consent.choices import Decision, decision_on, leaning_of_button
from harness.consent.fields import CodeEntry, SignIn, asks_second_factor, code_entry, names, sign_in
from harness.consent.leaning import Lean, leaning_of
from harness.consent.outside import is_outside
from harness.consent.scripts import sends_by_itself
from harness.consent.submission import is_web, without_query
from harness.consent.words import mentions

if TYPE_CHECKING:
    from harness.consent.ending import Progress
    from harness.consent.outside import is_outside
from harness.consent.pages import Button, Form, Page
from harness.consent.submission import Submission


@dataclass(frozen=True, slots=True)
class Survey:
    """A page, and which of its parts does what."""

    page: Page
    code: CodeEntry | None
    sign_in: SignIn | None
    decision: Decision
    second_factor: bool

    @property
    def together(self) -> bool:
        """Whether code and sign-in are asked for in one form."""
        return (
            self.code is not None
            and self.sign_in is not None
            and self.code.form is self.sign_in.form
        )


def survey(progress: Progress, page: Page) -> Survey:
    """Look a page over, knowing what has happened so far."""
    username = progress.person.username if progress.person else None
    signed_in = progress.signed_in or bool(progress.sign_ins)
    decision = decision_on(page, progress.codes.verification_uri, signed_in=signed_in)
    expected = not progress.code_names and not (progress.code_known and decision.no)
    forms = [form for form in page.forms if not is_outside(form)]
    entries = [
        code_entry(form, page, progress.code, expected=expected, known=progress.code_names)
        for form in forms
    ]
    found = [sign_in(form, username) for form in forms]
    with_secret = [one for one in found if one is not None and one.secret is not None]
    others = [one for one in found if one is not None]
    return Survey(
        page=page,
        code=next((entry for entry in entries if entry is not None), None),
        sign_in=next(iter(with_secret + others), None),
        decision=decision,
        second_factor=any(asks_second_factor(form) for form in forms),
    )


def passing_through(here: Survey) -> Submission | None:
    """What a page sends by itself, if it is only there to be passed through.

    A page that names a decision is never that, whatever its script does.
    """
    forms = [form for form in here.page.forms if not is_outside(form)]
    yes, no = here.decision.yes, here.decision.no
    if len(forms) != 1 or no is not None or (yes is not None and yes.leaning.strength > 1):
        return None
    form = forms[0]
    shown = [item for item in form.fields if item.visible and not item.readonly]
    buttons = [button for button in form.buttons if button.kind == "submit"]
    if shown or len(buttons) > 1 or not sends_by_itself(here.page.script):
        return None
    return form.submission()


def button_to_send(form: Form, *, signing_in: bool) -> Button | None:
    """The button that sends a code or a sign-in, or None where Enter does.

    Ways out (register, another provider) are the last to be taken, refusals never.
    """
    wanted = {Lean.SIGN_IN: 30, Lean.YES: 20, Lean.UNCLEAR: 10, Lean.SKIP: -10}
    if not signing_in:
        wanted = {Lean.YES: 30, Lean.SIGN_IN: 20, Lean.UNCLEAR: 10, Lean.SKIP: -10}
    best, chosen = -100, None
    for button in form.buttons:
        leaning = leaning_of_button(button)
        if button.kind != "submit" or not button.visible or leaning.lean is Lean.NO:
            continue
        score = wanted.get(leaning.lean, -20) + leaning.strength
        score -= 8 * _is_foreign(button.label) + 5 * button.disabled
        if score > best:
            best, chosen = score, button
    return chosen


def only_refuses(form: Form) -> bool:
    """Whether whatever a person can press in a form is a refusal; Enter would press it, too."""
    leans = [leaning_of_button(one).lean for one in form.buttons if one.kind == "submit"]
    return bool(leans) and all(lean is Lean.NO for lean in leans)


def account_to_choose(here: Survey, username: str) -> Submission | None:
    """What chooses the person on a page that lists accounts."""
    page = here.page
    choosing = mentions("choose", page.title, *page.lines[:5])
    for form in page.forms:
        for button in form.buttons:
            named = names(username, button.label) or names(username, button.value)
            if named and button.kind == "submit" and not _decides(button):
                return form.submission(button)
    for link in page.links if choosing else ():
        if names(username, link.label):
            return page.click(link)
    return None


def way_to_sign_in(page: Page) -> Submission | None:
    """A link or a button that leads to signing in, on a page that asks for nothing else."""
    ways = [
        (link.label, page.click(link))
        for link in page.links
        if leaning_of(link.label).lean is Lean.SIGN_IN and (link.mark or is_web(link.url))
    ]
    ways += [
        (button.label, form.submission(button))
        for form in page.forms
        for button in form.buttons
        if button.kind == "submit" and leaning_of_button(button).lean is Lean.SIGN_IN
    ]
    ways.sort(key=lambda way: (not mentions("credentials", way[0]), _is_foreign(way[0])))
    return ways[0][1] if ways else None


def way_past(page: Page) -> Submission | None:
    """The button or link that skips what the page proposes, such as a second factor."""
    for form in page.forms:
        for button in form.buttons:
            if button.kind == "submit" and mentions("skip", button.label):
                return form.submission(button)
    for link in page.links:
        if mentions("skip", link.label) and (link.mark or is_web(link.url)):
            return page.click(link)
    return None


def asks_to_be_remembered(here: Survey) -> bool:
    """Whether the page asks a question of comfort only: whether to stay signed in."""
    page, decision = here.page, here.decision
    if decision.yes is None or decision.no is None or decision.no.leaning.strength > 3:
        return False
    headings = [line for line in [page.title, *page.lines[:3]] if len(line.split()) < 7]
    return len(page.text) < 400 and mentions("remember", *headings)


def description_of(page: Page) -> str:
    """What a page has, for the message to somebody who must find out why we are stuck."""
    parts = [f"{without_query(page.url)} answered {page.status}"]
    if page.title:
        parts.append(f"title {page.title[:60]!r}")
    for form in page.forms:
        fields = ", ".join(name for name in form.names if name) or "no visible field"
        buttons = ", ".join(repr(button.label[:40]) for button in form.buttons) or "no button"
        parts.append(f"a form with {fields} and {buttons}")
    loose = ", ".join(repr(button.label[:40]) for button in page.loose)
    if loose:
        parts.append(f"buttons outside of forms: {loose}")
    if not page.forms:
        parts.append(f"no form, {page.scripts} scripts")
    return "; ".join(parts)


def _decides(button: Button) -> bool:
    leaning = leaning_of(button.label)
    return leaning.lean is Lean.NO or (leaning.lean is Lean.YES and leaning.strength > 1)


def _is_foreign(label: str) -> bool:
    return mentions("by_other_means", label)
