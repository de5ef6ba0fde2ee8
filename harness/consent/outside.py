"""Forms on the page that are not on the way: language, search, sign-out, cookies, newsletter."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.consent.fields import purpose_of
from harness.consent.leaning import Lean, leaning_of
from harness.consent.words import mentions

if TYPE_CHECKING:
    from harness.consent.pages import Field, Form


def is_outside(form: Form) -> bool:
    """Whether a form leads out of the flow: language, search, sign-out, cookies, newsletter."""
    if any(item.writable and purpose_of(item) == "code" for item in form.fields):
        return False
    path = urlsplit(form.action).path.rstrip("/").rpartition("/")[2]
    if mentions("outside_form", form.name, form.id, path):
        return True
    shown = [item for item in form.fields if item.kind != "hidden"]
    if shown and all(_is_outside_field(item) for item in shown):
        return True
    leans = [leaning_of(button.label).lean for button in form.buttons if button.kind == "submit"]
    if leans and all(lean is Lean.OUTSIDE for lean in leans):
        return True
    return mentions("cookies", form.text) and not any(item.writable for item in form.fields)


def _is_outside_field(item: Field) -> bool:
    if item.kind == "search" or item.name.lower() in {"q", "query"}:
        return True
    return item.kind in {"select", "text"} and mentions("outside", item.name, item.id)
