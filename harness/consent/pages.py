"""A page as a person sees it: text, forms, fields, buttons, links, and what pressing them sends.

Values only; `reading` makes them out of HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from harness.consent.submission import Act, Submission
from harness.wire import FORM, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_VALUES: Mapping[int, str] = {}
NO_TICKS: Mapping[int, bool] = {}
TEXT_KINDS = frozenset({"text", "email", "tel", "number", "search", "url", "textarea", "password"})


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One control that holds a value.  `hints` is what the page's author wrote about it."""

    name: str
    kind: str
    value: str = ""
    label: str = ""
    hints: str = ""
    placeholder: str = ""
    autocomplete: str = ""
    id: str = ""
    pattern: str = ""
    maxlength: int | None = None
    checked: bool = False
    required: bool = False
    readonly: bool = False
    disabled: bool = False
    visible: bool = True
    options: tuple[Option, ...] = ()
    mark: str = ""
    """On a screen: by what it is found again."""

    @property
    def writable(self) -> bool:
        """Whether a person can type into it."""
        return self.kind in TEXT_KINDS and self.visible and not (self.readonly or self.disabled)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press.  `kind` is submit, or script for one that only a script listens to."""

    label: str
    name: str = ""
    value: str = ""
    kind: str = "submit"
    id: str = ""
    hints: str = ""
    onclick: str = ""
    action: str | None = None
    method: str | None = None
    enctype: str | None = None
    disabled: bool = False
    visible: bool = True
    image: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A hyperlink; `url` is absolute.  `method` is what `data-method` asks a script to use."""

    url: str
    label: str
    hints: str = ""
    onclick: str = ""
    method: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form with everything that belongs to it, also from elsewhere through `form=`."""

    method: str
    action: str
    enctype: str = FORM
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    text: str = ""
    hints: str = ""
    id: str = ""
    name: str = ""
    page_url: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its visible fields: by these a form is known again."""
        return tuple(item.name for item in self.fields if item.visible and item.kind != "hidden")

    def submission(
        self,
        button: Button | None = None,
        *,
        values: Mapping[int, str] = NO_VALUES,
        ticks: Mapping[int, bool] = NO_TICKS,
    ) -> Submission:
        """What is sent when `button` is pressed, or Enter if there is none.

        `values` and `ticks` change fields by their index.
        """
        sent: list[tuple[str, str]] = []
        for index, item in enumerate(self.fields):
            if item.name and not item.disabled:
                sent.extend(_values_of(item, values.get(index), tick=ticks.get(index)))
        method, action, enctype = self.method, self.action, self.enctype
        if button is not None:
            sent.extend(_values_of_button(button))
            method = button.method or method
            action = button.action or action
            enctype = button.enctype or enctype
        label = button.label if button is not None else ""
        acts = self._acts(button, values, ticks)
        if method == "GET":
            action = urlunsplit(urlsplit(action)._replace(query=urlencode(sent), fragment=""))
            return Submission("GET", action, (), FORM, self.page_url, label, acts)
        return Submission(method, action, tuple(sent), enctype, self.page_url, label, acts)

    def _acts(
        self, button: Button | None, values: Mapping[int, str], ticks: Mapping[int, bool]
    ) -> tuple[Act, ...]:
        acts = []
        for index, item in enumerate(self.fields):
            if not item.mark or item.kind == "hidden":
                continue
            if index in values:
                what = "select" if item.kind == "select" else "fill"
                acts.append(Act(what, item.mark, values[index]))
            # A radio button is let go by taking another one.
            elif ticks.get(index, item.checked) != item.checked and (
                ticks[index] or item.kind == "checkbox"
            ):
                acts.append(Act("tick" if ticks[index] else "untick", item.mark))
        if button is not None and button.mark:
            acts.append(Act("press", button.mark))
        elif button is None and acts:
            acts.append(Act("enter", acts[-1].mark))
        return tuple(acts)


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was shown.  `text` is what is visible, one block of it on each line."""

    url: str
    status: int
    response: Response = field(repr=False)
    title: str = ""
    text: str = field(default="", repr=False)
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    loose: tuple[Button, ...] = ()
    """Buttons outside of all forms."""
    script: str = field(default="", repr=False)
    """All inline script, one piece after another."""
    scripts: int = 0
    """How many script elements there are, those with `src` included."""
    refresh: tuple[float, str] | None = None
    """Seconds and URL of a refresh."""
    token: tuple[str, str] | None = field(default=None, repr=False)
    """Name and value that `data-method` links must send along (meta csrf-param, csrf-token)."""

    @property
    def lines(self) -> list[str]:
        """The visible text, line by line, without empty lines."""
        return [line for line in self.text.splitlines() if line]

    @property
    def needs_script(self) -> bool:
        """Whether the page is made, or its forms are sent, by scripts that do not run here."""
        if any("preventDefault" in self.script and "fetch(" in self.script for _ in self.forms):
            return True
        return not self.forms and self.scripts > 0 and len(self.text) < 300

    def click(self, link: Link) -> Submission:
        """What is sent when `link` is clicked."""
        return self.follow(link.url, link.label, link.method, link.mark)

    def follow(self, url: str, label: str, method: str = "", mark: str = "") -> Submission:
        """What is sent when a link to `url` is clicked."""
        if mark:
            return Submission("GET", url, (), FORM, self.url, label, (Act("press", mark),))
        if method and method != "GET":
            pairs = [("_method", method.lower())] if method != "POST" else []
            pairs += [self.token] if self.token else []
            return Submission("POST", url, tuple(pairs), FORM, self.url, label)
        return Submission("GET", url, (), FORM, self.url, label)


def _values_of(item: Field, value: str | None, *, tick: bool | None) -> list[tuple[str, str]]:
    if item.kind in {"checkbox", "radio"}:
        on = item.checked if tick is None else tick
        return [(item.name, item.value)] if on else []
    if item.kind == "select":
        if value is not None:
            return [(item.name, value)]
        return [(item.name, option.value) for option in item.options if option.chosen]
    return [(item.name, item.value if value is None else value)]


def _values_of_button(button: Button) -> list[tuple[str, str]]:
    if button.image:
        prefix = f"{button.name}." if button.name else ""
        return [(f"{prefix}x", "1"), (f"{prefix}y", "1")]
    return [(button.name, button.value)] if button.name else []
