"""Makes text from strangers safe to show: no terminal commands, no line breaks, an end."""

from __future__ import annotations

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str, most: int | None = None) -> str:
    """`text` on one line with control and invisible characters spelled out, cut after `most`."""
    if most is not None and len(text) > most:
        text = text[: max(1, most - 1)] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\t":
        return " "
    if unicodedata.category(character) in _INVISIBLE:
        number = ord(character)
        return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
    return character
