"""What is seen while a run takes its time: how many are done, and who waits for what.

On a terminal one moving status; elsewhere a line now and then, so that a log shows life.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports.clean import clean
from reports.lines import Line, cut, line
from reports.report import counted, duration
from reports.terminal import Terminal

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

EVERY = 15.0
"""Seconds between two lines where no status can move."""
LONGEST = 4
"""Scenarios under way that are shown."""


@dataclass(frozen=True, slots=True)
class News:
    """One scenario under way: `seconds` since it began, and what last happened in it."""

    title: str
    seconds: float
    last: str


@dataclass(slots=True)
class Progress:
    """Counts scenarios; `news` tells about those under way, the longest first."""

    terminal: Terminal
    total: int
    news: Callable[[], list[News]] = list
    done: int = 0
    trouble: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _display: Live | None = None

    def finished(self, *, failed: bool = False) -> None:
        """One more scenario is done."""
        self.done += 1
        self.trouble += failed

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it while the block runs."""
        if self.terminal.quiet:
            yield
        elif self.terminal.plain:
            thread = threading.Thread(target=self._now_and_then, daemon=True)
            thread.start()
            try:
                yield
            finally:
                self._over.set()
        else:
            yield from self._live()

    def _live(self) -> Iterator[None]:
        from rich.live import Live

        self._display = Live(
            get_renderable=self._text,
            console=self.terminal.console,
            refresh_per_second=4,
            transient=True,
        )
        with self._display:
            yield

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the screen to somebody else while the block runs."""
        if self._display is None:
            yield
            return
        self._display.stop()
        try:
            yield
        finally:
            self._display.start()

    def _text(self) -> Text:
        from rich.text import Text

        return Text("\n").join(
            Text.assemble(*one.segments, no_wrap=True, overflow="ellipsis") for one in self.lines()
        )

    def _now_and_then(self) -> None:
        while not self._over.wait(EVERY):
            told = self.lines()
            self.terminal.print([told[0], *told[1:2]])

    def lines(self) -> list[Line]:
        """The status in lines: the count, then the scenarios that have been under way longest."""
        news = self.news()
        head = f"{self.done} of {counted(self.total, 'scenario')} done"
        segments: list[tuple[str, str] | str] = [(head, "bold")]
        if self.trouble:
            segments.append((f" · {self.trouble} with failures", "bold red"))
        if news:
            segments.append((f" · {len(news)} under way, waiting for", "dim"))
        told = [line(*segments)]
        width = self.terminal.width - 2
        for one in news[:LONGEST]:
            title = cut(clean(one.title), max(20, width - 48))
            rest = f"{duration(one.seconds):>8}  {title}  "
            told.append(
                line(f"  {rest}", (cut(clean(one.last), max(10, width - len(rest))), "dim"))
            )
        return told
