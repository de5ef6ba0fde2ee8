"""Finds quickly which of many secrets may occur in a text; surely is what their patterns say.

The laws of this file: it may name too many secrets and never too few; its cost hardly grows with
their number, because a scenario can bring a thousand codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.spellings import spelled, spelled_loosely

_GRAM = 4
_TAGS = re.compile(r"<[^<>]{0,120}>")
_ESCAPES = re.compile(r"%(?:25)*[0-9a-f]{2}|&#?\w{1,6};|\\u[0-9a-f]{4}")
_NO_LETTERS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Trace:
    """How one secret is found.

    `bare` are characters of it that are spelled in one way only, in lower case.  `head` is the
    beginning by which a cut secret is known, "" if that is not telling.  `loose` is for codes that
    people type.
    """

    name: str
    value: str
    bare: str
    head: str
    loose: bool

    @property
    def pattern(self) -> str:
        """The pattern for every spelling of the secret."""
        return spelled_loosely(self.value) if self.loose else spelled(self.value)


class Traces:
    """An index of traces."""

    def __init__(self) -> None:
        self._by_gram: dict[str, list[Trace]] = {}
        self._anywhere: list[Trace] = []
        self._loose: dict[int, dict[str, list[Trace]]] = {}

    def add(self, trace: Trace) -> None:
        """Add one trace."""
        if trace.loose and trace.bare.isascii():
            of_length = self._loose.setdefault(len(trace.bare), {})
            of_length.setdefault(trace.bare, []).append(trace)
        elif len(trace.bare) >= _GRAM and not trace.loose:
            self._by_gram.setdefault(trace.bare[:_GRAM], []).append(trace)
        else:
            self._anywhere.append(trace)

    def likely(self, text: str) -> list[Trace]:
        """Every trace whose secret, or the beginning of it, may occur in `text`."""
        low = text.lower()
        found = [one for one in self._anywhere if one.loose or one.bare in low]
        for gram in _windows(low, _GRAM, self._by_gram):
            found += [one for one in self._by_gram[gram] if one.bare in low]
        if self._loose:
            squeezed = set(_squeezed(low))
            for length, codes in self._loose.items():
                near = {code for one in squeezed for code in _windows(one, length, codes)}
                found += [one for code in sorted(near) for one in codes[code]]
        return found


def _windows(text: str, length: int, wanted: dict[str, list[Trace]]) -> Iterator[str]:
    """The keys of `wanted`, all of that length, which occur in `text`."""
    if len(wanted) <= 50:
        return (key for key in list(wanted) if key in text)
    seen = {text[at : at + length] for at in range(len(text) - length + 1)}
    return iter(sorted(wanted.keys() & seen))


def _squeezed(low: str) -> Iterator[str]:
    """The letters and digits of a text, in the ways in which what stands between can be read."""
    yield _NO_LETTERS.sub("", low)
    if "%" in low or "&" in low or "\\" in low:
        yield _NO_LETTERS.sub("", _ESCAPES.sub(" ", low))
    if "<" in low:
        without = _TAGS.sub(" ", low)
        yield _NO_LETTERS.sub("", without)
        yield _NO_LETTERS.sub("", _ESCAPES.sub(" ", without))
