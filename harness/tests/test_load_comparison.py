"""Two load results side by side: what differs, what is worse, what cannot be compared."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.runners.cli import commands
from harness.runners.compare_command import compare_results
from harness.target import TargetError

LATE = "approval_to_token_ms.p95"
BASE: dict[str, Any] = {
    "schema": "devicegrant/load/1",
    "exit_code": 0,
    "verdict": "all lawful",
    "started": "2026-01-01T00:00:00+00:00",
    "target": {"name": "mine", "issuer": None},
    "settings": {"profile": "steady_state", "devices": 200, "duration": 60, "seed": 1},
    "polls": {"planned_per_second": 40.0, "measured_per_second": 38.0, "total": 2280},
    "flows": {"begun": 200, "token": 150},
    "approval_to_token_ms": {"count": 150, "p50": 2500, "p95": 5000, "p99": 5100, "most": 5200},
    "busy_share": 0.01,
    "server": None,
    "thresholds": [
        {"text": f"{LATE} <= 8000", "metric": LATE, "relation": "<=", "limit": 8000, "held": True}
    ],
    "violations": [],
    "unexpected": {},
}


def threshold(text: str, *, held: bool | None) -> dict[str, Any]:
    return {"text": text, "metric": text.split(maxsplit=1)[0], "measured": 1, "held": held}


def compared(folder: Path, old: Any, new: Any) -> tuple[int, str]:
    paths = []
    for name, document in (("old", old), ("new", new)):
        path = folder / f"{name}.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        paths.append(path)
    stream = io.StringIO()
    return compare_results(paths[0], paths[1], plain=True, stream=stream), stream.getvalue()


def row(text: str, name: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(name)).split()[1:]


def test_a_result_compared_with_itself_is_not_worse(tmp_path: Path) -> None:
    code, text = compared(tmp_path, BASE, BASE)
    assert code == 0
    assert "nothing is worse" in text and "warning" not in text
    assert row(text, LATE) == ["5000", "ms", "5000", "ms", "0", "ms", "1.00"]
    assert "server.memory_mb" not in text


def test_figures_stand_with_difference_and_ratio(tmp_path: Path) -> None:
    new = {**BASE, "approval_to_token_ms": {"count": 9, "p95": 7500}, "busy_share": 0.0}
    code, text = compared(tmp_path, BASE, new)
    assert code == 0, "a figure that moved is one sample and no failure"
    assert row(text, LATE) == ["5000", "ms", "7500", "ms", "+2500", "ms", "1.50"]
    assert row(text, "approval_to_token_ms.p99") == ["5100", "ms", "-", "-", "-"]
    assert row(text, "busy_share") == ["1", "%", "0", "%", "-1", "%", "0.00"]
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"thresholds": [threshold(f"{LATE} <= 8000", held=False)]}, "held before and broke"),
        ({"thresholds": [threshold(f"{LATE} <= 8000", held=None)]}, "was not measured"),
        ({"violations": [{"requirement": "RFC8628-3.5-pending", "says": "x"}]}, "new violation"),
        ({"unexpected": {"poll: 500": 3}}, "new unexpected answer, 3 x poll: 500"),
        ({"exit_code": 3, "verdict": "polls left late"}, "decides nothing: polls left late"),
        ({"exit_code": 4, "verdict": None}, "decides nothing: exit code 4"),
    ],
)
def test_what_is_worse_ends_with_1(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    code, text = compared(tmp_path, BASE, {**BASE, **change})
    assert code == 1
    assert says in " ".join(text.split()) and "1 thing worse" in text
    assert compared(tmp_path, {**BASE, **change}, BASE)[0] == 0
    assert compared(tmp_path, {**BASE, **change}, {**BASE, **change})[0] == 0


def test_a_threshold_that_only_one_run_had_is_judged_in_both(tmp_path: Path) -> None:
    strict = threshold(f"{LATE} <= 6000", held=False)
    late = {**BASE, "approval_to_token_ms": {"count": 9, "p95": 7500}}
    code, text = compared(tmp_path, BASE, {**late, "thresholds": [strict]})
    assert code == 1
    assert f"held -> BROKEN  {LATE} <= 6000" in text and f"held -> held  {LATE} <= 8000" in text
    assert compared(tmp_path, late, {**late, "thresholds": [strict]})[0] == 0
    later = {**late, "approval_to_token_ms": {"count": 9, "p95": 9500}, "thresholds": []}
    assert compared(tmp_path, BASE, later)[0] == 1, "leaving a threshold away hides nothing"


def test_settings_that_differ_are_named(tmp_path: Path) -> None:
    settings = {**BASE["settings"], "devices": 400, "seed": 2}
    _, text = compared(tmp_path, BASE, {**BASE, "settings": settings, "target": {"name": "yours"}})
    assert "not comparable one to one" in text
    assert "devices: 200 and 400" in text and "target: mine and yours" in text
    assert "seed" not in text


def test_words_of_strangers_cannot_command_the_terminal(tmp_path: Path) -> None:
    new = {**BASE, "unexpected": {"\x1b[2Jpoll\nnothing is worse": 1}, "verdict": "\x1b[31m"}
    code, text = compared(tmp_path, BASE, {**new, "thresholds": [threshold("\x1b", held=None)]})
    assert code == 1
    assert "\x1b" not in text and "\nnothing is worse" not in text


@pytest.mark.parametrize(
    "other",
    [
        "{",
        "",
        "[]",
        "{}",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "[" * 100_000,
        json.dumps({"schema": "devicegrant/results/1"}),
        json.dumps({"schema": "devicegrant/load/2"}),
        json.dumps({**BASE, "thresholds": {"a": 1}}),
        json.dumps({**BASE, "violations": [1]}),
        json.dumps({**BASE, "unexpected": {"a": "many"}}),
        json.dumps({**BASE, "settings": "all"}),
    ],
)
def test_what_is_no_second_load_result_is_refused_by_name(tmp_path: Path, other: str) -> None:
    with pytest.raises(TargetError, match=r"new\.json"):
        compared(tmp_path, BASE, other)
    with pytest.raises(TargetError, match=r"old\.json"):
        compared(tmp_path, other, BASE)


def test_the_command_ends_with_2_for_two_kinds_of_results(tmp_path: Path) -> None:
    load, check = tmp_path / "load.json", tmp_path / "check.json"
    load.write_text(json.dumps(BASE), "utf-8")
    check.write_text(json.dumps({"schema": "devicegrant/results/1"}), "utf-8")
    for paths in ((load, check), (check, load), (load, tmp_path / "none")):
        done = CliRunner().invoke(commands, ["compare", *map(str, paths)])
        assert done.exit_code == 2
        assert "Traceback" not in done.output
    assert CliRunner().invoke(commands, ["compare", str(load), str(load)]).exit_code == 0


def test_a_poor_document_is_compared_by_what_it_has(tmp_path: Path) -> None:
    poor = {"schema": "devicegrant/load/1", "polls": [1], "thresholds": None, "unexpected": None}
    code, text = compared(tmp_path, poor, {**BASE, "thresholds": None})
    assert code == 0
    assert row(text, LATE) == ["-", "5000", "ms", "-", "-"]
