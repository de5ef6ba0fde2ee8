"""Servers that grant another scope than was asked and approved (RFC 6749 section 3.3)."""

from __future__ import annotations

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Grant
from simulators.server.refusal import Refused
from simulators.server.scope import Scope


@mutant(
    "S33",
    "RFC6749-3.3-scope-kept",
    "RFC6749-3.3-scope-not-wider",
    bug="keycloak #9617, PR #9633; exop-group/doorkeeper-device_authorization_grant #3; "
    "ferriskey/ferriskey PR #1239",
)
class ScopeIgnored(Rules):
    """The requested scope is dropped on the way to the token."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:  # noqa: ARG002
        """The default one."""
        return self.config.default_scope


@mutant(
    "S34",
    "RFC8628-3.2-invalid_scope",
    bug="keycloak #52785, PR #52822",
)
class ScopeNotPermitted(Rules):
    """Any scope can be had, also one that does not exist."""

    def admissible_scope(self, client: Client, wanted: Scope) -> Scope:  # noqa: ARG002
        """All of it."""
        return wanted

    def announces_scope(self, asked: Scope, given: Scope) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant(
    "S35",
    "RFC8628-3.4-scope-param",
    "RFC6749-3.3-scope-not-wider",
    bug="goauthentik/authentik CVE-2024-52287",
)
class ScopeEscalation(Rules):
    """A poll can name a wider scope than was approved, and gets it."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:
        """Whatever the poll says."""
        return wanted or super().token_scope(grant, client, wanted)


@mutant("S36", "RFC6749-5.1-scope-reduced", bug="DuendeArchive/IdentityServer4 #3329, PR #3392")
class ScopeNotAnnounced(Rules):
    """A scope that was reduced is not named in the token response."""

    pinned = {"drops_unknown_scope": True}  # noqa: RUF012

    def announces_scope(self, asked: Scope, given: Scope) -> bool:  # noqa: ARG002
        """Never when something was asked."""
        return not asked


@mutant(
    "S37",
    "RFC6749-3.3-scope-kept",
    "RFC6749-3.3-scope-not-wider",
    "RFC8628-3.4-scope-param",
    bug="django-oauth-toolkit PR #1692, PR #1621",
)
class ScopeLateBinding(Rules):
    """The scope is decided at the poll, which names none, so that the token lacks it."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:  # noqa: ARG002
        """Only what the poll says, or the default."""
        return wanted or self.config.default_scope


@mutant("", "RFC6749-3.3-scope-not-wider", bug="no report known")
class ScopeWithExtras(Rules):
    """Every token is good for the whole dashboard, whatever was asked."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:
        """And one more."""
        granted = super().token_scope(grant, client, wanted)
        return granted if "dashboard:read" in granted else (*granted, "dashboard:read")


@mutant(
    "",
    "RFC6749-3.3-scope-default",
    "RFC8628-3.5-success",
    bug="no report known; its milder form is indigo-iam/iam #698",
)
class DefaultScopeMissed(Rules):
    """A request without scope gets codes and an approval, and then no token for want of a scope."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:
        """What was not asked cannot be granted."""
        if not grant.asked:
            raise Refused("invalid_request", "scope is missing")
        return super().token_scope(grant, client, wanted)
