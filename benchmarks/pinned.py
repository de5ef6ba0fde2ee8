"""The reference server on one core, a load generator on the other, and somebody who watches it.

What the benchmarks of the load part have in common; there is nothing to run here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "harness.runners.cli")
GENERATOR_CORE, SERVER_CORE = 0, 1
MEGABYTE = 1_000_000
_STARTS_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a process had used at a moment (Unix time): seconds of a core, and bytes."""

    at: float
    used: float
    memory: int


@dataclass(slots=True)
class Seen:
    """What a generator used while it ran, its exit code, and what it said."""

    looks: list[Look] = field(default_factory=list)
    code: int = 0
    said: str = ""

    def used(self, first: float, last: float) -> float:
        """Seconds of a core between two moments."""
        return self._used_until(last) - self._used_until(first)

    def memory(self, first: float, last: float) -> float:
        """Bytes between two moments: the median."""
        return statistics.median(one.memory for one in self.looks if first <= one.at <= last + 1)

    @property
    def most_memory(self) -> int:
        return max(one.memory for one in self.looks)

    def _used_until(self, moment: float) -> float:
        """Looks come late on a busy machine; between two of them it was used evenly."""
        for one, other in pairwise(self.looks):
            if one.at <= moment <= other.at:
                share = (moment - one.at) / (other.at - one.at)
                return one.used + share * (other.used - one.used)
        raise SystemExit("the generator was not there when it was to be watched")


def refuse_without(*programs: str) -> None:
    """End with a message if this machine cannot do it."""
    for program in programs:
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed")
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("two cores are needed: one for the server, one for the generator")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started in a session of its own, with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def reference_server(folder: Path, *, interval: int, lifetime: int) -> Iterator[Path]:
    """The target file of a reference server that runs on its core while the block does."""
    file, log = folder / "target.toml", folder / "server.log"
    command = ["taskset", "-c", str(SERVER_CORE), *COMMAND, "serve", "--port", "0"]
    command += ["--interval", str(interval), "--lifetime", str(lifetime)]
    command += ["--write-target", str(file)]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=said, stderr=said, start_new_session=True
        )
    try:
        patience = time.monotonic() + _STARTS_WITHIN
        while not file.exists():
            if process.poll() is not None or time.monotonic() > patience:
                raise SystemExit(f"the server did not start:\n{log.read_text('utf-8')[-800:]}")
            time.sleep(0.05)
        yield file
    finally:
        end(process)


def watched(command: list[str], log: Path) -> Seen:
    """Run a generator on its core, and look at its process once a second, from outside."""
    seen, locust = Seen(), None
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["taskset", "-c", str(GENERATOR_CORE), *command],
            cwd=ROOT,
            env=environment(),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        while process.poll() is None:
            time.sleep(1 - time.time() % 1)
            with contextlib.suppress(psutil.Error):
                locust = locust or _locust_of(process.pid)
                if locust is not None:
                    now, times = time.time(), locust.cpu_times()
                    memory = locust.memory_info().rss
                    seen.looks.append(Look(now, times.user + times.system, memory))
    finally:
        end(process)
    seen.code, seen.said = process.returncode, log.read_text("utf-8")
    return seen


def _locust_of(pid: int) -> Any:
    first = psutil.Process(pid)
    family = [first, *first.children(recursive=True)]
    return next((one for one in family if one.cmdline()[1:3] == ["-m", "locust"]), None)


def load(folder: Path, *options: str) -> tuple[dict[str, Any], Seen]:
    """The result of `devicegrant load` with these options, and what it cost."""
    file = folder / "result.json"
    file.unlink(missing_ok=True)
    seen = watched([*COMMAND, "load", *options, "--json", str(file)], folder / "load.log")
    if not file.exists():
        raise SystemExit(f"no result, exit code {seen.code}:\n{seen.said[-2000:]}")
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if document["unexpected_total"] or document["harness_errors"]:
        raise SystemExit(f"the run came to nothing:\n{seen.said[-2000:]}")
    if seen.code:
        print(f"exit code {seen.code}: {document['verdict']}", flush=True)
    return document, seen


def judge(name: str, found: float, limit: float, *, least: bool = False) -> dict[str, object]:
    """Print whether a figure is below its limit (with `least`: not below), and return that."""
    reached = found >= limit if least else found < limit
    word = "at least" if least else "less than"
    print(f"{'reached' if reached else 'MISSED'}: {name}: {word} {limit:g} ({found:.4g})")
    return {"aim": name, "found": found, word: limit, "reached": reached}


def write(file: Path, document: dict[str, Any]) -> int:
    """Write a result; return the exit code that its aims mean."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return 0 if all(aim["reached"] for aim in document["aims"]) else 1
