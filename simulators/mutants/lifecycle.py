"""Servers that lose track of their tokens (RFC 7009, RFC 7662)."""

from __future__ import annotations

import random

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.refusal import Endpoint, Refused
from simulators.server.tokens import Access, Family, Refresh, Tokens


@mutant("", "RFC7009-2-support-refresh", "RFC7009-2-support-access", bug="no report known")
class RevocationWithoutEffect(Rules):
    """Revocation is confirmed, and nothing happens."""

    def revoke(self, token: Access | Refresh) -> None:
        """Nothing."""


@mutant("", "RFC7009-2-support-access", bug="no report known")
class AccessTokenOutlivesRevocation(Rules):
    """Only refresh tokens can be revoked, and access tokens are said to be."""

    def revoke(self, token: Access | Refresh) -> None:
        """Refresh tokens only."""
        if isinstance(token, Refresh):
            super().revoke(token)


@mutant("", "RFC7009-2.1-cascade", bug="no report known")
class RevocationStopsHalfway(Rules):
    """The access tokens of a grant outlive the revocation of its refresh token."""

    def revoke(self, token: Access | Refresh) -> None:
        """A refresh token goes alone."""
        if isinstance(token, Refresh):
            token.used = True
        else:
            super().revoke(token)


@mutant("", "RFC7009-2.1-client-binding", bug="no report known")
class AnybodyRevokes(Rules):
    """Any client can revoke any client's tokens."""

    def may_revoke(self, family: Family, client: Client) -> bool:  # noqa: ARG002
        """Everybody."""
        return True


@mutant("", "RFC7009-2.1-hint", bug="no report known")
class HintBelieved(Rules):
    """A token is looked for only where the hint says, and nowhere for a hint that is not known."""

    def token_to_revoke(
        self, text: str, hint: str | None, tokens: Tokens
    ) -> Access | Refresh | None:
        """As the hint says."""
        if hint is None:
            return super().token_to_revoke(text, hint, tokens)
        found = {
            "access_token": tokens.inspect(text),
            "refresh_token": tokens.inspect_refresh(text),
        }
        return found.get(hint)


@mutant("", "RFC7009-2.2-invalid-ok", bug="no report known")
class UnknownTokenRefused(Rules):
    """Revoking a token that is not known is an error."""

    def token_to_revoke(
        self, text: str, hint: str | None, tokens: Tokens
    ) -> Access | Refresh | None:
        """It has to be one of ours."""
        found = super().token_to_revoke(text, hint, tokens)
        if found is None:
            raise Refused("invalid_request", "the token is unknown")
        return found


@mutant("", "RFC7009-2.1-client-auth", bug="no report known")
class RevocationWithoutSecret(Rules):
    """Secrets are not verified at the revocation endpoint."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Only elsewhere."""
        if endpoint != "revocation":
            super().check_credentials(endpoint, client, shown)


@mutant("", "RFC7662-2.1-auth", "RFC7662-2.3-error", bug="no report known")
class IntrospectionForAll(Rules):
    """Whoever finds a token may ask what it is good for."""

    def introspection_needs_client(self) -> bool:
        """No."""
        return False


@mutant("", "RFC7662-2.2-active", bug="no report known")
class ActiveIsText(Rules):
    """The member active is a string."""

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """In quotes."""
        members = super().introspection(members, token)
        return {**members, "active": "true"} if members["active"] else members


@mutant("", "RFC7662-2.2-consistency", bug="no report known")
class IntrospectionOfTheAsker(Rules):
    """Introspection calls every token the first client's."""

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """Somebody's."""
        members = super().introspection(members, token)
        named = {"client_id": self.config.clients[0].client_id}
        return {**members, **named} if members["active"] else members


@mutant("", "RFC7662-2.2-inactive", bug="no report known")
class UnknownTokenNotFound(Rules):
    """Introspecting a token that is not known is an error."""

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """There is no such thing."""
        if not members["active"]:
            raise Refused("invalid_request", "the token is unknown", status=404)
        return super().introspection(members, token)


@mutant("", "RFC7662-2.2-inactive-bare", bug="no report known")
class InactiveTellsWhy(Rules):
    """Introspection says why a token is not active."""

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """In words."""
        members = super().introspection(members, token)
        return members if members["active"] else {**members, "reason": "not found"}


@mutant("", "RFC7662-2.2-device-code", bug="no report known")
class DeviceCodeIsToken(Rules):
    """Codes and tokens share one table, and introspection calls a device_code active."""

    def device_code(self, rand: random.Random) -> str:
        """Into the table."""
        code = super().device_code(rand)
        self.__dict__.setdefault("table", set()).add(code)
        return code

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """Whatever is in the table."""
        known: set[str] = self.__dict__.get("table", set())
        return super().introspection({"active": True} if token in known else members, token)


@mutant("", "RFC7662-2.3-error", bug="no report known")
class IntrospectionForbidden(Rules):
    """Wrong credentials are answered with 403 by the introspection endpoint."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Forbidden."""
        try:
            super().check_credentials(endpoint, client, shown)
        except Refused as refused:
            if endpoint != "introspection":
                raise
            raise Refused(refused.error, refused.description, status=403) from None
