"""The search for a limit: what it tries, what it concludes, and how it ends early."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.runners.load.limit import Limit, find_limit
from harness.runners.load.search import GENERATOR, Outcome, Search
from harness.target import TargetError


def searched(search: Search, holds: Callable[[int], bool]) -> list[int]:
    tried = []
    while search.devices is not None:
        tried.append(search.devices)
        search.tell(Outcome.HELD if holds(search.devices) else Outcome.BROKE)
    return tried


def test_it_doubles_then_narrows_then_repeats_both_ends() -> None:
    search = Search(100, 5000)
    tried = searched(search, lambda devices: devices <= 777)
    assert tried == [100, 200, 400, 800, 600, 700, 750, 750, 800]
    assert (search.holds, search.breaks) == (750, 800)
    assert search.certainty == "held 2 of 2, broke 2 of 2"


@pytest.mark.parametrize("precision", [0, 0.05, 0.1, 0.5, 0.99])
@pytest.mark.parametrize(("start", "most"), [(1, 1), (1, 600), (7, 23), (50, 50), (128, 1000)])
def test_every_limit_is_enclosed_within_the_promised_trials(
    start: int, most: int, precision: float
) -> None:
    for limit in range(0, most + 2, max(1, most // 150)):
        search = Search(start, most, precision)
        tried = searched(search, range(limit + 1).__contains__)
        assert len(tried) <= search.longest
        assert all(1 <= devices <= most for devices in tried)
        assert (search.holds or 0) <= limit < (search.breaks or most + 2)
        if search.holds and search.breaks:
            assert search.breaks - search.holds <= max(1, precision * search.breaks)


def test_a_target_that_never_breaks_and_one_that_never_holds() -> None:
    search = Search(100, 300)
    assert searched(search, lambda _: True) == [100, 200, 300, 300]
    assert (search.holds, search.breaks) == (300, None)
    assert "nothing ever broke" in search.certainty
    search = Search(4, 300)
    assert searched(search, lambda _: False) == [4, 2, 1, 1]
    assert (search.holds, search.breaks) == (None, 1)
    assert search.certainty == "broke 2 of 2"


def noisy(first: int, *, holds: bool) -> Callable[[int], bool]:
    """Another answer for the same number from its second time on."""
    seen: list[int] = []

    def answer(devices: int) -> bool:
        seen.append(devices)
        return holds if seen.count(devices) > 1 and devices == first else devices <= 777

    return answer


def test_a_repetition_that_contradicts_widens_the_interval() -> None:
    search = Search(100, 5000)
    searched(search, noisy(750, holds=False))
    assert (search.holds, search.breaks) == (700, 800)
    assert "750 devices went either way" in search.certainty
    search = Search(100, 5000)
    searched(search, noisy(800, holds=True))
    assert (search.holds, search.breaks) == (750, None)
    assert "800 devices went either way" in search.certainty
    assert "nothing ever broke" not in search.certainty


def test_numbers_that_no_search_begins_with_are_refused() -> None:
    for numbers in ((0, 10), (10, 9), (-1, -1)):
        with pytest.raises(TargetError, match="cannot be looked for"):
            Search(*numbers)
    for precision in (-0.1, 1, float("nan"), float("inf")):
        with pytest.raises(TargetError, match="precision"):
            Search(1, 2, precision)


# --- trials --------------------------------------------------------------------------------------


class Runs:
    """Fake load runs: what each number of devices comes to."""

    def __init__(self, code: Callable[[int], int], **more: Any) -> None:
        self.code, self.more = code, more
        self.files: list[Path] = []

    def __call__(self, devices: int, file: Path) -> int:
        code = self.code(devices)
        self.files.append(file)
        entry = {
            "text": "approval_to_token_ms.p95 <= 8000",
            "metric": "approval_to_token_ms.p95",
            "measured": devices * 10,
            "held": {0: True, 1: False}.get(code),
        }
        document = {"exit_code": code, "run": f"run {devices}", "thresholds": [entry]}
        file.write_text(json.dumps({**document, "verdict": "the verdict", **self.more}), "utf-8")
        return code


def found(
    run: Callable[[int, Path], int], folder: Path, **more: Any
) -> tuple[Limit, list[str], dict[str, Any]]:
    said: list[str] = []
    options: dict[str, Any] = {"start": 100, "most": 1000, **more}
    json_file = folder / "limit.json"
    limit = find_limit(run, folder=folder, json=json_file, say=said.append, **options)
    return limit, said, json.loads(json_file.read_text("utf-8"))


def test_a_limit_is_found_said_and_written(tmp_path: Path) -> None:
    runs = Runs(lambda devices: 0 if devices <= 777 else 1)
    limit, said, document = found(runs, tmp_path)
    assert (limit.holds, limit.breaks, limit.code) == (750, 800, 0)
    trials = [line for line in said if line.startswith("trial")]
    assert len(trials) == len(limit.trials) == len(set(runs.files)) == 9
    assert trials[3] == "trial 4: 800 devices broke: approval_to_token_ms.p95 <= 8000: 8000 ms"
    assert "limit   holds with 750 devices, breaks with 800" in said
    assert document["schema"] == "devicegrant/limit/1" and document["finished"] is True
    assert (document["holds"], document["breaks"], document["exit_code"]) == (750, 800, 0)
    assert document["trials"][3]["run"] == "run 800"
    assert document["trials"][3]["thresholds"][0]["held"] is False


def test_a_busy_generator_ends_the_search_with_what_held(tmp_path: Path) -> None:
    runs = Runs(lambda devices: 0 if devices < 400 else 3, thresholds=[])
    limit, _, document = found(runs, tmp_path)
    assert (limit.holds, limit.breaks, limit.code) == (200, None, 3)
    assert limit.certainty.startswith("at least 200; 400 devices decided nothing")
    assert GENERATOR in limit.certainty
    assert len(document["trials"]) == 3


def test_what_else_leaves_a_run_undecided_is_not_blamed_on_the_generator(tmp_path: Path) -> None:
    for more, says in (
        ({}, "not measured: approval_to_token_ms.p95"),
        ({"polls": {"total": 0}}, "no poll was ever answered"),
        ({"thresholds": [], "lag_ms": {"p99": 3}, "held_ms": {"p99": 900}}, "the verdict"),
    ):
        limit, _, _ = found(Runs(lambda _: 3, **more), tmp_path)
        assert says in limit.certainty
        assert GENERATOR not in limit.certainty


@pytest.mark.parametrize(("code", "whole"), [(2, 2), (4, 4), (130, 3), (-15, 3), (77, 4), (-11, 4)])
def test_a_run_that_breaks_down_ends_the_search_at_once(
    tmp_path: Path, code: int, whole: int
) -> None:
    limit, _, document = found(Runs(lambda devices: 0 if devices < 400 else code), tmp_path)
    assert limit.code == document["exit_code"] == whole
    assert (limit.holds, len(limit.trials)) == (200, 3)
    assert limit.trials[-1].outcome is Outcome.ENDED


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("left", [None, "", "[]", "{}", '{"exit_code": 3}', "[" * 100_000])
def test_a_run_without_its_result_counts_for_nothing(
    tmp_path: Path, code: int, left: str | None
) -> None:
    def run(_: int, file: Path) -> int:
        if left is not None:
            file.write_text(left, "utf-8")
        return code

    limit, _, _ = found(run, tmp_path)
    assert (limit.code, limit.holds, limit.breaks) == (4, None, None)
    assert "no result that says so" in limit.certainty


def test_the_result_of_an_earlier_search_is_not_taken_for_this_one(tmp_path: Path) -> None:
    found(Runs(lambda _: 0), tmp_path)
    limit, _, _ = found(lambda _, __: 0, tmp_path)
    assert limit.code == 4


@pytest.mark.parametrize(
    ("problem", "code"),
    [(TargetError("too many"), 2), (KeyboardInterrupt(), 3), (OSError("no space"), 4)],
)
def test_what_a_run_raises_leaves_the_trials_so_far(
    tmp_path: Path, problem: BaseException, code: int
) -> None:
    fine = Runs(lambda _: 0)

    def run(devices: int, file: Path) -> int:
        if devices > 200:
            raise problem
        return fine(devices, file)

    limit, _, document = found(run, tmp_path)
    assert (limit.holds, limit.code, len(document["trials"])) == (200, code, 3)


def test_the_trials_stand_in_the_file_before_the_search_is_over(tmp_path: Path) -> None:
    fine = Runs(lambda _: 0)

    def run(devices: int, file: Path) -> int:
        if devices > 200:
            raise SystemExit(143)
        return fine(devices, file)

    with pytest.raises(SystemExit):
        found(run, tmp_path)
    document = json.loads((tmp_path / "limit.json").read_text("utf-8"))
    assert (document["holds"], document["finished"], document["exit_code"]) == (200, False, 3)
    assert document["certainty"].startswith("at least 200")


def test_a_violation_is_named_and_never_excused_by_a_limit(tmp_path: Path) -> None:
    violation = {"requirement": "RFC8628-3.5-pending", "says": "a token", "timeline": []}

    class Violating(Runs):
        def __call__(self, devices: int, file: Path) -> int:
            self.more = {"violations": [violation] if devices > 300 else []}
            return super().__call__(devices, file)

    limit, said, _ = found(Violating(lambda devices: 0 if devices <= 300 else 1), tmp_path)
    assert (limit.code, limit.holds) == (1, 300)
    assert any("RFC8628-3.5-pending violated, approval" in line for line in said)


def test_nothing_that_holds_is_a_failure(tmp_path: Path) -> None:
    limit, said, _ = found(Runs(lambda _: 1, thresholds=[], unexpected_total=5), tmp_path, start=2)
    assert (limit.code, limit.holds, limit.breaks) == (1, None, 1)
    assert any("5 unexpected answers" in line for line in said)
    assert "limit   no number of devices is known to hold, breaks with 1" in said
