"""Results: merged per requirement, worst wins, and no run that decided nothing is green."""

from __future__ import annotations

import json
from itertools import product

import jsonschema
import msgspec
import pytest

from harness.requirements import catalogue
from harness.results import (
    SCHEMA,
    RequirementResult,
    Results,
    ScenarioResult,
    TargetInfo,
    Tool,
    exit_code,
    json_schema,
    merge,
    read_results,
    summarise,
    to_json,
)
from harness.verdict import Judgement, Verdict

MUST, SHOULD = "RFC8628-3.5-pending", "RFC8628-3.2-no-store"
WANTED = {id_: catalogue()[id_] for id_ in (SHOULD, MUST)}


def merged(
    *judgements: Judgement, known: dict[str, str] | None = None, strict: bool = False
) -> list[RequirementResult]:
    pairs = [(f"s{turn}", one) for turn, one in enumerate(judgements)]
    return merge(pairs, WANTED, known=known or {}, strict=strict)


def judgement(verdict: str, message: str = "", requirement: str = MUST) -> Judgement:
    return Judgement(requirement, Verdict(verdict), message, evidence=(3,))


def test_the_worst_judgement_decides_and_tells_where() -> None:
    [result] = merged(judgement("pass"), judgement("fail", "wrong"), judgement("warn", "odd"))
    assert (result.verdict, result.message, result.decided_by) == ("fail", "wrong", "s1")
    assert result.scenarios == ["s0", "s1", "s2"]
    assert result.evidence == [3]
    assert result.rule


def test_among_equals_the_one_that_says_something_decides() -> None:
    [result] = merged(judgement("pass"), judgement("pass", "worth knowing"))
    assert (result.message, result.decided_by) == ("worth knowing", "s1")


def test_other_violations_are_told_once_each_and_not_too_many() -> None:
    many = [judgement("fail", f"wrong {turn % 9}") for turn in range(30)]
    [result] = merged(*many)
    assert result.message == "wrong 0"
    assert result.others == [f"wrong {turn}" for turn in range(1, 6)]


def test_requirements_stand_in_the_order_of_the_catalogue_and_others_are_left_out() -> None:
    results = merged(
        judgement("pass"),
        judgement("pass", requirement=SHOULD),
        judgement("fail", requirement="RFC8628-3.2-json"),
    )
    assert [result.id for result in results] == [SHOULD, MUST]


@pytest.mark.parametrize(("strict", "verdict"), [(False, "warn"), (True, "fail")])
def test_strict_turns_warnings_into_failures(strict: bool, verdict: str) -> None:
    [result] = merged(judgement("warn", "odd"), strict=strict)
    assert result.verdict == verdict


def test_an_admitted_failure_is_known() -> None:
    [result] = merged(judgement("fail", "wrong"), known={MUST: "issue 123"})
    assert (result.verdict, result.message) == ("known", "issue 123 — wrong")


@pytest.mark.parametrize("strict", [False, True])
def test_an_admitted_warning_is_known(strict: bool) -> None:
    [result] = merged(judgement("warn", "odd", SHOULD), known={SHOULD: "issue 5"}, strict=strict)
    assert result.verdict == "known"


def test_an_admission_that_is_no_longer_true_fails() -> None:
    [result] = merged(judgement("pass"), known={MUST: "issue 123"})
    assert (result.verdict, result.blame) == ("fail", "settings")
    assert "issue 123" in result.message
    assert "remove that line" in result.message


@pytest.mark.parametrize("verdict", ["inconclusive", "not_applicable", "error"])
def test_an_admission_that_was_not_put_to_the_test_is_not_stale(verdict: str) -> None:
    [result] = merged(judgement(verdict, "why"), known={MUST: "issue 123"})
    assert (result.verdict, result.message) == (verdict, "why")


def test_an_admission_that_nothing_can_test_is_stale() -> None:
    [result] = merged(known={MUST: "issue 123"})
    assert (result.verdict, result.blame) == ("fail", "settings")


def test_an_admission_outside_the_selection_is_left_alone() -> None:
    assert merged(known={"RFC8628-3.2-json": "issue 9"}) == []


def result(verdict: str, level: str = "MUST") -> RequirementResult:
    return RequirementResult(
        id=f"{verdict}-{level}",
        level=level,
        source="",
        verdict=verdict,
        blame=None,
        message="",
        scenarios=[],
        evidence=[],
    )


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["pass"], 0),
        (["pass", "warn", "known", "not_applicable"], 0),
        (["known"], 0),
        (["warn"], 0),
        (["fail"], 1),
        (["fail", "error", "inconclusive"], 1),
        (["error", "inconclusive", "pass"], 4),
        (["error"], 4),
        (["inconclusive", "pass"], 3),
        (["inconclusive"], 3),
        (["not_applicable"], 2),
        ([], 2),
    ],
)
def test_the_exit_code_says_the_worst(verdicts: list[str], code: int) -> None:
    assert exit_code([result(one) for one in verdicts]) == code


def test_an_undecided_should_is_no_reason_to_stop() -> None:
    assert exit_code([result("pass"), result("inconclusive", "SHOULD")]) == 0
    assert exit_code([result("pass"), result("inconclusive", "MUST NOT")]) == 3
    assert exit_code([result("inconclusive", "SHOULD")]) == 3


@pytest.mark.parametrize(("verdict", "code"), [("pass", 3), ("fail", 1), ("error", 4)])
def test_an_interrupted_run_is_never_green(verdict: str, code: int) -> None:
    assert exit_code([result(verdict)], interrupted=True) == code


def test_no_combination_without_a_decision_is_a_success() -> None:
    for size in range(4):
        for verdicts in product([one.value for one in Verdict], repeat=size):
            code = exit_code([result(one) for one in verdicts])
            good = {"pass", "warn", "known"} & set(verdicts)
            bad = {"fail", "error", "inconclusive"} & set(verdicts)
            assert (code == 0) is bool(good and not bad), verdicts


def test_the_summary_counts_every_verdict() -> None:
    counts = summarise([result("pass"), result("pass"), result("known")])
    assert counts == {one.value: 0 for one in Verdict} | {"pass": 2, "known": 1}


RESULTS = Results(
    schema=SCHEMA,
    tool=Tool("devicegrant", "0.1.0"),
    target=TargetInfo("as", None, "wall"),
    seed=None,
    started="2027-01-15T08:00:00+00:00",
    seconds=1.5,
    exit_code=0,
    summary=summarise([result("pass")]),
    requirements=[result("pass")],
    scenarios=[ScenarioResult("m::s", "Ünïcode.", "pass", 0.5, ["pass-MUST"], "")],
    policy={"interval": 5, "says_slow_down": True},
)


def test_what_is_written_fits_its_schema_and_reads_back() -> None:
    text = to_json(RESULTS)
    jsonschema.validate(json.loads(text), json_schema())
    assert read_results(text) == RESULTS
    assert text.endswith("}\n")
    assert "Ünïcode" in text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"exit_code": "0"}, "exit_code"),
        ({"requirements": [{"id": "x"}]}, "requirements"),
        ({"summary": {"pass": "many"}}, "summary"),
    ],
)
def test_a_file_that_is_no_result_is_refused_with_the_place(
    change: dict[str, object], told: str
) -> None:
    tree = json.loads(to_json(RESULTS)) | change
    with pytest.raises(msgspec.ValidationError, match=told):
        read_results(json.dumps(tree))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, json_schema())


def test_every_member_of_the_contract_is_required_by_the_schema() -> None:
    members = json_schema()["$defs"]["Results"]["required"]
    assert set(members) == {
        *("schema", "tool", "target", "seed", "started", "seconds", "exit_code", "summary"),
        *("requirements", "scenarios", "policy"),
    }
