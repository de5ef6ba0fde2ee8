"""Reads the document of a load run: whatever is missing, null or of the wrong kind is unknown.

Nothing here raises.  Texts come without secrets: who wrote the document took them out, and this
is the second look.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from harness.redaction import Redactor
from harness.sightings import is_secret
from reports.chart_scale import number
from reports.clean import clean

LONGEST = 600
"""Characters of a text that are shown."""
_MEMBERS = 50


def part(document: object, *path: str) -> Mapping[str, Any]:
    """The object at the end of a path; empty if there is none."""
    found = member(document, *path)
    return found if isinstance(found, Mapping) else {}


def member(document: object, *path: str) -> object:
    """Whatever is at the end of a path, or None."""
    for name in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def figure(document: object, *path: str) -> float | None:
    """The number at the end of a path, or None."""
    return number(member(document, *path))


def items(document: object, *path: str) -> Sequence[object]:
    """The list at the end of a path; empty if there is none."""
    found = member(document, *path)
    return found if isinstance(found, list | tuple) else ()


def numbers(document: object, *path: str) -> list[float | None]:
    """The list at the end of a path as numbers and gaps."""
    return [number(value) for value in items(document, *path)]


def counts(document: object, *path: str) -> list[tuple[str, float]]:
    """The counters at the end of a path, the greatest first; what is no number is left out."""
    found = [(text(name), number(count)) for name, count in part(document, *path).items()]
    known = [(name, count) for name, count in found if count is not None]
    return sorted(known, key=lambda entry: (-entry[1], entry[0]))


def word(document: object, *path: str) -> str:
    """The text at the end of a path; "" if there is none."""
    return text(member(document, *path))


def text(value: object, depth: int = 3) -> str:
    """Any value in words, down to some depth; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list | tuple) and not depth:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MEMBERS]
        return ", ".join(f"{name} {setting(name, one, depth - 1)}" for name, one in pairs)
    if isinstance(value, list | tuple):
        return ", ".join(text(one, depth - 1) for one in value[:_MEMBERS])
    try:
        return str(value)
    except ValueError:
        # Python refuses to spell out integers of thousands of digits.
        return "a number too long to show"


def setting(name: object, value: object, depth: int = 3) -> str:
    """A value in words, unless its name says that it is a secret."""
    return "<hidden>" if value and is_secret(str(name)) else text(value, depth)


def said(value: object, most: int = LONGEST) -> str:
    """Any value as text for the page: in words, without secrets, cut, cleaned, escaped."""
    told = Redactor().text(text(value)[: 4 * most])
    return escape(clean(told, most))


def address(value: object) -> str:
    """A URL for the page, without user names, passwords and secret parameters."""
    return escape(clean(Redactor().url(text(value)[: 4 * LONGEST]), LONGEST))


def seconds_of(document: object, longest: int) -> list[float]:
    """The moments of the timeline: as written if they rise and suffice, else 0, 1, 2 …"""
    found = [value for value in numbers(document, "timeline", "seconds") if value is not None]
    rises = all(one < other for one, other in pairwise(found))
    if len(found) >= longest and rises:
        return found
    return [float(second) for second in range(longest)]


def share(count: float | None, total: float | None) -> str:
    """A share in per cent, or "" if there is nothing to share."""
    if count is None or not total:
        return ""
    percent = 100 * count / total
    return f"{percent:.0f} %" if percent >= 10 or not percent else f"{percent:.2g} %"


def milliseconds(value: float | None) -> str:
    """Milliseconds as people read them."""
    if value is None:
        return "not measured"
    if abs(value) >= 1e15:
        return f"{value / 1000:.3g} s"
    return f"{math.floor(value + 0.5)} ms" if abs(value) < 1000 else f"{value / 1000:,.1f} s"
