"""The reference server in a process of its own: what is loaded if nobody else is."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.clock import WallClock
from harness.target import TargetError

ACCOUNTS = 50
"""People whom the reference server knows beside alice and bob."""
ENDS_WITHIN = 15.0
_STARTS_WITHIN = 20.0
ROOT = Path(__file__).parents[3]
_SERVE = (
    "import json, os, pathlib, sys, threading; from harness.runners.serve_command import serve; "
    # The end of its input is the end of whoever started it, however that came about.
    "threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start(); "
    "given = json.loads(sys.argv[1]); path = pathlib.Path(given.pop('file')); "
    "sys.exit(serve(0, write_target=path, **given))"
)


@dataclass(frozen=True, slots=True)
class OwnServer:
    """Its target file and its process."""

    target: str
    pid: int


def environment() -> dict[str, str]:
    """The environment for processes that must find this package."""
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)}


@contextlib.contextmanager
def own_server(
    mutant: str | None, *, lifetime: int, interval: int, seed: int | None
) -> Iterator[OwnServer]:
    """A reference server while the block runs; raises `TargetError` if it does not start."""
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
            [sys.executable, "-c", _SERVE, json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
            # Ctrl-C is for Locust first: the server stays until the last figure is in.
            start_new_session=True,
        )
        try:
            _wait_for(file, process)
            yield OwnServer(str(file), process.pid)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=ENDS_WITHIN)
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
