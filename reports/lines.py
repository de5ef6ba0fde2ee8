"""Lines of styled text, and how they are laid out; whoever prints them decides about colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Segment: TypeAlias = tuple[str, str]
"""A piece of text and its style, such as "bold red"; "" for none."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output; `whole` lines are meant to be copied and never wrapped."""

    segments: tuple[Segment, ...] = ()
    whole: bool = field(default=False)

    @property
    def text(self) -> str:
        """The line without styles and trailing spaces."""
        return "".join(text for text, _ in self.segments).rstrip()


BLANK = Line()


def line(*segments: Segment | str) -> Line:
    """A line out of styled and plain pieces."""
    return Line(tuple((one, "") if isinstance(one, str) else one for one in segments))


def copied(*segments: Segment | str) -> Line:
    """A line that is never wrapped."""
    return Line(line(*segments).segments, whole=True)


def paragraph(
    text: str, width: int, *, lead: Segment = ("", ""), indent: int = 0, style: str = ""
) -> Iterator[Line]:
    """`text` wrapped to `width`, behind `lead` on its first line and aligned below it."""
    margin = indent + len(lead[0])
    room = max(20, width - margin)
    parts = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
    for number, part in enumerate(parts):
        before: Segment = (" " * indent + lead[0], lead[1]) if not number else (" " * margin, "")
        yield line(before, (part, style))


def table(rows: Iterable[tuple[str, str]], width: int, *, indent: int = 2) -> Iterator[Line]:
    """Names with what they mean, in two columns."""
    rows = list(rows)
    widest = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        yield from paragraph(text, width, lead=(name.ljust(widest + 2), "dim"), indent=indent)


def cut(text: str, width: int) -> str:
    """`text` shortened to `width` characters."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
