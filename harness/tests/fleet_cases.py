"""Plays `fleet.Fleet` with flows that keep their workers, and prints what was counted as JSON.

It runs in a process of its own that gevent has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gevent
from gevent.monkey import get_original

from harness.clock import WallClock
from harness.runners.load.fleet import Fleet

TAKES = 0.2
"""Seconds that a step takes."""


class Counts:
    """What a fleet tells, in seconds."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self.lags: list[float] = []
        self.waits: list[float] = []
        self.late = self.lags.append
        self.queued = self.waits.append

    def comes_again(self, _ended: str) -> bool:
        return False

    def broke(self, problem: BaseException) -> None:
        raise problem


class Place:
    """A stage of which only the counting is asked."""

    def __init__(self) -> None:
        self.tally = Counts()


class Flow:
    """A household with one step."""

    ended = ""
    due = 0.0

    def __init__(self, step: Callable[[], object]) -> None:
        self._step = step

    def __lt__(self, other: Flow) -> bool:
        return self.due < other.due

    def turn(self) -> None:
        self._step()

    def close(self) -> None:
        """Nothing to count."""


def played(step: Callable[[], object], workers: int) -> dict[str, Any]:
    """Three households at once."""
    stage: Any = Place()
    now = stage.tally.clock.now()
    flow: Any = lambda: Flow(step)  # noqa: E731
    Fleet(stage, workers).plays(iter([(now, flow)] * 3))
    return {"lags": stage.tally.lags, "waits": stage.tally.waits}


if __name__ == "__main__":
    blocks = get_original("time", "sleep")
    found = {
        "slow target": played(lambda: gevent.sleep(TAKES), 1),
        "slow target, many workers": played(lambda: gevent.sleep(TAKES), 3),
        "slow generator": played(lambda: blocks(TAKES), 3),
    }
    print(json.dumps(found))
