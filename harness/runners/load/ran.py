"""Which run this is: what was asked for, what was planned, and when it did what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.runners.load.arrivals import Arrivals
from harness.runners.load.asked import Asked, pace, processes_of
from harness.runners.load.document import document_of
from harness.runners.load.figures import Figures
from harness.runners.load.machine import Watched
from harness.runners.load.profile import Crowd
from harness.runners.load.thresholds import Threshold
from harness.target import Target
from simulators.device import MARGIN


@dataclass(slots=True)
class Ran:
    """One run.  Moments are Unix time; 0 is not yet."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    settings: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, float] = field(default_factory=dict)
    summary: str | None = None
    page: str | None = None
    quiet: bool = False
    started: float = 0.0
    stopped: float = 0.0
    interrupted: bool = False
    settling: float = 0.0
    """Seconds from the start until as many devices wait as are meant to."""

    @classmethod
    def planned_by(cls, options: Any, asked: Asked) -> Ran:
        """The run that the command line describes."""
        crowd, plan, devices = asked.crowd, asked.arrivals, asked.devices
        as_users = options.played_as == "users"
        shares = {name: getattr(crowd.shares, name) for name in crowd.shares.__slots__}
        waiting = _waiting(plan, crowd, devices, as_users=as_users)
        ran = cls(
            summary=options.summary,
            page=options.page,
            quiet=options.quiet,
            settings={
                "profile": Path(str(options.locustfile)).stem,
                "devices": devices,
                "played_as": options.played_as,
                "duration": options.seconds or options.run_time,
                "processes": processes_of(options),
                "rate": options.rate,
                "seed": options.load_seed,
                "arrivals": "as Locust spawns users" if as_users else plan.text,
                "shares": shares,
                "hurry": crowd.profile.hurry,
                "trouble": asked.trouble,
                "connections": options.connections,
                "new_connections": options.new_connections,
            },
            plan={
                "interval": crowd.interval,
                "waiting": round(waiting, 1),
                "polls_per_second": round(waiting * pace(crowd), 2),
                "arrivals_per_second": round(waiting / crowd.seconds(), 3)
                if as_users
                else round(plan.rate, 3),
                "sign_in_seconds": round(crowd.seconds(), 1),
            },
            settling=_settling(options, crowd, as_users=as_users),
        )
        ran.id = options.run_id or ran.id
        return ran

    @property
    def planned(self) -> str:
        """What is going to happen, in one line."""
        plan = self.plan
        return (
            f"plan: {plan['waiting']:,.0f} devices wait, {plan['polls_per_second']:,.1f} polls/s "
            f"(interval {plan['interval'] - MARGIN:g} s and a margin of {MARGIN:g}), "
            f"{plan['arrivals_per_second']:,.1f} arrivals/s, "
            f"a sign-in takes {plan['sign_in_seconds']:,.1f} s"
        )

    def starts(self, now: float) -> None:
        """The first device is about to come."""
        self.started = now

    def stops(self, now: float) -> None:
        """The end; only the first call counts."""
        self.stopped = self.stopped or now

    def progress(self, figures: Figures, now: float) -> str:
        """How it goes, in one line."""
        second = int(now) - 2
        rate = sum(figures.polls_at[second - back] for back in range(3)) / 3
        waiting = sum(count for at, count in figures.waiting_at.items() if at <= second)
        wrong = figures.unexpected.total()
        return (
            f"{now - self.started:6.0f} s  {waiting:,} waiting, {rate:,.0f} polls/s, "
            f"{figures.answers['token']:,} tokens of {figures.flows['begun']:,} sign-ins, "
            f"{figures.busy.total():,} put off, "
            + (f"{wrong:,} UNEXPECTED" if wrong else "nothing unexpected")
        )

    def document(
        self,
        figures: Figures,
        target: Target,
        server: Watched | None,
        thresholds: tuple[Threshold, ...],
    ) -> dict[str, Any]:
        """The result as a JSON document."""
        return document_of(self, figures, target, server, thresholds)


def _waiting(plan: Arrivals, crowd: Crowd, devices: int, *, as_users: bool) -> float:
    """Devices that wait, by Little's law; who comes at once waits at once."""
    if as_users or plan.residents or plan.text.startswith("all "):
        return float(devices)
    return plan.rate * crowd.seconds()


def _settling(options: Any, crowd: Crowd, *, as_users: bool) -> float:
    spawned = (options.num_users or 1) / (options.spawn_rate or 1)
    coming = crowd.profile.staggered + spawned if as_users else crowd.interval
    return float(coming + crowd.interval)
