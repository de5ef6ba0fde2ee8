"""What was not put to the test, grouped by reason, with what would make it testable."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from harness.results import RequirementResult
from reports.clean import clean
from reports.lines import Line, line, paragraph
from reports.report import MARKS, Report

MOST_IDS = 6
"""Ids listed for one reason where there is no room for all."""


def gap_lines(report: Report, width: int) -> Iterator[Line]:
    """The two groups of gaps, each reason once."""
    results = report.results.requirements
    open_ones = [r for r in results if r.verdict == "inconclusive"]
    absent = [r for r in results if r.verdict == "not_applicable"]
    if open_ones:
        mark, word, style = MARKS["inconclusive"]
        yield line((f"{mark} {word}", style), f"  {len(open_ones)} could not be put to the test")
        yield from _patience(open_ones, width)
        rest = [r for r in open_ones if _needed(r) is None]
        for reason, group in _by_reason(rest):
            yield from _group(reason, group, width, all_ids=True)
    if absent:
        mark, word, style = MARKS["not_applicable"]
        yield line((f"{mark} {word}", style), f"   {len(absent)} do not apply to this target")
        for reason, group in _by_reason(absent):
            yield from _group(reason, group, width, all_ids=False)


def _patience(results: list[RequirementResult], width: int) -> Iterator[Line]:
    """All that lacked patience as one group, with the two values that would help."""
    impatient = [(needed, r) for r in results if (needed := _needed(r)) is not None]
    if not impatient:
        return
    longest = max(needed for needed, _ in impatient)
    halfway = sorted(needed for needed, _ in impatient)[len(impatient) // 2]
    advice = f"--patience {_round_up(longest)} is enough"
    if halfway < longest / 2:
        few, all_ = _round_up(halfway), _round_up(longest)
        advice = f"--patience {few} is enough for half of them, --patience {all_} for all"
    reason = f"they wait longer than --patience allows; {advice}"
    yield from _group(reason, [r for _, r in impatient], width, all_ids=True)


def _group(
    reason: str, group: list[RequirementResult], width: int, *, all_ids: bool
) -> Iterator[Line]:
    yield from paragraph(clean(reason, 400), width, lead=(f"{len(group):5}  ", "bold"))
    ids = [r.id for r in group]
    if not all_ids and len(ids) > MOST_IDS:
        ids = [*ids[:MOST_IDS], f"and {len(ids) - MOST_IDS} more"]
    yield from paragraph(", ".join(ids), width, indent=7, style="dim")


def _by_reason(
    results: Iterable[RequirementResult],
) -> list[tuple[str, list[RequirementResult]]]:
    groups: dict[str, list[RequirementResult]] = {}
    for result in results:
        groups.setdefault(result.message or "no reason was given", []).append(result)
    return sorted(groups.items(), key=lambda item: -len(item[1]))


def _needed(result: RequirementResult) -> float | None:
    """Seconds of patience that were missing, if that was the reason."""
    found = re.search(r"needs (\d+) s on the clock", result.message)
    return float(found[1]) if found and result.blame == "patience" else None


def _round_up(seconds: float) -> int:
    return math.ceil((seconds + 5) / 10) * 10
