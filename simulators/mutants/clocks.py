"""Servers whose clocks count from the wrong moment or to the wrong one."""

from __future__ import annotations

from types import MappingProxyType

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Grant


@mutant(
    "",
    "RFC8628-3.5-slow_down-exact-interval",
    "RFC8628-3.5-slow_down-no-livelock",
    bug="no report known",
)
class LongerThanAnnounced(Rules):
    """The gap that the server demands is a second longer than the interval that it announces."""

    def is_early(self, grant: Grant, now: float) -> bool:
        """Early for one second more."""
        last = self.counts_from(grant)
        return last is not None and now - last < grant.threshold + 1


@mutant("", "RFC6749-5.1-expires_in-from-response", bug="no report known")
class TokenAgesUncollected(Rules):
    """An access token ages from the approval, and expires_in counts from the response."""

    pinned = MappingProxyType({"access_token_format": "jwt"})
    _waited = 0

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """Look how long ago somebody approved."""
        decided = grant.decided_at if grant is not None else None
        self._waited = int(now - decided) if decided is not None else 0
        return super().judge(grant, client, now)

    def access_claims(self, claims: dict[str, object]) -> dict[str, object]:
        """Take that off."""
        found = super().access_claims(claims)
        expiry = found.get("exp")
        return found | {"exp": expiry - self._waited} if isinstance(expiry, int) else found
