"""How often one may be wrong: a bucket for each key that fills with failures and leaks in time.

Nobody is locked out for ever, and nothing but time makes room again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from simulators.server.shelf import Shelf, Shelves

LONGEST_KEY = 200
"""Characters that tell two keys apart: parts of them are what strangers have sent."""


class Bucket(NamedTuple):
    """How full it was when, and the seconds in which one failure leaks out."""

    level: float
    at: float
    leak: float

    def now_holds(self, now: float) -> float:
        """What has not leaked out yet."""
        return max(0.0, self.level - (now - self.at) / self.leak)

    def empty_at(self) -> float:
        """When there is nothing in it any more."""
        return self.at + self.level * self.leak


class Limiter:
    """Counts failures; times in seconds."""

    def __init__(self, shelves: Shelves, kind: str) -> None:
        self._buckets: Shelf[Bucket] = shelves.shelf(kind, Bucket.empty_at)

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, keys: Iterable[str], now: float, capacity: int, leak: float) -> float:
        """Seconds until every one of the keys has room for one more failure; 0 if they have.

        `capacity` failures fit in at once, and one leaks out every `leak` seconds.
        """
        over = max((self._level(key, now) for key in keys), default=0.0) + 1 - capacity
        return max(0.0, over * leak)

    def charge(self, keys: Iterable[str], now: float, leak: float) -> None:
        """Count one failure against each of the keys."""
        for key in keys:
            self._buckets.keep(key[:LONGEST_KEY], Bucket(self._level(key, now) + 1, now, leak))

    def clear(self, keys: Iterable[str]) -> None:
        """Forget the failures of these keys."""
        for key in keys:
            found = self._buckets.get(key[:LONGEST_KEY])
            if found is not None:
                # Emptied rather than dropped: its name stands in the calendar once, and stays so.
                self._buckets.keep(key[:LONGEST_KEY], found._replace(level=0.0))

    def sweep(self, now: float, at_most: int) -> bool:
        """Throw away some of the buckets that are empty; whether there are more."""
        self._buckets.expired(now, at_most)
        return self._buckets.is_due(now)

    def _level(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key[:LONGEST_KEY])
        return 0.0 if bucket is None else bucket.now_holds(now)
