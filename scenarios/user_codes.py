"""Variations of a user_code, as people type it (RFC 8628 section 6.1)."""

from __future__ import annotations

import re


def plain(user_code: str) -> str:
    """The code without its separators."""
    return re.sub(r"[^0-9A-Za-z]", "", user_code)


def separators(user_code: str) -> str:
    """The characters of a code that are neither letters nor digits."""
    return re.sub(r"[0-9A-Za-z]", "", user_code)


def another_code(user_code: str) -> str:
    """A code of the same shape and alphabet that was not issued: the letters turned round.

    A code that reads the same both ways gets its first character replaced.
    """
    letters = plain(user_code)
    turned = letters[::-1] if letters[::-1] != letters else letters[1:] + letters[0]
    if turned == letters:
        other = "B" if letters[:1] != "B" else "C"
        turned = (other if letters[:1].isalpha() else str((int(letters[0]) + 1) % 10)) + letters[1:]
    filled = iter(turned)
    return "".join(next(filled) if char.isalnum() else char for char in user_code)
