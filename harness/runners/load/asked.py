"""What the options ask for: the crowd, when it comes, and how much load it may be.

The laws of this file: it is read anew whenever a test starts, because a master sends its options to
workers on other machines only with its word to begin; Locust's own options it does not send, so
that whatever follows from those stands in one of ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from harness.runners.load.arrivals import Arrivals, Load, arrivals
from harness.runners.load.plan import refuse_too_many_connections, refuse_too_much
from harness.runners.load.profile import Crowd, Profile, check_profile, shares_of
from harness.runners.load.rehearsal import Rehearsed
from harness.runners.load.trouble import troubles
from harness.target import TargetError

USUAL_SECONDS = 3600.0
"""How long a run is planned for if nobody has said when it ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan.  `rate` is the share of one process in the requests per second, `seconds` is the
    time in which devices come."""

    crowd: Crowd
    arrivals: Arrivals
    devices: int
    seconds: float
    trouble: str
    rate: float


def asked(options: Any, profile: type[Profile], people: int) -> Asked:
    """The plan that the options describe for a profile; raises `TargetError` if it is refused."""
    if not 0 < options.rate < math.inf:
        raise TargetError(f"--rate must be more than 0 requests a second, not {options.rate:g}")
    if not 0 <= options.seconds < math.inf:
        raise TargetError(f"--seconds must be a number of seconds, not {options.seconds:g}")
    check_profile(profile)
    typed, linked = options.thoughts, options.thoughts_by_link
    thoughts = typed + profile.scans * (linked - typed)
    crowd = Crowd(
        profile,
        shares_of(profile, vars(options)),
        people,
        options.load_seed,
        thoughts * sum(profile.thinks) / 2 + options.page_seconds,
        Rehearsed(options.interval_seen, 0.0).pause,
    )
    devices = options.devices or options.num_users or 1
    refuse_too_much(devices, options.rate, 1 / pace(crowd))
    processes = processes_of(options)
    own = options.connections * processes if options.played_as == "fleet" else devices
    at_the_pages = round(devices * crowd.visit / crowd.seconds()) if people else 0
    refuse_too_many_connections(own + at_the_pages, processes)
    seconds = float(options.seconds or options.run_time or USUAL_SECONDS)
    load = Load(devices, seconds, crowd.seconds(), crowd.interval)
    trouble = profile.trouble if options.trouble is None else options.trouble
    troubles(trouble)
    return Asked(
        crowd,
        arrivals(options.arrivals or profile.arrivals, load),
        devices,
        seconds,
        trouble,
        options.rate / processes,
    )


def processes_of(options: Any) -> int:
    """How many processes share the load; a worker knows it from its master."""
    return max(1, options.processes or 1, options.expect_workers or 1)


def pace(crowd: Crowd) -> float:
    """Polls per second of one device, on average; raises `TargetError` if that has no end."""
    shares, hurry = crowd.shares, crowd.profile.hurry
    if shares.disobedient and not hurry:
        raise TargetError(f"profile {crowd.profile.__name__}: hurry is 0, which is no pause at all")
    hasty = shares.disobedient / hurry if shares.disobedient else 0.0
    return ((1 - shares.disobedient) / crowd.interval + hasty) * (1 + shares.doubled)
