"""Servers that refresh tokens wrongly (RFC 6749 section 6, RFC 9700 section 4.14)."""

from __future__ import annotations

from types import MappingProxyType

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.refusal import Endpoint
from simulators.server.scope import Scope
from simulators.server.tokens import Family


@mutant("", "RFC6749-6-refresh", bug="no report known")
class RefreshRefused(Rules):
    """Refresh tokens are handed out and never honoured."""

    def refresh_belongs(self, family: Family, client: Client) -> bool:  # noqa: ARG002
        """Nobody's."""
        return False


@mutant("", "RFC6749-6-client-binding", bug="no report known")
class RefreshForAnybody(Rules):
    """Any client can use any client's refresh token."""

    def refresh_belongs(self, family: Family, client: Client) -> bool:  # noqa: ARG002
        """Everybody's."""
        return True


@mutant("", "RFC6749-6-client-auth", bug="no report known")
class RefreshWithoutSecret(Rules):
    """A client that has a secret refreshes without it."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Who has a refresh token needs nothing else."""
        if shown.grant_type != "refresh_token" or shown.secret is not None:
            super().check_credentials(endpoint, client, shown)


@mutant("", "RFC6749-6-scope", bug="no report known")
class RefreshWidens(Rules):
    """A refresh gets whatever scope it names."""

    def refresh_scope(self, family: Family, wanted: Scope) -> Scope:
        """As wished."""
        return wanted or family.scope


@mutant("", "RFC6749-6-scope-omitted", bug="no report known")
class RefreshNarrows(Rules):
    """A refresh that names no scope gets the first name of it only."""

    def refresh_scope(self, family: Family, wanted: Scope) -> Scope:
        """Less than was allowed."""
        return super().refresh_scope(family, wanted) if wanted else family.scope[:1]


@mutant(
    "",
    "RFC6749-6-invalid",
    "RFC6749-6-client-binding",
    "RFC9700-4.14.2-reuse",
    bug="no report known",
)
class RefreshTokenMalformed(Rules):
    """A refresh token that is no good is called an invalid request."""

    def bad_refresh_token(self) -> str:
        """The neighbour."""
        return "invalid_request"


@mutant("", "OIDC-12.2-refresh-id_token", "OIDC-2-auth_time", bug="no report known")
class RefreshIsSignIn(Rules):
    """Each ID token says that the person has signed in just now."""

    def id_claims(self, claims: dict[str, object]) -> dict[str, object]:
        """At the time of issue."""
        return {**claims, "auth_time": claims["iat"]}


@mutant("", "RFC9700-2.2.2-rotation", bug="no report known")
class NoRotation(Rules):
    """A public client keeps one refresh token for good."""

    def rotates(self, client: Client) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant("", "RFC9700-4.14.2-reuse", bug="no report known")
class ReuseUnnoticed(Rules):
    """A spent refresh token is refused, and nothing follows from it."""

    def reuse_revokes(self) -> bool:
        """No."""
        return False


@mutant("S64", "OIDC-11-offline_access", bug="goauthentik/authentik #11399", caught=False)
class NoRefreshToken(Rules):
    """offline_access is granted and no refresh token comes, which no specification forbids here."""

    pinned = MappingProxyType({"sends_same_scope": True})

    def gives_refresh_token(self, client: Client, scope: Scope) -> bool:  # noqa: ARG002
        """Never."""
        return False
