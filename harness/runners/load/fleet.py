"""Thousands of devices on one agenda: a heap of due times, and a bounded crowd of workers.

The laws of this file: what is due is handed on at once; how late it was handed on is written down,
because a generator that is late measures itself; what then waits for a worker, because all of them
wait for the target, is written down apart, because that is the target's doing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Any

import gevent
from gevent.queue import SimpleQueue

from harness.runners.load.roles import Stage
from harness.runners.load.sign_in import SignIn
from harness.runners.load.tally import Tally

TICK = 0.01
"""Seconds between two looks at the agenda when nothing is due."""
LAPS = 200
"""Steps that are handed on before anybody else is given a turn."""


class Fleet:
    """Plays households that come at given times.

    `workers` is the number of steps that can be under way at once; each has a connection.
    """

    def __init__(self, stage: Stage, workers: int) -> None:
        self.stage = stage
        self.tally: Tally = stage.tally
        self.most_workers = workers
        self._agenda: list[SignIn] = []
        self._queue: Any = SimpleQueue()
        self._workers: list[Any] = []
        self._free = 0
        """Workers without work, less what is waiting for one."""
        self._under_way: set[SignIn] = set()
        """Whoever has been handed on and is not yet back on the agenda."""

    def plays(self, arrivals: Iterator[tuple[float, Callable[[], SignIn]]]) -> None:
        """Let households come at their times (seconds on the clock), and play all of them.

        Returns when nobody is left who has anything to do.
        """
        clock = self.tally.clock
        coming = next(arrivals, None)
        while coming is not None or self._agenda or self._under_way:
            now = clock.now()
            for _ in range(LAPS):
                if coming is None or coming[0] > now:
                    break
                self._waits_until(coming[0], coming[1]())
                coming = next(arrivals, None)
            for _ in range(LAPS):
                if not self._agenda or self._agenda[0].due > now:
                    break
                self._hands_on(heapq.heappop(self._agenda))
            due = min(
                coming[0] if coming is not None else now + 1,
                self._agenda[0].due if self._agenda else now + 1,
            )
            gevent.sleep(min(max(0.0, due - clock.now()), TICK))

    def close(self) -> None:
        """Stop everybody, and count what they were in the middle of."""
        for worker in self._workers:
            worker.kill(block=False)
        left, self._under_way = self._under_way, set()
        agenda, self._agenda = self._agenda, []
        for flow in (*left, *agenda):
            flow.close()

    def _waits_until(self, due: float, flow: SignIn) -> None:
        flow.due = due
        heapq.heappush(self._agenda, flow)

    def _hands_on(self, flow: SignIn) -> None:
        if self._free <= 0 and len(self._workers) < self.most_workers:
            self._workers.append(gevent.spawn(self._works))
            self._free += 1
        self._free -= 1
        self._under_way.add(flow)
        now = self.tally.clock.now()
        if self._free >= 0:
            self._queue.put((flow, None))
        else:
            self.tally.late(now - flow.due)
            self._queue.put((flow, now))

    def _works(self) -> None:
        """Do one step after another."""
        while True:
            self._steps(*self._queue.get())
            self._free += 1

    def _steps(self, flow: SignIn, queued_at: float | None) -> None:
        """One step of a flow; `queued_at` is since when it waited, if nobody was free."""
        clock = self.tally.clock
        if queued_at is None:
            self.tally.late(clock.now() - flow.due)
            self.tally.queued(0.0)
        else:
            self.tally.queued(clock.now() - queued_at)
        try:
            pause = flow.turn()
        except Exception as problem:  # noqa: BLE001 -- one household's trouble is not the fleet's
            self.tally.broke(problem)
            pause = None
        if flow not in self._under_way:
            return  # everything was closed meanwhile
        self._under_way.discard(flow)
        if pause is not None:
            self._waits_until(clock.now() + pause, flow)
            return
        flow.close()
        if self.tally.comes_again(flow.ended):
            again = clock.now() + self.tally.rests(flow.ended)
            self._waits_until(again, SignIn(self.stage, flow.fate))
