"""The decision that a page offers: what to press for yes, what to press for no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from harness.consent.leaning import UNCLEAR, Lean, Leaning, leaning_of, leaning_of_value
from harness.consent.outside import is_outside
from harness.consent.scripts import Effect, effect_of, listener_of
from harness.consent.submission import absolute, is_web
from harness.consent.words import mentions, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.consent.pages import Button, Field, Form, Link, Option, Page
    from harness.consent.submission import Submission

_T = TypeVar("_T")
_CLASSES = {"danger": Lean.NO, "success": Lean.YES, "reject": Lean.NO, "deny": Lean.NO}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer a page: a button, a ticked answer with a button, or a link."""

    leaning: Leaning
    label: str
    form: Form | None = None
    button: Button | None = None
    values: Mapping[int, str] = field(default_factory=dict)
    ticks: Mapping[int, bool] = field(default_factory=dict)
    link: Submission | None = None

    def submission(self, values: Mapping[int, str] | None = None) -> Submission:
        """What is sent; `values` are fields that were filled in beforehand."""
        if self.form is None:
            assert self.link is not None
            return self.link
        merged = {**(values or {}), **self.values}
        sent = self.form.submission(self.button, values=merged, ticks=self.ticks)
        return replace(sent, label=self.label)


@dataclass(frozen=True, slots=True)
class Decision:
    """The best yes and the best no of a page, as far as it has them."""

    yes: Choice | None
    no: Choice | None


def decision_on(page: Page, home: str = "", *, signed_in: bool = False) -> Decision:
    """The decision that a page offers.  `home` is the address at which the visit began.

    Where somebody is `signed_in`, a button "Sign in" beside a refusal can only mean the device.
    """
    choices = [choice for form in page.forms if not is_outside(form) for choice in _of(form, page)]
    choices += _of_loose(page)
    choices += _of_links(page, home, alone=not any(one.form for one in choices))
    yes, no = _best(choices, Lean.YES), _best(choices, Lean.NO)
    unclear = {Lean.UNCLEAR, Lean.SIGN_IN} if signed_in else {Lean.UNCLEAR}
    left = [one for one in choices if one.leaning.lean in unclear and not _has_writable(one.form)]
    if len(left) == 1 and yes is None and no is not None:
        yes = replace(left[0], leaning=_opposite(no.leaning))
    elif len(left) == 1 and no is None and yes is not None and left[0].leaning is UNCLEAR:
        leaning = _opposite(yes.leaning)
        no = replace(left[0], leaning=leaning) if leaning is not UNCLEAR else None
    return Decision(yes, no)


def decision_in(form: Form, page: Page) -> Decision:
    """The decision that one form offers."""
    choices = list(_of(form, page))
    return Decision(_best(choices, Lean.YES), _best(choices, Lean.NO))


def leaning_of_button(button: Button, *, alone: bool = True) -> Leaning:
    """What a button leans to: its label decides, what programs read of it makes it surer.

    A button `alone` in its form is not told from another by value or name, so these say less.
    """
    label = leaning_of(button.label)
    if alone and label.lean is not Lean.UNCLEAR:
        return label
    judge = leaning_of if alone else leaning_of_value
    others = [judge(button.value), judge(button.name), leaning_of(button.id)]
    if button.action:
        others.append(leaning_of(urlsplit(button.action).path.rpartition("/")[2]))
    if label.lean is not Lean.UNCLEAR:
        same = [other.strength for other in others if other.lean is label.lean]
        return Leaning(label.lean, max([label.strength, *same]))
    return next((other for other in others if other.lean in {Lean.YES, Lean.NO}), UNCLEAR)


def _has_writable(form: Form | None) -> bool:
    return form is not None and any(item.writable for item in form.fields)


def _best(choices: list[Choice], lean: Lean) -> Choice | None:
    found = [choice for choice in choices if choice.leaning.lean is lean]
    return max(found, key=lambda choice: choice.leaning.strength, default=None)


def _of(form: Form, page: Page) -> Iterator[Choice]:
    buttons = [one for one in form.buttons if one.kind == "submit" and one.visible]
    alone = len(buttons) == 1
    pressed = [(one, _by_class(one, leaning_of_button(one, alone=alone))) for one in buttons]
    answers = list(_answers(form))
    if answers:
        yield from _answered(form, buttons, answers)
        return
    hidden = _hidden_leaning(form) if alone else UNCLEAR
    for button, leaning in _eliminated(pressed):
        choice = Choice(_surer(leaning, hidden), button.label, form, button)
        yield _with_effect(choice, _effect(button, page))
    for button in form.buttons:
        if button.kind == "script":
            yield from _scripted(button, form, page)


def _by_class(button: Button, leaning: Leaning) -> Leaning:
    if leaning.lean is not Lean.UNCLEAR:
        return leaning
    for mark, lean in _CLASSES.items():
        if mark in button.hints.lower():
            return Leaning(lean, 1)
    return UNCLEAR


def _eliminated(pressed: list[tuple[_T, Leaning]]) -> list[tuple[_T, Leaning]]:
    """Of two buttons, the one that is not the yes is the no, and the other way round."""
    if len(pressed) != 2:
        return pressed
    (one, first), (two, second) = pressed
    if first is UNCLEAR and second.lean in {Lean.YES, Lean.NO}:
        return [(one, _opposite(second)), (two, second)]
    if second is UNCLEAR and first.lean in {Lean.YES, Lean.NO}:
        return [(one, first), (two, _opposite(first))]
    return pressed


def _opposite(leaning: Leaning) -> Leaning:
    if leaning.lean is Lean.NO:
        return Leaning(Lean.YES, 2 if leaning.strength > 2 else 1)
    return Leaning(Lean.NO, 1) if leaning.strength == 3 else UNCLEAR


def _hidden_leaning(form: Form) -> Leaning:
    """What a form with one button leans to by its hidden fields and its address."""
    texts = [item.value for item in form.fields if item.kind == "hidden" and len(item.value) < 24]
    texts.append(urlsplit(form.action).path.rpartition("/")[2])
    found = [leaning_of(text) for text in texts]
    refusing = [one for one in found if one.lean is Lean.NO and one.strength == 4]
    agreeing = [one for one in found if one.lean is Lean.YES and one.strength == 3]
    return next(iter(refusing + agreeing), UNCLEAR)


def _surer(label: Leaning, hidden: Leaning) -> Leaning:
    """What the label says, unless it says little and the form's hidden part says no."""
    if label.lean is Lean.UNCLEAR or hidden.lean is label.lean:
        return max(label, hidden, key=lambda one: one.strength)
    vague = label.lean is Lean.YES and label.strength == 1
    return hidden if vague and hidden.lean is Lean.NO else label


def _answers(form: Form) -> Iterator[tuple[Leaning, str, dict[int, str], dict[int, bool]]]:
    """Radio buttons or a select whose entries are a yes and a no."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(form.fields):
        if item.kind == "radio" and not item.disabled:
            groups.setdefault(item.name, []).append(index)
        elif item.kind == "select" and not mentions("remember", item.name, item.label):
            for leaning, option in _paired([(_of_entry(one), one) for one in item.options]):
                yield leaning, option.label, {index: option.value}, {}
    for indexes in groups.values():
        for leaning, index in _paired([(_of_entry(form.fields[one]), one) for one in indexes]):
            ticks = {other: other == index for other in indexes}
            yield leaning, form.fields[index].label, {}, ticks


def _paired(entries: list[tuple[Leaning | None, _T]]) -> list[tuple[Leaning, _T]]:
    """The entries that answer, if there are both a yes and a no among them."""
    known = _eliminated([(entry, leaning) for leaning, entry in entries if leaning is not None])
    leans = {leaning.lean for _, leaning in known}
    return [(leaning, entry) for entry, leaning in known] if {Lean.YES, Lean.NO} <= leans else []


def _of_entry(entry: Field | Option) -> Leaning | None:
    """What an entry of a list leans to; None if it says nothing or is about remembering."""
    if not (words_of(entry.label) or leaning_of(entry.label).strength) or mentions(
        "remember", entry.label
    ):
        return None
    found = leaning_of(entry.label)
    found = UNCLEAR if found.lean is Lean.SIGN_IN else found
    # Entries of any list are numbered, so a number is no answer here.
    unclear = found.lean is Lean.UNCLEAR and not entry.value.strip().isdecimal()
    return leaning_of_value(entry.value) if unclear else found


def _answered(
    form: Form,
    buttons: list[Button],
    answers: list[tuple[Leaning, str, dict[int, str], dict[int, bool]]],
) -> Iterator[Choice]:
    going = [one for one in buttons if leaning_of_button(one).lean in {Lean.YES, Lean.UNCLEAR}]
    button = going[0] if going else None
    for leaning, label, values, ticks in answers:
        strong = replace(leaning, strength=max(leaning.strength, 3))
        yield Choice(strong, label, form, button, values, ticks)


def _effect(button: Button | Link, page: Page) -> Effect:
    onclick = button.onclick or listener_of(getattr(button, "id", ""), page.script)
    return effect_of(onclick, page.script) if onclick else Effect()


def _with_effect(choice: Choice, effect: Effect) -> Choice:
    form = choice.form
    if form is None or not effect.sets:
        return choice
    values = {}
    for index, item in enumerate(form.fields):
        for key in (item.name, item.id):
            if key and key in effect.sets:
                values[index] = effect.sets[key]
    return replace(choice, values={**choice.values, **values})


def _scripted(button: Button, form: Form | None, page: Page) -> Iterator[Choice]:
    leaning = leaning_of_button(button)
    if leaning.lean in {Lean.OUTSIDE, Lean.SKIP} or not button.visible:
        return
    if button.mark:
        pressed = page.follow(page.url, button.label, mark=button.mark)
        yield Choice(leaning, button.label, form, button, link=None if form else pressed)
        return
    effect = _effect(button, page)
    if effect.goes_to:
        url = absolute(page.url, effect.goes_to)
        yield Choice(leaning, button.label, link=page.follow(url, button.label))
    elif effect.sends:
        named = [one for one in page.forms if effect.form and effect.form in one.hints.split()]
        target = named[0] if named else form or (page.forms[0] if len(page.forms) == 1 else None)
        if target is not None:
            yield _with_effect(Choice(leaning, button.label, target), effect)


def _of_loose(page: Page) -> list[Choice]:
    return [choice for button in page.loose for choice in _scripted(button, None, page)]


def _of_links(page: Page, home: str, *, alone: bool) -> Iterator[Choice]:
    here = {_place(page.url), _place(home)}
    for link in page.links:
        url = absolute(page.url, _effect(link, page).goes_to) if link.onclick else link.url
        leaning = leaning_of(link.label) if len(link.label.split()) < 7 else UNCLEAR
        if leaning.lean not in {Lean.YES, Lean.NO} or not (link.mark or is_web(url)):
            continue
        parts = urlsplit(url)
        bare = not parts.query and (parts.path in {"", "/"} or _place(url) in here)
        if (
            bare
            or parts.fragment
            or (leaning.lean is Lean.YES and not _is_button(link, alone=alone))
        ):
            continue
        # A link is the second choice: a button that says as much decides more surely.
        known = replace(leaning, strength=max(leaning.strength - 1, 1))
        yield Choice(known, link.label, link=page.follow(url, link.label, link.method, link.mark))


def _is_button(link: Link, *, alone: bool) -> bool:
    looks = any(mark in link.hints.lower() for mark in ("btn", "button"))
    return looks or bool(link.method) or (alone and len(link.label.split()) <= 4)


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.rstrip("/")
