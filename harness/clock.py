"""Time is handed over: this is the only module that looks at a watch.

Seconds everywhere.  `now()` counts from the start of the clock, `unix()` from 1970.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

VIRTUAL_EPOCH = 1_800_000_000.0
"""Unix time at which every virtual clock starts: a fixed day, so that runs repeat exactly."""


class OutOfPatience(Exception):
    """A wait would end later than the user is willing to wait.

    `needed` is how many seconds of patience would have been enough.
    """

    def __init__(self, needed: float, patience: float) -> None:
        super().__init__(f"needs {needed:.0f} s on the clock, patience is {patience:.0f} s")
        self.needed = needed
        self.patience = patience


class Clock(Protocol):
    """Tells the time and lets it pass."""

    @property
    def virtual(self) -> bool:
        """Whether sleeping costs nothing."""
        ...

    def now(self) -> float:
        """Seconds since this clock started."""
        ...

    def unix(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; raises `OutOfPatience` before sleeping, never after."""
        ...


class VirtualClock:
    """Time that passes only when somebody sleeps; a 30-minute expiry costs a microsecond."""

    virtual = True

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since this clock started."""
        return self._now

    def unix(self) -> float:
        """Seconds since 1970, counted from `VIRTUAL_EPOCH`."""
        return VIRTUAL_EPOCH + self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds > 0:
            with self._lock:
                self._now += seconds


class WallClock:
    """The wall's time, with a limit on how long one scenario may wait for it.

    Where a sleep would exceed `patience` (seconds since the clock started) it refuses at once: the
    length of a wait is known beforehand, so no time is spent on a scenario that cannot end.
    """

    virtual = False

    def __init__(self, patience: float = float("inf")) -> None:
        self.patience = patience
        self._start = time.monotonic()

    def now(self) -> float:
        """Seconds since this clock started, monotonic."""
        return time.monotonic() - self._start

    def unix(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise `OutOfPatience` at once."""
        needed = self.now() + seconds
        if needed > self.patience:
            raise OutOfPatience(needed, self.patience)
        if seconds > 0:
            time.sleep(seconds)


class CalendarClock(WallClock):
    """The wall's time counted from 1970: the same in every process, and after a restart.

    When somebody sets the machine's clock, its time jumps.
    """

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()
