"""What a person fills in beside the code: credentials, ticks for what is agreed to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.consent.fields import purpose_of
from harness.consent.leaning import Lean, leaning_of
from harness.consent.words import mentions

if TYPE_CHECKING:
    from harness.consent.choices import Choice
    from harness.consent.fields import SignIn
    from harness.consent.pages import Form
    from harness.consent.visit import Person

_SOMETHING = "Device"
"""What is written into a field that must have something, such as a name for the device."""


def agreeing(choice: Choice) -> Choice:
    """The same yes with every tick that it may need: scopes, terms, but nothing of comfort."""
    form = choice.form
    if form is None:
        return choice
    ticks: dict[int, bool] = {}
    for index, item in enumerate(form.fields):
        if item.kind != "checkbox" or item.checked or item.disabled:
            continue
        if not (item.visible or item.label) or mentions("remember", item.name, item.id, item.label):
            continue
        if leaning_of(item.label).lean not in {Lean.NO, Lean.OUTSIDE}:
            ticks[index] = True
    values = {
        index: _SOMETHING
        for index, item in enumerate(form.fields)
        if item.writable and item.required and not item.value and not purpose_of(item)
        if item.kind in {"text", "textarea"}
    }
    return replace(choice, ticks={**ticks, **choice.ticks}, values={**values, **choice.values})


def required_ticks(form: Form) -> dict[int, bool]:
    """Ticks without which a form cannot be sent."""
    return {
        index: True
        for index, item in enumerate(form.fields)
        if item.kind == "checkbox" and item.required and not item.checked and not item.disabled
    }


def credentials(sign_in: SignIn, person: Person) -> tuple[dict[int, str], dict[int, bool]]:
    """The values and ticks that say who signs in."""
    values: dict[int, str] = {}
    ticks = required_ticks(sign_in.form)
    if sign_in.secret is not None:
        values[sign_in.secret] = person.password
    if sign_in.user is not None:
        chosen = sign_in.form.fields[sign_in.user]
        if chosen.kind == "radio":
            for index, item in enumerate(sign_in.form.fields):
                if item.kind == "radio" and item.name == chosen.name:
                    ticks[index] = index == sign_in.user
        else:
            values[sign_in.user] = sign_in.choice or person.username
    return values, ticks
