"""How often one may be wrong: a bucket for each key that fills with failures and leaks in time.

Nobody is locked out for ever, and nothing but time makes room again.
"""

from __future__ import annotations

from collections.abc import Iterable

FORGET_ABOVE = 20_000
"""Number of buckets from which the empty ones are thrown away."""


class Limiter:
    """Counts failures; times in seconds."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}
        self._forget_above = FORGET_ABOVE

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, keys: Iterable[str], now: float, capacity: int, leak: float) -> float:
        """Seconds until every one of the keys has room for one more failure; 0 if they have.

        `capacity` failures fit in at once, and one leaks out every `leak` seconds.
        """
        over = max((self._level(key, now, leak) for key in keys), default=0.0) + 1 - capacity
        return max(0.0, over * leak)

    def charge(self, keys: Iterable[str], now: float, leak: float) -> None:
        """Count one failure against each of the keys."""
        if len(self._buckets) > self._forget_above:
            self._forget(now, leak)
        for key in keys:
            self._buckets[key] = (self._level(key, now, leak) + 1, now)

    def clear(self, keys: Iterable[str]) -> None:
        """Forget the failures of these keys."""
        for key in keys:
            self._buckets.pop(key, None)

    def _level(self, key: str, now: float, leak: float) -> float:
        level, at = self._buckets.get(key, (0.0, now))
        return max(0.0, level - (now - at) / leak)

    def _forget(self, now: float, leak: float) -> None:
        for key in [key for key in self._buckets if self._level(key, now, leak) == 0]:
            del self._buckets[key]
        # Under attack from many peers all buckets are in use: then look again at twice as many.
        self._forget_above = max(FORGET_ABOVE, 2 * len(self._buckets))
