"""What all charts share: their parts as values, the frame with its axes, and how series look.

Only the plot stretches with the page.  Words stand beside it at places in per cent, so that they
have one size on a telephone and on paper; the margins are the picture's CSS padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from reports.chart_scale import Column, brief, tick_of_time, time_ticks
from reports.clean import clean

WIDTH, HEIGHT = 720, 180
"""The plot in its own coordinates; its height is also its height in pixels."""
LINE = 14
"""Height of a line of text in pixels."""
ADVANCE = 6.2
"""Mean width of a character in pixels."""
WIDE = 7.0
"""The same in bold."""
MOST_IN_NAME = 40
_HATCHES = (
    "",
    "M0,8L8,0M-2,2L2,-2M6,10L10,6",
    "M0,2H8M0,6H8",
    "M0,0L8,8M-2,6L2,10M6,-2L10,2",
    "M2,0V8M6,0V8",
    "M0,4H8M4,0V8",
)
LAYERS = len(_HATCHES)
"""Looks that can be told apart; a seventh series looks like the first."""


@dataclass(frozen=True, slots=True)
class Series:
    """A name and its values, one for each moment of the chart; None is a gap.

    Where moments are drawn as one, the line is their mean, or their most if `worst`.
    """

    name: str
    values: Sequence[float | None]
    worst: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to compare with, such as what was planned, and its name."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What every chart has: an id of our own making, a title, what it says in words, a unit."""

    key: str
    title: str
    says: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """How moments (seconds) and values become places in the plot."""

    began: float
    ended: float
    levels: Sequence[float]

    @classmethod
    def around(cls, seconds: Sequence[float], levels: Sequence[float]) -> Frame:
        """The frame from the first moment to the last and from the lowest level to the highest."""
        began, ended = (seconds[0], seconds[-1]) if seconds else (0.0, 0.0)
        return cls(began, ended if ended > began else began + 1.0, levels)

    def across(self, second: float) -> float:
        """A moment as a share of the width."""
        return (second - self.began) / (self.ended - self.began)

    def down(self, value: float) -> float:
        """A value as pixels from the top."""
        return (self.levels[-1] - value) / (self.levels[-1] - self.levels[0]) * HEIGHT

    def at(self, column: Column, value: float) -> str:
        """The point of a value in the middle of its column."""
        x = self.across(column.began / 2 + column.ended / 2) * WIDTH
        return f"{x:.0f},{self.down(value):.1f}"


def svg(
    picture: Picture, frame: Frame, plot: Iterable[str], words: Iterable[str], gutter: float = 0
) -> str:
    """A whole picture over time; `gutter` is room at the right end in pixels."""
    begins = opened(picture, f"padding-right:{gutter:.0f}px" if gutter else "")
    stretched = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" width="100%" '
        f'height="{HEIGHT}" overflow="visible">{"".join(plot)}</svg>'
    )
    axes = [*_levels(frame, picture.unit), *_moments(frame)]
    return "".join([begins, *axes, stretched, *words, "</svg>"])


def opened(picture: Picture, style: str = "") -> str:
    """The beginning of a picture, with its title and its description."""
    key = picture.key
    styled = f' style="{style}"' if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img"{styled} '
        f'aria-labelledby="{key}-title {key}-says"><title id="{key}-title">{safe(picture.title)}'
        f'</title><desc id="{key}-says">{safe(picture.says)}</desc>'
    )


def _levels(frame: Frame, unit: str) -> Iterator[str]:
    for level in frame.levels:
        y = f"{frame.down(level):.1f}"
        kind = "axis" if level == 0 else "grid"
        yield f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        yield f'<text class="end" x="-6" y="{y}" dy="4">{brief(level)}</text>'
    if unit:
        yield f'<text x="0" y="-9">{safe(unit)}</text>'


def _moments(frame: Frame) -> Iterator[str]:
    moments = time_ticks(frame.began, frame.ended)
    step = moments[1] - moments[0] if len(moments) > 1 else 0.0
    for one in moments:
        x = f"{frame.across(one) * 100:.2f}%"
        # A label at the very end would leave the picture.
        anchor = "end" if frame.across(one) > 0.95 else "middle"
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{HEIGHT}" y2="{HEIGHT + 4}"/>'
        label = tick_of_time(one, step)
        yield f'<text x="{x}" y="{HEIGHT + 17}" text-anchor="{anchor}">{label}</text>'


def swatch(place: int, key: str = "") -> str:
    """How a series looks, as a small picture for a key; areas need the id of their chart."""
    if key:
        shape = f'<rect class="area {look(place)}" width="28" height="12"/>'
        if hatch(key, place):
            shape += f'<rect fill="url(#{key}-{place})" width="28" height="12"/>'
    else:
        shape = f'<path class="line {look(place)}" d="M0,6H28"/>'
    return f'<svg class="swatch" aria-hidden="true" width="28" height="12">{shape}</svg>'


def dots() -> str:
    """How a mark looks, as a small picture for a key."""
    line = '<path class="ref" d="M0,6H28"/>'
    return f'<svg class="swatch" aria-hidden="true" width="28" height="12">{line}</svg>'


def hatch(key: str, place: int) -> str:
    """The pattern of a layer, which stands for its colour; "" for the plain one."""
    path = _HATCHES[place % LAYERS]
    if not path:
        return ""
    return (
        f'<pattern id="{key}-{place}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<path class="hatch {look(place)}" d="{path}"/></pattern>'
    )


def look(place: int) -> str:
    """The class of a series in the style sheet: its colour and its dashes."""
    return f"s{place % LAYERS}"


def safe(text: str) -> str:
    """Text from anywhere, for an element or an attribute."""
    return escape(clean(text, 600))
