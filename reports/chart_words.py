"""What a chart shows, in words: one sentence, and a short table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reports.chart_frame import Series, safe
from reports.chart_scale import fold, moment, told

ROWS = 30
"""Rows of a table at most."""
_ENOUGH = 6
"""Values below which nobody speaks of a trend."""
_SAME = 0.1
"""Share of the mean by which beginning and end may differ and still be level."""


def sentence(seconds: Sequence[float], series: Sequence[Series], unit: str) -> str:
    """Least, most, mean and trend of each series over time (seconds), in one sentence."""
    parts = [_of_one(seconds, one, unit, named=len(series) > 1) for one in series]
    text = "; ".join(parts) or "nothing was measured"
    # Names stay as they are written: they may be words of a protocol.
    return f"{text}." if len(series) > 1 else f"{text[0].upper()}{text[1:]}."


def _of_one(seconds: Sequence[float], one: Series, unit: str, *, named: bool) -> str:
    lead = f"{one.name}: " if named else ""
    values = one.values[: len(seconds)]
    known = [(value, second) for value, second in zip(values, seconds, strict=False) if _is(value)]
    numbers = [value for value, _ in known if value is not None]
    if not numbers:
        return f"{lead}never measured"
    if not any(numbers):
        text = f"{lead}zero all the time"
    else:
        most, when = max(numbers), seconds[0]
        when = next(second for value, second in known if value == most)
        text = (
            f"{lead}least {told(min(numbers))}, most {told(most)} at {moment(when)}, "
            f"mean {told(math.fsum(numbers) / len(numbers))}{unit and ' '}{unit}, {trend(numbers)}"
        )
    gaps = len(seconds) - len(numbers)
    return f"{text}; no value at {gaps} of {len(seconds)} moments" if gaps else text


def _is(value: float | None) -> bool:
    return value is not None


def trend(numbers: Sequence[float]) -> str:
    """How the last third of the numbers compares with the first."""
    third = len(numbers) // 3
    if len(numbers) < _ENOUGH:
        return "too few values for a trend"
    first = math.fsum(numbers[:third]) / third
    last = math.fsum(numbers[-third:]) / third
    size = math.fsum(map(abs, numbers)) / len(numbers)
    if abs(last - first) <= _SAME * size:
        return "level from beginning to end"
    way = "rising" if last > first else "falling"
    return f"{way} from {told(first)} in the first third to {told(last)} in the last"


def table(seconds: Sequence[float], series: Sequence[Series], unit: str) -> Iterator[str]:
    """The values as HTML, folded away; one series with least and most, several with their means."""
    alone = len(series) == 1
    folded = [list(fold(seconds, one.values, ROWS)) for one in series]
    heads = ["least", "mean", "most"] if alone else [one.name for one in series]
    rows = len(folded[0]) if folded else 0
    shown = f" ({unit})" if unit else ""
    if not rows:
        return
    yield f"<details><summary>The same as a table of {rows} rows</summary>"
    yield "<div class=scroll tabindex=0 role=region aria-label='table of the chart above'>"
    yield f"<table class=numbers><caption>Means from the time given{safe(shown)}</caption>"
    yield "<thead><tr><th scope=col>min:s" + "".join(f"<th scope=col>{safe(h)}" for h in heads)
    yield "</tr></thead><tbody>"
    for place in range(rows):
        columns = [of_one[place] for of_one in folded]
        first = columns[0]
        values = (
            [first.least, first.mean, first.most] if alone else [column.mean for column in columns]
        )
        cells = "".join(f"<td>{'–' if value is None else told(value)}" for value in values)
        yield f"<tr><th scope=row>{moment(first.began)}{cells}</tr>"
    yield "</tbody></table></div></details>"
