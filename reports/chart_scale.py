"""Numbers on paper: round ticks, short labels, and long rows folded into few columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HUGE, TINY = 1e300, 1e-12
"""Beyond the first a number is none, below the second it is zero: arithmetic stays harmless."""
_STEPS_OF_TIME = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200)
_DAY = 86400.0
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))


@dataclass(frozen=True, slots=True)
class Column:
    """What lies between two moments (seconds): least, mean and most; None is a gap."""

    began: float
    ended: float
    least: float | None
    mean: float | None
    most: float | None


def number(value: object) -> float | None:
    """`value` as a finite float, or None for whatever is no number that can be drawn."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -HUGE <= value <= HUGE:
        return None
    return float(value) if abs(value) >= TINY else 0.0


def ticks(least: float, most: float, about: int = 4) -> list[float]:
    """Round values from at or below `least` to at or above `most`, zero among them."""
    low, high = min(0.0, least), max(0.0, most)
    if low == high:
        return [0.0, 1.0]
    step = _round_step((high - low) / about)
    first, last = math.floor(low / step + TINY), math.ceil(high / step - TINY)
    return [place * step for place in range(first, last + 1)]


def time_ticks(began: float, ended: float, most: int = 5) -> list[float]:
    """Round moments (seconds) between two others, both included, at most `most` + 1."""
    rough = max(ended - began, TINY) / most
    whole = [step for step in _STEPS_OF_TIME if step >= rough]
    step = whole[0] if rough >= 1 and whole else _round_step(rough, 1.0 if rough < 1 else _DAY)
    first, last = math.ceil(began / step - TINY), math.floor(ended / step + TINY)
    return [place * step for place in range(first, min(last, first + most) + 1)]


def _round_step(rough: float, unit: float = 1.0) -> float:
    """The next of 1, 2, 5, 10 … units above `rough`."""
    power = 10.0 ** math.floor(math.log10(rough / unit))
    return next(unit * power * by for by in (1, 2, 5, 10, 20) if unit * power * by >= rough * 0.999)


def brief(value: float) -> str:
    """A number for an axis, five characters or so: 7,500 or 12.5k."""
    size = abs(value)
    if size >= 1e15:
        return f"{value:.0e}"
    for limit, letter in _SIZES:
        if size >= limit:
            return f"{value / (1e3 if letter == 'k' else limit):.4g}{letter}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"


def told(value: float | None) -> str:
    """A number for people: whole from a hundred on, with up to two decimals below."""
    if value is None:
        return "not measured"
    size = abs(value)
    if size >= 1e15:
        return f"{value:.3g}"
    places = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2
    text = f"{value:,.{places}f}"
    return f"{value:.2g}" if text.strip("-0.") == "" and value else text


def tick_of_time(seconds: float, step: float) -> str:
    """A moment for an axis, in the unit that fits the distance of its ticks."""
    if not seconds:
        return "0"
    for size, unit in ((_DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if step >= size:
            return f"{brief(seconds / size)} {unit}"
    return f"{brief(seconds)} s"


def moment(seconds: float) -> str:
    """A moment of a run as minutes:seconds, or hours:minutes:seconds."""
    if abs(seconds) >= 1e9:
        return f"{brief(seconds)} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def fold(
    seconds: Sequence[float], values: Sequence[float | None], columns: int
) -> Iterator[Column]:
    """`values` in at most `columns` columns of equal length; as they are if they fit."""
    length = max(1, math.ceil(len(seconds) / columns))
    for start in range(0, len(seconds), length):
        found = [value for value in values[start : start + length] if value is not None]
        began, ended = seconds[start], seconds[min(start + length, len(seconds)) - 1]
        if found:
            yield Column(began, ended, min(found), math.fsum(found) / len(found), max(found))
        else:
            yield Column(began, ended, None, None, None)


def runs(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """The stretches without gaps."""
    run: list[Column] = []
    for column in columns:
        if column.mean is not None:
            run.append(column)
        elif run:
            yield run
            run = []
    if run:
        yield run
