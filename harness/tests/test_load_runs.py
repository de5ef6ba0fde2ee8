"""Whole load runs.  All begin at once: together they take hardly longer than the longest."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from harness.tests.loads import Loading, loading, marked_profile, mastered, serving

COMERS = 24


@dataclass
class Runs:
    """All runs of this file."""

    alone: Loading
    shared: Loading
    spread: Loading
    orphan: Loading
    stopped: Loading
    maimed: Loading


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("loads")
    comers = folder / "comers.txt"
    comers.write_text("\n".join(f"{0.04 * number:.2f}" for number in range(COMERS)), "utf-8")
    same = {
        "profile": "smoke",
        "devices": COMERS,
        "arrivals": f"replay {comers}",
        "seed": 7,
        "doubled": 0.0,
    }

    def marked(name: str, **settings: Any) -> contextlib.AbstractContextManager[Loading]:
        profile = marked_profile(folder / name)
        return loading(folder / name, profile=profile, devices=20, seed=1, **settings)

    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        target = folder / "target.toml"
        server = enter(serving(target))
        enter(serving(folder / "other.toml"))
        told = ("--played-as=fleet", "--users=2", "--spawn-rate=2", "--run-time=6s", "--doubled=0")
        same_told = (f"--devices={COMERS}", f"--arrivals=replay {comers}", "--load-seed=7")
        other = mastered(folder / "spread", "smoke", folder / "other.toml", *told, *same_told)
        found = Runs(
            alone=enter(loading(folder / "alone", duration=6, **same)),
            shared=enter(loading(folder / "shared", duration=6, processes=2, **same)),
            spread=enter(other),
            orphan=enter(marked("orphan", duration=5, target_word=str(target))),
            stopped=enter(marked("stopped", duration=50, processes=2)),
            maimed=enter(marked("maimed", duration=5, processes=2)),
        )
        found.orphan.until_it_loads()
        server.kill()
        os.kill(found.maimed.until_it_loads()[0], signal.SIGKILL)
        found.stopped.until_it_loads()
        found.stopped.interrupted()
        yield found


def is_tidy(run: Loading) -> bool:
    """Whether nothing of what was printed is meant for those who made it."""
    return "Traceback" not in run.said() and "Exception ignored" not in run.said()


def adds_up(found: dict[str, Any]) -> bool:
    """Whether every sign-in that began is counted once at the end."""
    ended = {name: count for name, count in found["flows"].items() if name != "begun"}
    return bool(found["flows"]["begun"] == sum(ended.values()) + sum(found["unfinished"].values()))


def test_a_worker_that_disappears_is_said_and_breaks_the_run(runs: Runs) -> None:
    code, found = runs.maimed.ended()

    assert code == 4
    assert any("was lost, its figures" in problem for problem in found["harness_errors"])
    assert is_tidy(runs.maimed)


def test_ctrl_c_writes_what_was_measured(runs: Runs) -> None:
    code, found = runs.stopped.ended()

    assert code == 3
    assert found["interrupted"] and "interrupted" in found["verdict"]
    assert found["unexpected"] == {} and found["harness_errors"] == {}
    assert found["polls"]["total"] > 0
    assert found["seconds"] < 40
    assert adds_up(found) and is_tidy(runs.stopped)
    assert "KeyboardInterrupt" not in runs.stopped.said()


def test_a_server_that_dies_in_the_middle_fails_the_run(runs: Runs) -> None:
    code, found = runs.orphan.ended()

    assert code == 1
    assert found["harness_errors"] == {}
    assert found["network"]["refused"] > 0
    assert found["unexpected"] == {}, "who did not answer has said nothing unlawful"
    assert "network_share" in found["verdict"]
    assert adds_up(found) and is_tidy(runs.orphan)
    assert "BROKEN   network_share" in runs.orphan.said()


def test_two_processes_count_as_one_does_to_the_device(runs: Runs) -> None:
    (one, alone), (other, shared) = runs.alone.ended(), runs.shared.ended()

    assert alone["flows"] == shared["flows"]
    assert alone["flows"]["begun"] == COMERS
    assert set(alone["flows"]) == {"begun", "token", "access_denied", "abandoned"}
    assert alone["codes"] == shared["codes"]
    for found in (alone, shared):
        assert found["unexpected"] == found["unfinished"] == found["harness_errors"] == {}
        assert sum(found["timeline"]["arrivals"]) == COMERS
        assert found["waiting"]["at_end"] == 0
        assert found["approval_to_token_ms"]["count"] == found["flows"]["token"]
    assert (alone["generator"]["processes"], shared["generator"]["processes"]) == (1, 2)
    # A machine that is busy with other things may make them late, and nothing else.
    assert one in {0, 3} and other in {0, 3}
    assert is_tidy(runs.alone) and is_tidy(runs.shared)


def test_workers_on_other_machines_play_what_their_master_was_told(runs: Runs) -> None:
    (_, alone), (code, spread) = runs.alone.ended(), runs.spread.ended()

    assert spread["flows"] == alone["flows"] and spread["codes"] == alone["codes"]
    assert spread["unexpected"] == spread["unfinished"] == spread["harness_errors"] == {}
    assert sum(spread["timeline"]["arrivals"]) == COMERS
    assert spread["generator"]["processes"] == 2
    assert (spread["settings"]["duration"], spread["settings"]["processes"]) == (6, 2)
    assert code in {0, 3} and is_tidy(runs.spread)
    assert f"plan: {alone['plan']['waiting']:.0f} devices" in runs.alone.said()
