"""Load runs in processes of their own, since Locust changes whoever imports it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.clock import WallClock
from harness.runners.load.command import profile_file
from harness.runners.load.own_server import environment

ROOT = Path(__file__).parents[2]
WITHIN = 60.0
"""Seconds after which a run is taken for one that hangs."""
_LOAD = (
    "import json, sys; from pathlib import Path; "
    "from harness.runners.load.command import run_load; "
    "given = json.loads(sys.argv[1]); given['json'] = Path(given['json']); "
    "sys.exit(run_load(**given))"
)
_SERVE = (
    "import sys; from pathlib import Path; from harness.runners.serve_command import serve; "
    "sys.exit(serve(0, interval=1, write_target=Path(sys.argv[1])))"
)
_MARKED = '''
"""Tells when the load is there."""

import os
from pathlib import Path

from harness.runners.locust_user import Household, locust

heard = []


class Hasty(Household):
    """Nobody thinks."""

    approve, deny, abandon = 0.7, 0.2, 0.1
    decides_after = (0.0, 1.0)
    thinks = (0.0, 0.0)
    switched_off_after = (1.0, 3.0)
    doubled = 0.0


@locust.events.request.add_listener
def counts(name, **_):
    heard.extend([name] if name.startswith("poll") else [])
    if len(heard) == 10:
        file = Path({folder!r}, f"{{os.getpid()}}.new")
        file.touch()
        file.rename(file.with_suffix(".loads"))
'''


@dataclass(slots=True)
class Loading:
    """A run under way; `folder` has its files."""

    folder: Path
    process: subprocess.Popen[bytes]

    def until_it_loads(self) -> list[int]:
        """Wait for ten polls of one process; returns the ids of all that have got so far."""
        watch = WallClock()
        while not (found := list(self.folder.glob("*.loads"))):
            assert self.process.poll() is None, self.said()
            assert watch.now() < WITHIN, self.said()
            watch.sleep(0.02)
        return [int(file.stem) for file in found]

    def interrupted(self) -> None:
        """Ctrl-C: everybody in the foreground hears it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> tuple[int, dict[str, Any]]:
        """Wait for the end; returns exit code and figures."""
        code = self.process.wait(WITHIN)
        summary = self.folder / "load.json"
        assert summary.exists(), self.said()
        return code, json.loads(summary.read_text("utf-8"))

    def said(self) -> str:
        """What it has printed."""
        return (self.folder / "said").read_text("utf-8")


@contextlib.contextmanager
def loading(folder: Path, **settings: Any) -> Iterator[Loading]:
    """A run in a session of its own, with the arguments of `run_load`."""
    folder.mkdir()
    given = {"json": str(folder / "load.json"), "interval": 1, **settings}
    with (folder / "said").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _LOAD, json.dumps(given)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Loading(folder, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(WITHIN)


@contextlib.contextmanager
def mastered(folder: Path, profile: str, target: Path, *options: str) -> Iterator[Loading]:
    """A master, which is told everything, and two workers, which are told where both are."""
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    common = [
        *(sys.executable, "-m", "locust", "-f", str(profile_file(profile))),
        *("--target", str(target), "--loglevel", "WARNING"),
    ]
    master = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
    wanted = ["--expect-workers", "2", "--headless", "--no-tables", "--only-summary", *options]
    summary = ["--summary", str(folder / "load.json")]
    worker = ["--worker", "--master-host", "127.0.0.1", "--master-port", port]
    with (folder / "said").open("wb") as out:
        started = [
            subprocess.Popen(
                [*common, *rest],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for rest in ([*master, *wanted, *summary], worker, worker)
        ]
    try:
        yield Loading(folder, started[0])
    finally:
        for process in started:
            process.kill()
            process.wait(WITHIN)


def marked_profile(folder: Path) -> str:
    """The path of a profile that leaves a file in `folder` after ten answers to polls."""
    file = folder.parent / f"{folder.name}_profile.py"
    file.write_text(_MARKED.format(folder=str(folder)), "utf-8")
    return str(file)


@contextlib.contextmanager
def serving(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`devicegrant serve` on a free port, once its target file is there."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(file)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        watch = WallClock()
        while not file.exists():
            assert process.poll() is None
            assert watch.now() < WITHIN
            watch.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()
