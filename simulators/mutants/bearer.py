"""Resources that read or refuse bearer tokens wrongly (RFC 6750)."""

from __future__ import annotations

from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.tokens import Access


@mutant(
    "",
    "RFC6750-2.1-header",
    # Whoever shows a token in another scheme shows none, as far as such a resource can see.
    "RFC6750-3.1-invalid_token",
    "RFC6750-3.1-insufficient_scope",
    "OIDC-5.3.2-sub",
    "OIDC-5.3.3-error",
    bug="no report known",
)
class SchemeInLowerCaseOnly(Rules):
    """The resources know the scheme only as bearer, in lower case."""

    def reads_scheme(self, scheme: str) -> bool:
        """To the letter."""
        return scheme == "bearer"


@mutant("", "RFC6750-3-challenge", bug="no report known")
class NoBearerChallenge(Rules):
    """Who shows no token is refused without a word on what is wanted."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """Nothing, or an error."""
        return super().bearer_challenge(error, scope) if error is not None else ""


@mutant("", "RFC6750-3-challenge", bug="no report known")
class BareChallenge(Rules):
    """The challenge is the name of the scheme and nothing more."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """No parameter."""
        return super().bearer_challenge(error, scope) if error is not None else "Bearer"


@mutant("", "RFC6750-3.1-no-info", bug="no report known")
class ErrorForNothing(Rules):
    """Who shows no token hears that the token is invalid."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """Always an error."""
        return super().bearer_challenge(error or "invalid_token", scope)


@mutant("", "RFC6750-3.1-invalid_token", "OIDC-5.3.3-error", bug="no report known")
class InvalidTokenUnnamed(Rules):
    """Who shows a token that was never issued hears that the request is malformed."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """The neighbour."""
        named = "invalid_request" if error == "invalid_token" else error
        return super().bearer_challenge(named, scope)


@mutant(
    "",
    "OIDC-5.3.3-error",
    "RFC6750-3.1-invalid_token",
    "RFC6750-3.1-insufficient_scope",
    bug="no report known",
)
class SchemeLeftOut(Rules):
    """The challenge begins with its first parameter, as in the sample of OpenID Connect Core."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """Without the scheme, where there is an error."""
        whole = super().bearer_challenge(error, scope)
        return whole if error is None else whole.removeprefix("Bearer ")


@mutant("", "RFC6750-3.1-insufficient_scope", bug="no report known")
class ScopeUnchecked(Rules):
    """Any token opens any resource."""

    def covers(self, access: Access, scope: str) -> bool:  # noqa: ARG002
        """All of them."""
        return True


@mutant("", "RFC6750-3-attr-once", bug="no report known")
class RealmTwice(Rules):
    """The challenge names two realms."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """One more."""
        return super().bearer_challenge(error, scope) + ', realm="devices"'


@mutant("", "RFC6750-3-attr-once", bug="no report known")
class QuotesInDescription(Rules):
    """The description in the challenge has quotation marks."""

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """Escaped, which RFC 6750 forbids all the same."""
        whole = super().bearer_challenge(error, scope)
        return whole + r', error_description="no \"good\" token"' if error else whole
