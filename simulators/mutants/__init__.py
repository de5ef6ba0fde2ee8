"""The museum: servers wrong in one way each, taken from real bugs wherever one is known.

A mutant is the reference server with one rule overridden.  It names the requirement that must catch
it; a check that catches no mutant is not a check.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import simulators.mutants.clients as wrong_clients
import simulators.mutants.pages as wrong_pages
import simulators.mutants.polling as wrong_polling
import simulators.mutants.requests as wrong_requests
import simulators.mutants.responses as wrong_responses
import simulators.mutants.scope as wrong_scope
from simulators.mutants.mutant import Mutant, collected

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {
        mutant.name: mutant
        for module in (
            wrong_polling,
            wrong_requests,
            wrong_responses,
            wrong_clients,
            wrong_scope,
            wrong_pages,
        )
        for mutant in collected(module)
    }
)
"""Every mutant by name."""
