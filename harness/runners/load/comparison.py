"""`devicegrant compare` for two load results: figures, thresholds, and what is newly wrong.

The laws of this file: one run is one sample, so a figure that moved is shown and never judged; what
makes the exit code 1 is a threshold, a violation, or a run that no longer decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import msgspec

from harness.runners.load.metrics import METRICS, measured, shown
from harness.runners.load.thresholds import judge, parse
from harness.target import TargetError
from reports.clean import clean
from reports.lines import BLANK, Line, line, paragraph
from reports.report import counted
from reports.terminal import Terminal

SCHEMA = "devicegrant/load/1"
FIGURES = (
    *(f"approval_to_token_ms.{one}" for one in ("p50", "p95", "p99")),
    "still_waiting_ms.p95",
    *(f"response_ms.{one}" for one in ("p50", "p95", "p99")),
    *("polls.total", "polls.measured_per_second", "polls.measured_share"),
    *("polls.per_sign_in.p95", "polls.wasted_share", "waiting.most"),
    *("flows.begun", "flows.token", "unfinished_share", "codes.pending_at_end"),
    *("slow_down_to_obedient", "starved", "busy_share", "network_share", "unexpected_total"),
    *("lag_ms.p99", "held_ms.p99", "server.cpu_share", "server.memory_mb"),
    *("generator.cpu_share", "generator.memory_mb"),
)
"""The figures that are put side by side, in the order in which they are read."""
_HARMLESS = {"seed"}
"""Settings that may differ in comparable runs."""
_DECIDED = {0, 1}


class _Target(msgspec.Struct):
    name: str | None = None


class _Threshold(msgspec.Struct):
    text: str
    held: bool | None = None


class _Violation(msgspec.Struct):
    requirement: str
    says: str = ""


class _Said(msgspec.Struct):
    """What of a load result is compared beside its figures."""

    exit_code: int | None = None
    verdict: str | None = None
    started: str | None = None
    target: _Target | None = None
    settings: dict[str, Any] | None = None
    machine: dict[str, Any] | None = None
    thresholds: list[_Threshold] | None = None
    violations: list[_Violation] | None = None
    unexpected: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load result: what it says of itself, and the document with the figures."""

    said: _Said
    document: Mapping[str, Any]

    def held(self, text: str) -> bool | None:
        """Whether a threshold held; one that was not set is judged now."""
        for one in self.said.thresholds or ():
            if one.text == text:
                return one.held
        try:
            verdict = judge([parse(text)], self.document)[0]["held"]
        except TargetError:
            return None
        return None if verdict is None else bool(verdict)

    @property
    def decided(self) -> bool:
        """Whether the run decided anything; one that does not say is believed."""
        return self.said.exit_code is None or self.said.exit_code in _DECIDED


def is_load_result(content: bytes) -> bool:
    """Whether a file says of itself that it is a load result; never raises."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("schema") == SCHEMA


def compare_loads(
    old: LoadResult, new: LoadResult, *, plain: bool = False, stream: TextIO | None = None
) -> int:
    """Print what differs; 0 if nothing is worse, 1 if something is."""
    found = worse(old, new)
    terminal = Terminal(stream, plain=plain)
    terminal.print(_lines(old, new, found, terminal.width))
    return 1 if found else 0


def read_load(path: Path, content: bytes) -> LoadResult:
    """The load result in a file.  Raises `TargetError` that names the file and what is wrong."""
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise TargetError(f"{path} is no JSON: {problem}") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        says = f"its schema is {_told(schema)!r}" if schema else "it names no schema"
        told = "a load result is compared with another load result and nothing else"
        raise TargetError(f"{path} is no load result ({says}, not {SCHEMA!r}): {told}")
    try:
        return LoadResult(msgspec.convert(document, _Said), document)
    except msgspec.ValidationError as problem:
        raise TargetError(f"{path} is no load result: {problem}") from None


def worse(old: LoadResult, new: LoadResult) -> list[str]:
    """Everything that is worse in the new run, a sentence each."""
    before, after = old.said, new.said
    found = []
    if old.decided and not new.decided:
        why = after.verdict or f"exit code {after.exit_code}"
        found.append(f"the new run decides nothing: {why}")
    for text in _texts(old, new):
        now = new.held(text)
        if old.held(text) is True and now is not True:
            what = "broke now" if now is False else "was not measured now"
            found.append(f"threshold {text} held before and {what}")
    known = {one.requirement for one in before.violations or ()}
    fresh = {one.requirement: one.says for one in after.violations or ()}
    found += [f"new violation {rule}: {says}" for rule, says in fresh.items() if rule not in known]
    seen = before.unexpected or {}
    found += [
        f"new unexpected answer, {count} x {message}"
        for message, count in (after.unexpected or {}).items()
        if count > 0 and not seen.get(message)
    ]
    return [clean(says, 300) for says in found]


def differing(old: LoadResult, new: LoadResult) -> list[str]:
    """What keeps two runs from being compared one to one: target, settings, machine."""
    pairs: dict[str, list[Any]] = {"target": [_name(old), _name(new)]}
    for title in ("settings", "machine"):
        before, after = (getattr(each.said, title) or {} for each in (old, new))
        keys = [key for key in {**before, **after} if key not in _HARMLESS]
        pairs |= {key: [before.get(key), after.get(key)] for key in keys}
    return [
        f"{clean(key, 40)}: {_told(one)} and {_told(other)}"
        for key, (one, other) in pairs.items()
        if one != other
    ]


def _name(result: LoadResult) -> str | None:
    return result.said.target.name if result.said.target else None


def _texts(old: LoadResult, new: LoadResult) -> list[str]:
    both = (*(old.said.thresholds or ()), *(new.said.thresholds or ()))
    return list(dict.fromkeys(one.text for one in both))


def _told(value: Any) -> str:
    return "unknown" if value is None else clean(str(value), 60)


def _lines(old: LoadResult, new: LoadResult, found: list[str], width: int) -> Iterator[Line]:
    for label, result in (("old", old), ("new", new)):
        started, verdict = (
            clean(text or "", 200) for text in (result.said.started, result.said.verdict)
        )
        told = f"{_told(_name(result))}, {started}: {verdict}"
        yield from paragraph(told, width, lead=(f"{label}  ", "bold"))
    apart = differing(old, new)
    if apart:
        yield line(("warning: ", "yellow"), "not comparable one to one, these differ")
        for one in apart:
            yield from paragraph(one, width, indent=4)
    for label, result in (("old", old), ("new", new)):
        if not result.decided:
            yield line(("warning: ", "yellow"), f"the {label} run decides nothing")
    yield BLANK
    yield from _table(old.document, new.document)
    for text in _texts(old, new):
        words = " -> ".join(_WORDS[each.held(text)] for each in (old, new))
        yield line(("threshold  ", "dim"), f"{words}  {clean(text, 80)}")
    for each in found:
        yield from paragraph(each, width, lead=("worse  ", "bold red"))
    told = f"{counted(len(found), 'thing')} worse" if found else "nothing is worse"
    yield line((told, "bold red" if found else "green"))


_WORDS = {True: "held", False: "BROKEN", None: "open"}


def _table(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Line]:
    rows: list[tuple[str, ...]] = [("", "old", "new", "difference", "new / old")]
    for name in FIGURES:
        before, after = measured(name, old), measured(name, new)
        if before is None and after is None:
            continue
        unit = METRICS[name].unit
        apart = ratio = "-"
        if before is not None and after is not None:
            apart = ("+" if after > before else "") + shown(after - before, unit)
            ratio = f"{after / before:.2f}" if before else "-"
        shown_values = ("-" if one is None else shown(one, unit) for one in (before, after))
        rows.append((name, *shown_values, apart, ratio))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for place, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [row[column].rjust(widths[column]) for column in range(1, 5)]
        yield line(("  ".join(cells), "dim" if not place else ""))
