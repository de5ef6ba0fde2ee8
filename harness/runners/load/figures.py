"""What a load run counts, exactly, and over several processes.

The laws of this file: figures are plain counters, so that adding those of two processes gives the
figures of both; times are whole milliseconds and kept one by one, never rounded to classes, save in
what is drawn over time; what did not end is counted, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from harness.runners.load.quoting import MOST, alike
from reports.clean import clean

Times: TypeAlias = Counter[int]
"""How often each number of milliseconds was measured."""
Seconds: TypeAlias = Counter[int]
"""How much there was in each second (Unix time)."""
Marks: TypeAlias = Counter[str]
"""How often something was seen in a second: the key is the second, a space, and what it was."""

SHARES = (50, 90, 95, 99)
MOST_MESSAGES = 20
"""Different messages of one kind; those of all processes together have the same end."""
OTHERS = "and other messages"
MOST_VIOLATIONS = 12
ALIKE = 3


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
    injected: Counter[str] = field(default_factory=Counter)
    """Faults that were put between devices and target on purpose."""
    busy: Counter[str] = field(default_factory=Counter)
    """Requests that were put off with 429 or 503, by what was asked."""
    guesses: Counter[str] = field(default_factory=Counter)
    """Codes that were tried at the verification page, by what came of it."""
    totals: Counter[str] = field(default_factory=Counter)
    """Requests, codes, wasted polls, starved devices, slow_downs to obedient ones."""
    intervals: Counter[int] = field(default_factory=Counter)
    """Announced intervals in seconds."""
    polls_per_sign_in: Counter[int] = field(default_factory=Counter)
    approval_to_token: Times = field(default_factory=Counter)
    still_waiting: Times = field(default_factory=Counter)
    """How long the approved flows without a token had been waiting when the run ended."""
    lag: Times = field(default_factory=Counter)
    """How much later than due polls left: the load generator's own fault."""
    held: Times = field(default_factory=Counter)
    """How long each request waited for the ceiling on requests per second: 0 for most."""
    queued: Times = field(default_factory=Counter)
    """How long polls waited for a connection where all of them waited for the target."""
    response: Times = field(default_factory=Counter)
    """How long polls took."""
    arrivals_at: Seconds = field(default_factory=Counter)
    wanted_at: Seconds = field(default_factory=Counter)
    """Polls by the second in which they were due."""
    polls_at: Seconds = field(default_factory=Counter)
    """Polls by the second in which their answers were judged."""
    harmed_at: Seconds = field(default_factory=Counter)
    """Polls of obedient devices that were slowed down or put off."""
    waiting_at: Seconds = field(default_factory=Counter)
    """Devices that began to wait, less those that ceased to."""
    codes_at: Seconds = field(default_factory=Counter)
    """Codes that were issued, less those that were used up or expired."""
    answers_at: Marks = field(default_factory=Counter)
    lag_at: Marks = field(default_factory=Counter)
    token_at: Marks = field(default_factory=Counter)
    """From approval to token, by the second of the token."""
    harness_errors: Counter[str] = field(default_factory=Counter)
    violations: list[dict[str, Any]] = field(default_factory=list)
    """Histories that no lawful server can bring about: requirement, says, timeline."""
    machine: dict[str, dict[str, float]] = field(default_factory=dict)
    """What each process of the run cost: seconds of a core, megabytes, connections at most."""

    def add(self, other: Mapping[str, Any]) -> None:
        """Add the figures of another process; keys that JSON turned into strings are understood."""
        for entry in fields(self):
            mine, theirs = getattr(self, entry.name), other.get(entry.name)
            if not theirs:
                continue
            if isinstance(mine, list):
                for one in theirs:
                    self.shows(**one)
            elif not isinstance(mine, Counter):
                mine |= theirs
            elif entry.name in _MESSAGES:
                for message, count in theirs.items():
                    _bounded(mine, message, count)
            else:
                numbers = entry.name in _BY_NUMBER
                for key, count in theirs.items():
                    mine[int(key) if numbers else key] += count

    def take(self) -> dict[str, Any]:
        """Hand over what was counted since the last time, and start again from nothing."""
        taken = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value:
                taken[entry.name] = list(value) if isinstance(value, list) else dict(value)
                value.clear()
        return taken

    def wrong(self, message: str) -> None:
        """Count something that the target must not do; the number of messages has an end."""
        _bounded(self.unexpected, message)

    def arguable(self, message: str) -> None:
        """Count something that a target had better not do; messages have an end here, too."""
        _bounded(self.tolerated, message)

    def broke(self, message: str) -> None:
        """Count something of ours that broke."""
        _bounded(self.harness_errors, message)

    def violates(self, requirement: str, says: str, timeline: list[str]) -> None:
        """Count a bad history, and keep the first few with what happened in them."""
        self.wrong(f"{alike(says)} ({requirement})")
        self.shows(requirement, says, timeline)

    def shows(self, requirement: str, says: str, timeline: list[str]) -> None:
        """Keep what happened, of the first few of each kind."""
        alike = sum(one["requirement"] == requirement for one in self.violations)
        if len(self.violations) < MOST_VIOLATIONS and alike < ALIKE:
            found = {"requirement": requirement, "says": says, "timeline": timeline}
            self.violations.append(found)

    @property
    def unaccounted(self) -> int:
        """Sign-ins that were begun, and of which it is not known how they ended or stood."""
        told = self.flows.total() - self.flows["begun"] + self.unfinished.total()
        return self.flows["begun"] - told

    @property
    def polls(self) -> int:
        """All polls that were answered."""
        return self.answers.total()


_MESSAGES = {"unexpected", "tolerated", "harness_errors"}
_BY_NUMBER = {
    entry.name
    for entry in fields(Figures)
    if str(entry.type) in {"Times", "Seconds", "Counter[int]"}
}


def _bounded(messages: Counter[str], message: str, count: int = 1) -> None:
    message = clean(message, MOST)
    known = message in messages or len(messages) < MOST_MESSAGES
    messages[message if known else OTHERS] += count


def milliseconds(seconds: float) -> int:
    """Seconds as the whole milliseconds in which times are kept; never negative."""
    return max(0, round(seconds * 1000))


def coarse(value: int) -> int:
    """Two digits of a number of milliseconds: enough for what is drawn over time."""
    step = 1
    while value // step >= 100:
        step *= 10
    return value // step * step


def distribution(times: Times) -> dict[str, int]:
    """Count, least, most and percentiles of exact times, in milliseconds."""
    total = times.total()
    if not total:
        return {"count": 0}
    ordered = sorted(times.items())
    found = {"count": total, "least": ordered[0][0], "most": ordered[-1][0]}
    for share in SHARES:
        found[f"p{share}"] = percentile(ordered, total, share)
    return found


def percentile(ordered: list[tuple[int, int]], total: int, share: int) -> int:
    """The smallest time that at least `share` per cent of all times do not exceed."""
    passed = 0
    for value, count in ordered:
        passed += count
        if passed * 100 >= share * total:
            return value
    return ordered[-1][0]
