"""Servers that are frail, or slow, where no rule of the grant is broken."""

from __future__ import annotations

from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.grant import Grant

KEPT = 12
"""Codes that a server with a small memory keeps."""


@mutant("", "HTTP-head-options", bug="no report known")
class OddMethodsBreakIt(Rules):
    """A method that nobody has thought of ends in an internal error."""

    def wrong_method_status(self, method: str) -> int:
        """An accident, save for the usual methods."""
        return super().wrong_method_status(method) if method in {"GET", "POST"} else 500


@mutant(
    "", "HTTP-latency-load", "RFC8628-3.5-pending", "RFC8628-3.5-success", bug="no report known"
)
class OldestCodesForgotten(Rules):
    """Codes are kept in a cache of fixed size; when many devices wait, the first are forgotten."""

    _kept: tuple[str, ...] = ()

    def device_response(self, members: dict[str, object], grant: Grant) -> dict[str, object]:
        """The new code takes the place of the oldest."""
        self._kept = (*self._kept, grant.device_code)[-KEPT:]
        return super().device_response(members, grant)

    def is_known(self, grant: Grant) -> bool:
        """Only the youngest are."""
        return grant.device_code in self._kept


@mutant("", "CIBA-10-long-poll", bug="no report known")
class PollHeldBack(Rules):
    """A poll is answered when there is news, or after a while."""

    def seconds_held(self, grant: Grant) -> float:
        """A while; shorter than real servers choose, so that no code dies of it."""
        return 5.5 if grant.polls == 1 else 0.0
