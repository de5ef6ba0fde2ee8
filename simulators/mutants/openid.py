"""Servers whose ID tokens and UserInfo are wrong (OpenID Connect Core)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.wire import Request
from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.refusal import Endpoint, Refused
from simulators.server.scope import Scope

Claims = dict[str, object]


@mutant("", "OIDC-openid-scope", bug="no report known")
class NoIdToken(Rules):
    """openid is granted, and no ID token comes of it."""

    def gives_id_token(self, scope: Scope) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant("", "OIDC-no-openid", bug="no report known")
class IdTokenUnasked(Rules):
    """An ID token comes along although nobody asked for openid."""

    def gives_id_token(self, scope: Scope) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant("", "OIDC-2-claims", bug="no report known")
class NoIssuedAt(Rules):
    """The ID token does not say when it was issued."""

    def id_claims(self, claims: Claims) -> Claims:
        """No iat."""
        return {name: value for name, value in claims.items() if name != "iat"}


@mutant("", "OIDC-2-claims", "OIDC-5.3.2-sub", bug="no report known")
class NumericSub(Rules):
    """The sub of an ID token is the number of a row."""

    def id_claims(self, claims: Claims) -> Claims:
        """No string."""
        return {**claims, "sub": int(str(claims["sub"]), 16)}


@mutant("", "OIDC-2-iss", "OIDCDisc-3-iss-identical", bug="no report known")
class IssuerByHost(Rules):
    """ID tokens are issued by the name of a host."""

    def id_claims(self, claims: Claims) -> Claims:
        """No URL."""
        return {**claims, "iss": str(claims["iss"]).partition("://")[2]}


@mutant("", "OIDCDisc-3-iss-identical", "OIDC-2-iss", bug="no report known")
class IssuerWithSlash(Rules):
    """The iss of an ID token ends in a slash, and the issuer of the metadata does not."""

    def id_claims(self, claims: Claims) -> Claims:
        """One character more."""
        return {**claims, "iss": f"{claims['iss']}/"}


@mutant("", "OIDC-2-aud", bug="no report known")
class AudienceIsIssuer(Rules):
    """ID tokens are addressed to the server itself."""

    def id_claims(self, claims: Claims) -> Claims:
        """Not to the device."""
        return {**claims, "aud": claims["iss"]}


@mutant("", "OIDC-2-azp", bug="no report known")
class ForeignAzp(Rules):
    """azp names a client that had no part in it."""

    def id_claims(self, claims: Claims) -> Claims:
        """The shop."""
        return {**claims, "azp": "web-only"}


@mutant("", "OIDC-2-exp", bug="no report known")
class StaleIdToken(Rules):
    """The ID token is an hour old when it is issued."""

    def id_claims(self, claims: Claims) -> Claims:
        """As of the hour before."""
        times = {"iat": int(str(claims["iat"])) - 3600, "exp": int(str(claims["exp"])) - 3600}
        return {**claims, **times}


@mutant("", "OIDC-2-auth_time", "OIDC-12.2-refresh-id_token", bug="no report known")
class AuthTimeIsPollTime(Rules):
    """auth_time is the moment in which the device collects its tokens."""

    def id_claims(self, claims: Claims) -> Claims:
        """The same as iat."""
        return {**claims, "auth_time": claims["iat"]}


@mutant("", "OIDC-2-nonce", bug="no report known")
class NonceRefused(Rules):
    """Whoever sends a nonce to the device authorization endpoint is turned away."""

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Not that one."""
        found = super().parameters(request, content_type, endpoint)
        if endpoint == "device_authorization" and any(name == "nonce" for name, _ in found):
            raise Refused("invalid_request", "nonce is no parameter of this request")
        return found


@mutant("", "OIDC-2-nonce", bug="no report known")
class NonceOfItsOwn(Rules):
    """The ID token has a nonce that nobody sent."""

    def id_claims(self, claims: Claims) -> Claims:
        """Made up."""
        return {**claims, "nonce": "8f14e45fceea167a"}


@mutant("", "OIDC-3.1.3.6-at_hash", bug="no report known")
class WholeHash(Rules):
    """at_hash is not cut to its left half."""

    def id_claims(self, claims: Claims) -> Claims:
        """As long as it comes."""
        return {**claims, "at_hash": f"{claims['at_hash']}AAAAAAAAAAAAAAAAAAAAA"}


@mutant("", "OIDC-2-header-keys", bug="no report known")
class KeyAddressInHeader(Rules):
    """The header of an ID token says where to fetch the key that proves it."""

    def id_header(self) -> dict[str, object]:
        """With jku."""
        return {**super().id_header(), "jku": f"{self.config.issuer}/jwks"}


@mutant(
    "",
    "OIDC-8-sub-stable",
    "OIDC-5.3.2-sub",
    "OIDC-12.2-refresh-id_token",
    bug="no report known",
)
class SubOfTheDay(Rules):
    """Every sign-in makes a new person, as far as ID tokens tell."""

    def id_claims(self, claims: Claims) -> Claims:
        """With the time in it."""
        return {**claims, "sub": f"{claims['sub']}-{claims['iat']}"}


@mutant("", "OIDC-5.3.2-sub", bug="no report known")
class AnotherSubAtUserinfo(Rules):
    """UserInfo calls the person otherwise than the ID token does."""

    def userinfo(self, members: dict[str, str]) -> dict[str, str]:
        """In capitals."""
        return {**members, "sub": f"user:{members['sub']}"}


@mutant("", "OIDC-5.3.2-type", bug="no report known")
class UserinfoAsText(Rules):
    """UserInfo is served as text/plain."""

    def userinfo_type(self) -> str:
        """No JSON."""
        return "text/plain"
