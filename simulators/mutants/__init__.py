"""The museum: servers wrong in one way each, taken from real bugs wherever one is known.

A mutant is the reference server with one rule overridden.  It names the requirement that must catch
it; a check that catches no mutant is not a check.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulators.mutants import clients, pages, polling, requests, responses, scope
from simulators.mutants.mutant import Mutant, collected

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {
        mutant.name: mutant
        for module in (polling, requests, responses, clients, scope, pages)
        for mutant in collected(module)
    }
)
"""Every mutant by name."""
