"""What a household needs from where it lives: lines, and ways to do things at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.runners.load.tally import Tally
from harness.wire import Request, Response


class Line(Protocol):
    """A transport that is closed when nobody needs it any more.

    To call it is to be `ready` and then to send; what comes before the sending takes its time, too.
    """

    def __call__(self, request: Request) -> Response:
        """Send one request as soon as it may be sent; raises `NoAnswer`."""
        ...

    def ready(self) -> None:
        """Wait until a request may be sent: a person thinks, a ceiling holds it back."""
        ...

    def sends(self, request: Request) -> Response:
        """Send one request now; raises `NoAnswer`."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Stage(Protocol):
    """Where households live: connections for them, and ways to do things at the same time."""

    tally: Tally

    def line(self) -> Line:
        """A line for a device."""
        ...

    def opens(self, before: Callable[[], None]) -> Line:
        """A connection of a person's own; `before` runs before each of its requests."""
        ...

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Let somebody act beside the device after so many seconds."""
        ...

    def together(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        """Do two things at the same time; returns when both are done."""
        ...
