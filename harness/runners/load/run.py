"""One load run inside Locust: its options, its figures, and its exit code.

The laws of this file: it hears Locust's events and does not import Locust; the exit code says
"broken" from the first moment and gets better only when the result has been worked out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.clock import WallClock
from harness.runners.load.figures import Figures, milliseconds
from harness.runners.load.plan import FLAG, RATE, Ceiling, load_venue, refuse_too_much
from harness.runners.load.summary import BROKEN, Ran, exit_code, lines, write_summary
from harness.runners.stage import Outside
from harness.target import TargetError

Environment = Any
"""Locust is not typed."""

PROGRESS_EVERY = 10.0
"""Seconds between two lines that tell how it goes."""
_DATA = "devicegrant"
_PREPARED_WITHIN = 60.0
_GOING = {"spawning", "running"}


@dataclass(slots=True)
class Run:
    """What all households of one process share."""

    venue: Outside
    clock: WallClock
    request_event: Any
    seed: str
    shares: tuple[float, float, float] | None = None
    """Approve, deny, abandon, if the command line says so rather than the profile."""
    figures: Figures = field(default_factory=Figures)
    ceiling: Ceiling = field(init=False)
    ran: Ran = field(default_factory=Ran)

    def limited(self, rate: float) -> Run:
        """The same with a ceiling on its requests per second."""
        self.ceiling = Ceiling(rate, self.clock, self._held)
        return self

    def _held(self, seconds: float) -> None:
        self.figures.held[milliseconds(seconds)] += 1

    def fires(self, kind: str, name: str, seconds: float, problem: str = "") -> None:
        """Put a row into Locust's own statistics that is no request."""
        self.request_event.fire(
            request_type=kind,
            name=name,
            response_time=seconds * 1000,
            response_length=0,
            exception=AssertionError(problem) if problem else None,
            context={},
        )


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
    events.init_command_line_parser.add_listener(_options)
    events.init.add_listener(_prepare)


def _options(parser: Any) -> None:
    add: Callable[..., Any] = parser.add_argument
    add("--target", metavar="FILE|URL", env_var="DEVICEGRANT_TARGET", help="whom to load")
    add("--client-id", env_var="DEVICEGRANT_CLIENT_ID", help="the client, if --target is a URL")
    add("--scope", env_var="DEVICEGRANT_SCOPE", help="the scope that devices ask for")
    add("--rate", type=float, default=RATE, help="requests per second that are never exceeded")
    add("--approve", type=float, help="share of people who approve (with --deny, --abandon)")
    add("--deny", type=float, help="share of people who deny")
    add("--abandon", type=float, help="share of people who never come")
    add("--load-seed", default="", help="whom and when chance picks; a text")
    add("--summary", metavar="FILE", help="write the figures as JSON")
    add("--run-id", default="", help="the name of the run in the summary")
    add(FLAG, action="store_true", dest="permitted", help="load a target on another machine")


def _prepare(environment: Environment, runner: Any, **_: Any) -> None:
    kind = type(runner).__name__
    options = environment.parsed_options
    if kind != "WorkerRunner":
        environment.process_exit_code = BROKEN
    try:
        run = _run(environment, options)
    except TargetError as problem:
        print(f"devicegrant load: {problem}", file=sys.stderr, flush=True)
        raise SystemExit(2) from None
    environment.host = environment.host or _origin(run.venue.target.token_endpoint)
    setattr(environment, _DATA, run)
    events = environment.events
    events.user_error.add_listener(_broke(run))
    events.test_start.add_listener(_starts(run, shown=kind != "WorkerRunner"))
    events.spawning_complete.add_listener(lambda **_: run.ran.completes(run.clock.unix()))
    events.test_stopping.add_listener(lambda **_: run.ran.stops(run.clock.unix()))
    if kind == "WorkerRunner":
        events.report_to_master.add_listener(_reports(run))
        return
    events.worker_report.add_listener(_collects(run))
    events.quitting.add_listener(_ends(run))


def _run(environment: Environment, options: Any) -> Run:
    word = options.target or environment.host
    if not word:
        raise TargetError("name a target: --target FILE, or --host ISSUER with --client-id")
    if options.rate <= 0:
        raise TargetError(f"--rate must be more than 0 requests a second, not {options.rate:g}")
    refuse_too_much(options.num_users or 1, options.rate)
    venue = load_venue(
        word, client_id=options.client_id, scope=options.scope, permitted=options.permitted
    )
    processes = max(1, options.processes or 1)
    run = Run(
        venue,
        WallClock(),
        environment.events.request,
        options.load_seed,
        shares=_shares(options.approve, options.deny, options.abandon),
    )
    run.ran.plan(options)
    run.ran.settling = max((kind.staggered for kind in environment.user_classes), default=0.0)
    return run.limited(options.rate / processes)


def _shares(*shares: float | None) -> tuple[float, float, float] | None:
    if all(share is None for share in shares):
        return None
    approve, deny, abandon = (share or 0.0 for share in shares)
    if min(approve, deny, abandon) < 0 or approve + deny + abandon <= 0:
        raise TargetError("--approve, --deny and --abandon are shares: none negative, one above 0")
    return approve, deny, abandon


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _starts(run: Run, *, shown: bool) -> Callable[..., None]:
    def starts(**_: Any) -> None:
        run.ran.starts(run.clock.unix())
        if shown:
            threading.Thread(target=_tells, args=(run,), daemon=True).start()

    return starts


def _tells(run: Run) -> None:
    while not run.ran.stopped:
        run.clock.sleep(PROGRESS_EVERY)
        if not run.ran.stopped:
            print(run.ran.progress(run.figures, run.clock.unix()), flush=True)


def _broke(run: Run) -> Callable[..., None]:
    def broke(exception: BaseException, **_: Any) -> None:
        run.figures.harness_errors[f"{type(exception).__name__}: {exception}"[:200]] += 1

    return broke


def _reports(run: Run) -> Callable[..., None]:
    def reports(data: dict[str, Any], **_: Any) -> None:
        data[_DATA] = run.figures.take()

    return reports


def _collects(run: Run) -> Callable[..., None]:
    def collects(data: dict[str, Any], **_: Any) -> None:
        run.figures.add(data.get(_DATA, {}))

    return collects


def _ends(run: Run) -> Callable[..., None]:
    def ends(environment: Environment, **_: Any) -> None:
        if environment.runner.state in _GOING:
            # After Ctrl-C Locust asks for the result first and stops the users later.
            environment.runner.stop()
        run.ran.stops(run.clock.unix())
        for lost in getattr(getattr(environment.runner, "clients", None), "missing", ()):
            run.figures.harness_errors[f"worker {lost.id} was lost, its figures with it"] += 1
        code = exit_code(run.figures)
        if run.ran.summary is not None:
            write_summary(Path(run.ran.summary), run.ran, run.figures, run.venue.target, code)
        print("\n".join(lines(run.ran, run.figures, code)), flush=True)
        environment.process_exit_code = code

    return ends
