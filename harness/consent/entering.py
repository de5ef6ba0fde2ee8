"""The ways in: typing the code, signing in, choosing an account, skipping what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from harness.consent.ending import Ending, Move, Progress, after_code_again, after_decision, stuck
from harness.consent.fields import bare, fill_code
from harness.consent.filling import credentials, required_ticks
from harness.consent.leaning import Mood, mood_of
from harness.consent.survey import (
    account_to_choose,
    button_to_send,
    only_refuses,
    passing_through,
    way_past,
    way_to_sign_in,
)
from harness.consent.visit import Outcome
from harness.consent.words import mentions

if TYPE_CHECKING:
    from harness.consent.fields import CodeEntry
    from harness.consent.survey import Survey

MAX_SIGN_INS = 4

Found: TypeAlias = Move | Ending | None
"""What a look at a page leads to: a move, an end, or nothing."""


def pass_through(progress: Progress, here: Survey) -> Found:
    """A page that sends itself on."""
    sent = passing_through(here)
    if sent is None:
        return None
    entry = here.code
    if entry is not None:
        progress.code_known = True
    return Move("script", sent, "went on, as the page's script does")


def code_again(progress: Progress, here: Survey) -> Found:
    """The code form is there again after the code was sent."""
    entry = here.code
    if entry is None or not entry.writable:
        return None
    if progress.last.startswith("sign in") and progress.code_names and not progress.retyped:
        # Some servers forget the code while somebody signs in; people type it again.
        progress.retyped = True
        progress.took = False
        progress.code_names = ()
        return None
    if progress.took and progress.last == "decision":
        strong = here.decision.no is not None and here.decision.no.leaning.strength >= 3
        return None if strong else after_decision(progress, here.page, code_form=True)
    if not progress.code_names or entry.names != progress.code_names:
        return None
    return after_code_again(progress, here.page)


def sign_in(progress: Progress, here: Survey) -> Found:
    """A sign-in form, or the first half of one."""
    form = here.sign_in
    if form is None or only_refuses(form.form):
        return None
    if progress.took and progress.sign_ins and progress.last == "decision":
        return after_decision(progress, here.page, code_form=False)
    if progress.person is None:
        return Outcome.SIGN_IN, "a sign-in is asked for"
    kind = f"sign in: {form.stage}"
    if progress.last == kind or len(progress.sign_ins) >= MAX_SIGN_INS:
        return Outcome.SIGN_IN_FAILED, progress.complaint(here.page)
    values, ticks = credentials(form, progress.person)
    step = f"signed in as {progress.person.username}"
    if form.secret is None:
        step = f"gave the name {progress.person.username}"
    elif form.user is None:
        step = f"gave the password of {progress.person.username}"
    entry = here.code
    if here.together and entry is not None and not progress.code_names:
        step = f"{how_entered(progress, entry)} and {step}"
        values |= filled_code(progress, entry)
        kind = "all"
    progress.sign_ins.append(kind)
    button = button_to_send(form.form, signing_in=True)
    return Move(kind, form.form.submission(button, values=values, ticks=ticks), step)


def code(progress: Progress, here: Survey) -> Found:
    """A form that takes the code."""
    entry = here.code
    if entry is None or progress.code_names:
        return None
    if only_refuses(entry.form) or (not entry.writable and here.decision.yes is not None):
        return None
    step = how_entered(progress, entry)
    button = button_to_send(entry.form, signing_in=False)
    values = filled_code(progress, entry)
    ticks = required_ticks(entry.form)
    return Move("code", entry.form.submission(button, values=values, ticks=ticks), step)


def how_entered(progress: Progress, entry: CodeEntry) -> str:
    """How a person would tell what happens to the code fields."""
    if progress.typed is not None and entry.writable:
        return "typed something else than the code"
    if bare(entry.prefilled) == bare(progress.codes.user_code):
        return "confirmed the code that was filled in"
    return (
        "typed the code, which the link had not filled in" if progress.by_link else "typed the code"
    )


def filled_code(progress: Progress, entry: CodeEntry) -> dict[int, str]:
    """The values for the code fields; from now on the server knows the code."""
    progress.code_known = True
    progress.code_names = entry.names
    same = progress.typed is None and bare(entry.prefilled) == bare(progress.codes.user_code)
    return {} if same or not entry.writable else fill_code(entry, progress.code)


def account(progress: Progress, here: Survey) -> Found:
    """A list of accounts with this person on it."""
    if progress.person is None or progress.took or progress.last == "sign in: account":
        return None
    if here.decision.no is not None and progress.code_known and progress.signed_in:
        return None
    sent = account_to_choose(here, progress.person.username)
    if sent is None:
        return None
    return Move("sign in: account", sent, f"chose the account of {progress.person.username}")


def skip(progress: Progress, here: Survey) -> Found:
    """A proposal after the sign-in that can be skipped, such as setting up a second factor."""
    yes, no = here.decision.yes, here.decision.no
    if not progress.last.startswith("sign in") or progress.took:
        return None
    if yes is not None and yes.leaning.strength > 1:
        return None
    if no is not None and not mentions("skip", no.label):
        return None
    sent = way_past(here.page)
    return Move("sign in: skip", sent, f"skipped with {sent.label!r}") if sent else None


def second_factor(progress: Progress, here: Survey) -> Found:
    """A one-time code or a captcha: nobody here can give it."""
    if not here.second_factor:
        return None
    return stuck(progress, here.page, "a one-time code or a captcha is asked for")


def further(progress: Progress, here: Survey) -> Found:
    """What is left: a way to sign in."""
    page = here.page
    if progress.took:
        return None
    empty = not any(item.writable for form in page.forms for item in form.fields)
    may = page.status < 400 or page.status in {401, 403}
    sent = way_to_sign_in(page) if empty and may and not progress.sign_ins else None
    if sent is None or progress.last == "to sign-in" or mood_of(page.lines) is Mood.BAD:
        return None
    if progress.person is None:
        return Outcome.SIGN_IN, "a sign-in is asked for"
    return Move("to sign-in", sent, f"followed {sent.label!r}")
