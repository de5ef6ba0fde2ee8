"""One load run inside Locust: its options, its figures, and its exit code.

The laws of this file: it hears Locust's events and does not import Locust; the exit code says
"broken" from the first moment and gets better only when the result has been worked out.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harness.clock import WallClock
from harness.runners.load.arrivals import Arrivals
from harness.runners.load.asked import Asked, asked, processes_of
from harness.runners.load.handover import Awaited, hands_over
from harness.runners.load.interruption import Interruption
from harness.runners.load.invariants import Memory
from harness.runners.load.machine import Machine, Watched
from harness.runners.load.options import add_options, thresholds_of
from harness.runners.load.outcome import (
    BROKEN,
    LOST,
    SURPLUS,
    UNDECIDED,
    write_results,
)
from harness.runners.load.plan import Ceiling, load_venue, use_all_files
from harness.runners.load.ran import Ran
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
    thresholds: tuple[Threshold, ...]
    server: Watched | None
    myself: Machine = field(default_factory=Machine)
    interruption: Interruption = field(default_factory=Interruption)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    """For the users of this process."""
    settled: bool = False
    """Whether the plan is that of a test that was started."""
    _trouble: Trouble | None = None

    def settles(self, environment: Environment) -> None:
        """A test starts: plan it by the options as they are now; raises `TargetError`."""
        options, tally = environment.parsed_options, self.tally
        found = _asked(environment, len(tally.venue.target.users))
        self.numbers, self.settled = itertools.count(), True
        self.arrivals, tally.crowd, tally.ceiling.rate = found.arrivals, found.crowd, found.rate
        faults, outages = troubles(found.trouble)
        seed = f"{found.crowd.seed}/{getattr(environment.runner, 'worker_index', 0)}"
        befalling = Trouble(faults, outages, tally.clock, seed)
        self._trouble = befalling if faults or outages else None
        if not _is_worker(environment.runner):
            self.ran = Ran.planned_by(options, found)
            # These are sent to workers, and Locust's own options, from which they came, are not.
            options.devices = found.devices
            options.seconds = float(options.seconds or options.run_time or 0)

    def troubles(self) -> Trouble | None:
        """The trouble that befalls all lines of this process, counted from the start."""
        return self._trouble

    def share(self, environment: Environment) -> tuple[int, int]:
        """Which of how many processes this one is; devices are dealt out by it.

        A worker that nobody expected has no share: this does not return, and the run is broken.
        """
        if not _is_worker(environment.runner):
            return 0, 1
        index, many = environment.runner.worker_index, processes_of(environment.parsed_options)
        if not 0 <= index < many:
            self.tally.figures.harness_errors[f"{SURPLUS} ({many})"] += 1
            while True:
                self.tally.clock.sleep(60.0)
        return index, many


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
    if not run.settled:
        run.settles(environment)
    return run


def plug_in(events: Any) -> None:
    """Listen to Locust's events."""
    events.init_command_line_parser.add_listener(add_options)
    events.init.add_listener(_prepare)


def _prepare(environment: Environment, runner: Any, **_: Any) -> None:
    kind, is_worker = type(runner).__name__, _is_worker(runner)
    if environment.parsed_options.no_tables:
        logging.getLogger("locust.stats_logger").setLevel(logging.WARNING)
    if not is_worker:
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
    if is_worker:
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
    venue = load_venue(
        word, client_id=options.client_id, scope=options.scope, permitted=options.permitted
    )
    found = _asked(environment, len(venue.target.users))
    use_all_files()
    clock = WallClock()
    ceiling = Ceiling(found.rate, clock)
    rows = row_of(environment.events.request)
    tally = Tally(venue, clock, found.crowd, ceiling, rows, permitted=options.permitted)
    ceiling.waited = tally.held
    watched = Watched(options.server_pid) if options.server_pid else None
    limits = thresholds_of(options.slo, environment.user_classes[0])
    return Run(tally, found.arrivals, Ran.planned_by(options, found), limits, watched)


def _asked(environment: Environment, people: int) -> Asked:
    return asked(environment.parsed_options, environment.user_classes[0], people)


def _is_worker(runner: Any) -> bool:
    return type(runner).__name__ == "WorkerRunner"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _starts(run: Run) -> Callable[..., None]:
    def starts(environment: Environment, **_: Any) -> None:
        # What is left of a test before this one belongs to nobody.
        run.tally.figures.take()
        run.tally.memory = Memory()
        run.myself.begins()
        try:
            run.settles(environment)
        except TargetError as problem:
            print(f"devicegrant load: {problem}", file=sys.stderr, flush=True)
            run.tally.broke(problem)
        if _is_worker(environment.runner):
            return
        run.ran.starts(run.tally.clock.unix())
        run.interruption.listens(worker=False)
        if not run.ran.quiet:
            print(run.ran.planned, flush=True)
        threading.Thread(target=_tells, args=(run, environment.runner), daemon=True).start()

    return starts


def _tells(run: Run, runner: Any) -> None:
    """Say how it goes, and look every second at what the server costs, and whether to stop."""
    ran = run.ran
    clock = run.tally.clock
    next_line = clock.now() + PROGRESS_EVERY
    while not ran.stopped and run.ran is ran:
        if run.server is not None:
            run.server.looks(int(clock.unix()))
        if clock.now() >= next_line:
            next_line += PROGRESS_EVERY
            if not ran.quiet:
                print(ran.progress(run.tally.figures, clock.unix()), flush=True)
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
        if not run.ran.started:
            print("devicegrant load: no test was started, nothing was measured", flush=True)
            broken = run.tally.figures.harness_errors
            environment.process_exit_code = BROKEN if broken else UNDECIDED
            return
        if environment.runner.state in _GOING:
            # After SIGTERM Locust asks for the result first and stops the users later.
            run.ran.interrupted = True
            environment.runner.stop()
        run.ran.stops(run.tally.clock.unix())
        figures = run.tally.figures
        if type(environment.runner).__name__ == "LocalRunner":
            run.myself.tells(run.tally, str(os.getpid()))
        for lost in getattr(getattr(environment.runner, "clients", None), "missing", ()):
            figures.harness_errors[f"worker {lost.id} {LOST}"] += 1
        if figures.unaccounted:
            # A worker that goes at the very end is missed by nobody else.
            left = f"{figures.unaccounted} sign-ins were begun and never told of"
            figures.harness_errors[left] += 1
        document = run.ran.document(figures, run.tally.venue.target, run.server, run.thresholds)
        # Locust swallows what is raised in here; whatever it is, the exit code stays "broken".
        write_results(run.ran, document)
        environment.process_exit_code = document["exit_code"]

    return ends
