"""Scope as a sequence of names (RFC 6749 section 3.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from simulators.server.refusal import Refused

Scope: TypeAlias = tuple[str, ...]

_NAME = frozenset(map(chr, (0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))))


@lru_cache(maxsize=256)
def parse(text: str) -> Scope:
    """The names in the order given, each once; raises `Refused` for characters not allowed.

    Devices ask for the same few scopes again and again: a million grants share one tuple.
    """
    names = tuple(dict.fromkeys(text.split(" ")))
    if not all(name and _NAME.issuperset(name) for name in names):
        raise Refused("invalid_scope", "the scope is malformed")
    return names


def joined(scope: Scope) -> str:
    """The scope as a parameter's value."""
    return " ".join(scope)
