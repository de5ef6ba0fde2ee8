"""Which field is which: the code, the name, the password; and how they are filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.consent.words import mentions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.consent.pages import Field, Form, Page

_SEARCH_NAMES = frozenset({"q", "query", "search", "s", "keyword", "filter"})
_MASK = re.compile(r"^[Xx#A-Z0-9_•]{2,}(?:[- ·][Xx#A-Z0-9_•]{2,})+$|^[Xx#_]{4,}$")
_ONE_CLASS = re.compile(r"^\^?\[([^\]]+)\](?:\{[\d,]+\}|[+*])?\$?$")
_LONGEST_PART = 6


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """The fields of a form that take the user code: one, or several that share it.

    `unsent` are hidden fields that a script would fill from the visible ones.
    """

    form: Form
    indexes: tuple[int, ...]
    unsent: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields: by these a code form is known again."""
        return tuple(self.form.fields[index].name for index in self.indexes)

    @property
    def writable(self) -> bool:
        """Whether a person can type into it, not only read it."""
        return self.form.fields[self.indexes[0]].writable

    @property
    def prefilled(self) -> str:
        """What the server has already filled in."""
        return "".join(self.form.fields[index].value for index in self.indexes)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The fields of a form that take a name, a password, or both."""

    form: Form
    user: int | None = None
    secret: int | None = None
    choice: str | None = None
    """For a list of people: the value that stands for this person."""

    @property
    def stage(self) -> str:
        """What the form asks for."""
        if self.secret is None:
            return "name"
        return "password" if self.user is None else "name and password"


def bare(code: str) -> str:
    """A user code without separators and in one case, for comparing (RFC 8628 section 6.1)."""
    return "".join(letter for letter in code if letter.isalnum()).casefold()


def code_entry(
    form: Form, page: Page, code: str, *, expected: bool, known: tuple[str, ...] = ()
) -> CodeEntry | None:
    """The form's fields for the user code, if it has any.

    `known` are the names of fields that took it before.  `expected` tells that the code must be
    asked for some time: then a single unlabelled field on a page that speaks of a code is taken.
    """
    open_fields = _open_fields(form)
    secrets = [index for index, item in open_fields if item.kind == "password"]
    parts = _parts(open_fields)
    if parts and not (secrets and secrets != parts):
        return CodeEntry(form, tuple(parts), _unsent(form))
    users = [index for index, item in open_fields if _is_user(item)]
    chosen = [
        index
        for index, item in open_fields
        if (_is_code(item) and not (item.kind == "password" and users))
        or (item.name and (item.name,) == known)
        or (bare(item.value) == bare(code) != "")
    ]
    texts = [index for index, item in open_fields if item.kind != "password"]
    if not chosen and expected and len(texts) == 1 and not secrets and not users:
        masked = _MASK.match(form.fields[texts[0]].placeholder.strip())
        if masked or mentions("code", page.title, form.text, page.text):
            chosen = texts
    if not chosen:
        chosen = _shown(form)
    if not chosen:
        return None
    return CodeEntry(form, (chosen[0],), _unsent(form))


def fill_code(entry: CodeEntry, code: str) -> dict[int, str]:
    """The values that put `code` into the fields, as a person would fit it in.

    Separators are left out where the field has no room for them or its pattern forbids them.
    """
    fields = entry.form.fields
    values = dict.fromkeys(entry.unsent, code)
    if len(entry.indexes) == 1:
        index = entry.indexes[0]
        values[index] = _fitted(fields[index], code)
        return values
    room = [fields[index].maxlength or 1 for index in entry.indexes]
    groups = [group for group in re.split(r"[^\w]+", code) if group]
    if len(groups) != len(room):
        text = "".join(groups)
        groups = []
        for size in room[:-1]:
            groups.append(text[:size])
            text = text[size:]
        groups.append(text)
    values.update(zip(entry.indexes, groups, strict=True))
    return values


def sign_in(form: Form, username: str | None) -> SignIn | None:
    """The form's fields for a name and a password, if it is a sign-in form."""
    open_fields = _open_fields(form)
    secrets = [index for index, item in open_fields if item.kind == "password"]
    fresh = [index for index in secrets if form.fields[index].autocomplete == "new-password"]
    if len(secrets) > 1 or fresh:
        return None
    users = [index for index, item in open_fields if _is_user(item)]
    if secrets and _is_code(form.fields[secrets[0]]) and not users:
        return None
    if secrets:
        before = [
            index
            for index, item in open_fields
            if index < secrets[0] and item.kind != "password" and not _is_code(item)
        ]
        for user in (*users, *before[-1:]):
            return SignIn(form, user, secrets[0])
        listed = _listed(form, username)
        if listed is not None:
            return SignIn(form, listed[0], secrets[0], listed[1])
        return SignIn(form, None, secrets[0])
    optional = [not item.required and not _is_code(item) for _, item in open_fields]
    if users and (len(open_fields) == 1 or sum(optional) >= len(open_fields) - 1):
        return SignIn(form, users[0])
    listed = _listed(form, username)
    if listed is not None and not open_fields:
        return SignIn(form, listed[0], choice=listed[1])
    return None


def asks_second_factor(form: Form) -> bool:
    """Whether a form asks for a one-time code or a captcha, which nobody here can give."""
    return any(
        mentions("second_factor", item.name, item.id, item.label, item.placeholder)
        for _, item in _open_fields(form)
    )


@lru_cache(maxsize=4096)
def purpose_of(item: Field) -> str:
    """What a field is for.  Its name says it more surely than the text that stands beside it."""
    for texts in ((item.name, item.id), (item.placeholder,), (item.label,)):
        if mentions("not_code", *texts) or mentions("second_factor", *texts):
            return "other"
        if mentions("code", *texts) or _MASK.match(item.placeholder.strip()):
            return "code"
        if mentions("username", *texts):
            return "user"
        if item.kind == "email" or item.autocomplete in {"username", "email"}:
            return "user"
    return ""


def names(username: str, text: str) -> bool:
    """Whether a text names a person: the whole name, not a part of a longer word."""
    mark = re.escape(username.casefold())
    return bool(re.search(rf"(?<![\w.@-]){mark}(?![\w-])", text.casefold()))


def _open_fields(form: Form) -> list[tuple[int, Field]]:
    return [
        (index, item)
        for index, item in enumerate(form.fields)
        if item.writable and item.kind != "search" and item.name.lower() not in _SEARCH_NAMES
    ]


def _parts(fields: Iterable[tuple[int, Field]]) -> list[int]:
    parts = [
        index
        for index, item in fields
        if item.maxlength is not None and item.maxlength <= _LONGEST_PART and not _is_user(item)
    ]
    return parts if len(parts) > 1 else []


def _unsent(form: Form) -> tuple[int, ...]:
    """Hidden, empty and named for a code: what a script would fill in before sending."""
    return tuple(
        index
        for index, item in enumerate(form.fields)
        if item.kind == "hidden" and not item.value and mentions("code", item.name, item.id)
    )


def _shown(form: Form) -> list[int]:
    """A code that is shown in a field nobody can change."""
    return [
        index
        for index, item in enumerate(form.fields)
        if item.readonly and item.visible and item.value and _is_code(item)
    ]


def _is_code(item: Field) -> bool:
    return purpose_of(item) == "code"


def _is_user(item: Field) -> bool:
    return item.kind != "password" and purpose_of(item) == "user"


def _listed(form: Form, username: str | None) -> tuple[int, str] | None:
    """Where a list of people has this one: the field's index and the value."""
    if not username:
        return None
    for index, item in enumerate(form.fields):
        if item.kind == "select":
            for option in item.options:
                if names(username, option.value) or names(username, option.label):
                    return index, option.value
        elif item.kind == "radio" and (names(username, item.value) or names(username, item.label)):
            return index, item.value
    return None


def _fitted(item: Field, code: str) -> str:
    short = "".join(letter for letter in code if letter.isalnum())
    too_long = item.maxlength is not None and len(code) > item.maxlength
    if (too_long or item.kind == "number") and len(short) < len(code):
        return short
    letters = _ONE_CLASS.match(item.pattern)
    allowed = letters.group(1) if letters else ""
    if letters and any(sign not in allowed for sign in code if not sign.isalnum()):
        return short
    # Inside of a class a hyphen means itself only at one of its ends.
    if letters and "-" in code and "-" not in {allowed[:1], allowed[-1:]} and "\\-" not in allowed:
        return short
    return code
