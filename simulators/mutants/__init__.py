"""The museum: servers wrong in one way each, taken from real bugs wherever one is known.

A mutant is the reference server with one rule overridden.  It names the requirement that must catch
it; a check that catches no mutant is not a check.  Every module of this package is a room.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from simulators.mutants.mutant import Mutant, collected

__all__ = ["MUTANTS", "Mutant"]


def _all() -> Iterator[Mutant]:
    for room in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        yield from collected(importlib.import_module(f"{__name__}.{room.name}"))


MUTANTS: Mapping[str, Mutant] = MappingProxyType({mutant.name: mutant for mutant in _all()})
"""Every mutant by name, room by room."""
