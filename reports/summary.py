"""The first and the last lines: what is judged, one line for each requirement, and the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.results import RequirementResult, Results
from reports.clean import clean
from reports.lines import BLANK, Line, cut, line, paragraph
from reports.report import MARKS, Report, counted, duration, section, sentence_of, specification

_LEVELS = ("MUST", "SHOULD", "MAY")
_FIRST = "RFC 8628"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known before the run; `patience` in seconds."""

    tool: str
    target: str
    issuer: str | None
    is_virtual: bool
    seed: int | None
    scenarios: int
    requirements: int
    profiles: tuple[str, ...]
    patience: float
    known: int = 0
    warnings: tuple[str, ...] = ()


def opening_lines(opening: Opening, width: int) -> Iterator[Line]:
    """The head of the output: what is judged, how, and what the settings are warned about."""
    where = f" at {clean(opening.issuer)}" if opening.issuer else ""
    yield line((opening.tool, "bold"), f" judges {clean(opening.target)}{where}")
    many = counted(opening.scenarios, "scenario"), counted(opening.requirements, "requirement")
    facts = [
        " for ".join(many),
        f"profile {', '.join(opening.profiles)}",
        "virtual time" if opening.is_virtual else f"real time, patience {opening.patience:g} s",
        "no seed" if opening.seed is None else f"seed {opening.seed}",
    ]
    if opening.known:
        facts.append(f"{counted(opening.known, 'admitted failure')}")
    yield from paragraph(" · ".join(facts), width, style="dim")
    for warning in opening.warnings:
        yield from paragraph(clean(warning), width, lead=("warning: ", "yellow"))
    yield BLANK


def requirement_lines(report: Report, width: int, *, whole: bool = False) -> Iterator[Line]:
    """One line for each requirement that was decided, grouped by specification.

    With `whole` the names of scenarios are never cut off.
    """
    decided = [
        r
        for r in report.results.requirements
        if r.verdict not in {"inconclusive", "not_applicable"}
    ]
    longest = max((len(result.id) for result in decided), default=0)
    groups: dict[str, list[RequirementResult]] = {}
    for result in decided:
        groups.setdefault(specification(result.source), []).append(result)
    for name in sorted(groups, key=lambda name: (name != _FIRST, name)):
        yield line((name, "bold"))
        for result in groups[name]:
            yield _requirement_line(report, result, longest, 1000 if whole else width)
        yield BLANK


def _requirement_line(report: Report, result: RequirementResult, longest: int, width: int) -> Line:
    mark, word, style = MARKS[result.verdict]
    seconds = report.seconds(result)
    took = duration(seconds) if seconds is not None else ""
    told = f"  {result.id.ljust(longest)}  {result.level:10}  {section(result.source):8}{took:>8}"
    room = width - len(told) - 10
    name = cut(sentence_of(result.decided_by), room) if room >= 16 else ""
    return line((f"{mark} {word:5}", style), told, (f"  {name}" if name else "", "dim"))


def summary_lines(report: Report, width: int) -> Iterator[Line]:
    """Counts by level, the outcome as a sentence, the next step, and where the files are."""
    yield from _counts(report.results)
    yield BLANK
    verdict, style = outcome(report.results)
    yield from paragraph(verdict, width, style=style)
    advice = _next_step(report)
    if advice:
        yield from paragraph(advice, width, style="dim")
    if report.files:
        told = " · ".join(f"{what} {path}" for what, path in report.files)
        yield Line((("written: ", "dim"), (told, "")), whole=True)
    else:
        yield from paragraph(
            "nothing was written; --json, --junit, --html and --transcript keep the results",
            width,
            style="dim",
        )


def _counts(results: Results) -> Iterator[Line]:
    order = ("pass", "fail", "warn", "known", "inconclusive", "not_applicable", "error")
    for level in _LEVELS:
        of_level = [r for r in results.requirements if r.level.split()[0] == level]
        if not of_level:
            continue
        segments: list[tuple[str, str] | str] = [(f"{level:8}", "bold")]
        for verdict in order:
            count = sum(result.verdict == verdict for result in of_level)
            mark, word, style = MARKS[verdict]
            if count or verdict in {"pass", "fail"}:
                segments.append((f"{mark} {count} {word:8}", style if count else "dim"))
        yield line(*segments)


def outcome(results: Results) -> tuple[str, str]:
    """What the run says, as one sentence with its exit code, and its style."""
    sentence, style = _sentence(results)
    what = "Interrupted before the end. " if results.interrupted else ""
    return f"{what}{sentence} (exit code {results.exit_code}, {duration(results.seconds)})", style


def _sentence(results: Results) -> tuple[str, str]:
    count = results.summary
    if results.exit_code == 0:
        extra = f", {count['warn']} with a warning" if count["warn"] else ""
        holding = count["pass"] + count["warn"]
        known = f"; {count['known']} admitted" if count["known"] else ""
        return f"The target holds {counted(holding, 'requirement')}{extra}{known}.", "bold green"
    if results.exit_code == 1:
        failed = counted(count["fail"], "requirement")
        verb = "does" if count["fail"] == 1 else "do"
        return f"The target fails: {failed} {verb} not hold.", "bold red"
    if results.exit_code == 2:
        return "Nothing could be decided: no requirement that is wanted applies.", "bold red"
    if results.exit_code == 4:
        broken = counted(count["error"], "requirement")
        return f"devicegrant broke on {broken}: please report it with the transcript.", "bold red"
    must = sum(
        r.verdict == "inconclusive" and r.level.startswith("MUST") for r in results.requirements
    )
    return f"Undecided: {must} MUST could not be put to the test.", "bold magenta"


def _next_step(report: Report) -> str:
    for verdict in ("fail", "warn"):
        found = [r for r in report.results.requirements if r.verdict == verdict]
        if found:
            first = min(found, key=lambda result: not result.level.startswith("MUST"))
            return f"more about a rule: devicegrant requirements {first.id}"
    return ""
