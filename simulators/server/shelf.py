"""Where a server keeps what it has to remember: shelves of named things, each with an end.

What is kept, and when it may be forgotten, is the business of `store`, `tokens`, `sessions`,
`replays` and `limiter`.  Where it is kept is chosen once: in `memory`, or in a `database` that
several processes share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

V = TypeVar("V")


def never(thing: object) -> float:  # noqa: ARG001 (the end of whatever it is)
    """The end of things that are dropped by hand alone."""
    return float("inf")


class Shelf(Protocol[V]):
    """Things by name.  What `get` returns may be changed in place, as long as its turn lasts."""

    def get(self, name: str, /) -> V | None:
        """The thing of that name, past its end or not; None if there is none."""
        ...

    def keep(self, name: str, thing: V) -> None:
        """Put a thing on the shelf, in place of another of that name."""
        ...

    def drop(self, name: str) -> None:
        """Forget a thing, if it is there."""
        ...

    def expired(self, now: float, at_most: int) -> list[V]:
        """Forget what has come to its end, and what is too much, and return it.

        It looks at `at_most` things and no others: however many have expired, nobody waits long.
        """
        ...

    def is_due(self, now: float) -> bool:
        """Whether there is something to forget."""
        ...

    def values(self) -> Iterable[V]:
        """Everything on the shelf."""
        ...

    def __len__(self) -> int: ...


class Shelves(Protocol):
    """A place for shelves."""

    @property
    def secret(self) -> str | None:
        """What all servers of these shelves make their keys from; None if there is only one."""
        ...

    @property
    def turn(self) -> AbstractContextManager[object]:
        """Held while a request is served: what happens in a turn happens at once, or not at all."""
        ...

    def shelf(
        self, kind: str, ends: Callable[[V], float] = never, most: int | None = None
    ) -> Shelf[V]:
        """A new shelf, or the one of that kind if others have it as well.

        `ends` tells from a thing when it may be forgotten.  When there are more than `most` things,
        those go first that would end first.
        """
        ...
