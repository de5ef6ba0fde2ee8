"""`devicegrant load`: starts Locust, and the reference server if nobody else is to be loaded.

Both run in processes of their own: importing Locust changes the standard library, and a server that
shared a core with the load would be measured together with it.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.runners.load.child import ended_by_sigterm, locust
from harness.runners.load.limit import find_limit
from harness.runners.load.outcome import BROKEN, FINE, UNLAWFUL
from harness.runners.load.own_server import ROOT, own_server
from harness.runners.load.plan import FLAG, RATE, load_venue, refuse_too_much
from harness.runners.load.probe import probe
from harness.runners.load.profile import Profile
from harness.runners.load.rehearsal import Rehearsed, rehearse
from harness.runners.load.thresholds import Threshold, read_thresholds
from harness.runners.outputs import writable
from harness.target import TargetError

PROFILES = Path("scenarios", "load")
OWN_RATE = 10_000.0
"""Requests a second that a server of our own may get unless the command line says otherwise."""
FASTEST = 100
"""Users spawned per second at most; above that Locust itself becomes uneven."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every trial of a run has in common."""

    arguments: tuple[str, ...]
    played_as: str
    duration: float
    processes: int
    ramp: float | None
    rate: float
    rehearsed: Rehearsed
    doubled: float = 0.0
    """The share of devices whose polls arrive twice, as far as it is known here."""


def run_load(
    target_word: str | None = None,
    *,
    profile: str = "steady_state",
    played_as: str = "fleet",
    devices: int = 200,
    duration: float = 60.0,
    processes: int = 1,
    ramp: float | None = None,
    rate: float | None = None,
    arrivals: str | None = None,
    trouble: str | None = None,
    connections: int = 256,
    new_connections: bool = False,
    client_id: str | None = None,
    scope: str | None = None,
    approve: float | None = None,
    deny: float | None = None,
    abandon: float | None = None,
    mistype: float | None = None,
    disobedient: float | None = None,
    doubled: float | None = None,
    slo: Sequence[str] = (),
    find: bool = False,
    most: int = 100_000,
    html: Path | None = None,
    json: Path | None = None,
    locust_html: Path | None = None,
    locust_csv: Path | None = None,
    seed: int | None = None,
    lifetime: int = 600,
    interval: int = 5,
    i_may_load_this_target: bool = False,
) -> int:
    """Run a profile; return the exit code: 0 all lawful, 1 not, 2 settings, 3 undecided, 4 broken.

    `duration` and `ramp`, the time in which Locust's users come, are seconds.  Without
    `target_word`, or with `mutant:NAME`, a server is started for the run, with `lifetime` and
    `interval`.  Shares, arrivals and trouble are the profile's own unless they are given.  With
    `find` the devices are raised, up to `most`, until a threshold breaks.
    """
    try:
        file = profile_file(profile)
        _refuse_nothing(devices=devices, duration=duration, processes=processes, most=most)
        _refuse_aimless(read_thresholds(slo), find=find)
        own = target_word is None or target_word.startswith("mutant:")
        ceiling = rate if rate is not None else (OWN_RATE if own else RATE)
        _refuse_nothing(rate=ceiling)
        for option, path in (("--json", json), ("--html", html), ("--locust-html", locust_html)):
            writable(option, path)
        mutant = (target_word or "").removeprefix("mutant:") or None
        with contextlib.ExitStack() as stack:
            stack.enter_context(ended_by_sigterm())
            pid = 0
            if own:
                server = own_server(mutant, lifetime=lifetime, interval=interval, seed=seed)
                started = stack.enter_context(server)
                target_word, pid = started.target, started.pid
            assert target_word is not None
            # Asked here as well, so that a refusal comes before Locust and without its noise.
            venue = load_venue(
                target_word, client_id=client_id, scope=scope, permitted=i_may_load_this_target
            )
            rehearsed = rehearse(
                venue,
                decides=abandon is None or bool(approve or deny),
                permitted=i_may_load_this_target,
            )
            refuse_too_much(devices, ceiling, rehearsed.pause)
            named: dict[str, object] = {
                "--target": target_word,
                "--client-id": client_id,
                "--scope": scope,
                "--played-as": played_as,
                "--arrivals": arrivals,
                "--trouble": trouble,
                "--connections": connections,
                "--approve": approve,
                "--deny": deny,
                "--abandon": abandon,
                "--mistype": mistype,
                "--disobedient": disobedient,
                "--doubled": doubled,
                "--rate": f"{ceiling:g}",
                "--server-pid": pid,
                "--page": html,
                "--html": locust_html,
                "--csv": locust_csv,
                "--load-seed": uuid.uuid4().hex if seed is None else seed,
                "--interval-seen": rehearsed.interval,
            }
            flags = {"--new-connections": new_connections, FLAG: i_may_load_this_target}
            settings = Settings(
                (
                    *(
                        "-f",
                        str(file),
                        "--headless",
                        "--only-summary",
                        "--no-tables",
                        "--loglevel",
                        "WARNING",
                    ),
                    *(f"{key}={value}" for key, value in named.items() if value is not None),
                    *(key for key, wanted in flags.items() if wanted),
                    *(f"--slo={word}" for word in slo),
                ),
                played_as,
                duration,
                processes,
                ramp,
                ceiling,
                rehearsed,
                Profile.doubled if doubled is None else doubled,
            )
            if find:
                return _finds(settings, devices, most, json)
            return _one(settings, devices, json)
    except TargetError as problem:
        print(f"devicegrant load: {problem}", file=sys.stderr)
        return 2


def _finds(settings: Settings, devices: int, most: int, json: Path | None) -> int:
    most = min(most, int(settings.rate * settings.rehearsed.pause / (1 + settings.doubled)))
    quiet = replace(settings, arguments=(*settings.arguments, "--quiet"))
    with tempfile.TemporaryDirectory(prefix="devicegrant-") as folder:
        found = find_limit(
            lambda number, file: _one(_with_pages(quiet, file.stem), number, file),
            start=min(devices, most),
            most=most,
            folder=Path(folder),
            json=json,
        )
    return found.code


def _with_pages(settings: Settings, trial: str) -> Settings:
    """The settings of one trial, whose pages do not overwrite those of another."""
    arguments = []
    for word in settings.arguments:
        key, _, value = word.partition("=")
        if key in {"--page", "--html", "--csv"}:
            file = Path(value)
            arguments.append(f"{key}={file.with_name(f'{file.stem}-{trial}{file.suffix}')}")
        else:
            arguments.append(word)
    return replace(settings, arguments=tuple(arguments))


def _one(settings: Settings, devices: int, json: Path | None) -> int:
    """One run of Locust."""
    as_fleet = settings.played_as == "fleet"
    users = settings.processes if as_fleet else devices
    rate = float(users) if as_fleet else _spawn_rate(devices, settings.ramp)
    thinks = settings.rehearsed.thoughts
    linked = settings.rehearsed.thoughts_by_link
    scanned = thinks if linked is None else linked
    seconds = max(1, round(settings.duration))
    arguments = [
        *settings.arguments,
        *("--users", str(users), "--spawn-rate", f"{rate:g}", "--devices", str(devices)),
        *("--run-time", f"{seconds}s", "--seconds", str(seconds), "--run-id", str(uuid.uuid4())),
        *("--thoughts", str(thinks), "--thoughts-by-link", str(scanned)),
        *("--page-seconds", f"{settings.rehearsed.pages:.3f}"),
    ]
    if settings.processes > 1:
        port = str(_free_port())
        arguments += ["--processes", str(settings.processes), "--master-bind-port", port]
        arguments += ["--master-port", port]
    with tempfile.TemporaryDirectory(prefix="devicegrant-") as folder:
        file = json if json is not None else Path(folder, "summary.json")
        file.unlink(missing_ok=True)
        arguments += ["--summary", str(file)]
        code = locust(arguments, settings.duration + (settings.ramp or 0.0))
        if code in {FINE, UNLAWFUL} and not file.exists():
            # Python's own exit code after a crash is 1, too.
            print("devicegrant load: Locust ended without a result", file=sys.stderr)
            return BROKEN
    return code


def profile_file(name: str) -> Path:
    """The file of a profile, by its name or its path; raises `TargetError` with those there are."""
    if name.endswith(".py"):
        if not Path(name).is_file():
            raise TargetError(f"{name}: no such profile")
        probe(Path(name))
        return Path(name)
    folder = ROOT / PROFILES
    known = sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")
    found = name.replace("-", "_")
    if found not in known:
        raise TargetError(f"no profile is called {name!r}; there are: {', '.join(known)}")
    return folder / f"{found}.py"


def _refuse_nothing(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < float("inf"):
            raise TargetError(f"--{name} must be more than 0, not {number:g}")


def _refuse_aimless(thresholds: Sequence[Threshold], *, find: bool) -> None:
    if find and not thresholds:
        raise TargetError("--find-limit looks for what breaks a threshold: name one with --slo")


def _spawn_rate(devices: int, ramp: float | None) -> float:
    ramp = ramp if ramp is not None else min(10.0, devices / 10)
    return min(float(FASTEST), devices / max(ramp, 1.0))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
