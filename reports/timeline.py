"""The poll strip as a picture: one code's life on a line, as inline SVG with its text beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from harness.transcript import Transcript
from reports.clean import clean
from reports.strip import Step, steps_of, strip

WIDTH, HEIGHT, MARGIN = 720, 96, 24
LABELS = 18
"""Steps up to which each gets its word; beyond, only those where the word changes."""
_SHAPES = {
    "code": "M-5,-5h10v10h-10z",
    "pending": "M0,-4a4,4 0 1,0 0.01,0z",
    "slow_down": "M0,-6L6,5H-6z",
    "token": "M-6,0L-2,4L6,-5L6,-1L-2,8L-6,4z",
}
_OTHER = "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0z"
_DECISION = "M0,-7L7,0L0,7L-7,0z"


def timeline(transcript: Transcript, code: str | None = None) -> str:
    """The picture of one code's life; "" if it was issued and never touched."""
    steps = steps_of(transcript, code)
    if len(steps) < 2:
        return ""
    span = max(step.at for step in steps) or 1.0
    words = _labelled(steps)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" class="timeline">',
        f"<title>{escape(clean(strip(transcript, code)))}</title>",
        f'<line x1="{MARGIN}" y1="48" x2="{WIDTH - MARGIN}" y2="48" stroke="currentColor"/>',
    ]
    for place, step in enumerate(steps):
        x = MARGIN + (WIDTH - 2 * MARGIN) * max(0.0, step.at) / span
        parts.append(
            f'<path d="{_shape(step.word)}" transform="translate({x:.1f},48)" fill="currentColor"/>'
        )
        if place in words:
            y = (
                28 - 14 * (words[place] % 2)
                if words[place] % 4 < 2
                else 68 + 14 * (words[place] % 2)
            )
            anchor = "start" if x < 60 else "end" if x > WIDTH - 60 else "middle"
            told = escape(clean(f"{step.at:.1f} {step.word}", 28))
            parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{told}</text>')
    return "".join([*parts, "</svg>"])


def _labelled(steps: Sequence[Step]) -> dict[int, int]:
    """Which steps get a label, and which one in turn it is."""
    if len(steps) <= LABELS // 2:
        places = list(range(len(steps)))
    else:
        places = [
            place
            for place, step in enumerate(steps)
            if not place or step.word != steps[place - 1].word or place == len(steps) - 1
        ][:LABELS]
    return {place: turn for turn, place in enumerate(places)}


def _shape(word: str) -> str:
    if word.startswith(("approved", "denied by")):
        return _DECISION
    return _SHAPES.get(word, _OTHER)
