"""`devicegrant load`: starts Locust, and the reference server if nobody else is to be loaded.

Both run in processes of their own: importing Locust changes the standard library, and a server that
shared a core with the load would be measured together with it.
"""

from __future__ import annotations

import contextlib
import json as json_module
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from harness.clock import WallClock
from harness.runners.load.plan import FLAG, RATE, load_venue, refuse_too_much
from harness.target import TargetError

PROFILES = Path("scenarios", "load")
ACCOUNTS = 50
"""People whom the reference server knows beside alice and bob."""
FASTEST = 100
"""Devices spawned per second at most; above that Locust itself becomes uneven."""
_STARTS_WITHIN = 20.0
_ENDS_WITHIN = 15.0
_GRACE = 60.0
"""Seconds that Locust may take beyond the run itself."""
_ROOT = Path(__file__).parents[3]
_SERVE = (
    "import json, os, pathlib, sys, threading; from harness.runners.serve_command import serve; "
    # The end of its input is the end of whoever started it, however that came about.
    "threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start(); "
    "given = json.loads(sys.argv[1]); path = pathlib.Path(given.pop('file')); "
    "sys.exit(serve(0, write_target=path, **given))"
)


def run_load(
    target_word: str | None = None,
    *,
    profile: str = "steady_state",
    devices: int = 200,
    duration: float = 60.0,
    processes: int = 1,
    ramp: float | None = None,
    rate: float = RATE,
    client_id: str | None = None,
    scope: str | None = None,
    approve: float | None = None,
    deny: float | None = None,
    abandon: float | None = None,
    html: Path | None = None,
    json: Path | None = None,
    seed: int | None = None,
    lifetime: int = 600,
    interval: int = 5,
    i_may_load_this_target: bool = False,
) -> int:
    """Run a profile; return the exit code: 0 all lawful, 1 not, 2 settings, 3 undecided, 4 broken.

    `duration` and `ramp`, the time in which the devices come, are seconds.  Without `target_word`,
    or with `mutant:NAME`, a server is started for the run, with `lifetime` and `interval`.  The
    shares are the profile's own unless one of them is given.
    """
    try:
        file = profile_file(profile)
        _refuse_nothing(devices=devices, duration=duration, processes=processes, rate=rate)
        refuse_too_much(devices, rate)
        mutant = (target_word or "").removeprefix("mutant:") or None
        own = target_word is None or target_word.startswith("mutant:")
        with contextlib.ExitStack() as stack:
            stack.enter_context(_ended_by_sigterm())
            if own:
                target_word = stack.enter_context(
                    _reference(mutant, lifetime=lifetime, interval=interval, seed=seed)
                )
            assert target_word is not None
            # Asked here as well, so that a refusal comes before Locust and without its noise.
            load_venue(
                target_word, client_id=client_id, scope=scope, permitted=i_may_load_this_target
            )
            arguments = [
                *("-f", str(file), "--headless", "--only-summary", "--loglevel", "WARNING"),
                *("--users", str(devices), "--spawn-rate", f"{_spawn_rate(devices, ramp):g}"),
                *("--run-time", f"{max(1, round(duration))}s", "--target", target_word),
                *("--rate", f"{rate:g}", "--run-id", str(uuid.uuid4())),
                *("--load-seed", "" if seed is None else str(seed)),
            ]
            named: dict[str, object] = {
                "--client-id": client_id,
                "--scope": scope,
                "--html": html,
                "--summary": json,
            }
            named |= {"--approve": approve, "--deny": deny, "--abandon": abandon}
            for option, value in named.items():
                arguments += [option, str(value)] if value is not None else []
            if i_may_load_this_target:
                arguments.append(FLAG)
            if processes > 1:
                port = str(_free_port())
                arguments += ["--processes", str(processes), "--master-bind-port", port]
                arguments += ["--master-port", port]
            return _locust(arguments, duration + (ramp or 0.0) + _GRACE)
    except TargetError as problem:
        print(f"devicegrant load: {problem}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end what was started here, too; load that nobody watches must not go on."""

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def profile_file(name: str) -> Path:
    """The file of a profile; raises `TargetError` with those that there are."""
    folder = _ROOT / PROFILES
    known = sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")
    if name not in known:
        raise TargetError(f"no profile is called {name!r}; there are: {', '.join(known)}")
    return folder / f"{name}.py"


def _refuse_nothing(**numbers: float) -> None:
    for name, number in numbers.items():
        if number <= 0:
            raise TargetError(f"--{name} must be more than 0, not {number:g}")


def _spawn_rate(devices: int, ramp: float | None) -> float:
    ramp = ramp if ramp is not None else min(10.0, devices / 10)
    return min(float(FASTEST), devices / max(ramp, 1.0))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{path}" if path else str(_ROOT)}


def _locust(arguments: list[str], longest: float) -> int:
    command = [sys.executable, "-m", "locust", *arguments]
    with subprocess.Popen(command, env=_environment()) as process:  # noqa: S603
        try:
            return process.wait(longest)
        except subprocess.TimeoutExpired:
            process.kill()
            print("devicegrant load: Locust did not come to an end", file=sys.stderr)
            return 4
        except KeyboardInterrupt:
            # Ctrl-C reached Locust, too, and it ends in its own way, with the figures so far.
            try:
                return process.wait(_ENDS_WITHIN)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.kill()
                return 130
        finally:
            if process.poll() is None:
                process.terminate()


@contextlib.contextmanager
def _reference(
    mutant: str | None, *, lifetime: int, interval: int, seed: int | None
) -> Iterator[str]:
    """A reference server in a process of its own; yields its target file."""
    with tempfile.TemporaryDirectory(prefix="devicegrant-") as folder:
        file = Path(folder, "target.toml")
        given = {
            "file": str(file),
            "mutant": mutant,
            "lifetime": lifetime,
            "interval": interval,
            "seed": seed,
            "accounts": ACCOUNTS,
        }
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _SERVE, json_module.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            # Ctrl-C is for Locust first: the server stays until the last figure is in.
            start_new_session=True,
        )
        try:
            _wait_for(file, process)
            yield str(file)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    clock = WallClock()
    while not file.exists():
        if process.poll() is not None:
            said = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
            raise TargetError(f"the reference server did not start: {said.strip()[-500:]}")
        if clock.now() > _STARTS_WITHIN:
            raise TargetError(f"the reference server was not ready after {_STARTS_WITHIN:.0f} s")
        clock.sleep(0.05)
