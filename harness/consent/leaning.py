"""What a label leans to: yes, no, sign in, out of the flow; and whether a page sounds like success.

Words are weak evidence.  They choose between buttons; outcomes rest on structure first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.consent.words import mentions, vocabulary, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class Lean(Enum):
    """What pressing something would mean."""

    YES = "yes"
    NO = "no"
    SIGN_IN = "sign in"
    SKIP = "skip"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Leaning:
    """A direction and how sure it is: 3 names the decision, 2 confirms, 1 only goes on.

    For refusals: 4 names the refusal, 3 negates, 2 cancels.
    """

    lean: Lean
    strength: int = 0


UNCLEAR = Leaning(Lean.UNCLEAR)
NAMED = Leaning(Lean.YES, 3)
"""A yes that names the decision: allow, approve, authorize."""
_SIGNS = {
    **dict.fromkeys("✓✔☑👍✅", Leaning(Lean.YES, 2)),
    **dict.fromkeys("✗✘✖❌👎🚫", Leaning(Lean.NO, 2)),
}
_BITS = {
    **dict.fromkeys(("true", "1", "y", "t"), Leaning(Lean.YES, 2)),
    **dict.fromkeys(("false", "0", "n", "f"), Leaning(Lean.NO, 3)),
}


@lru_cache(maxsize=4096)
def leaning_of(label: str) -> Leaning:
    """What a label leans to, judged by its words in any language that we know."""
    words = words_of(label)
    if not words:
        return next((_SIGNS[sign] for sign in label if sign in _SIGNS), UNCLEAR)
    for judge in (_at_once, _negated, _named, _going_on):
        found = judge(words)
        if found is not None:
            return found
    return UNCLEAR


def leaning_of_value(value: str) -> Leaning:
    """What a button's value or name leans to: the words of programs, `true` and `0` included."""
    bare = value.strip().lower()
    return _BITS.get(bare) or leaning_of(value)


def _at_once(words: tuple[str, ...]) -> Leaning | None:
    if any(word.startswith("cookie") for word in words):
        return Leaning(Lean.OUTSIDE)
    if vocabulary("refuse").found_in(words):
        return Leaning(Lean.NO, 4)
    negated = vocabulary("not").found_in(words)
    first = vocabulary("approve").has(words[0]) or vocabulary("yes").has(words[0])
    if first and not negated:
        sure = len(words) == 1 or any(vocabulary("approve").has(word) for word in words)
        return NAMED if sure else Leaning(Lean.YES, 2)
    if vocabulary("outside").found_in(words):
        return Leaning(Lean.OUTSIDE)
    return None


def _negated(words: tuple[str, ...]) -> Leaning | None:
    if vocabulary("not").found_in(words) and not vocabulary("cancel").found_in(words):
        return Leaning(Lean.NO, 3)
    if vocabulary("cancel").found_in(words):
        return Leaning(Lean.NO, 2)
    return None


def _named(words: tuple[str, ...]) -> Leaning | None:
    if vocabulary("approve").found_in(words):
        return NAMED
    if vocabulary("sign_in").found_in(words):
        return Leaning(Lean.SIGN_IN)
    if vocabulary("skip").found_in(words):
        return Leaning(Lean.SKIP)
    return None


def _going_on(words: tuple[str, ...]) -> Leaning | None:
    if vocabulary("confirm").found_in(words):
        return Leaning(Lean.YES, 2)
    if vocabulary("away").found_in(words):
        return Leaning(Lean.OUTSIDE)
    if vocabulary("go_on").found_in(words):
        return Leaning(Lean.YES, 1)
    return None


class Mood(Enum):
    """What a text sounds like."""

    GOOD = 1
    BAD = -1
    NEUTRAL = 0


def mood_of(lines: Iterable[str]) -> Mood:
    """Whether the sentences sound like success or like failure, by majority."""
    score = 0
    for line in lines:
        for sentence in re.split(r"[.!?;。！？](?:\s|$)", line):
            score += _tone(sentence)
    return Mood.GOOD if score > 0 else Mood.BAD if score < 0 else Mood.NEUTRAL


def failures_in(lines: Iterable[str]) -> list[str]:
    """The sentences that sound like failure."""
    sentences = [part for line in lines for part in re.split(r"(?<=[.!?;。！？])\s", line)]
    return [sentence.strip() for sentence in sentences if _tone(sentence) < 0]


def sounds_refused(lines: Iterable[str]) -> bool:
    """Whether the text says that a request was turned down, as it should after a person's no."""
    return mentions("turned_down", *lines)


@lru_cache(maxsize=4096)
def _tone(sentence: str) -> int:
    words = words_of(sentence)
    if vocabulary("failed").found_in(words):
        return -1
    if vocabulary("done").found_in(words):
        return -1 if vocabulary("not").found_in(words) else 1
    return 0
