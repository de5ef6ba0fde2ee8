"""Thresholds: what they may say, how they are read, and that nothing unmeasured turns green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.runners.load.metrics import METRICS, measured, shown
from harness.runners.load.thresholds import Threshold, judge, parse, read_thresholds, said
from harness.target import TargetError

LATE = "approval_to_token_ms.p95"


def held(expression: str, document: dict[str, Any]) -> bool | None:
    verdict = judge([parse(expression)], document)[0]["held"]
    assert verdict is None or isinstance(verdict, bool)
    return verdict


def written(folder: Path, text: str | bytes) -> str:
    file = folder / "slo.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("8000", 8000),
        ("8s", 8000),
        ("8 s", 8000),
        ("800ms", 800),
        ("1.001 s", 1001),
        ("2 min", 120_000),
        ("1e3", 1000),
        (".5s", 500),
    ],
)
def test_times_are_read_in_their_units(limit: str, value: float) -> None:
    assert parse(f"{LATE} <= {limit}") == Threshold(LATE, "<=", value)


@pytest.mark.parametrize(("limit", "value"), [("1 %", 0.01), ("7%", 0.07), ("0.01", 0.01)])
def test_shares_are_read_as_per_cent_or_plain(limit: str, value: float) -> None:
    assert parse(f"busy_share<{limit}") == Threshold("busy_share", "<", value)


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "=="])
def test_the_text_of_a_threshold_means_the_same_threshold(relation: str) -> None:
    for limit in (8000.0, 0.5, 1e22, 1234567.25):
        one = Threshold(LATE, relation, limit)
        assert parse(one.text) == one
    assert parse(f"{LATE} <= 8s").text == f"{LATE} <= 8000"


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("approval_to_token.p95 <= 8s", "did you mean approval_to_token_ms.p95"),
        ("approval_to_token_ms <= 8s", "approval_to_token_ms.p"),
        ("zzz <= 8", "docs/load-my-provider.md"),
        (f"{LATE} != 8", "no relation"),
        (f"{LATE} =< 8", "no relation"),
        (f"{LATE} <=", "no limit"),
        (f"{LATE} <= soon", "no limit"),
        (f"{LATE} <= nan", "no limit"),
        (f"{LATE} <= inf", "no limit"),
        (f"{LATE} <= 1e999", "no limit"),
        (f"{LATE} <= 1e308 min", "too large"),
        (f"{LATE} <= 0e99999999999999999999", "no limit"),
        (f"{LATE} <= 0,5", "unit"),
        (f"{LATE} <= 8 %", "ms or s or min"),
        ("starved <= 8 s", "no unit"),
        (f"{LATE} <= -1", "negative"),
        ("busy_share <= 5", "0.05 or 5 %"),
        ("busy_share <= 100 %", "never break"),
        ("starved >= 0", "never break"),
        ("starved < 0", "never hold"),
        ("busy_share > 1", "never hold"),
        ("<= 8", "a figure, a relation and a limit"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_reason(expression: str, says: str) -> None:
    with pytest.raises(TargetError, match="(?s)" + says.replace(".", r"\.")) as caught:
        parse(expression)
    assert "threshold" in str(caught.value)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([f"{LATE} <= 8s", f"{LATE} <= 8000"], "one kind"),
        ([f"{LATE} <= 8s", f"{LATE} < 9s"], "one kind"),
        ([f"{LATE} <= 8s", f"{LATE} >= 9s"], "contradict"),
        ([f"{LATE} > 9s", f"{LATE} <= 9s"], "contradict"),
        ([f"{LATE} == 9s", f"{LATE} <= 9s"], "beside =="),
    ],
)
def test_thresholds_that_quarrel_are_refused(words: list[str], says: str) -> None:
    with pytest.raises(TargetError, match=says):
        read_thresholds(words)


def test_a_figure_may_have_a_floor_and_a_ceiling() -> None:
    words = ["polls.measured_share >= 0.95", "polls.measured_share <= 105 %"]
    assert [one.limit for one in read_thresholds(words)] == [0.95, 1.05]
    assert len(read_thresholds([f"{LATE} >= 9s", f"{LATE} <= 9s"])) == 2


def test_a_file_holds_thresholds_in_several_spellings(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [thresholds]
        "approval_to_token_ms.p95" = "<= 8s"
        approval_to_token_ms.p99 = 12000
        busy_share = "1 %"
        "polls.measured_share" = [">= 0.95", "<= 1.05"]
        """,
    )
    found = read_thresholds([file, "starved == 0"])
    assert [one.text for one in found] == [
        "approval_to_token_ms.p95 <= 8000",
        "approval_to_token_ms.p99 <= 12000",
        "busy_share <= 0.01",
        "polls.measured_share >= 0.95",
        "polls.measured_share <= 1.05",
        "starved == 0",
    ]
    listed = written(tmp_path, 'thresholds = ["starved == 0", "busy_share < 1 %"]')
    assert [one.metric for one in read_thresholds([listed])] == ["starved", "busy_share"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[thresholds", "no TOML"),
        (b"\xff\xfe", "no TOML"),
        ("", "no threshold under"),
        ("[thresholds]", "no threshold under"),
        ("[threshold]\nstarved = 0", "'threshold' means nothing"),
        ("slo = 5\n[thresholds]\nstarved = 1", "'slo' means nothing"),
        ("[thresholds]\nstarfed = 1", "did you mean starved"),
        ("[thresholds]\nstarved = true", "starved: a text .* no bool"),
        ("[thresholds]\nstarved = 2020-01-01", "starved: a text .* no date"),
        ("[thresholds]\nstarved = nan", "no limit"),
        ("[thresholds]\nstarved = -1", "negative"),
        ("[thresholds]\nstarved = [[1]]", "starved: a list"),
        ("[thresholds]\nstarved = 0x" + "f" * 9000, "slo.toml"),
        ("[thresholds]\n'polls.measured_share' = 0.9", "measured_share: more is better"),
        ("thresholds = 5", "a text"),
        ("thresholds = " + "[" * 5000 + "]" * 5000, "slo.toml"),
        ("#" * 2_000_000, "bytes are no thresholds"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(TargetError, match=says) as caught:
        read_thresholds([written(tmp_path, content)])
    assert "slo.toml" in str(caught.value)


def test_a_word_that_is_neither_file_nor_expression_is_refused(tmp_path: Path) -> None:
    for word in (str(tmp_path / "none.toml"), "approval_to_token_ms.p95", "", "a\0b", "x" * 5000):
        with pytest.raises(TargetError, match="--slo"):
            read_thresholds([word])
    with pytest.raises(TargetError, match="cannot be read"):
        read_thresholds([str(tmp_path)])


def test_a_verdict_carries_everything_that_a_reader_needs() -> None:
    document = {"approval_to_token_ms": {"count": 9, "p95": 7100}}
    entry = judge([parse(f"{LATE} <= 8s")], document)[0]
    assert entry == {
        "text": f"{LATE} <= 8000",
        "metric": LATE,
        "relation": "<=",
        "limit": 8000,
        "measured": 7100,
        "held": True,
    }
    assert said(entry) == f"{LATE} <= 8000: 7100 ms"
    assert held(f"{LATE} < 7100", document) is False
    assert said({"metric": ["x"], "measured": "?"}) == "None: not measured"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"approval_to_token_ms": None},
        {"approval_to_token_ms": {"count": 0}},
        {"approval_to_token_ms": {"count": 0, "p95": 0}},
        {"approval_to_token_ms": {"p95": 5}},
        {"approval_to_token_ms": {"count": 3, "p95": None}},
        {"approval_to_token_ms": {"count": 3, "p95": True}},
        {"approval_to_token_ms": {"count": 3, "p95": "5"}},
        {"approval_to_token_ms": {"count": 3, "p95": float("nan")}},
        {"approval_to_token_ms": {"count": 3, "p95": 10**400}},
        {"approval_to_token_ms": [1, 2]},
    ],
)
def test_what_was_not_measured_is_neither_held_nor_broken(document: dict[str, Any]) -> None:
    entry = judge([parse(f"{LATE} <= 8s")], document)[0]
    assert entry["held"] is None and entry["measured"] is None


@pytest.mark.parametrize("name", METRICS)
def test_no_threshold_holds_in_a_run_without_anything(name: str) -> None:
    expression = f"{name} < 1" if METRICS[name].unit != "share" else f"{name} < 50 %"
    empty = {"polls": {"total": 0}, "flows": {}, "unexpected_total": 0, "starved": 0}
    nothing = {**empty, "busy_share": 0.0, "network_share": 0.0, "codes": {"issued": 0}}
    found = held(expression, nothing)
    # Two of them are the counts themselves: of nothing there was nothing.
    assert found is (True if name in {"polls.total", "codes.issued"} else None)


def test_a_failure_without_a_basis_is_a_failure_all_the_same() -> None:
    document = {"polls": {"total": 0}, "network_share": 1.0, "unexpected_total": 7}
    assert held("network_share < 1 %", document) is False
    assert held("unexpected_total == 0", document) is False


def test_a_counter_that_never_counted_is_zero_if_there_were_sign_ins() -> None:
    assert held("flows.token >= 1", {"flows": {"begun": 4}}) is False
    assert held("flows.expired_token == 0", {"flows": {"begun": 4}}) is True
    assert held("flows.expired_token == 0", {"flows": {}}) is None


def test_the_share_of_planned_polls_needs_both_rates() -> None:
    name = "polls.measured_share"
    polls = {"planned_per_second": 40.0, "measured_per_second": 38.0, "total": 99}
    assert measured(name, {"polls": polls}) == 0.95
    assert measured(name, {"polls": {**polls, "planned_per_second": 0}}) is None
    assert measured(name, {"polls": {**polls, "measured_per_second": None}}) is None


def test_every_figure_says_what_it_is() -> None:
    assert all(one.says and not one.says.endswith(".") for one in METRICS.values())
    assert shown(0.07, "share") == "7 %"
    assert shown(None, "ms") == "not measured"
