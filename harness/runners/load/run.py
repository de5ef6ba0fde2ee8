"""One load run inside Locust: its options, its figures, and its exit code.

The laws of this file: it hears Locust's events and does not import Locust; the exit code says
"broken" from the first moment and gets better only when the result has been worked out.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harness.clock import WallClock
from harness.runners.load.arrivals import Arrivals, Load, arrivals
from harness.runners.load.handover import Awaited, hands_over
from harness.runners.load.interruption import Interruption
from harness.runners.load.machine import Machine, Watched
from harness.runners.load.options import add_options, thresholds_of
from harness.runners.load.outcome import BROKEN, exit_code, write_results
from harness.runners.load.plan import (
    Ceiling,
    load_venue,
    refuse_too_many_connections,
    refuse_too_much,
)
from harness.runners.load.profile import Crowd, check_profile, shares_of
from harness.runners.load.ran import Ran
from harness.runners.load.rehearsal import Rehearsed
from harness.runners.load.tally import Tally, row_of
from harness.runners.load.thresholds import Threshold
from harness.runners.load.trouble import Trouble, troubles
from harness.target import TargetError

Environment = Any
"""Locust is not typed."""

PROGRESS_EVERY = 5.0
"""Seconds between two lines that tell how it goes."""
_DATA = "devicegrant"
_PREPARED_WITHIN = 60.0
_GOING = {"spawning", "running"}


@dataclass(slots=True)
class Run:
    """What all users of one process share."""

    tally: Tally
    arrivals: Arrivals
    ran: Ran
    trouble: str
    thresholds: tuple[Threshold, ...]
    server: Watched | None
    myself: Machine = field(default_factory=Machine)
    interruption: Interruption = field(default_factory=Interruption)

    def troubles(self) -> Trouble | None:
        """The trouble that befalls lines, counted from now on."""
        faults, outages = troubles(self.trouble)
        if not faults and not outages:
            return None
        return Trouble(faults, outages, self.tally.clock, self.tally.crowd.seed)

    def share(self, environment: Environment) -> tuple[int, int]:
        """Which of how many processes this one is; devices are dealt out by it."""
        runner = environment.runner
        if type(runner).__name__ != "WorkerRunner":
            return 0, 1
        many = max(1, environment.parsed_options.expect_workers or 1)
        return runner.worker_index % many, many


def begin(environment: Environment) -> Run:
    """The run of this process; raises `TargetError` if it could not be prepared.

    A worker may be told to spawn while its endpoints are still being looked up, so this waits.
    """
    clock = WallClock()
    while not hasattr(environment, _DATA) and clock.now() < _PREPARED_WITHIN:
        clock.sleep(0.05)
    run = getattr(environment, _DATA, None)
    if not isinstance(run, Run):
        raise TargetError("the run was not prepared; see the messages above")
    return run


def plug_in(events: Any) -> None:
    """Listen to Locust's events."""
    events.init_command_line_parser.add_listener(add_options)
    events.init.add_listener(_prepare)


def _prepare(environment: Environment, runner: Any, **_: Any) -> None:
    kind = type(runner).__name__
    if environment.parsed_options.no_tables:
        logging.getLogger("locust.stats_logger").setLevel(logging.WARNING)
    if kind != "WorkerRunner":
        environment.process_exit_code = BROKEN
    try:
        run = _run(environment)
    except TargetError as problem:
        print(f"devicegrant load: {problem}", file=sys.stderr, flush=True)
        raise SystemExit(2) from None
    environment.host = environment.host or _origin(run.tally.venue.target.token_endpoint)
    setattr(environment, _DATA, run)
    events = environment.events
    events.user_error.add_listener(lambda exception, **_: run.tally.broke(exception))
    events.test_start.add_listener(_starts(run))
    events.test_stopping.add_listener(lambda **_: run.ran.stops(run.tally.clock.unix()))
    if kind == "WorkerRunner":
        # It may have been told to start before anybody listened.
        run.myself.begins()
        run.interruption.listens(worker=True)
        hands_over(runner, lambda: _taken(run, runner.client_id))
        events.report_to_master.add_listener(_reports(run))
        return
    if kind == "MasterRunner":
        awaited = Awaited(runner, run.tally.figures, run.tally.clock)
        events.test_stopping.add_listener(lambda **_: awaited.waits())
    events.worker_report.add_listener(_collects(run))
    events.quitting.add_listener(_ends(run))


def _run(environment: Environment) -> Run:
    options = environment.parsed_options
    word = options.target or environment.host
    if not word:
        raise TargetError("name a target: --target FILE, or --host ISSUER with --client-id")
    if options.rate <= 0:
        raise TargetError(f"--rate must be more than 0 requests a second, not {options.rate:g}")
    venue = load_venue(
        word, client_id=options.client_id, scope=options.scope, permitted=options.permitted
    )
    profile = environment.user_classes[0]
    check_profile(profile)
    seen = Rehearsed(options.interval_seen, 0.0)
    devices = options.devices or options.num_users or 1
    refuse_too_much(devices, options.rate, seen.pause)
    crowd = Crowd(
        profile,
        shares_of(profile, vars(options)),
        len(venue.target.users),
        options.load_seed,
        options.thoughts * sum(profile.thinks) / 2 + options.page_seconds,
        seen.pause,
    )
    seconds = float(options.run_time or 3600)
    load = Load(devices, seconds, crowd.seconds(), crowd.interval)
    plan = arrivals(options.arrivals or profile.arrivals, load)
    trouble = profile.trouble if options.trouble is None else options.trouble
    troubles(trouble)
    clock = WallClock()
    processes = max(1, options.processes or 1, options.expect_workers or 1)
    own = options.connections * processes if options.played_as == "fleet" else devices
    refuse_too_many_connections(own, processes)
    ceiling = Ceiling(options.rate / processes, clock)
    tally = Tally(venue, clock, crowd, ceiling, row_of(environment.events.request))
    ceiling.waited = tally.held
    watched = Watched(options.server_pid) if options.server_pid else None
    ran = Ran.planned_by(options, crowd, plan, devices)
    return Run(tally, plan, ran, trouble, thresholds_of(options.slo, profile), watched)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _starts(run: Run) -> Callable[..., None]:
    def starts(environment: Environment, **_: Any) -> None:
        run.ran.starts(run.tally.clock.unix())
        if type(environment.runner).__name__ == "WorkerRunner":
            return
        run.myself.begins()
        run.interruption.listens(worker=False)
        threading.Thread(target=_tells, args=(run, environment.runner), daemon=True).start()

    return starts


def _tells(run: Run, runner: Any) -> None:
    """Say how it goes, and look every second at what the server costs, and whether to stop."""
    clock = run.tally.clock
    next_line = clock.now() + PROGRESS_EVERY
    while not run.ran.stopped:
        if run.server is not None:
            run.server.looks(int(clock.unix()))
        if clock.now() >= next_line:
            next_line += PROGRESS_EVERY
            if not run.ran.quiet:
                print(run.ran.progress(run.tally.figures, clock.unix()), flush=True)
        if run.interruption.asked:
            run.ran.interrupted = True
            runner.quit()
            return
        clock.sleep(1.0)


def _reports(run: Run) -> Callable[..., None]:
    def reports(data: dict[str, Any], client_id: str = "", **_: Any) -> None:
        data[_DATA] = _taken(run, client_id or str(os.getpid()))

    return reports


def _taken(run: Run, name: str) -> dict[str, Any]:
    """What this process has counted since it last told."""
    run.myself.tells(run.tally, name)
    return run.tally.figures.take()


def _collects(run: Run) -> Callable[..., None]:
    def collects(data: dict[str, Any], **_: Any) -> None:
        run.tally.figures.add(data.get(_DATA, {}))

    return collects


def _ends(run: Run) -> Callable[..., None]:
    told: list[bool] = []

    def ends(environment: Environment, **_: Any) -> None:
        if told:
            return  # after SIGTERM Locust asks twice
        told.append(True)
        if environment.runner.state in _GOING:
            # After SIGTERM Locust asks for the result first and stops the users later.
            run.ran.interrupted = True
            environment.runner.stop()
        run.ran.stops(run.tally.clock.unix())
        figures = run.tally.figures
        if type(environment.runner).__name__ == "LocalRunner":
            run.myself.tells(run.tally, str(os.getpid()))
        for lost in getattr(getattr(environment.runner, "clients", None), "missing", ()):
            figures.harness_errors[f"worker {lost.id} was lost, its figures with it"] += 1
        if figures.unaccounted:
            # A worker that goes at the very end is missed by nobody else.
            left = f"{figures.unaccounted} sign-ins were begun and never told of"
            figures.harness_errors[left] += 1
        document = run.ran.document(figures, run.tally.venue.target, run.server, run.thresholds)
        environment.process_exit_code = exit_code(document)
        write_results(run.ran, document)

    return ends
