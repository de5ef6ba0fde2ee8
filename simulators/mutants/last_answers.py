"""Servers whose answer to a poll is the wrong one, or has the wrong status (RFC 8628 3.5)."""

from __future__ import annotations

from dataclasses import replace

from harness.wire import Response
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Grant

SWEPT_EVERY = 3600.0
"""Seconds between two rounds of a job that throws out what is old."""


@mutant(
    "",
    "RFC8628-3.2-limited-time",
    "RFC8628-3.5-expired_token",
    "RFC8628-3.5-expired-approved",
    "RFC8628-3.5-expired-over-throttle",
    bug="no report known",
)
class ExpirySwept(Rules):
    """Codes die when a job that runs every hour finds them, not when their time is over."""

    def has_expired(self, grant: Grant, now: float) -> bool:
        """At the end of the hour."""
        return super().has_expired(grant, now - SWEPT_EVERY)


@mutant("", "RFC8628-3.5-slow_down-code", "RFC8628-3.5-pending", bug="no report known")
class HasteIsInvalid(Rules):
    """A device that polls too fast hears invalid_grant, and gives up."""

    def early(self, grant: Grant) -> str:  # noqa: ARG002
        """Not like that."""
        return "invalid_grant"


@mutant("", "RFC8628-3.5-slow_down-status", bug="no report known")
class SlowDown429(Rules):
    """slow_down comes with 429."""

    def error_status(self, error: str, *, basic: bool) -> int:
        """Too many requests."""
        return 429 if error == "slow_down" else super().error_status(error, basic=basic)


@mutant(
    "",
    "RFC8628-3.5-slow_down-nonfatal",
    "RFC8628-3.5-approval-during-wait",
    "RFC8628-3.5-decision-not-lost",
    "RFC8628-3.5-pending",
    bug="no report known",
)
class HasteIsPunished(Rules):
    """A device that was too fast twice is denied its token, though it was approved."""

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """Late revenge."""
        error = super().judge(grant, client, now)
        if error is None and grant is not None and grant.slow_downs >= 2:
            return "access_denied"
        return error


@mutant("", "RFC8628-3.5-access_denied", bug="no report known")
class RefusalIsInvalid(Rules):
    """A device whose person said no hears invalid_grant from the first poll on."""

    def denied(self, grant: Grant) -> str:  # noqa: ARG002
        """The grant is gone."""
        return "invalid_grant"


@mutant("", "RFC8628-3.5-access_denied-repeat", "RFC8628-3.3-deny-final", bug="no report known")
class RefusalForgotten(Rules):
    """The refusal is told once; after that the device is told to wait on."""

    def denied(self, grant: Grant) -> str:
        """Once."""
        grant.refusals_told += 1
        return "access_denied" if grant.refusals_told == 1 else "authorization_pending"


@mutant("", "RFC6749-5.2-invalid_client-status", "RFC9449-5-refresh", bug="no report known")
class NoSuchGrant404(Rules):
    """invalid_grant comes with 404, as if the page were missing."""

    def token_error(self, response: Response) -> Response:
        """Not found."""
        return replace(response, status=404) if response.error == "invalid_grant" else response
