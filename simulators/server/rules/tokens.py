"""Choices about tokens: what is in them, who gets which, how long they last."""

from __future__ import annotations

import json
import random
from typing import Literal

from simulators.server.config import Client
from simulators.server.grant import Grant
from simulators.server.keys import b64url
from simulators.server.refusal import Refused
from simulators.server.rules.settled import Settled
from simulators.server.scope import Scope
from simulators.server.tokens import Access, Family, Refresh, Tokens


class TokenRules(Settled):
    """Token responses and tokens (RFC 6749 sections 5.1 and 6, RFC 9068, OpenID Connect Core)."""

    def consented_scope(self, scope: Scope, entitled: frozenset[str] | None) -> Scope:
        """What a person who says yes really gives: never more than is theirs to give."""
        return scope if entitled is None else tuple(name for name in scope if name in entitled)

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:  # noqa: ARG002
        """The scope of the tokens; `wanted` is what the poll named (RFC 8628 section 3.4)."""
        return grant.scope

    def announces_scope(self, asked: Scope, given: Scope) -> bool:
        """Whether the token response has `scope` (RFC 6749 section 5.1)."""
        return set(asked) != set(given) or self.freedom.sends_same_scope

    def token_lifetime(self, client: Client) -> int:  # noqa: ARG002
        """For how many seconds an access token lives."""
        return self.config.token_lifetime

    def gives_refresh_token(self, client: Client, scope: Scope) -> bool:
        """Whether a refresh token comes along (RFC 6749 section 5.1)."""
        wanted = self.freedom.refresh_unasked or "offline_access" in scope
        return wanted and "refresh_token" in client.grants

    def gives_id_token(self, scope: Scope) -> bool:
        """Whether an ID token comes along (OpenID Connect Core section 3.1.3.3)."""
        return "openid" in scope

    def token_type(self) -> str:
        """The type of the access token (RFC 6749 section 7.1)."""
        return "Bearer"

    def opaque_token(self, rand: random.Random) -> str:
        """The text of a token that says nothing by itself (RFC 6749 section 10.10)."""
        return b64url(rand.randbytes(32))

    def access_claims(self, claims: dict[str, object]) -> dict[str, object]:
        """The last word on a JWT access token's claims (RFC 9068 section 2.2)."""
        return claims

    def access_header(self) -> dict[str, object]:
        """Header members of a JWT access token beside alg and kid (RFC 9068 section 2.1)."""
        return {"typ": "at+jwt"}

    def id_header(self) -> dict[str, object]:
        """Header members of an ID token beside alg and kid (OpenID Connect Core section 2)."""
        return {"typ": "JWT"}

    def id_claims(self, claims: dict[str, object]) -> dict[str, object]:
        """The last word on an ID token's claims (OpenID Connect Core section 2)."""
        return claims

    def named_key(self, kid: str) -> str:
        """The kid under which a token names its key (RFC 7515 section 4.1.4)."""
        return kid

    def payload(self, claims: dict[str, object]) -> bytes:
        """The claims of a JWT as they are signed (RFC 7519 section 4)."""
        return json.dumps(claims, separators=(",", ":")).encode()

    def jws(self, text: str, kind: Literal["access", "id"]) -> str:  # noqa: ARG002
        """The last word on a signed token (RFC 7515 section 3.1)."""
        return text

    def audience(self, resource: str | None) -> str:
        """For which resource alone an access token is made, "" for none (RFC 8707 section 2).

        What is no absolute URI without fragment is not looked at.
        """
        absolute = resource is not None and "://" in resource and "#" not in resource
        return str(resource) if absolute and self.freedom.honours_resource else ""

    def is_audience(self, access: Access, url: str) -> bool:
        """Whether a token was made for the resource at `url` (RFC 9068 section 4)."""
        return access.family.audience in {"", url}

    def token_response(
        self,
        members: dict[str, object],
        family: Family,  # noqa: ARG002
    ) -> dict[str, object]:
        """The last word on the members of a token response."""
        return members

    def refresh_belongs(self, family: Family, client: Client) -> bool:
        """Whether the refresh token is this client's (RFC 6749 section 6)."""
        return family.client_id == client.client_id

    def bad_refresh_token(self) -> str:
        """The error for a refresh token that is no good (RFC 6749 section 5.2)."""
        return "invalid_grant"

    def refresh_scope(self, family: Family, wanted: Scope) -> Scope:
        """The scope after a refresh (RFC 6749 section 6); raises `Refused` if it would grow."""
        if not set(wanted) <= set(family.scope):
            raise Refused("invalid_scope", "a refresh cannot widen the scope")
        return wanted or family.scope

    def rotates(self, client: Client) -> bool:
        """Whether a refresh replaces the refresh token (RFC 9700 section 2.2.2)."""
        return client.public

    def reuse_revokes(self) -> bool:
        """Whether an old refresh token takes the live one with it (RFC 9700 section 4.14.2)."""
        return True

    def token_is_good(self, access: Access | None, now: float, *, disabled: bool) -> bool:
        """Whether a resource accepts an access token that was issued here."""
        return (
            access is not None
            and access.issued_at <= now < access.expires_at
            and not access.family.revoked
            and not disabled
        )

    def scope_for_resource(self, method: str) -> str:
        """The scope that the protected resource asks for."""
        return "dashboard:read" if method in {"GET", "HEAD"} else "dashboard:write"

    def bearer_challenge(self, error: str | None, scope: str | None) -> str:
        """What WWW-Authenticate says at a protected resource (RFC 6750 section 3)."""
        parts = [f'realm="{self.config.issuer}"']
        if error is not None:
            parts.append(f'error="{error}"')
        if scope is not None:
            parts.append(f'scope="{scope}"')
        return "Bearer " + ", ".join(parts)

    def reads_scheme(self, scheme: str) -> bool:
        """Whether resources take this scheme of Authorization (RFC 6750 section 2.1)."""
        return scheme.lower() == "bearer"

    def userinfo(self, members: dict[str, str]) -> dict[str, str]:
        """The last word on what UserInfo says (OpenID Connect Core section 5.3.2)."""
        return members

    def userinfo_type(self) -> str:
        """The media type of UserInfo (OpenID Connect Core section 5.3.2)."""
        return "application/json"

    def access_behind(self, text: str, tokens: Tokens) -> Access | None:
        """The access token of that text, alive or not; None if it is not one of ours."""
        return tokens.inspect(text)

    def covers(self, access: Access, scope: str) -> bool:
        """Whether a token is enough for a resource that asks for one scope."""
        return scope in access.scope

    def introspection_needs_client(self) -> bool:
        """Whether only clients that have proved who they are may ask (RFC 7662 section 2.1)."""
        return True

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:  # noqa: ARG002
        """The last word on what introspection says of `token` (RFC 7662 section 2.2)."""
        return members

    def token_to_revoke(
        self,
        text: str,
        hint: str | None,  # noqa: ARG002
        tokens: Tokens,
    ) -> Access | Refresh | None:
        """The token that a revocation means, whatever the hint says (RFC 7009 section 2.1)."""
        return tokens.inspect(text) or tokens.inspect_refresh(text)

    def may_revoke(self, family: Family, client: Client) -> bool:
        """Whether a client may revoke a token (RFC 7009 section 2.1)."""
        return family.client_id == client.client_id

    def revoke(self, token: Access | Refresh) -> None:
        """End a token, and with it all that stem from the same grant (RFC 7009 section 2.1)."""
        token.family.revoked = True
