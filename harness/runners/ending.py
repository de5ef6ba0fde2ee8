"""How every command ends: an exit code, and one message on stderr if something is wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness.runners.version import NAME, version

SETTINGS, UNDECIDED, BROKEN = 2, 3, 4
DEBUG = "DEVICEGRANT_DEBUG"
"""The environment variable that makes a traceback appear."""


def ended(act: Callable[[], Any]) -> int:
    """The exit code of a command; whatever it raises becomes a message.

    What click raises for wrong usage is left to click, which explains it and exits with 2.
    """
    try:
        code = act()
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return UNDECIDED
    except BrokenPipeError:
        # Whoever read our output has seen enough.  The descriptor is replaced so that Python's own
        # flush at exit finds nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as problem:  # noqa: BLE001 -- the last line of defence, see the module's text
        return _explained(problem)
    return code if isinstance(code, int) else 0


def _explained(problem: Exception) -> int:
    from harness.recording import RecordingError
    from harness.target import TargetError

    if isinstance(problem, TargetError | RecordingError):
        _say(str(problem))
        return SETTINGS
    if os.environ.get(DEBUG):
        traceback.print_exception(problem)
    else:
        _say(_report(problem))
    return BROKEN


def _report(problem: Exception) -> str:
    """What can be told about a fault of ours: places only, for values may be secret."""
    frames = traceback.extract_tb(problem.__traceback__)[-4:]
    places = [f"{Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames]
    steps = "\n  ".join([f"{NAME} {version()}, Python {sys.version.split()[0]}", *places])
    return (
        f"this is a fault of {NAME} ({type(problem).__name__}): please report it with these lines\n"
        f"  {steps}\n{DEBUG}=1 shows everything, which may include secrets"
    )


def _say(message: str) -> None:
    # Never a terminal command out of somebody's error message.
    lines = ["".join(c if c.isprintable() else " " for c in one) for one in message.split("\n")]
    print(f"{NAME}: " + "\n".join(lines), file=sys.stderr, flush=True)
