"""What a run costs: the processes that make the load, and the server if it is ours."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psutil

from harness.clock import WallClock
from harness.runners.load.tally import Tally

MEGABYTE = 1_000_000


@dataclass(slots=True)
class Machine:
    """This process."""

    clock: WallClock = field(default_factory=WallClock)
    _cpu: float = 0.0
    _began: float = 0.0

    def begins(self) -> None:
        """From now on it counts."""
        self._cpu, self._began = _cpu_of(psutil.Process()), self.clock.now()

    def tells(self, tally: Tally, name: str) -> None:
        """Write down what has been used so far, under the name of this process."""
        process = psutil.Process()
        seconds = max(1e-9, self.clock.now() - self._began)
        tally.figures.machine[name] = {
            "cpu_share": (_cpu_of(process) - self._cpu) / seconds,
            "memory_mb": process.memory_info().rss / MEGABYTE,
            "connections": float(tally.most_connections),
        }


class Watched:
    """The server, in a process on this machine: what it costs, seen from outside."""

    def __init__(self, pid: int) -> None:
        self.memory: Counter[int] = Counter()
        """Megabytes by the second (Unix time)."""
        self._clock = WallClock()
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None
        try:
            self._process: Any = psutil.Process(pid)
        except psutil.Error:
            self._process = None

    def looks(self, second: int) -> None:
        """Look at it once; a server that is gone is not looked at."""
        if self._process is None:
            return
        try:
            family = [self._process, *self._process.children(recursive=True)]
            cpu = sum(_cpu_of(one) for one in family)
            self.memory[second] = round(sum(one.memory_info().rss for one in family) / MEGABYTE)
        except psutil.Error:
            return
        self._last = (self._clock.now(), cpu)
        self._first = self._first or self._last

    @property
    def cpu_share(self) -> float | None:
        """Cores that it kept busy, None if it could not be seen for long enough."""
        if self._first is None or self._last is None or self._last[0] - self._first[0] < 1:
            return None
        return (self._last[1] - self._first[1]) / (self._last[0] - self._first[0])


def _cpu_of(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def cores() -> int:
    """How many cores this machine has."""
    return os.cpu_count() or 1
