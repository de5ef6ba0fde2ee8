"""What a load run is asked for, and what its document says of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.runners.load.asked import asked, pace
from harness.runners.load.child import GRACE
from harness.runners.load.command import Settings, _with_pages
from harness.runners.load.figures import Figures
from harness.runners.load.handover import WITHIN
from harness.runners.load.outcome import LOST, SURPLUS, exit_code, verdict
from harness.runners.load.plan import Ceiling
from harness.runners.load.profile import Profile
from harness.runners.load.ran import Ran
from harness.runners.load.rehearsal import Rehearsed
from harness.runners.load.run import Run
from harness.runners.load.tally import Tally
from harness.runners.reference import reference_server, reference_target
from harness.runners.stage import Outside
from harness.target import TargetError


class WorkerRunner:
    """Looks like Locust's."""

    def __init__(self, index: int) -> None:
        self.worker_index = index


class TooMany(Exception):
    """The worker would have slept for ever."""


class Sleepless(VirtualClock):
    """Nobody sleeps for ever in a test."""

    def sleep(self, seconds: float) -> None:
        raise TooMany


def options(**given: object) -> SimpleNamespace:
    """Options as Locust has read them."""
    usual = dict.fromkeys(
        ("trouble", "run_time", "num_users", "processes", "expect_workers", "summary", "page")
    )
    rest: dict[str, object] = {
        "rate": 500.0,
        "seconds": 0.0,
        "devices": 1000,
        "load_seed": "1",
        "thoughts": 3.0,
        "thoughts_by_link": 3.0,
        "page_seconds": 0.5,
        "interval_seen": 5.0,
        "connections": 9,
        "played_as": "fleet",
        "arrivals": "",
        "quiet": True,
        "locustfile": "x.py",
        "run_id": "",
        "new_connections": False,
        "spawn_rate": 1,
    }
    return SimpleNamespace(**{**usual, **rest, **given})


def run_of(found: SimpleNamespace) -> Run:
    """A run that was prepared with these options."""
    target = reference_target(reference_server("https://reference.example", seed=1))
    venue, clock = Outside(target, consent_from("forms")), Sleepless()
    plan = asked(found, Profile, len(target.users))
    tally = Tally(venue, clock, plan.crowd, Ceiling(plan.rate, clock), lambda *_: None)
    return Run(tally, plan.arrivals, Ran.planned_by(found, plan), (), None)


def place(found: SimpleNamespace, runner: object) -> SimpleNamespace:
    """Locust's environment."""
    return SimpleNamespace(parsed_options=found, user_classes=[Profile], runner=runner)


def finished(seconds: float, figures: Figures, **shares: float) -> dict[str, Any]:
    """The document of a run."""
    ran = Ran(
        settings={"shares": shares},
        plan={"interval": 5.25, "waiting": 10.0, "polls_per_second": 1.9},
        started=1000.0,
        stopped=1000.0 + seconds,
    )
    target = reference_target(reference_server("https://reference.example", seed=1))
    return ran.document(figures, target, None, ())


# --- what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ceiling_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(TargetError, match="--rate"):
        asked(options(rate=rate), Profile, 2)


def test_devices_come_within_the_seconds_of_the_run() -> None:
    assert asked(options(seconds=60.0), Profile, 2).seconds == 60.0
    assert asked(options(run_time=30), Profile, 2).seconds == 30.0
    assert asked(options(), Profile, 2).seconds == 3600.0


def test_devices_that_do_not_obey_and_polls_that_arrive_twice_are_planned_for() -> None:
    asked(options(disobedient=0.0, doubled=0.0), Profile, 2)
    with pytest.raises(TargetError, match="take at most"):
        asked(options(disobedient=0.5, doubled=0.0), Profile, 2)

    crowd = asked(options(devices=10, disobedient=0.5, doubled=1.0), Profile, 2).crowd
    assert pace(crowd) == pytest.approx(2 * (0.5 / 5.25 + 0.5))


def test_a_worker_plays_by_what_its_master_says_at_the_start() -> None:
    found = options(devices=0)
    run, spot = run_of(found), place(found, WorkerRunner(1))
    assert run.tally.ceiling.rate == 500.0

    vars(found).update(devices=1000, seconds=60.0, expect_workers=4, trouble="1% 503")
    run.settles(spot)

    assert run.tally.ceiling.rate == 125.0
    assert run.arrivals.residents == asked(found, Profile, 2).arrivals.residents > 500
    assert run.share(spot) == (1, 4)
    assert run.troubles() is run.troubles() is not None


def test_a_worker_that_nobody_expected_plays_nothing() -> None:
    found = options(expect_workers=2)
    run = run_of(found)

    with pytest.raises(TooMany):
        run.share(place(found, WorkerRunner(2)))

    assert any(SURPLUS in problem for problem in run.tally.figures.harness_errors)


def test_a_master_tells_workers_what_follows_from_options_of_locust() -> None:
    found = options(devices=0, num_users=50, run_time=20)
    run_of(found).settles(place(found, None))

    assert (found.devices, found.seconds) == (50, 20.0)


# --- what is said of it --------------------------------------------------------------------------


def test_a_run_of_more_than_a_day_is_told_for_a_day() -> None:
    found = finished(86_500.0, Figures(response=Counter({10: 1})))

    assert len(found["timeline"]["seconds"]) == 86_401
    assert found["waiting"]["mean"] == 0


def test_nothing_is_predicted_of_a_crowd_that_does_not_obey() -> None:
    figures = Figures(response=Counter({10: 1}), waiting_at=Counter({1000: 21}))

    assert finished(10.0, figures)["polls"]["predicted_per_second"] == pytest.approx(4, abs=0.1)
    assert finished(10.0, figures, disobedient=0.1)["polls"]["predicted_per_second"] is None


def test_a_worker_that_was_lost_is_no_fault_of_the_harness() -> None:
    lost = finished(10.0, Figures(harness_errors=Counter({f"worker x {LOST}": 1})))
    broken = finished(10.0, Figures(harness_errors=Counter(KeyError=1)))

    assert "report" not in verdict(lost, exit_code(lost))
    assert "report" in verdict(broken, exit_code(broken))


def test_it_is_said_for_how_long_obedient_devices_were_unharmed() -> None:
    assert finished(10.0, Figures()).get("unharmed_seconds") is None
    if hasattr(Figures(), "harmed_at"):
        harmed: Any = {"harmed_at": Counter({1007: 2, 1004: 1})}
        assert finished(10.0, Figures(**harmed))["unharmed_seconds"] == 4.0


# --- trials, and the end of Locust ---------------------------------------------------------------


def test_each_trial_has_a_page_of_its_own() -> None:
    given = ("--page=out/load.html", "--csv=all", "--slo=x=1")
    settings = Settings(given, "fleet", 1.0, 1, None, 1.0, Rehearsed(5.0, 600.0))

    found = _with_pages(settings, "trial-1-5-devices").arguments

    assert found == (
        "--page=out/load-trial-1-5-devices.html",
        "--csv=all-trial-1-5-devices",
        "--slo=x=1",
    )


def test_workers_have_the_time_that_they_may_take() -> None:
    assert GRACE > WITHIN


def test_who_is_ended_leaves_no_worker(tmp_path: Path) -> None:
    (tmp_path / "locust.py").write_text(
        "import subprocess, sys, time\n"
        "sleeps = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        f"open({str(tmp_path / 'worker')!r}, 'w').write(str(subprocess.Popen(sleeps).pid))\n"
        "time.sleep(60)\n",
        "utf-8",
    )
    code = (
        "import os; from harness.runners.load import child; child.GRACE = 0.0; "
        f"os.environ['PYTHONPATH'] = {str(tmp_path)!r}; "
        f"child.environment = lambda: os.environ; "
        "raise SystemExit(child.locust([], 1.5))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=30,
    )

    assert done.returncode == 4
    worker = int((tmp_path / "worker").read_text("utf-8"))
    gone = not psutil.pid_exists(worker) or psutil.Process(worker).status() == "zombie"
    assert gone
