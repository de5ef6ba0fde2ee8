"""What a load run counts, exactly, and over several processes.

The laws of this file: figures are plain counters, so that adding those of two processes gives the
figures of both; times are whole milliseconds and kept one by one, never rounded to classes; what
did not end is counted, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

Times: TypeAlias = Counter[int]
"""How often each number of milliseconds was measured."""

SHARES = (50, 90, 95, 99)
MOST_MESSAGES = 20


@dataclass(slots=True)
class Figures:
    """The counters of one process, or of all together.

    `answers` counts polls by what was said, `flows` sign-ins by how they ended, `unfinished` those
    under way at the end by what they waited for, `unexpected` what no target may do, by message.
    """

    answers: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    unfinished: Counter[str] = field(default_factory=Counter)
    unexpected: Counter[str] = field(default_factory=Counter)
    tolerated: Counter[str] = field(default_factory=Counter)
    network: Counter[str] = field(default_factory=Counter)
    polls_at: Counter[int] = field(default_factory=Counter)
    """Polls by the second (Unix time) in which they were sent."""
    intervals: Counter[int] = field(default_factory=Counter)
    """Announced intervals in seconds."""
    approval_to_token: Times = field(default_factory=Counter)
    still_waiting: Times = field(default_factory=Counter)
    """How long the approved flows without a token had been waiting when the run ended."""
    late: Times = field(default_factory=Counter)
    """How much later than due polls left: the load generator's own fault."""
    held: Times = field(default_factory=Counter)
    """How long requests waited for the ceiling on requests per second."""
    harness_errors: Counter[str] = field(default_factory=Counter)

    def add(self, other: Mapping[str, Any]) -> None:
        """Add the figures of another process; keys that JSON turned into strings are understood."""
        for entry in fields(self):
            mine: Counter[Any] = getattr(self, entry.name)
            numbers = entry.name in _BY_NUMBER
            for key, count in other.get(entry.name, {}).items():
                mine[int(key) if numbers else key] += count

    def take(self) -> dict[str, dict[Any, int]]:
        """Hand over what was counted since the last time, and start again from nothing."""
        taken = {entry.name: dict(getattr(self, entry.name)) for entry in fields(self)}
        for entry in fields(self):
            getattr(self, entry.name).clear()
        return taken

    def wrong(self, message: str) -> None:
        """Count something that the target must not do; the number of messages has an end."""
        known = message in self.unexpected or len(self.unexpected) < MOST_MESSAGES
        self.unexpected[message if known else "and other messages"] += 1

    @property
    def polls(self) -> int:
        """All polls that were answered."""
        return self.answers.total()

    def polls_per_second(self, began: float, ended: float) -> float | None:
        """The median over the full seconds between two moments (Unix time), if there are any."""
        seconds = range(int(began) + 1, int(ended))
        rates = sorted(self.polls_at.get(second, 0) for second in seconds)
        if not rates:
            return None
        middle = len(rates) // 2
        return float(rates[middle]) if len(rates) % 2 else (rates[middle - 1] + rates[middle]) / 2


_BY_NUMBER = {"polls_at", "intervals", "approval_to_token", "still_waiting", "late", "held"}


def milliseconds(seconds: float) -> int:
    """Seconds as the whole milliseconds in which times are kept; never negative."""
    return max(0, round(seconds * 1000))


def distribution(times: Times) -> dict[str, int]:
    """Count, least, most and percentiles of exact times, in milliseconds."""
    total = times.total()
    if not total:
        return {"count": 0}
    ordered = sorted(times.items())
    found = {"count": total, "least": ordered[0][0], "most": ordered[-1][0]}
    for share in SHARES:
        found[f"p{share}"] = _percentile(ordered, total, share)
    return found


def _percentile(ordered: list[tuple[int, int]], total: int, share: int) -> int:
    """The smallest time that at least `share` per cent of all times do not exceed."""
    passed = 0
    for value, count in ordered:
        passed += count
        if passed * 100 >= share * total:
            return value
    return ordered[-1][0]
