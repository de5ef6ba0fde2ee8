"""The reader's turn: what a person must do by hand, one thing at a time, while all else waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from reports.clean import clean
from reports.lines import BLANK, line
from reports.terminal import Terminal


class Turns:
    """Collects what a scenario tells its person and shows it when that person is free.

    `pausing` makes room on the screen, and is set while a status moves there.
    """

    def __init__(self, terminal: Terminal, read: Callable[[], str] = input) -> None:
        self._terminal = terminal
        self._read = read
        self._count = 0
        self._told = threading.local()
        self._lock = threading.Lock()
        self.pausing: Callable[[], AbstractContextManager[None]] = nullcontext

    def tell(self, text: str) -> None:
        """Keep one line until the person is asked."""
        self._told.lines = [*getattr(self._told, "lines", []), clean(text)]

    def ask(self, prompt: str) -> str:
        """Show what was told, wait for an answer; raises EOFError where nobody can answer."""
        lines: list[str] = getattr(self._told, "lines", [])
        self._told.lines = []
        with self._lock, self.pausing():
            self._count += 1
            self._terminal.print([BLANK, line((f"turn {self._count}", "bold reverse"))])
            self._terminal.print([line((one, "bold")) for one in lines])
            self._terminal.print([line(clean(prompt))])
            return self._read()
