"""Things that happen at the same time, in virtual time: one interleaving, drawn, and repeatable.

The laws of this file: one act runs at a time, and only where it gives way can another go on; who
goes on follows from the seed, never from how the machine schedules its threads.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any


class Turns:
    """Plays several acts so that their exchanges overlap.

    A race that is left to the threads of the machine comes out differently in every run, and hardly
    ever at all: a server in this process answers within one turn of a thread.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._rand = random.Random(seed)
        self._waiting: list[threading.Semaphore] = []

    def play(self, acts: Sequence[Callable[[], object]]) -> None:
        """Play all acts to their ends.  They must not raise."""
        threads = [threading.Thread(target=self._one(act), daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        self._next()
        for thread in threads:
            thread.join()

    def give_way(self) -> None:
        """Let another act go on, or the same one; outside of acts nothing happens."""
        if self._waiting:
            turn = self._queue()
            self._next()
            turn.acquire()

    def _one(self, act: Callable[[], object]) -> Callable[[], None]:
        return partial(self._in_turn, self._queue(), act)

    def _in_turn(self, turn: threading.Semaphore, act: Callable[[], object]) -> Any:
        turn.acquire()
        try:
            act()
        finally:
            self._next()

    def _queue(self) -> threading.Semaphore:
        turn = threading.Semaphore(0)
        self._waiting.append(turn)
        return turn

    def _next(self) -> None:
        if self._waiting:
            self._waiting.pop(self._rand.randrange(len(self._waiting))).release()
