"""How a secret may be spelled when it turns up again: percent-encoded, escaped, or split by tags.

Regular expressions only; which values are secret is decided in `redaction`.
"""

from __future__ import annotations

import re

_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", " ": "&nbsp;"}
_BETWEEN = (
    r"(?:[\s\-._+·–—~]|%(?:25)*[0-9A-Fa-f]{2}|&\#?\w{1,6};|\\u[0-9A-Fa-f]{4}|<[^<>]{0,120}>){0,6}"
)
_AT_START = r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\n))"
_AT_END = r"(?![0-9A-Za-z])"
_LONG = 8


def is_long(value: str) -> bool:
    """Whether a value has so many letters and digits that no other word has it inside by chance."""
    return sum(character.isalnum() for character in value) >= _LONG


def spelled(value: str) -> str:
    """A pattern without groups for every spelling of `value`; short values only as whole words."""
    pattern = "".join(map(_character, value))
    return pattern if is_long(value) else f"{_AT_START}{pattern}{_AT_END}"


def spelled_loosely(code: str) -> str:
    """The same for a code that people type: in either case, with anything between its characters.

    A page may show each character in an element of its own (RFC 8628 section 6.1).
    """
    bare = [character for character in code if character.isalnum()]
    if len(bare) < 4:
        return spelled(code)
    between = _BETWEEN if len(bare) >= 6 else r"[\s\-]?"
    pattern = between.join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in bare)
    return pattern if is_long(code) else f"{_AT_START}{pattern}{_AT_END}"


def _character(character: str) -> str:
    if character.isalnum() and character.isascii():
        return character
    number = ord(character)
    ways = [re.escape(character), rf"&\#0*{number};", rf"&\#[xX]0*{_hex(f'{number:x}')};"]
    raw_byte = "\udc80" <= character <= "\udcff"
    encoded = character.encode("utf-8", "surrogateescape" if raw_byte else "surrogatepass")
    ways.append("".join(f"%(?:25)*{_hex(f'{byte:02x}')}" for byte in encoded))
    units = character.encode("utf-16-be", "surrogatepass")
    ways.append("".join(rf"\\u{_hex(units[at : at + 2].hex())}" for at in range(0, len(units), 2)))
    if character in _NAMED:
        ways.append(_NAMED[character])
    if character in '/"\\':
        ways.append(re.escape("\\" + character))
    if character == " ":
        ways.append(r"\+")
    # The longest first: a percent sign is also the start of its own encoding.
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"


def _hex(digits: str) -> str:
    return "".join(f"[{d.upper()}{d}]" if d.isalpha() else d for d in digits)
