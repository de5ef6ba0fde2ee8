"""Shelves in this process: a dictionary each, and a calendar of what ends when.

Every operation takes the same time with ten things and with a million.  The calendar has a page
for each ten seconds: a name on a page costs eight bytes, and a sweep turns over only those pages
whose time has come.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from simulators.server.shelf import Shelf, never

V = TypeVar("V")

PAGE = 10
"""Seconds on a page of the calendar; so much later than at its end a thing may be forgotten."""


class Memory:
    """Shelves that nobody shares, gone when the process ends."""

    secret = None

    def __init__(self) -> None:
        self.turn = threading.Lock()

    def shelf(
        self, kind: str, ends: Callable[[V], float] = never, most: int | None = None
    ) -> Shelf[V]:
        """A new shelf; `kind` is for those who share."""
        del kind
        return MemoryShelf(ends, most)


class MemoryShelf(Generic[V]):
    """Things by name, and when to look at them again."""

    def __init__(self, ends: Callable[[V], float], most: int | None = None) -> None:
        self._ends = ends
        self._most = math.inf if most is None else most
        self._things: dict[str, V] = {}
        self._pages: dict[int, deque[str]] = {}
        self._next: list[int] = []
        self.get = self._things.get
        """The thing of that name, or None: the look-up of every poll."""

    def __len__(self) -> int:
        return len(self._things)

    def values(self) -> Iterable[V]:
        """Everything on the shelf."""
        return self._things.values()

    def keep(self, name: str, thing: V) -> None:
        """Put a thing on the shelf, in place of another of that name."""
        if name not in self._things:
            self._note(name, thing)
        self._things[name] = thing

    def drop(self, name: str) -> None:
        """Forget a thing, if it is there; its name stays in the calendar until its page comes."""
        self._things.pop(name, None)

    def is_due(self, now: float) -> bool:
        """Whether there is something to forget."""
        return bool(self._next) and (self._next[0] <= now or len(self._things) > self._most)

    def expired(self, now: float, at_most: int) -> list[V]:
        """Forget what has come to its end, and what is too much, and return it."""
        gone = []
        for _ in range(at_most):
            if not self.is_due(now):
                break
            page, name = self._turned()
            thing = self._things.get(name)
            if thing is None:
                continue
            # It may have been given more time since its name was written there.
            if self._ends(thing) > page:
                self._note(name, thing)
            else:
                del self._things[name]
                gone.append(thing)
        return gone

    def _note(self, name: str, thing: V) -> None:
        end = self._ends(thing)
        if end == math.inf:
            return
        page = math.ceil(end / PAGE) * PAGE
        names = self._pages.get(page)
        if names is None:
            names = self._pages[page] = deque()
            heapq.heappush(self._next, page)
        names.append(name)

    def _turned(self) -> tuple[int, str]:
        """The first name on the first page, taken off it."""
        page = self._next[0]
        names = self._pages[page]
        name = names.popleft()
        if not names:
            del self._pages[page]
            heapq.heappop(self._next)
        return page, name
