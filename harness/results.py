"""Results of a run as data: merged per requirement, with a JSON Schema (`devicegrant/results/1`).

The laws of this file: worst wins; an admitted failure is "known" only as long as it is true; a run
that decided nothing is no success.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from harness.requirements import Requirement
from harness.verdict import Judgement, Verdict, worst

SCHEMA = "devicegrant/results/1"


class Tool(msgspec.Struct, frozen=True):
    """Which devicegrant made a result."""

    name: str
    version: str


class TargetInfo(msgspec.Struct, frozen=True):
    """What was judged; `clock` is "virtual" or "wall"."""

    name: str
    issuer: str | None
    clock: str


class RequirementResult(msgspec.Struct, frozen=True):
    """The outcome for one requirement.

    `evidence` numbers events in the transcript of the scenario `decided_by`, where the verdict
    comes from; `others` are more violations of the same requirement.
    """

    id: str
    level: str
    source: str
    verdict: str
    blame: str | None
    message: str
    scenarios: list[str]
    evidence: list[int]
    rule: str = ""
    expected: str = ""
    received: str = ""
    decided_by: str = ""
    others: list[str] = []


class ScenarioResult(msgspec.Struct, frozen=True):
    """The outcome of one scenario; `seconds` on the clock that it was played on."""

    id: str
    title: str
    verdict: str
    seconds: float
    requirements: list[str]
    message: str


class Results(msgspec.Struct, frozen=True):
    """Everything that `--json` writes."""

    schema: str
    tool: Tool
    target: TargetInfo
    seed: int | None
    started: str
    seconds: float
    exit_code: int
    summary: dict[str, int]
    requirements: list[RequirementResult]
    scenarios: list[ScenarioResult]
    policy: dict[str, Any]
    warnings: list[str] = []
    interrupted: bool = False


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `Results`."""
    return msgspec.json.schema(Results)


def to_json(results: Results) -> str:
    """The file's text, indented, ending in a newline."""
    return json.dumps(msgspec.to_builtins(results), indent=2, ensure_ascii=False) + "\n"


def read_results(text: str | bytes) -> Results:
    """Read a result back; raises `msgspec.ValidationError` or `DecodeError` with the place."""
    return msgspec.json.decode(text, type=Results)


def merge(
    judgements: Iterable[tuple[str, Judgement]],
    wanted: Mapping[str, Requirement],
    *,
    known: Mapping[str, str],
    strict: bool,
) -> list[RequirementResult]:
    """One result per requirement out of (scenario id, judgement) pairs, in catalogue order.

    Requirements outside `wanted` are left out.  `strict` turns warnings into failures.  `known`
    maps ids to reasons: a violation becomes "known", and an entry that holds becomes a failure that
    asks to remove it.
    """
    found: dict[str, list[tuple[str, Judgement]]] = {}
    for scenario, judgement in judgements:
        if judgement.requirement in wanted:
            found.setdefault(judgement.requirement, []).append((scenario, judgement))
    results = [
        _merged(wanted[id_], found[id_], known.get(id_), strict=strict)
        for id_ in wanted
        if id_ in found
    ]
    missing = [id_ for id_ in known if id_ in wanted and id_ not in found]
    return results + [
        _stale(wanted[id_], known[id_], [], "was not put to the test") for id_ in missing
    ]


def _merged(
    requirement: Requirement,
    found: list[tuple[str, Judgement]],
    admitted: str | None,
    *,
    strict: bool,
) -> RequirementResult:
    verdict = worst(judgement.verdict for _, judgement in found)
    at_worst = [(s, j) for s, j in found if j.verdict is verdict]
    scenario, judgement = next(((s, j) for s, j in at_worst if j.message), at_worst[0])
    scenarios = list(dict.fromkeys(s for s, _ in found))
    if strict and verdict is Verdict.WARN:
        verdict = Verdict.FAIL
    message = judgement.message
    if admitted is not None and verdict is Verdict.PASS:
        return _stale(requirement, admitted, scenarios, "holds now")
    # Whatever was not put to the test may still be true.
    if admitted is not None and verdict in {Verdict.FAIL, Verdict.WARN}:
        verdict, message = Verdict.KNOWN, f"{admitted} — {message}"
    others = [j.message for _, j in at_worst if j is not judgement and j.message]
    return RequirementResult(
        id=requirement.id,
        level=requirement.level,
        source=requirement.source,
        verdict=verdict.value,
        blame=judgement.blame,
        message=message,
        scenarios=scenarios,
        evidence=list(judgement.evidence),
        rule=requirement.rule,
        expected=judgement.expected,
        received=judgement.received,
        decided_by=scenario,
        others=[text for text in dict.fromkeys(others) if text != judgement.message][:5],
    )


def _stale(
    requirement: Requirement, admitted: str, scenarios: list[str], how: str
) -> RequirementResult:
    return RequirementResult(
        id=requirement.id,
        level=requirement.level,
        source=requirement.source,
        verdict=Verdict.FAIL.value,
        blame="settings",
        message=f"listed under [known] ({admitted}) but it {how}: remove that line",
        scenarios=scenarios,
        evidence=[],
        rule=requirement.rule,
    )


def summarise(results: Iterable[RequirementResult]) -> dict[str, int]:
    """How many requirements got each verdict."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for result in results:
        counts[result.verdict] += 1
    return counts


def exit_code(results: list[RequirementResult], *, interrupted: bool = False) -> int:
    """0 every MUST passed or is known, 1 the target fails, 3 a MUST stayed open, 4 we broke.

    Nothing decided at all is 2, since the settings select nothing that could be tested.
    """
    verdicts = {result.verdict for result in results}
    if "fail" in verdicts:
        return 1
    if "error" in verdicts:
        return 4
    decided = verdicts & {"pass", "warn", "known"}
    if not decided and "inconclusive" not in verdicts:
        return 2
    undecided = any(r.verdict == "inconclusive" and r.level.startswith("MUST") for r in results)
    return 3 if undecided or interrupted or not decided else 0
