"""The result of a load run as one JSON document: everything that was counted, and over time.

The laws of this file: what was not measured is null or left out, never zero; nothing in it is a
secret, because nothing that was counted is one.
"""

from __future__ import annotations

import platform
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from harness.runners.load import thresholds as limits
from harness.runners.load.figures import Figures, distribution, percentile
from harness.runners.load.judging import REUSED
from harness.runners.load.machine import Watched, cores
from harness.runners.load.thresholds import Threshold
from harness.target import Target

if TYPE_CHECKING:
    from harness.runners.load.ran import Ran

SCHEMA = "devicegrant/load/1"
LONGEST = 86_400
"""Seconds that are told one by one."""


def document_of(
    ran: Ran,
    figures: Figures,
    target: Target,
    server: Watched | None,
    thresholds: tuple[Threshold, ...],
) -> dict[str, Any]:
    """The document, without exit code and verdict."""
    window = _window(ran)
    over_time = _timeline(ran, figures, server)
    measured = _mean(figures.polls_at, window)
    totals, requests = figures.totals, max(1, figures.totals["requests"])
    begun = figures.flows["begun"]
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "run": ran.id,
        "versions": {
            **{name: _version(name) for name in ("devicegrant", "locust", "gevent")},
            "python": platform.python_version(),
        },
        "machine": {"cores": cores(), "system": platform.system()},
        "started": datetime.fromtimestamp(ran.started, UTC).isoformat(timespec="seconds"),
        "seconds": round(ran.stopped - ran.started, 3),
        "interrupted": ran.interrupted,
        "target": {"name": target.name, "issuer": target.issuer},
        "settings": ran.settings,
        "plan": ran.plan,
        "polls": {
            "planned_per_second": ran.plan.get("polls_per_second"),
            "measured_per_second": measured,
            "predicted_per_second": _predicted(ran, figures, over_time["waiting"], window),
            "total": figures.polls,
            "by_answer": dict(figures.answers),
            "per_sign_in": distribution(figures.polls_per_sign_in),
            "wasted": totals["wasted"],
            "wasted_share": totals["wasted"] / figures.polls if figures.polls else None,
            "intervals": {str(key): count for key, count in figures.intervals.items()},
        },
        "waiting": _waiting(ran, over_time["waiting"], window),
        "codes": {
            "issued": totals["codes"],
            "pending_at_end": over_time["pending_codes"][-1] if over_time["pending_codes"] else 0,
        },
        "flows": dict(figures.flows),
        "unfinished": dict(figures.unfinished),
        "unfinished_share": figures.unfinished.total() / begun if begun else None,
        "slow_down_to_obedient": totals["slow_down to obedient"],
        "starved": totals["starved"],
        **_unharmed(ran, figures),
        "approval_to_token_ms": {
            **distribution(figures.approval_to_token),
            "floor": round(500 * ran.plan["interval"]),
        },
        "still_waiting_ms": distribution(figures.still_waiting),
        "lag_ms": distribution(figures.lag),
        "held_ms": distribution(figures.held),
        "queued_ms": distribution(figures.queued),
        "response_ms": distribution(figures.response),
        "requests": totals["requests"],
        "busy": figures.busy.total(),
        "busy_share": figures.busy.total() / requests,
        "network": dict(figures.network),
        "network_share": (figures.network.total() - figures.network[REUSED]) / requests,
        "visits": totals["visits"],
        "hindered_visits": totals["hindered visits"],
        "injected": dict(figures.injected),
        "guesses": dict(figures.guesses),
        "tolerated": dict(figures.tolerated),
        "unexpected": dict(figures.unexpected),
        "unexpected_total": figures.unexpected.total(),
        "violations": figures.violations,
        "harness_errors": dict(figures.harness_errors),
        "generator": _generator(figures),
        "server": _server(server, measured),
        "timeline": over_time,
    }
    document["thresholds"] = limits.judge(thresholds, document)
    return document


def _window(ran: Ran) -> range:
    """The full seconds in which as many devices waited as were meant to, of those that are told."""
    end = min(int(ran.stopped), int(ran.started) + LONGEST)
    return range(int(ran.started + ran.settling) + 1, end)


def _mean(per_second: Mapping[int, int], window: range) -> float | None:
    if len(window) < 3:
        return None
    return round(sum(per_second.get(second, 0) for second in window) / len(window), 3)


def _predicted(ran: Ran, figures: Figures, waiting: list[int], window: range) -> float | None:
    """Little's law: the devices that waited, divided by how long one turn takes them.

    Where some do not obey, turns have no common length, and nothing is predicted.
    """
    found = [waiting[second - int(ran.started)] for second in window]
    hasty = ran.settings.get("shares", {}).get("disobedient")
    if len(found) < 3 or not figures.response or hasty:
        return None
    took = sum(ms * count for ms, count in figures.response.items()) / figures.response.total()
    return round(statistics.fmean(found) / (ran.plan["interval"] + took / 1000), 3)


def _waiting(ran: Ran, waiting: list[int], window: range) -> dict[str, float]:
    settled = [waiting[second - int(ran.started)] for second in window]
    return {
        "mean": round(statistics.fmean(settled or waiting or [0]), 1),
        "most": max(waiting, default=0),
        "at_end": waiting[-1] if waiting else 0,
    }


def _unharmed(ran: Ran, figures: Figures) -> dict[str, float | None]:
    """Seconds until an obedient device was first slowed down or put off, None if none ever was."""
    first = min((second for second, count in figures.harmed_at.items() if count), default=None)
    seconds = None if first is None else round(max(0.0, first - ran.started), 1)
    return {"unharmed_seconds": seconds}


def _timeline(ran: Ran, figures: Figures, server: Watched | None) -> dict[str, Any]:
    first = int(ran.started)
    seconds = range(first, min(int(ran.stopped), first + LONGEST) + 1)
    answers: dict[str, Counter[int]] = {}
    for mark, count in figures.answers_at.items():
        second, _, answer = mark.partition(" ")
        answers.setdefault(answer, Counter())[int(second)] += count
    found: dict[str, Any] = {
        "seconds": [second - first for second in seconds],
        "arrivals": _each(figures.arrivals_at, seconds),
        "polls_wanted": _each(figures.wanted_at, seconds),
        "polls_done": _each(figures.polls_at, seconds),
        "waiting": _summed(figures.waiting_at, seconds),
        "pending_codes": _summed(figures.codes_at, seconds),
        "lag_ms_p99": _percentiles(figures.lag_at, seconds, 99),
        "time_to_token_ms_p50": _percentiles(figures.token_at, seconds, 50),
        "answers": {answer: _each(counts, seconds) for answer, counts in sorted(answers.items())},
    }
    if server is not None and server.memory:
        found["server_memory_mb"] = [server.memory.get(second) for second in seconds]
    return found


def _each(per_second: Mapping[int, int], seconds: Iterable[int]) -> list[int]:
    return [per_second.get(second, 0) for second in seconds]


def _summed(changes: Mapping[int, int], seconds: range) -> list[int]:
    """What there is at the end of each second, from what came and went in it."""
    level = sum(count for second, count in changes.items() if second < seconds.start)
    levels = []
    for second in seconds:
        level += changes.get(second, 0)
        levels.append(level)
    return levels


def _percentiles(marks: Mapping[str, int], seconds: range, share: int) -> list[int | None]:
    by_second: dict[int, Counter[int]] = {}
    for mark, count in marks.items():
        second, _, value = mark.partition(" ")
        by_second.setdefault(int(second), Counter())[int(value)] += count
    return [
        percentile(sorted(by_second[one].items()), by_second[one].total(), share)
        if one in by_second
        else None
        for one in seconds
    ]


def _generator(figures: Figures) -> dict[str, float | int | None]:
    """The processes that made the load, together; the busiest of them for its share of a core."""
    processes = list(figures.machine.values())
    if not processes:
        return {"processes": 0, "cpu_share": None, "memory_mb": None, "connections": None}
    return {
        "processes": len(processes),
        "cpu_share": round(max(one["cpu_share"] for one in processes), 3),
        "memory_mb": round(sum(one["memory_mb"] for one in processes)),
        "connections": round(sum(one["connections"] for one in processes)),
    }


def _server(server: Watched | None, measured: float | None) -> dict[str, float | None] | None:
    """What our own server cost, and what it would carry if one core did nothing else."""
    if server is None:
        return None
    share = server.cpu_share
    ceiling = None
    if share is not None and share > 0.02 and measured:
        ceiling = round(measured / share)
    return {
        "cpu_share": None if share is None else round(share, 3),
        "memory_mb": max(server.memory.values(), default=None),
        "ceiling_polls_per_second": ceiling,
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
