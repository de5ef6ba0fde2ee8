"""Whether a file is a profile: found out in a process of its own, since it imports Locust."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.runners.load.own_server import environment
from harness.target import TargetError

_TAKES = 30.0
"""Seconds in which a file that only says what a crowd is like must be read."""
_PROBE = """
import sys
from locust.util.load_locustfile import load_locustfile
from harness.runners.load.profile import Profile, check_profile
try:
    found = load_locustfile(sys.argv[1])[0]
except BaseException as problem:
    sys.exit(f"{type(problem).__name__}: {problem}")
profiles = [one for one in found.values() if issubclass(one, Profile)]
if len(profiles) != 1 or len(found) != 1:
    sys.exit(f"it must have one subclass of Household, and has {len(found)} users of Locust")
try:
    check_profile(profiles[0])
except Exception as problem:
    sys.exit(str(problem))
"""


def probe(path: Path) -> None:
    """Raises `TargetError` with what is wrong with a profile's file."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _PROBE, str(path)],
            check=False,
            capture_output=True,
            text=True,
            env=environment(),
            timeout=_TAKES,
        )
    except subprocess.TimeoutExpired:
        raise TargetError(f"{path}: reading this profile does not come to an end") from None
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["it cannot be read"])[-1]
        raise TargetError(f"{path} is no profile: {told}")
