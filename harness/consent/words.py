"""The vocabulary of people, read from `words.toml`, and how words are found in a text."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_APART = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no spaces between words."""


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a label, a name or a sentence: lower case, without accents."""
    return tuple(_WORD.findall(_plain(_APART.sub(" ", text))))


def _plain(text: str) -> str:
    text = re.sub(r"n't\b", " not", text.replace("’", "'"), flags=re.IGNORECASE)
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare)


class Vocabulary:
    """Words, stems and phrases that mean the same."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._exact: set[str] = set()
        self._stems: tuple[str, ...] = ()
        self._ends: tuple[str, ...] = ()
        self._anywhere: tuple[str, ...] = ()
        self._phrases: list[tuple[str, ...]] = []
        for entry in filter(None, (entry.strip() for entry in entries)):
            self._add(entry, _WORD.findall(_plain(entry)))

    def _add(self, entry: str, words: list[str]) -> None:
        if _DENSE.search(entry):
            self._anywhere += (_plain(entry),)
        elif len(words) > 1:
            words[-1] += "*" if entry.endswith("*") else ""
            self._phrases.append(tuple(words))
        elif entry.endswith("*"):
            self._stems += (words[0],)
        elif entry.startswith("*"):
            self._ends += (words[0],)
        else:
            self._exact.add(words[0])

    def found_in(self, words: Sequence[str]) -> bool:
        """Whether one of the entries is among the words."""
        return any(self.has(word) for word in words) or any(
            _has_phrase(words, phrase) for phrase in self._phrases
        )

    def has(self, word: str) -> bool:
        """Whether this single word is an entry."""
        if word in self._exact or word.startswith(self._stems) or word.endswith(self._ends):
            return True
        return any(part in word for part in self._anywhere)


def _has_phrase(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    for start in range(len(words) - len(phrase) + 1):
        pairs = zip(words[start:], phrase, strict=False)
        if all(
            word.startswith(part[:-1]) if part.endswith("*") else word == part
            for word, part in pairs
        ):
            return True
    return False


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name; raises `KeyError` if the file has none."""
    return Vocabulary(",".join(_file()[name].values()).split(","))


@cache
def _file() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("harness.consent") / "words.toml").read_text("utf-8"))


def mentions(name: str, *texts: str) -> bool:
    """Whether any of the texts has a word of the vocabulary `name`."""
    return any(_mentioned(name, text) for text in texts if text)


@lru_cache(maxsize=8192)
def _mentioned(name: str, text: str) -> bool:
    """The pages of one server say the same things again and again."""
    return vocabulary(name).found_in(words_of(text))
