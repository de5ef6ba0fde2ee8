"""Charts as SVG: lines, stacked areas, bars; no script, nothing loaded, nothing by colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.chart_frame import (
    ADVANCE,
    HEIGHT,
    LINE,
    MOST_IN_NAME,
    WIDE,
    WIDTH,
    Frame,
    Mark,
    Picture,
    Series,
    hatch,
    look,
    opened,
    safe,
    svg,
)
from reports.chart_scale import Column, brief, fold, runs, ticks
from reports.clean import clean

COLUMNS = 240
"""Columns of a plot; longer rows are folded, so that an hour takes no more room than a minute."""


def line_chart(
    picture: Picture,
    seconds: Sequence[float],
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
) -> str:
    """Lines over time (seconds); each has dashes of its own, and its name if it is not alone.

    Values that share a column of the plot have a band from the least to the most behind the line.
    """
    folded = [list(fold(seconds, one.values, COLUMNS)) for one in series]
    found = [column for columns in folded for column in columns]
    lows = [column.least for column in found if column.least is not None]
    highs = [column.most for column in found if column.most is not None]
    levels = [mark.value for mark in marks]
    frame = Frame.around(
        seconds, ticks(min(lows + levels, default=0.0), max(highs + levels, default=0.0))
    )
    plot = [
        part
        for place, (one, columns) in enumerate(zip(series, folded, strict=True))
        for part in _line(frame, place, columns, worst=one.worst)
    ]
    ends = list(_ends(frame, series, folded)) if len(series) > 1 else []
    gutter = max((len(end.name) * WIDE + 12 for end in ends), default=0.0)
    return svg(picture, frame, plot, [*_marks(frame, marks), *_apart(ends)], gutter)


def _line(frame: Frame, place: int, columns: Sequence[Column], *, worst: bool) -> Iterator[str]:
    """The line of a series, below it the band that it was folded from; lone values are dots."""
    band, line, dots = [], [], []
    for run in runs(columns):
        middle = [
            frame.at(column, (column.most if worst else column.mean) or 0.0) for column in run
        ]
        if len(run) == 1:
            dots.append(f"M{middle[0]}h0")
            continue
        line.append("M" + "L".join(middle))
        if any(column.least != column.most for column in run):
            upper = [frame.at(column, column.most or 0.0) for column in run]
            lower = [frame.at(column, column.least or 0.0) for column in reversed(run)]
            band.append("M" + "L".join(upper + lower) + "Z")
    for kind, paths in (("band", band), ("line", line), ("dot", dots)):
        if paths:
            yield f'<path class="{kind} {look(place)}" d="{"".join(paths)}"/>'


@dataclass(frozen=True, slots=True)
class _End:
    """Where a line ends (pixels from the top), and whose it is."""

    y: float
    place: int
    name: str


def _ends(
    frame: Frame, series: Sequence[Series], folded: Sequence[Sequence[Column]]
) -> Iterator[_End]:
    for place, (one, columns) in enumerate(zip(series, folded, strict=True)):
        known = [column.mean for column in columns if column.mean is not None]
        if known:
            yield _End(frame.down(known[-1]), place, clean(one.name, 24))


def _apart(ends: Sequence[_End]) -> Iterator[str]:
    """The names at the ends of lines, moved apart where they would cover each other."""
    ordered = sorted(ends, key=lambda end: (end.y, end.place))
    places: list[float] = []
    for end in ordered:
        places.append(max(end.y, places[-1] + LINE) if places else end.y)
    limit = float(HEIGHT)
    for number in reversed(range(len(places))):
        places[number] = min(places[number], limit)
        limit = places[number] - LINE
    for end, y in zip(ordered, places, strict=True):
        yield (
            f'<text class="name {look(end.place)}" x="100%" dx="6" y="{y + 4:.0f}">'
            f"{safe(end.name)}</text>"
        )


def _marks(frame: Frame, marks: Sequence[Mark]) -> Iterator[str]:
    # Their names belong into a key: within the plot they would cover what they are compared with.
    for mark in marks:
        y = f"{frame.down(mark.value):.1f}"
        yield f'<line class="ref" x1="0" x2="100%" y1="{y}" y2="{y}"/>'


@dataclass(frozen=True, slots=True)
class _Layer:
    """One series between the sum of those below it and its own top."""

    name: str
    place: int
    columns: Sequence[Column]
    low: Sequence[float]
    top: Sequence[float]

    def thickness(self, column: int) -> float:
        """How much it adds there."""
        return self.top[column] - self.low[column]


def stacked_chart(picture: Picture, seconds: Sequence[float], series: Sequence[Series]) -> str:
    """Areas one upon the other over time (seconds), the first at the bottom, each with a hatch."""
    layers: list[_Layer] = []
    floor: list[float] = []
    known: set[int] = set()
    for place, one in enumerate(series):
        columns = list(fold(seconds, one.values, COLUMNS))
        known |= {number for number, column in enumerate(columns) if column.mean is not None}
        floor = floor or [0.0] * len(columns)
        added = [max(0.0, column.mean or 0.0) for column in columns]
        top = [low + more for low, more in zip(floor, added, strict=True)]
        layers.append(_Layer(one.name, place, columns, floor, top))
        floor = top
    frame = Frame.around(seconds, ticks(0.0, max(floor, default=0.0)))
    hatches = "".join(hatch(picture.key, place) for place in range(len(series)))
    plot = [f"<defs>{hatches}</defs>"] if hatches else []
    plot += [part for layer in layers for part in _area(frame, picture.key, layer, known)]
    words = [word for layer in layers for word in _inside(frame, layer)]
    return svg(picture, frame, plot, words)


def _area(frame: Frame, key: str, layer: _Layer, known: set[int]) -> Iterator[str]:
    """One layer: a tint, a hatch above it, and its upper edge."""
    if not any(map(layer.thickness, range(len(layer.columns)))):
        return
    areas, edges = [], []
    for stretch in _stretches(known):
        upper = [frame.at(layer.columns[one], layer.top[one]) for one in stretch]
        lower = [frame.at(layer.columns[one], layer.low[one]) for one in reversed(stretch)]
        areas.append("M" + "L".join(upper + lower) + "Z")
        edges.append("M" + "L".join(upper) + ("h0" if len(upper) == 1 else ""))
    outline = "".join(areas)
    yield f'<path class="area {look(layer.place)}" d="{outline}"/>'
    if hatch(key, layer.place):
        yield f'<path fill="url(#{key}-{layer.place})" d="{outline}"/>'
    yield f'<path class="edge {look(layer.place)}" d="{"".join(edges)}"/>'


def _stretches(known: set[int]) -> list[list[int]]:
    """Neighbouring numbers together."""
    found: list[list[int]] = []
    for number in sorted(known):
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def _inside(frame: Frame, layer: _Layer) -> Iterator[str]:
    """The name of a layer within it, at the best of the places that have room for the word."""
    name = clean(layer.name, MOST_IN_NAME)
    reach = max(1, round(len(layer.columns) * len(name) * ADVANCE / WIDTH / 2))
    best, found = LINE + 2.0, ""
    # On a narrow screen a word takes half the plot: nearer to the sides it would leave it.
    edge = max(reach, len(layer.columns) // 4)
    for middle in range(edge, len(layer.columns) - edge):
        covered = slice(middle - reach, middle + reach + 1)
        above, below = frame.down(min(layer.top[covered])), frame.down(max(layer.low[covered]))
        if below - above >= best:
            best = below - above
            x = frame.across(layer.columns[middle].began) * 100
            found = f'x="{x:.1f}%" y="{(above + below) / 2 + 4:.0f}"'
    if found:
        yield f'<text class="halo" {found} text-anchor="middle">{safe(name)}</text>'


def bars(
    picture: Picture, values: Sequence[tuple[str, float | None]], mark: Mark | None = None
) -> str:
    """Bars one below the other, each with its name before and its value behind it."""
    known = [value for _, value in values if value is not None]
    end = ticks(0.0, max([*known, mark.value if mark else 0.0], default=0.0))[-1]
    row, rows, words = LINE + 8, [], []
    for place, (name, value) in enumerate(values):
        middle = place * row + row / 2
        share = f"{max(0.0, value or 0.0) / end * 100:.2f}%"
        says = "not measured" if value is None else f"{brief(value)} {picture.unit}"
        rows.append(f'<rect class="bar s0" x="0" y="{middle - 7:g}" width="{share}" height="14"/>')
        y = f'y="{middle + 4:g}"'
        words.append(f'<text class="end" x="-6" {y}>{safe(clean(name, 24))}</text>')
        words.append(f'<text class="halo" x="{share}" dx="5" {y}>{safe(says)}</text>')
    bottom = len(values) * row
    rows.append(f'<line class="axis" x1="0" x2="0" y1="0" y2="{bottom}"/>')
    if mark is not None:
        share = f"{max(0.0, mark.value) / end * 100:.2f}%"
        rows.append(f'<line class="ref" x1="{share}" x2="{share}" y1="-4" y2="{bottom}"/>')
        rows.append(
            f'<text x="{share}" y="-8" text-anchor="middle">'
            f"{safe(clean(mark.name, MOST_IN_NAME))}</text>"
        )
    before = max((min(len(name), 24) for name, _ in values), default=0) * ADVANCE + 12
    style = f"height:{bottom + 26}px;padding:22px 84px 4px {before:.0f}px"
    return opened(picture, style) + "".join(rows + words) + "</svg>"
