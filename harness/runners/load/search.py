"""The search for a limit: which numbers of devices to try next, and what the outcomes prove.

The laws of this file: nothing is run here.  Whoever runs asks `Search.devices` and tells the
outcome; every search ends after at most `Search.longest` trials.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Generator

from harness.target import TargetError

GENERATOR = "the generator, not the target, was the limit"


class Outcome(enum.Enum):
    """What one trial came to."""

    HELD = "held"
    BROKE = "broke"
    UNDECIDED = "undecided"
    """The run decides nothing: the search ends with what is known."""
    ENDED = "ended"
    """The run did not take place or broke down: the search ends at once."""


class Search:
    """Looks for the most devices that a target carries, from `start` up to `most`.

    Doubles until something breaks (halves, if the start did), narrows until the gap is at most
    `precision` of the number that broke, and tries both ends once more.  Raises `TargetError` for
    numbers that no search can begin with.
    """

    def __init__(self, start: int, most: int, precision: float = 0.1) -> None:
        if start < 1 or most < start:
            raise TargetError(f"a limit between {start} and {most} devices cannot be looked for")
        if not 0 <= precision < 1:
            raise TargetError(f"the precision is a share from 0 to below 1, not {precision}")
        self.start, self.most, self.precision = start, most, precision
        self.told: list[tuple[int, Outcome]] = []
        self._why = ""
        self._steps = _steps(start, most, precision)
        self.devices: int | None = next(self._steps)
        """How many to try next; `None` when the search is over."""

    @property
    def longest(self) -> int:
        """How many trials it takes at most."""
        gap = max(self.most - self.start, self.start, 2)
        narrowing = math.ceil(math.log2(min(gap, 1 / self.precision if self.precision else gap)))
        ways = math.ceil(math.log2(self.most / self.start)), math.floor(math.log2(self.start))
        return 1 + max(ways) + narrowing + 1 + 2

    def tell(self, outcome: Outcome, why: str = "") -> None:
        """Say what became of the trial with `devices` devices; `why` matters if it ends there."""
        assert self.devices is not None
        self.told.append((self.devices, outcome))
        if outcome in {Outcome.UNDECIDED, Outcome.ENDED}:
            self._why, self.devices = why, None
            return
        try:
            self.devices = self._steps.send(outcome is Outcome.HELD)
        except StopIteration:
            self.devices = None

    @property
    def holds(self) -> int | None:
        """The most devices that always held, with nothing below them that ever broke."""
        broke = min((n for n, outcome in self.told if outcome is Outcome.BROKE), default=math.inf)
        return max((n for n in self._numbers(Outcome.HELD) if n < broke), default=None)

    @property
    def breaks(self) -> int | None:
        """The fewest devices that always broke, with nothing above them that ever held."""
        held = max((n for n, outcome in self.told if outcome is Outcome.HELD), default=0)
        return min((n for n in self._numbers(Outcome.BROKE) if n > held), default=None)

    @property
    def certainty(self) -> str:
        """How sure that is, in one sentence."""
        last, outcome = self.told[-1] if self.told else (self.start, Outcome.ENDED)
        known = f"at least {self.holds}; " if self.holds else ""
        if outcome is Outcome.UNDECIDED:
            return f"{known}{last} devices decided nothing: {self._why or GENERATOR}"
        if outcome is Outcome.ENDED or self.devices is not None:
            return f"{known}it ended with {last} devices: {self._why or 'it was not finished'}"
        parts = [self._times(n, one) for n, one in self._ends()]
        shaky = sorted(self._numbers(Outcome.HELD, mixed=True))
        parts += [f"{n} devices went either way, so the limit is not sharp" for n in shaky]
        if self.breaks is None and not shaky:
            parts.append("nothing ever broke: the limit is above what was tried")
        return ", ".join(parts)

    def _ends(self) -> list[tuple[int, Outcome]]:
        ends = (self.holds, Outcome.HELD), (self.breaks, Outcome.BROKE)
        return [(n, outcome) for n, outcome in ends if n is not None]

    def _times(self, devices: int, outcome: Outcome) -> str:
        seen = Counter(one for n, one in self.told if n == devices)
        return f"{outcome.value} {seen[outcome]} of {seen.total()}"

    def _numbers(self, outcome: Outcome, *, mixed: bool = False) -> set[int]:
        """The numbers of devices that had this outcome always, or (`mixed`) among others."""
        seen = {n for n, one in self.told if one is outcome}
        decided = {Outcome.HELD, Outcome.BROKE} - {outcome}
        both = seen & {n for n, one in self.told if one in decided}
        return both if mixed else seen - both


def _steps(start: int, most: int, precision: float) -> Generator[int, bool, None]:
    """The numbers to try; each is answered with whether it held."""
    low, high = 0, most + 1
    while low < most < high:
        tried = min(most, 2 * low) if low else start
        low, high = (tried, high) if (yield tried) else (low, tried)
    while not low and high > 1:
        tried = high // 2
        low, high = (tried, high) if (yield tried) else (low, tried)
    while low and high <= most and high - low > max(1.0, precision * high):
        tried = (low + high) // 2
        low, high = (tried, high) if (yield tried) else (low, tried)
    for end in (low, high):
        if 0 < end <= most:
            yield end
