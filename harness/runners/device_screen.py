"""What a device shows: on a terminal it is drawn anew all the time, elsewhere it is plain lines.

The laws of this file: a device_code or token never gets here; who has to act is always said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TextIO

from harness.consent import Codes
from harness.runners.large_type import large, qr

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

YOUR_TURN = "Your turn: approve in a browser"
WIDE_ENOUGH = 100
"""Columns from which the QR code has room beside the code."""
TALL_ENOUGH = 40
"""Lines from which the QR code has room below the code."""
LONGEST_LINK = 300
"""Characters of a link above which its QR code would not fit on a screen."""


@dataclass(slots=True)
class Shown:
    """What is on the screen; times in seconds since the codes were received."""

    codes: Codes
    client_id: str
    server: str
    expires_in: float
    turn: str
    sign_in: str = ""
    age: float = 0.0
    strip: list[str] = field(default_factory=list)


class Screen(Protocol):
    """Where a device shows things."""

    @property
    def moves(self) -> bool:
        """Whether the countdown is visible, so that it should be drawn again and again."""
        ...

    def shows(self, shown: Shown) -> None:
        """Draw everything for the first time."""
        ...

    def moved(self, shown: Shown, news: str = "") -> None:
        """Draw again; `news` is what happened, a line for those who do not draw."""
        ...

    def ends(self, shown: Shown, lines: list[str]) -> None:
        """Say how it ended."""
        ...

    def closes(self) -> None:
        """Leave the terminal as it was; may come twice, and before anything was shown."""
        ...


class PlainScreen:
    """Line after line, for logs and for whoever wants no cursor movement."""

    moves = False

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def shows(self, shown: Shown) -> None:
        """Print what a person needs to know."""
        complete = shown.codes.verification_uri_complete
        self._print(f"device {shown.client_id} at {shown.server}")
        self._print(f"open     {shown.codes.verification_uri}")
        self._print(f"enter    {shown.codes.user_code}")
        if complete:
            self._print(f"or open  {complete}")
        if shown.sign_in:
            self._print(f"sign in  {shown.sign_in}")
        self._print(f"{shown.turn}; the code expires in {clock(shown.expires_in)}")

    def moved(self, shown: Shown, news: str = "") -> None:
        """Print the news, with the age of the code."""
        if news:
            self._print(f"{shown.age:7.1f} s  {news}")

    def ends(self, shown: Shown, lines: list[str]) -> None:
        """Print the whole strip and the result."""
        self._print(" | ".join(shown.strip))
        for line in lines:
            self._print(line)

    def closes(self) -> None:
        """Nothing to leave."""

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class DrawnScreen:
    """A display in a terminal: code in large type, QR code, countdown, poll strip."""

    moves = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._qr: list[str] = []

    def shows(self, shown: Shown) -> None:
        """Take over the terminal."""
        from rich.live import Live

        codes = shown.codes
        links = (codes.verification_uri_complete or "", codes.verification_uri)
        self._qr = qr(next((link for link in links if 0 < len(link) <= LONGEST_LINK), ""))
        self._live = Live(
            self._drawn(shown), console=self._console, auto_refresh=False, transient=False
        )
        self._live.start(refresh=True)

    def moved(self, shown: Shown, news: str = "") -> None:  # noqa: ARG002 -- the strip has it
        """Draw the countdown and the strip."""
        if self._live is not None:
            self._live.update(self._drawn(shown), refresh=True)

    def ends(self, shown: Shown, lines: list[str]) -> None:
        """Draw for the last time and print the result below."""
        self.moved(shown)
        self.closes()
        for line in lines:
            self._console.print(line, markup=False, highlight=False)

    def closes(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _drawn(self, shown: Shown) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        width = self._console.width
        room = width - max(map(len, self._qr)) - 6 if self._beside else width - 4
        words = [
            Text(f"device {shown.client_id} at {shown.server}", "dim"),
            Text(),
            Text.assemble("On another screen, open ", (shown.codes.verification_uri, "bold")),
            Text("and enter"),
            Text(),
            *(Text(line, "bold", no_wrap=True) for line in large(shown.codes.user_code, room)),
            Text(),
            Text(shown.codes.user_code, "bold"),
            Text(),
            Text(shown.turn, "bold yellow" if shown.turn == YOUR_TURN else "bold"),
            *([Text(f"sign in: {shown.sign_in}")] if shown.sign_in else []),
            Text(countdown(shown, min(room, 40))),
        ]
        picture = Text("\n".join(self._qr), "white on black", no_wrap=True)
        strip = Text("\n" + " | ".join(shown.strip), overflow="fold")
        if not self._qr or (not self._beside and self._console.height < TALL_ENOUGH):
            return Group(*words, strip)
        if not self._beside:
            return Group(*words, Text(), picture, strip)
        table = Table.grid(padding=(0, 3))
        table.add_row(picture, Group(*words))
        return Group(table, strip)

    @property
    def _beside(self) -> bool:
        return self._console.width >= WIDE_ENOUGH and bool(self._qr)


def screen_for(out: TextIO, *, plain: bool) -> Screen:
    """A drawn screen if `out` is a terminal, unless `plain`."""
    if plain or not out.isatty():
        return PlainScreen(out)
    from rich.console import Console

    return DrawnScreen(Console(file=out))


def printable(text: object, longest: int = 200) -> str:
    """A server's words without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text)[:longest])


def clock(seconds: float) -> str:
    """Minutes and seconds, as on a countdown."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def countdown(shown: Shown, width: int) -> str:
    """How long the code still lives, as a bar and in figures."""
    left = max(0.0, shown.expires_in - shown.age)
    if left <= 0:
        return "the code has expired"
    full = round(width * left / shown.expires_in)
    return f"{'━' * full}{'·' * (width - full)}  {clock(left)} left, then the code expires"
