"""What must not come twice: the jti of assertions and proofs, kept as long as it could matter."""

from __future__ import annotations

from hashlib import blake2b

from simulators.server.shelf import Shelf, Shelves

MOST = 100_000
"""Entries from which the oldest are forgotten early."""


class Replays:
    """Remembers names; times in seconds on the clock that those who ask look at."""

    def __init__(self, shelves: Shelves) -> None:
        self._ends: Shelf[float] = shelves.shelf("replays", float, MOST)

    def __len__(self) -> int:
        return len(self._ends)

    def is_new(self, name: str, now: float, until: float) -> bool:
        """Whether the name was not seen before; from now on it was, until the time given."""
        # Clients choose their names, and could choose long ones.
        kept = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        end = self._ends.get(kept)
        if end is not None and now < end:
            return False
        self._ends.keep(kept, until)
        return True

    def sweep(self, now: float, at_most: int) -> bool:
        """Forget some of the names whose time has come; whether there are more."""
        self._ends.expired(now, at_most)
        return self._ends.is_due(now)
