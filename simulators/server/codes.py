"""Device codes and user codes: how they are made, and how a typed one is understood."""

from __future__ import annotations

import base64
import random
import unicodedata
from typing import Literal

from simulators.server.freedom import CodeShape

_TWINS = {"0": "O", "1": "LI", "2": "Z", "5": "S", "8": "B", "O": "0", "I": "1L", "L": "1I"}
_TWINS |= {"Z": "2", "S": "5", "B": "8"}

LONGEST_TYPED = 64
"""Nobody types more characters than this for a code."""


def device_code(
    rand: random.Random, form: Literal["urlsafe", "hex", "base64", "prefixed"] = "urlsafe"
) -> str:
    """256 random bits (RFC 8628 section 5.2); `base64` needs proper form encoding of + and /."""
    raw = rand.randbytes(32)
    if form == "hex":
        return raw.hex()
    if form == "base64":
        return base64.b64encode(raw).decode()
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return f"dc.{text}" if form == "prefixed" else text


def user_code(rand: random.Random, shape: CodeShape) -> str:
    """A code in groups, easy to read aloud and to type (RFC 8628 section 6.1)."""
    alphabet, groups, separator = shape
    return separator.join("".join(rand.choices(alphabet, k=length)) for length in groups)


def bare(text: str, alphabet: str) -> str:
    """What a typed code means: upper-case, look-alikes put right, everything else dropped."""
    if len(text) > LONGEST_TYPED:
        return ""
    text = unicodedata.normalize("NFKC", text)
    kept = []
    for sign in text.upper() if alphabet == alphabet.upper() else text:
        if sign in alphabet:
            kept.append(sign)
        else:
            kept.extend([twin for twin in _TWINS.get(sign, "") if twin in alphabet][:1])
    return "".join(kept)
