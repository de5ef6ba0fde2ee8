"""The decision: who may press what, so that nobody approves who wanted to deny or to look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.consent.choices import Choice, decision_in, leaning_of_button
from harness.consent.ending import Move, Progress, came_back, stuck
from harness.consent.entering import filled_code, how_entered
from harness.consent.fields import bare
from harness.consent.filling import agreeing, credentials
from harness.consent.leaning import NAMED, UNCLEAR, Lean, Mood, leaning_of, mood_of
from harness.consent.survey import asks_to_be_remembered, button_to_send
from harness.consent.visit import Outcome, Wish

if TYPE_CHECKING:
    from harness.consent.entering import Found
    from harness.consent.pages import Form
    from harness.consent.survey import Survey

MAX_DECISIONS = 4


def all_in_one(progress: Progress, here: Survey) -> Found:
    """A form that takes the decision together with the code, the sign-in, or both."""
    form = _deciding_form(progress, here)
    if form is None or progress.took:
        return None
    signing = here.sign_in if here.sign_in is not None and here.sign_in.form is form else None
    if signing is not None and progress.person is None:
        return Outcome.SIGN_IN, "a sign-in is asked for together with the decision"
    offered = decision_in(form, here.page)
    no = offered.no
    yes = offered.yes or Choice(UNCLEAR, "", form, button_to_send(form, signing_in=False))
    yes = agreeing(yes)
    if no is not None and no.leaning.strength < 3 and not (signing or progress.code_known):
        no = None  # "Cancel" beside an empty code field turns nobody's request down
    if progress.wish is Wish.DENY and no is None:
        return stuck(progress, here.page, "this form approves at once and offers no refusal")
    known, names = progress.code_known, progress.code_names
    values, ticks, step = _filled(progress, here, form)
    if progress.wish is Wish.LOOK:
        progress.code_known, progress.code_names = known, names
        return _offer(progress, _ticked(yes, ticks), no and _ticked(no, ticks), values)
    chosen = _ticked(no if progress.wish is Wish.DENY and no is not None else yes, ticks)
    progress.took = True
    progress.decision = chosen.submission(values)
    if signing is not None:
        progress.sign_ins.append("all")
    _remember(progress, here, chosen, alone=no is None)
    return Move("all", progress.decision, f"{step} and pressed {chosen.label!r} in one form")


def _filled(
    progress: Progress, here: Survey, form: Form
) -> tuple[dict[int, str], dict[int, bool], str]:
    """Values and ticks for the code and the sign-in of one form, and how that would be told."""
    values: dict[int, str] = {}
    ticks: dict[int, bool] = {}
    steps = []
    if here.code is not None and here.code.form is form:
        steps.append(how_entered(progress, here.code))
        values |= filled_code(progress, here.code)
    person, signing = progress.person, here.sign_in
    if signing is not None and signing.form is form and person is not None:
        named, ticks = credentials(signing, person)
        values |= named
        steps.append(f"signed in as {person.username}")
    return values, ticks, " and ".join(steps)


def _ticked(choice: Choice, ticks: dict[int, bool]) -> Choice:
    return replace(choice, ticks={**ticks, **choice.ticks})


def _deciding_form(progress: Progress, here: Survey) -> Form | None:
    """The form that decides at once, if the page has one."""
    entry, signing = here.code, here.sign_in
    unsent = entry is not None and not progress.code_names
    if signing is not None:
        form = signing.form
        if not progress.code_known and not here.together:
            return None
        if signing.stage == "name" and not any(leaning_of(b.label) == NAMED for b in form.buttons):
            return None
        offered = decision_in(form, here.page)
        plain = any(leaning_of_button(one).lean is Lean.SIGN_IN for one in form.buttons)
        passed = offered.no is None and _key(here, offered.yes) in progress.harmless
        if plain or passed:
            return None
        named = offered.yes is not None and offered.yes.leaning.strength >= 3
        return form if named or (here.together and unsent) else None
    if entry is None or not unsent:
        return None
    offered = decision_in(entry.form, here.page)
    if offered.yes is None or offered.yes.leaning.strength < 3:
        return None
    if offered.no is not None and offered.no.leaning.strength >= 3:
        return entry.form
    if not progress.signed_in or _key(here, offered.yes) in progress.harmless:
        return None
    return entry.form


def comfort(progress: Progress, here: Survey) -> Found:
    """A question that is not about the device: whether to stay signed in."""
    no = here.decision.no
    if no is None or progress.took or not progress.sign_ins or progress.last == "comfort":
        return None
    if not asks_to_be_remembered(here):
        return None
    return Move("comfort", no.submission(), f"pressed {no.label!r} to staying signed in")


def decide(progress: Progress, here: Survey) -> Found:
    """A page with a yes, a no, or both."""
    yes, no = here.decision.yes, here.decision.no
    if yes is not None and no is not None and progress.code_known:
        progress.harmless.update(progress.passed)
    both = yes is not None and no is not None
    if both and not progress.code_known and bare(progress.codes.user_code) in bare(here.page.text):
        progress.code_known = True  # a link or an earlier session has told the server already
    if here.page.status >= 400 and not (both and yes is not None and yes.leaning.strength > 1):
        return None
    if progress.took:
        return _follow_up(progress, here)
    if not progress.code_known:
        return _go_on(progress, here, yes) if yes is not None else None
    if progress.wish is Wish.APPROVE:
        return _approve(progress, here)
    if progress.wish is Wish.DENY:
        return _deny(progress, here)
    return _look(progress, here)


def _approve(progress: Progress, here: Survey) -> Found:
    yes, no = here.decision.yes, here.decision.no
    if yes is None:
        return None
    if no is None and not progress.signed_in and yes.leaning.strength < 2:
        return _go_on(progress, here, yes)
    return _press(progress, here, agreeing(yes))


def _deny(progress: Progress, here: Survey) -> Found:
    yes, no = here.decision.yes, here.decision.no
    if no is not None:
        return _press(progress, here, no)
    if yes is None:
        return None
    if _may_pass(progress, here, yes):
        return _go_on(progress, here, yes)
    why = f"{yes.label!r} may approve, and the page offers no refusal"
    return stuck(progress, here.page, why)


def _look(progress: Progress, here: Survey) -> Found:
    yes, no = here.decision.yes, here.decision.no
    if yes is None:
        if no is not None and no.leaning.strength >= 3:
            return stuck(progress, here.page, "a refusal is offered, but nothing that reads as yes")
        return None
    if no is None and _may_pass(progress, here, yes):
        return _go_on(progress, here, yes)
    return _offer(progress, agreeing(yes), no, {})


def _follow_up(progress: Progress, here: Survey) -> Found:
    """A further page after the wish was pressed: some servers ask twice."""
    yes, no = here.decision.yes, here.decision.no
    chosen = yes if progress.wish is Wish.APPROVE else no
    if chosen is None or len(progress.pressed) >= MAX_DECISIONS:
        return None
    if _key(here, chosen) in progress.pressed:
        return came_back(progress, here.page, chosen.label)
    if progress.wish is Wish.DENY:
        return _press(progress, here, chosen) if chosen.leaning.strength >= 3 else None
    if no is None and (
        chosen.form is None or mood_of(progress.fresh(here.page)) is not Mood.NEUTRAL
    ):
        return None
    return _press(progress, here, agreeing(chosen))


def _may_pass(progress: Progress, here: Survey, yes: Choice) -> bool:
    """Whether a yes without a no beside it can be pressed without approving.

    Before anybody has signed in nobody can approve, unless the label says just that; and a GET that
    is called "next" is no decision (RFC 9110 section 9.2.1).
    """
    if _key(here, yes) in progress.harmless:
        return True
    if yes.leaning.strength == 1 and yes.submission().method == "GET":
        return True
    return not progress.signed_in and yes.leaning.strength <= 2


def _press(progress: Progress, here: Survey, choice: Choice) -> Move:
    progress.took = True
    progress.pressed.add(_key(here, choice))
    progress.decision = choice.submission()
    _remember(progress, here, choice, alone=here.decision.no is None)
    return Move("decision", progress.decision, f"pressed {choice.label!r}")


def _go_on(progress: Progress, here: Survey, yes: Choice) -> Found:
    key = _key(here, yes)
    if key in progress.pressed:
        return came_back(progress, here.page, yes.label)
    progress.pressed.add(key)
    _remember(progress, here, yes, alone=here.decision.no is None)
    return Move("go on", agreeing(yes).submission(), f"went on with {yes.label!r}")


def _offer(progress: Progress, yes: Choice, no: Choice | None, values: dict[int, str]) -> Found:
    progress.decision = yes.submission(values)
    progress.refusal = no.submission(values) if no is not None else None
    answer = f" and {no.label!r}" if no is not None else ", and no refusal"
    return Outcome.OFFERED, f"the page offers {yes.label!r}{answer}"


def _remember(progress: Progress, here: Survey, choice: Choice, *, alone: bool) -> None:
    if alone and progress.wish is Wish.APPROVE:
        progress.passed.append(_key(here, choice))


def _key(here: Survey, choice: Choice | None) -> str:
    """A name for a page and what is pressed on it, the same on every visit."""
    if choice is None:
        return ""
    names = ",".join(choice.form.names) if choice.form is not None else ""
    path = (
        urlsplit(here.page.url).path if choice.form is None else urlsplit(choice.form.action).path
    )
    return f"{path}|{names}|{choice.label}"
