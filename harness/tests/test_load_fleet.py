from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = (
    "import gevent.monkey; gevent.monkey.patch_all(); import runpy; "
    "runpy.run_module('harness.tests.fleet_cases', run_name='__main__')"
)
SOON = 0.1
"""Seconds that are no lag."""

Seconds = dict[str, list[float]]


@pytest.fixture(scope="module")
def played() -> dict[str, Seconds]:
    """What fleets counted, in a process that gevent may change."""
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Seconds] = json.loads(done.stdout)
    return found


def test_a_target_that_keeps_all_connections_busy_is_not_the_generators_lag(
    played: dict[str, Seconds],
) -> None:
    found = played["slow target"]

    assert len(found["lags"]) == 3 and max(found["lags"]) < SOON
    assert found["waits"] == pytest.approx([0.0, 0.2, 0.4], abs=SOON)


def test_with_enough_connections_nobody_waits(played: dict[str, Seconds]) -> None:
    found = played["slow target, many workers"]

    assert max(found["lags"]) < SOON
    assert found["waits"] == [0.0] * 3


def test_a_generator_that_is_too_slow_is_late(played: dict[str, Seconds]) -> None:
    found = played["slow generator"]

    assert found["lags"] == pytest.approx([0.0, 0.2, 0.4], abs=SOON)
    assert found["waits"] == [0.0] * 3
