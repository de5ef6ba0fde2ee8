"""Prints a run for people: colours and a moving status where there is a terminal, else plain text.

The laws of this file: what stands on a line is decided elsewhere; plain output has no escape
sequences and no cursor movement; whatever the stream cannot encode is replaced, never raised.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from reports.clean import clean
from reports.failures import blocks, heading
from reports.gaps import gap_lines
from reports.lines import Line, line
from reports.policy_card import card_lines
from reports.report import MARKS, Report
from reports.summary import (
    Opening,
    opening_lines,
    outcome,
    requirement_lines,
    summary_lines,
)

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100
"""Columns of plain output, the same everywhere so that it can be compared."""
_ASCII = {"✓": "+", "✗": "x", "─": "-", "·": "-", "…": "...", "—": "-", "×": "x", "§": "s."}


class Terminal:
    """Where a run is printed.  `plain` also if `stream` is no terminal; `quiet` says less."""

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        plain: bool = False,
        quiet: bool = False,
        width: int | None = None,
    ) -> None:
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self.plain = plain or not self.stream.isatty()
        self.width = width or (PLAIN_WIDTH if self.plain else _columns())
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The rich console, made when first needed: plain output does without."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(
                file=self.stream, width=self.width, highlight=False, markup=False, emoji=False
            )
        return self._console

    def print(self, lines: Iterable[Line]) -> None:
        """Print lines."""
        for one in lines:
            if self.plain:
                self.stream.write(self._encodable(one.text) + "\n")
            else:
                self._painted(one)
        self.stream.flush()

    def opening(self, opening: Opening) -> None:
        """Say what is about to be judged."""
        if not self.quiet:
            self.print(opening_lines(opening, self.width))

    def report(self, report: Report) -> None:
        """Print a finished run; with `quiet` one line for each failure and one for the outcome."""
        if self.quiet:
            self._quietly(report)
            return
        self.print(requirement_lines(report, self.width, whole=self.plain))
        gaps = list(gap_lines(report, self.width))
        if gaps:
            self.print([*heading("Not put to the test", self.width), *gaps, Line()])
        self.print(blocks(report, self.width))
        self.print(card_lines(report.results.policy, self.width))
        self.print([*heading("Summary", self.width), *summary_lines(report, self.width)])

    def _quietly(self, report: Report) -> None:
        for result in report.results.requirements:
            if result.verdict in {"fail", "error"}:
                mark, word, style = MARKS[result.verdict]
                told = f"  {result.id}  {clean(result.message)}"
                self.print([line((f"{mark} {word}", style), told)])
        sentence, style = outcome(report.results)
        self.print([line((sentence, style))])

    def _painted(self, one: Line) -> None:
        from rich.text import Text

        text = Text()
        for piece, style in one.segments:
            text.append(self._encodable(piece), style)
        text.rstrip()
        self.console.print(text, soft_wrap=True)

    def _encodable(self, text: str) -> str:
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            for character, instead in _ASCII.items():
                text = text.replace(character, instead)
            return text.encode(encoding, "replace").decode(encoding)
        return text


def _columns() -> int:
    return max(60, min(140, shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns))
