"""Codes in large type and as QR code, drawn with half blocks: readable across the room.

Plain characters only: whoever prints the lines chooses the colours.
"""

from __future__ import annotations

_GLYPHS = {
    "A": "01110 10001 11111 10001 10001",
    "B": "11110 10001 11110 10001 11110",
    "C": "01111 10000 10000 10000 01111",
    "D": "11110 10001 10001 10001 11110",
    "E": "11111 10000 11110 10000 11111",
    "F": "11111 10000 11110 10000 10000",
    "G": "01111 10000 10011 10001 01111",
    "H": "10001 10001 11111 10001 10001",
    "I": "111 010 010 010 111",
    "J": "00111 00001 00001 10001 01110",
    "K": "10001 10010 11100 10010 10001",
    "L": "10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10001 10001",
    "N": "10001 11001 10101 10011 10001",
    "O": "01110 10001 10001 10001 01110",
    "P": "11110 10001 11110 10000 10000",
    "Q": "01110 10001 10101 10010 01101",
    "R": "11110 10001 11110 10010 10001",
    "S": "01111 10000 01110 00001 11110",
    "T": "11111 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 01010 00100",
    "W": "10001 10001 10101 11011 10001",
    "X": "10001 01010 00100 01010 10001",
    "Y": "10001 01010 00100 00100 00100",
    "Z": "11111 00010 00100 01000 11111",
    "0": "01110 10011 10101 11001 01110",
    "1": "010 110 010 010 111",
    "2": "11110 00001 01110 10000 11111",
    "3": "11110 00001 01110 00001 11110",
    "4": "10010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 11110",
    "6": "01110 10000 11110 10001 01110",
    "7": "11111 00010 00100 01000 01000",
    "8": "01110 10001 01110 10001 01110",
    "9": "01110 10001 01111 00001 01110",
    "-": "000 000 111 000 000",
    ".": "0 0 0 0 1",
    " ": "00 00 00 00 00",
}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_QUIET = 2
"""Modules of quiet zone round a QR code; the standard asks for 4, cameras are content with 2."""


def large(text: str, width: int) -> list[str]:
    """`text` three lines high, or spaced out on one line if it is too wide or has other letters.

    `width` is how many columns there are.
    """
    glyphs = [_GLYPHS.get(letter) for letter in text.upper()]
    spaced = [" ".join(text)]
    if not text or None in glyphs:
        return spaced
    rows = [
        "0".join(row) for row in zip(*(glyph.split() for glyph in glyphs if glyph), strict=True)
    ]
    if len(rows[0]) > width:
        return spaced
    return _halved([[pixel == "1" for pixel in row] for row in rows])


def qr(text: str) -> list[str]:
    """The QR code of `text`, light modules drawn: right on a dark background.

    Printed in dark on light instead, it is inverted, which most cameras read as well.  An empty
    text gives no lines.
    """
    if not text:
        return []
    import segno

    matrix = segno.make(text, error="l", micro=False).matrix
    width = len(matrix) + 2 * _QUIET
    quiet = [[True] * width for _ in range(_QUIET)]
    side = [True] * _QUIET
    lines = [[*side, *(not dark for dark in row), *side] for row in matrix]
    return _halved([*quiet, *lines, *quiet])


def _halved(rows: list[list[bool]]) -> list[str]:
    """Two rows of pixels a line."""
    if len(rows) % 2:
        rows = [*rows, [False] * len(rows[0])]
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [
        "".join(_HALVES[pixels] for pixels in zip(upper, lower, strict=True)).rstrip()
        for upper, lower in pairs
    ]
