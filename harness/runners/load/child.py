"""Locust in a process of its own, and its end.

The laws of this file: whatever ends, no worker is left that goes on loading; whoever may still be
telling its last figures is given the time for that.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil

from harness.runners.load.handover import WITHIN
from harness.runners.load.own_server import ENDS_WITHIN, environment

GRACE = WITHIN + 60.0
"""Seconds that Locust may take beyond the run itself."""


def locust(arguments: list[str], seconds: float) -> int:
    """Run Locust for so many seconds and until it has its figures; returns its exit code."""
    command = [sys.executable, "-m", "locust", *arguments]
    with subprocess.Popen(command, env=environment()) as process:  # noqa: S603
        try:
            return process.wait(seconds + GRACE)
        except subprocess.TimeoutExpired:
            _kills(process)
            print("devicegrant load: Locust did not come to an end", file=sys.stderr)
            return 4
        except KeyboardInterrupt:
            # Ctrl-C reached Locust, too, and it ends in its own way, with the figures so far.
            try:
                return process.wait(WITHIN + ENDS_WITHIN)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                _kills(process)
                return 130
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                    process.wait(WITHIN + ENDS_WITHIN)
                _kills(process)


def _kills(process: subprocess.Popen[bytes]) -> None:
    """End Locust and its workers at once; a worker without its master would go on loading."""
    with contextlib.suppress(psutil.Error):
        family = [one := psutil.Process(process.pid), *one.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.Error):
                one.kill()


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
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
