"""What a load run says when it is over: an exit code, some lines, and a JSON document."""

from __future__ import annotations

import json
import platform
import statistics
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.runners.load.figures import Figures, distribution
from harness.target import Target

SCHEMA = "devicegrant/load/1"
FINE, UNLAWFUL, SETTINGS, UNDECIDED, BROKEN = range(5)
"""The exit codes of a load run; the same numbers as everywhere in devicegrant."""
TOO_LATE = 500
"""Milliseconds: if one poll in a hundred left later than this, the generator was the limit."""


@dataclass(slots=True)
class Ran:
    """Which run this is, and when it did what (Unix time; 0 is not yet)."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    profile: str = ""
    devices: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    summary: str | None = None
    started: float = 0.0
    complete: float = 0.0
    """When the last device had been spawned."""
    stopped: float = 0.0
    settling: float = 0.0
    """Seconds within which a spawned device is switched on."""

    def plan(self, options: Any) -> None:
        """Keep what was asked for."""
        self.id = options.run_id or self.id
        self.profile = Path(str(options.locustfile)).stem
        self.devices = options.num_users or 1
        self.summary = options.summary
        self.settings = {
            "profile": self.profile,
            "devices": self.devices,
            "spawned_per_second": options.spawn_rate or 1,
            "duration": options.run_time,
            "processes": max(1, options.processes or 1),
            "rate": options.rate,
            "seed": options.load_seed,
            "shares": [options.approve, options.deny, options.abandon],
        }

    def starts(self, now: float) -> None:
        """The first device is about to come."""
        self.started = now

    def completes(self, now: float) -> None:
        """The last device has come."""
        self.complete = now

    def stops(self, now: float) -> None:
        """The end; only the first call counts."""
        self.stopped = self.stopped or now

    def planned(self, figures: Figures) -> float | None:
        """Polls per second that all devices together make: devices / interval."""
        if not figures.intervals:
            return None
        return self.devices / statistics.fmean(figures.intervals.elements())

    def measured(self, figures: Figures) -> float | None:
        """Polls per second, the median over the time in which all devices were there."""
        if not self.complete:
            return None
        settled = self.complete + self.settling + max(figures.intervals, default=0)
        return figures.polls_per_second(settled, self.stopped)

    def progress(self, figures: Figures, now: float) -> str:
        """How it goes, in one line."""
        return (
            f"{now - self.started:6.0f} s  {figures.polls} polls, {figures.flows['begun']} flows, "
            f"{figures.answers['token']} tokens, {figures.unexpected.total()} unexpected"
        )


def exit_code(figures: Figures) -> int:
    """What the figures mean for the exit code."""
    if figures.harness_errors:
        return BROKEN
    if figures.unexpected:
        return UNLAWFUL
    return UNDECIDED if _invalid(figures) else FINE


def _invalid(figures: Figures) -> str:
    """Why the run decides nothing, or an empty string."""
    if not figures.polls:
        return "no poll was ever answered"
    for times, why in (
        (figures.late, "polls left {} ms later than due: the load generator was the limit"),
        (figures.held, "requests waited {} ms for --rate: the ceiling was the limit"),
    ):
        found = distribution(times).get("p99", 0)
        if found > TOO_LATE:
            return "one in a hundred " + why.format(found)
    return ""


def lines(ran: Ran, figures: Figures, code: int) -> Iterator[str]:
    """The result for people."""
    planned, measured = ran.planned(figures), ran.measured(figures)
    yield ""
    yield f"run {ran.id}: {ran.devices} devices, {ran.stopped - ran.started:.0f} s"
    if planned is not None:
        shown = "not measured, the run was too short" if measured is None else f"{measured:.1f}"
        yield f"polls per second   planned {planned:.1f}, measured {shown}"
    yield f"answers to polls   {_counts(figures.answers)}"
    yield f"flows              {_counts(figures.flows)}"
    yield f"unfinished         {_counts(figures.unfinished)}"
    yield f"approval to token  {_times(distribution(figures.approval_to_token))}"
    if figures.still_waiting:
        yield f"  still waiting    {_times(distribution(figures.still_waiting))}"
    yield f"polls left late    {_times(distribution(figures.late))}"
    if figures.network:
        yield f"network            {_counts(figures.network)}"
    for message, count in figures.tolerated.most_common():
        yield f"arguable           {count} x {message}"
    for message, count in figures.unexpected.most_common():
        yield f"UNEXPECTED         {count} x {message}"
    for message, count in figures.harness_errors.most_common():
        yield f"HARNESS ERROR      {count} x {message}"
    yield _verdict(figures, code)


def _verdict(figures: Figures, code: int) -> str:
    if code == BROKEN:
        return "the harness broke; please report this, the target is not to blame"
    if code == UNLAWFUL:
        return f"{figures.unexpected.total()} unexpected answers"
    if code == UNDECIDED:
        return f"this run decides nothing: {_invalid(figures)}"
    return "not one unexpected answer"


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{key} {count}" for key, count in sorted(counter.items())) or "none"


def _times(found: dict[str, int]) -> str:
    if not found["count"]:
        return "none"
    shown = " ".join(f"{name} {found[name]}" for name in ("p50", "p95", "p99", "most"))
    return f"{found['count']} measured, ms: {shown}"


def write_summary(path: Path, ran: Ran, figures: Figures, target: Target, code: int) -> None:
    """Write everything as JSON; raises `OSError`."""
    document = {
        "schema": SCHEMA,
        "run": ran.id,
        "versions": {
            **{name: _version(name) for name in ("devicegrant", "locust", "gevent")},
            "python": platform.python_version(),
        },
        "started": datetime.fromtimestamp(ran.started, UTC).isoformat(timespec="seconds"),
        "seconds": round(ran.stopped - ran.started, 3),
        "exit_code": code,
        "verdict": _verdict(figures, code),
        "target": {"name": target.name, "issuer": target.issuer},
        "settings": ran.settings,
        "polls": {
            "planned_per_second": ran.planned(figures),
            "measured_per_second": ran.measured(figures),
            "total": figures.polls,
            "by_answer": dict(figures.answers),
            "intervals": {str(key): count for key, count in figures.intervals.items()},
        },
        "flows": dict(figures.flows),
        "unfinished": dict(figures.unfinished),
        "approval_to_token_ms": distribution(figures.approval_to_token),
        "still_waiting_ms": distribution(figures.still_waiting),
        "late_ms": distribution(figures.late),
        "held_ms": distribution(figures.held),
        "network": dict(figures.network),
        "tolerated": dict(figures.tolerated),
        "unexpected": dict(figures.unexpected),
        "harness_errors": dict(figures.harness_errors),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
