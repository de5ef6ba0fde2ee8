"""What must not come twice: the jti of assertions and proofs, kept as long as it could matter."""

from __future__ import annotations

from collections import deque

MOST = 100_000
"""Entries from which the oldest are forgotten early."""


class Replays:
    """Remembers names; times in seconds on the server's clock."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._queue: deque[tuple[float, str]] = deque()

    def __len__(self) -> int:
        return len(self._ends)

    def is_new(self, name: str, now: float, until: float) -> bool:
        """Whether the name was not seen before; from now on it was, until the time given."""
        self._forget(now)
        if name in self._ends:
            return False
        self._ends[name] = until
        self._queue.append((until, name))
        return True

    def _forget(self, now: float) -> None:
        while self._queue and (self._queue[0][0] <= now or len(self._queue) >= MOST):
            self._ends.pop(self._queue.popleft()[1], None)
