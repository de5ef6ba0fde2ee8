"""`devicegrant compare`: what has changed between two results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import msgspec

from harness.results import SCHEMA, RequirementResult, Results, read_results
from harness.runners.load.comparison import compare_loads, is_load_result, read_load
from harness.target import TargetError
from reports.clean import clean
from reports.lines import BLANK, Line, line, paragraph
from reports.report import MARKS, counted
from reports.terminal import Terminal

_BAD = {"fail", "error"}
_TITLES = {
    "broken": ("held before and does not now", "bold red"),
    "weaker": ("was decided before and is a warning or open now", "yellow"),
    "fixed": ("holds now", "green"),
    "changed": ("has another verdict", ""),
    "new": ("was not in the old results", ""),
    "gone": ("is not in the new results", ""),
}
_WORSE = ("broken", "weaker")


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement whose verdict differs; "" where a side does not have it."""

    id: str
    level: str
    old: str
    new: str
    message: str

    @property
    def kind(self) -> str:
        """Which of the six kinds of change it is."""
        if self.new in _BAD and self.old not in _BAD:
            return "broken"
        if not self.old or not self.new:
            return "gone" if self.old else "new"
        if self.new == "pass":
            return "fixed" if self.old != "not_applicable" else "changed"
        if self.old == "pass" and self.new in {"warn", "inconclusive"}:
            return "weaker"
        return "changed"


def compare_results(
    old: Path, new: Path, *, plain: bool = False, stream: TextIO | None = None
) -> int:
    """Print what differs; 0 if nothing is worse, 1 if something is.

    Results of `check` or of `load`, but two of a kind.  Raises `TargetError` for anything else.
    """
    contents = [(path, _content(path)) for path in (old, new)]
    if any(is_load_result(content) for _, content in contents):
        one, other = (read_load(*each) for each in contents)
        return compare_loads(one, other, plain=plain, stream=stream)
    before, after = (_read(*each) for each in contents)
    found = changes(before, after)
    terminal = Terminal(stream, plain=plain)
    terminal.print(_lines(before, after, found, terminal.width))
    return 1 if any(change.kind in _WORSE for change in found) else 0


def changes(old: Results, new: Results) -> list[Change]:
    """Every requirement whose verdict differs, in the order of the new results."""
    before = {result.id: result for result in old.requirements}
    after = {result.id: result for result in new.requirements}
    found = [_change(id_, before.get(id_), after.get(id_)) for id_ in {**after, **before}]
    return [change for change in found if change.old != change.new]


def _change(id_: str, old: RequirementResult | None, new: RequirementResult | None) -> Change:
    one = new or old
    assert one is not None
    return Change(
        id_,
        one.level,
        old.verdict if old else "",
        new.verdict if new else "",
        new.message if new else "",
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise TargetError(f"cannot read {path}: {problem}") from None


def _read(path: Path, content: bytes) -> Results:
    try:
        results = read_results(content)
    except UnicodeDecodeError as problem:
        raise TargetError(f"cannot read {path}: {problem}") from None
    except (msgspec.ValidationError, msgspec.DecodeError) as problem:
        raise TargetError(f"{path} is no results file of devicegrant: {problem}") from None
    if results.schema != SCHEMA:
        raise TargetError(f"{path}: schema is {results.schema!r}, only {SCHEMA} is understood")
    unknown = sorted({r.verdict for r in results.requirements} - set(MARKS))
    if unknown:
        raise TargetError(f"{path}: there is no verdict {unknown[0]!r}")
    return results


def _lines(old: Results, new: Results, found: list[Change], width: int) -> Iterator[Line]:
    for label, results in (("old", old), ("new", new)):
        told = (
            f"  {clean(results.target.name)}, {results.started}, "
            f"{results.tool.name} {clean(results.tool.version)}"
        )
        yield line((label, "bold"), told)
    if old.target.name != new.target.name:
        yield line(("warning: ", "yellow"), "these are results of two different targets")
    yield BLANK
    for kind, (says, style) in _TITLES.items():
        of_kind = [change for change in found if change.kind == kind]
        if not of_kind:
            continue
        yield line((kind, style or "bold"), f"  {counted(len(of_kind), 'requirement')}: {says}")
        for change in of_kind:
            yield line(f"  {_word(change.old)} -> {_word(change.new)}  {change.id}  {change.level}")
            if change.message and kind in _WORSE:
                yield from paragraph(clean(change.message, 300), width, indent=4, style="dim")
        yield BLANK
    worse = sum(change.kind in _WORSE for change in found)
    told = f"{counted(worse, 'requirement')} worse" if worse else "nothing is worse"
    yield line((f"{told}, {counted(len(found), 'difference')}", "bold red" if worse else "green"))


def _word(verdict: str) -> str:
    if not verdict:
        return "       "
    mark, word, _ = MARKS[verdict]
    return f"{mark} {word:5}"
