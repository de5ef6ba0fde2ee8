"""The charts of a load run, each with its sentence and its table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from reports.chart_frame import LAYERS, Mark, Picture, Series, dots, safe, swatch
from reports.chart_scale import told
from reports.chart_words import sentence, table
from reports.charts import COLUMNS, bars, line_chart, stacked_chart
from reports.load_facts import figure, milliseconds, numbers, part, seconds_of

Document: TypeAlias = Mapping[str, Any]
_IN_SECONDS = 2000.0
"""Milliseconds from which on a chart counts in seconds."""
_CENTILES = ("least", "p50", "p90", "p95", "p99", "most")


@dataclass(frozen=True, slots=True)
class _Plan:
    """One chart over time: what it draws, and what it compares that with.

    `lines` are (name, member of the timeline), `marks` (name, value).
    """

    key: str
    title: str
    unit: str
    lines: Sequence[tuple[str, str]]
    marks: Sequence[tuple[str, Callable[[Document], float | None]]] = ()
    note: str = ""
    worst: bool = False
    optional: bool = False


def _planned(*path: str) -> Callable[[Document], float | None]:
    return lambda document: figure(document, *path)


_BEFORE = (
    _Plan(
        "arrivals",
        "Arrivals",
        "per second",
        (("arrivals", "arrivals"),),
        (("planned", _planned("plan", "arrivals_per_second")),),
        "Devices that asked for codes. They come by a schedule that does not wait for answers.",
    ),
    _Plan(
        "polls",
        "Polls a second",
        "per second",
        (("wanted", "polls_wanted"), ("done", "polls_done")),
        (("planned", _planned("plan", "polls_per_second")),),
        "Wanted are the polls that were due, done those that were answered.",
    ),
    _Plan(
        "lag",
        "Scheduler lag, 99th percentile",
        "ms",
        (("lag", "lag_ms_p99"),),
        note="How late polls left: the load generator's own fault. The line is the worst.",
        worst=True,
    ),
    _Plan(
        "token-time",
        "Approval to token, median",
        "ms",
        (("time to token", "time_to_token_ms_p50"),),
        (("floor of the mean", _planned("approval_to_token_ms", "floor")),),
        "What a person feels. On average half an interval passes until a device asks again.",
    ),
)
_WAITING = _Plan(
    "waiting",
    "Waiting devices and pending codes",
    "",
    (("waiting", "waiting"), ("pending codes", "pending_codes")),
    (("planned", _planned("plan", "waiting")),),
    "Devices that wait for a person, and codes that the server still has to remember.",
)
_MEMORY = _Plan(
    "memory", "Memory of the server", "MB", (("memory", "server_memory_mb"),), optional=True
)


def charts(document: Document) -> Iterator[str]:
    """All charts as figures; those without a single value say so in a line."""
    folded = _folded(document)
    if folded:
        yield f"<p class=says>Lines are means of {folded} neighbouring moments; the band behind a "
        yield "line reaches from the least of them to the most. The tables have the figures.</p>"
    yield "<div class=charts>"
    for plan in _BEFORE:
        yield from _over_time(document, plan)
    yield from _answers(document)
    yield from _over_time(document, _WAITING)
    yield from _centiles(document)
    yield from _over_time(document, _MEMORY)
    yield "</div>"


def _folded(document: Document) -> int:
    """How many values the longest row has for each column; 0 if there is room for all."""
    rows = part(document, "timeline").values()
    longest = max((len(row) for row in rows if isinstance(row, list | tuple)), default=0)
    return math.ceil(longest / COLUMNS) if longest > COLUMNS else 0


def _over_time(document: Document, plan: _Plan) -> Iterator[str]:
    rows = [(name, numbers(document, "timeline", which)) for name, which in plan.lines]
    series = [
        Series(name, row, plan.worst) for name, row in rows if any(v is not None for v in row)
    ]
    if not series:
        if not plan.optional:
            yield from _missing(plan.title)
        return
    seconds = seconds_of(document, max(len(row) for _, row in rows))
    marks = [(name, value(document)) for name, value in plan.marks]
    unit, series = _readable(plan.unit, series)
    scale = 1000.0 if unit != plan.unit else 1.0
    compared = [
        Mark(value / scale, f"{name} {told(value / scale)}{_space(unit)}")
        for name, value in marks
        if value is not None
    ]
    says = sentence(seconds, series, unit)
    if compared:
        says += f" The dotted line: {', '.join(mark.name for mark in compared)}."
    picture = Picture(plan.key, plan.title, says, unit)
    key = [(swatch(place), one.name) for place, one in enumerate(series)] if len(rows) > 1 else []
    key += [(dots(), mark.name) for mark in compared]
    yield from _figure(picture, line_chart(picture, seconds, series, compared), key, plan.note)
    yield from table(seconds, series, unit)
    yield "</figure>"


def _readable(unit: str, series: list[Series]) -> tuple[str, list[Series]]:
    """Milliseconds as seconds where there are many."""
    most = max((v for one in series for v in one.values if v is not None), default=0.0)
    if unit != "ms" or most < _IN_SECONDS:
        return unit, series
    return "s", [
        replace(one, values=[None if v is None else v / 1000 for v in one.values]) for one in series
    ]


def _space(unit: str) -> str:
    return f" {unit}" if unit in {"s", "ms", "MB"} else ""


def _answers(document: Document) -> Iterator[str]:
    title, key = "Answers to polls", "answers"
    rows = {str(name): numbers(document, "timeline", key, name) for name in _names(document)}
    rows = {name: row for name, row in rows.items() if any(row)}
    if not rows:
        yield from _missing(title)
        return
    ordered = sorted(rows, key=lambda name: -sum(value or 0.0 for value in rows[name]))
    longest = max(map(len, rows.values()))
    seconds = seconds_of(document, longest)
    series = [Series(name, rows[name]) for name in ordered[:LAYERS]]
    if len(ordered) > LAYERS:
        rest = ordered[LAYERS - 1 :]
        summed = [_sum([rows[name] for name in rest], place) for place in range(longest)]
        series[-1:] = [Series(f"{len(rest)} other answers", summed)]
    picture = Picture(key, title, sentence(seconds, series, ""), "per second")
    swatches = [(swatch(place, key), one.name) for place, one in enumerate(series)]
    drawn = stacked_chart(picture, seconds, series)
    note = "One upon the other; the upper edge is all answers together."
    yield from _figure(picture, drawn, swatches, note, "wide")
    yield from table(seconds, series, "per second")
    yield "</figure>"


def _names(document: Document) -> list[str]:
    return [name for name in part(document, "timeline", "answers") if isinstance(name, str)]


def _sum(rows: Sequence[Sequence[float | None]], place: int) -> float | None:
    found = [row[place] for row in rows if place < len(row) and row[place] is not None]
    return sum(value or 0.0 for value in found) if found else None


def _centiles(document: Document) -> Iterator[str]:
    """How long all those waited who got in, as bars."""
    title, name = "Approval to token, all sign-ins", "approval_to_token_ms"
    values = [(which, figure(document, name, which)) for which in _CENTILES]
    known = [value for _, value in values if value is not None]
    if not known:
        yield from _missing(title)
        return
    scale, unit = (1000.0, "s") if max(known) >= _IN_SECONDS else (1.0, "ms")
    says = ", ".join(f"{which} {milliseconds(value)}" for which, value in values) + "."
    floor = figure(document, name, "floor")
    if floor is not None:
        says += (
            f" The dotted line is the floor of the mean, half an interval: {milliseconds(floor)}."
        )
    count = figure(document, name, "count")
    note = f"{told(count)} sign-ins. " if count is not None else ""
    picture = Picture("centiles", title, f"{says[0].upper()}{says[1:]}", unit)
    drawn = bars(
        picture,
        [(which, None if value is None else value / scale) for which, value in values],
        None if floor is None else Mark(floor / scale, f"floor {milliseconds(floor)}"),
    )
    note += "p95 is the time within which 95 in 100 got in."
    yield from _figure(picture, drawn, [], note)
    yield "</figure>"


def _figure(
    picture: Picture,
    drawn: str,
    key: Sequence[tuple[str, str]],
    note: str,
    kind: str = "",
) -> Iterator[str]:
    """A figure, left open for its table."""
    yield f'<figure class="plot {kind}"><h3>{safe(picture.title)}</h3>'
    if note:
        yield f"<p class=note>{safe(note)}</p>"
    if key:
        yield "<ul class=key>"
        yield "".join(f"<li>{look} {safe(name)}</li>" for look, name in key) + "</ul>"
    yield drawn
    yield f"<figcaption>{safe(picture.says)}</figcaption>"


def _missing(title: str) -> Iterator[str]:
    yield f"<figure class=plot><h3>{safe(title)}</h3><p class=note>Not measured in this run.</p>"
    yield "</figure>"
