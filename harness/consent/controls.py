"""The controls of a page while it is read: who owns them, what they are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.consent.pages import Button, Field, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

MARK = "data-devicegrant"
"""The attribute by which a control is found again on a screen."""
MAX_CONTROLS = 300
"""No page has more that matter."""

_CONTROLS = frozenset({"input", "button", "select", "textarea"})
_BUTTON_INPUTS = {"submit": "submit", "image": "submit", "button": "script", "reset": "reset"}
_TEXT_INPUTS = frozenset({"email", "tel", "number", "search", "url", "password"})
_OTHER_INPUTS = frozenset({"hidden", "checkbox", "radio"})
_IN_TABLES = frozenset({"table", "tbody", "thead", "tfoot", "tr"})


@dataclass(slots=True)
class _Draft:
    node: LexborNode
    owner: int | str | None
    """Index of the form around it, or the id that its `form` attribute names."""
    before: str
    field: Field | None = None
    button: Button | None = None
    after: str = ""


class Drafts:
    """Collects forms and controls in document order and settles afterwards what belongs together.

    Labels and forms may be named before they appear, so nothing is final until the end.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.forms: list[LexborNode] = []
        self._drafts: list[_Draft] = []
        self._form_of: dict[int, int] = {}
        self._off: dict[int, bool] = {}
        self._label_around: dict[int, LexborNode] = {}
        self._tables: dict[int, tuple[int, ...]] = {}
        self._adopted: tuple[int, int] | None = None
        """A form that a table has left without content, and that table."""
        self._before = ""
        self._texts: list[list[str]] = []
        self._labels: dict[str, LexborNode] = {}
        for label in tree.css("label[for]"):
            self._labels.setdefault(attribute(label, "for"), label)
        self._by_id = {attribute(node, "id"): node for node in tree.css("[id]")}

    def text(self, words: str, parent: int) -> None:
        """Visible text was met inside the node `parent`."""
        around = self._label_around.get(parent)
        if around is None or "for" not in around.attributes:
            self._before = words
        if self._drafts and not self._drafts[-1].after:
            self._drafts[-1].after = words
        form = self._form_around(parent)
        if form is not None:
            self._texts[form].append(words)

    def element(self, node: LexborNode, tag: str, *, seen: bool) -> None:
        """An element was met; `seen` tells whether a person can see it."""
        parent = node.parent
        above = parent.mem_id if parent is not None else 0
        me = node.mem_id
        if above in self._form_of:
            self._form_of[me] = self._form_of[above]
        if above in self._label_around:
            self._label_around[me] = self._label_around[above]
        self._off[me] = self._off.get(above, False)
        self._tables[me] = self._tables.get(above, ()) + ((me,) if tag == "table" else ())
        if tag == "form":
            self._begin(node)
        elif tag == "label":
            self._label_around[me] = node
        elif tag == "fieldset" and "disabled" in node.attributes:
            self._off[me] = True
        elif tag in _CONTROLS and len(self._drafts) < MAX_CONTROLS:
            self._control(node, tag, seen=seen)

    def _begin(self, node: LexborNode) -> None:
        self.forms.append(node)
        self._texts.append([])
        index = len(self.forms) - 1
        parent = node.parent
        # A form between table and row is closed at once by the parser; what follows is its own.
        in_table = parent is not None and parent.tag in _IN_TABLES
        tables = self._tables[node.mem_id]
        lost = in_table and node.first_child is None and bool(tables)
        self._adopted = (index, tables[-1]) if lost else None
        self._form_of[node.mem_id] = index
        self._before = ""

    def _control(self, node: LexborNode, tag: str, *, seen: bool) -> None:
        owner: int | str | None = self._form_around(node.mem_id)
        if "form" in node.attributes:
            owner = attribute(node, "form")
        draft = _Draft(node, owner, self._before)
        off = "disabled" in node.attributes or self._off.get(node.mem_id, False)
        kind = (
            (attribute(node, "type") or ("submit" if tag == "button" else "text")).lower().strip()
        )
        if tag == "button" or kind in _BUTTON_INPUTS:
            kind = _BUTTON_INPUTS.get(kind, "submit")
            if kind == "reset":
                if not attribute(node, "onclick"):
                    return
                kind = "script"
            draft.button = replace(_button(node, kind, seen=seen), disabled=off)
        elif kind != "file":
            draft.field = replace(_field(node, tag, kind), disabled=off)
            if not seen or draft.field.kind == "hidden":
                draft.field = replace(draft.field, visible=False)
        self._drafts.append(draft)
        self._before = ""

    def _form_around(self, node: int) -> int | None:
        if node in self._form_of or self._adopted is None:
            return self._form_of.get(node)
        form, table = self._adopted
        return form if table in self._tables.get(node, ()) else None

    def fields(self, form: int) -> Iterator[Field]:
        """The fields of one form, labelled."""
        for draft in self._of(form):
            if draft.field is not None:
                yield replace(draft.field, label=self._label(draft))

    def buttons(self, form: int | None, resolve: Callable[[str], str]) -> Iterator[Button]:
        """The buttons of one form, or (None) those outside of all forms."""
        for draft in self._of(form):
            if draft.button is None:
                continue
            action = attribute(draft.node, "formaction")
            yield replace(draft.button, action=resolve(action) if action.strip() else None)

    def text_of(self, form: int) -> str:
        """The visible text inside one form."""
        return "\n".join(self._texts[form])

    def _of(self, form: int | None) -> Iterator[_Draft]:
        ids = {
            attribute(node, "id"): index for index, node in reversed(list(enumerate(self.forms)))
        }
        for draft in self._drafts:
            owner = draft.owner
            if isinstance(owner, str):
                owner = ids.get(owner) if owner else None
            if owner == form:
                yield draft

    def _label(self, draft: _Draft) -> str:
        node = draft.node
        label = self._labels.get(attribute(node, "id")) or self._label_around.get(node.mem_id)
        found = label_of(label) if label is not None else ""
        if not found:
            named = [self._by_id.get(name) for name in attribute(node, "aria-labelledby").split()]
            found = " ".join(label_of(other) for other in named if other is not None)
        found = found or attribute(node, "aria-label")
        if not found and draft.field is not None:
            marks = {"checkbox", "radio"}
            found = draft.after if draft.field.kind in marks else draft.before
        return found or ""


def attribute(node: LexborNode, name: str) -> str:
    """The attribute's value, or an empty string."""
    return node.attributes.get(name) or ""


def hints_of(node: LexborNode) -> str:
    """What the page's author wrote about an element, as one string."""
    names = ("name", "id", "class", "title", "role", "aria-label", "data-testid")
    return " ".join(attribute(node, name) for name in names if attribute(node, name))


def label_of(node: LexborNode) -> str:
    """What people read on an element: its text, or what stands in for it."""
    words = " ".join((node.text(deep=True, separator=" ") or "").split())
    if words:
        return words
    pictures = [attribute(picture, "alt") for picture in node.css("img[alt]")]
    return " ".join(pictures) or attribute(node, "aria-label") or attribute(node, "title")


def _button(node: LexborNode, kind: str, *, seen: bool) -> Button:
    value = attribute(node, "value")
    label = label_of(node) if node.tag == "button" else value
    label = label or attribute(node, "alt") or attribute(node, "aria-label")
    method = attribute(node, "formmethod").strip().upper()
    return Button(
        label=label or attribute(node, "title") or value or _default_label(node),
        name=attribute(node, "name"),
        value=value,
        kind=kind,
        id=attribute(node, "id"),
        hints=hints_of(node),
        onclick=attribute(node, "onclick"),
        method=method if method in {"GET", "POST"} else None,
        enctype=attribute(node, "formenctype").strip().lower() or None,
        visible=seen,
        image=attribute(node, "type").lower() == "image",
        mark=attribute(node, MARK),
    )


def _default_label(node: LexborNode) -> str:
    return "Submit" if node.tag == "input" and attribute(node, "type").lower() == "submit" else ""


def _field(node: LexborNode, tag: str, kind: str) -> Field:
    if tag == "input" and kind not in _TEXT_INPUTS | _OTHER_INPUTS:
        kind = "text"
    elif tag != "input":
        kind = tag
    value = attribute(node, "value")
    if kind in {"checkbox", "radio"} and "value" not in node.attributes:
        value = "on"
    if tag == "textarea":
        value = node.text(deep=True) or ""
    length = attribute(node, "maxlength")
    return Field(
        name=attribute(node, "name"),
        kind=kind,
        value=value,
        hints=hints_of(node),
        placeholder=attribute(node, "placeholder"),
        autocomplete=attribute(node, "autocomplete").lower(),
        id=attribute(node, "id"),
        pattern=attribute(node, "pattern"),
        maxlength=int(length) if length.isdecimal() and len(length) < 6 else None,
        checked="checked" in node.attributes,
        required="required" in node.attributes or attribute(node, "aria-required") == "true",
        readonly="readonly" in node.attributes,
        options=tuple(_options(node)) if tag == "select" else (),
        mark=attribute(node, MARK),
    )


def _options(select: LexborNode) -> list[Option]:
    options = []
    for node in select.css("option"):
        label = label_of(node)
        value = attribute(node, "value") if "value" in node.attributes else label
        options.append(Option(value, label, "selected" in node.attributes))
    if options and "multiple" not in select.attributes and not any(one.chosen for one in options):
        options[0] = replace(options[0], chosen=True)
    return options
