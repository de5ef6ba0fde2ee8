"""Variations of a user_code, as people type it (RFC 8628 section 6.1)."""

from __future__ import annotations

import re

from harness.verdict import given


def plain(user_code: str) -> str:
    """The code without its separators."""
    return re.sub(r"[\W_]", "", user_code)


def separators(user_code: str) -> str:
    """The characters of a code that are neither letters nor digits."""
    return re.sub(r"[^\W_]", "", user_code)


TWINS = {"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8"}
TWINS |= {digit: letter for letter, digit in TWINS.items() if letter != "L"}


def with_a_twin(user_code: str) -> str | None:
    """The code with one character misread as its look-alike, or None if none has any."""
    for place, char in enumerate(user_code):
        twin = TWINS.get(char.upper())
        if twin is not None:
            return user_code[:place] + twin + user_code[place + 1 :]
    return None


def another_code(user_code: str) -> str:
    """A code of the same shape and alphabet that was not issued: the letters turned round.

    A code that reads the same both ways gets its first character replaced.  Raises `Inconclusive`
    for a code that has neither letters nor digits.
    """
    letters = plain(user_code)
    given(letters, "the user_code has neither letters nor digits")
    turned = letters[::-1] if letters[::-1] != letters else letters[1:] + letters[0]
    if turned == letters:
        others = "BC" if letters[0].isalpha() else "12"
        turned = (others[1] if letters[0] == others[0] else others[0]) + letters[1:]
    filled = iter(turned)
    return "".join(next(filled) if char.isalnum() else char for char in user_code)
