"""While it runs: what is done, who waits for what, and whose turn it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from reports.progress import News, Progress
from reports.terminal import Terminal
from reports.tests.test_terminal import Screen
from reports.turns import Turns

NEWS = [
    News("A code that nobody approves expires.", 42.0, "display polled 4 s ago: 400 pending"),
    News("Another\x1b[2J one.", 3.0, "about to begin"),
]


def test_the_status_says_who_waits_for_what() -> None:
    progress = Progress(Terminal(io.StringIO()), 3, lambda: NEWS)
    progress.finished(failed=True)
    assert [line.text for line in progress.lines()] == [
        "1 of 3 scenarios done · 1 with failures · 2 under way, waiting for",
        "    42.0 s  A code that nobody approves expires.  display polled 4 s ago: 400 pending",
        "     3.0 s  Another\\x1b[2J one.  about to begin",
    ]


def test_a_terminal_shows_it_moving_and_leaves_nothing_behind() -> None:
    screen = Screen()
    progress = Progress(Terminal(screen, width=80), 3, lambda: NEWS)
    with progress.shown():
        pass
    assert "0 of 3 scenarios done" in screen.getvalue()
    assert screen.getvalue().rstrip("\n").endswith(("\x1b[2K", "\x1b[?25h"))


def test_plain_and_quiet_move_nothing() -> None:
    for quiet in (True, False):
        stream = io.StringIO()
        with Progress(Terminal(stream, quiet=quiet), 3, lambda: NEWS).shown():
            pass
        assert stream.getvalue() == ""


def test_a_turn_is_shown_when_the_person_is_free() -> None:
    stream = io.StringIO()
    seen: list[str] = []

    def read() -> str:
        seen.append(stream.getvalue())
        return "done"

    turns = Turns(Terminal(stream), read)
    around: list[str] = []

    @contextmanager
    def pausing() -> Iterator[None]:
        around.append("paused")
        yield
        around.append("resumed")

    turns.pausing = pausing
    turns.tell("open https://as.example/device")
    turns.tell("enter WDJB-MJHT\x1b[0m")
    assert stream.getvalue() == ""
    assert turns.ask("Press Enter when that is done. ") == "done"
    assert len(seen) == 1
    assert seen[0].splitlines() == [
        "",
        "turn 1",
        "open https://as.example/device",
        "enter WDJB-MJHT\\x1b[0m",
        "Press Enter when that is done.",
    ]
    assert around == ["paused", "resumed"]
    turns.ask("again?")
    assert "turn 2\nagain?" in stream.getvalue()
