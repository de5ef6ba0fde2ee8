"""Servers whose JWTs are ill made, or mistaken for one another (RFC 7515, 7519, 8725, 9068)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Literal

from harness.wire import Request
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.refusal import Endpoint
from simulators.server.tokens import Access, Family, Tokens

Claims = dict[str, object]
Kind = Literal["access", "id"]

_ELLIPTIC: Mapping[str, object] = MappingProxyType({"id_token_alg": "ES256"})
_READABLE: Mapping[str, object] = MappingProxyType({"access_token_format": "jwt"})


def _with_header(text: str, **members: object) -> str:
    """A JWS whose header says something else than was signed."""
    header, _, rest = text.partition(".")
    padded = header + "=" * (-len(header) % 4)
    changed = {**json.loads(base64.urlsafe_b64decode(padded)), **members}
    raw = json.dumps(changed, separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.{rest}"


def _spoilt(text: str) -> str:
    """A JWS with another signature."""
    start, _, signature = text.rpartition(".")
    return f"{start}.{'AAAA' if signature[:4] != 'AAAA' else 'BBBB'}{signature[4:]}"


@mutant("", "OIDC-2-signed", bug="no report known")
class IdTokenUnverifiable(Rules):
    """No published key verifies an ID token."""

    def jws(self, text: str, kind: Kind) -> str:
        """Signed with something else."""
        return _spoilt(text) if kind == "id" else text


@mutant("", "OIDC-2-none", "OIDC-2-signed", bug="no report known")
class IdTokenUnsigned(Rules):
    """ID tokens have the algorithm none and no signature."""

    def jws(self, text: str, kind: Kind) -> str:
        """Whoever likes may write one."""
        bare = f"{_with_header(text, alg='none').rpartition('.')[0]}."
        return bare if kind == "id" else text


@mutant("", "RFC7515-4.1.1-alg", "OIDC-2-signed", bug="no report known")
class AlgOfAnotherKey(Rules):
    """The header of an ID token names an algorithm that does not suit its key."""

    pinned = _ELLIPTIC

    def jws(self, text: str, kind: Kind) -> str:
        """It says PS256 of an elliptic key."""
        return _with_header(text, alg="PS256") if kind == "id" else text


@mutant("", "RFC7515-4.1.4-kid", bug="no report known")
class KidOfNoKey(Rules):
    """Tokens name a key that was never published."""

    def named_key(self, kid: str) -> str:
        """The one before."""
        return f"{kid}-2025"


@mutant("", "RFC7519-4.1-numericdate", bug="no report known")
class ExpiryAsText(Rules):
    """The expiry of an access token is written as text."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """Quoted."""
        return {**claims, "exp": str(claims["exp"])}


@mutant("", "RFC7519-4-unique-claims", bug="no report known")
class ClaimTwice(Rules):
    """A claim stands twice in a token."""

    def payload(self, claims: Claims) -> bytes:
        """The subject, once more."""
        once = super().payload(claims).decode()
        return f'{{"sub":"somebody",{once[1:]}'.encode()


@mutant("", "RFC9068-2.1-typ", bug="no report known")
class TypOfAnyJwt(Rules):
    """Access tokens do not say that they are access tokens."""

    pinned = _READABLE

    def access_header(self) -> dict[str, object]:
        """JWT will do."""
        return {"typ": "JWT"}


@mutant("", "RFC9068-2.1-signed", bug="no report known")
class AccessTokenUnverifiable(Rules):
    """No published key verifies an access token."""

    pinned = _READABLE

    def jws(self, text: str, kind: Kind) -> str:
        """Signed with something else."""
        return _spoilt(text) if kind == "access" else text


@mutant("", "RFC9068-2.1-none", "RFC9068-2.1-signed", bug="no report known")
class AccessTokenUnsigned(Rules):
    """Access tokens have the algorithm none and no signature."""

    pinned = _READABLE

    def jws(self, text: str, kind: Kind) -> str:
        """Whoever likes may write one."""
        bare = f"{_with_header(text, alg='None').rpartition('.')[0]}."
        return bare if kind == "access" else text


@mutant("", "RFC9068-2.1-rs256", bug="no report known")
class NoRsaKey(Rules):
    """There is no key for RS256, though it is announced."""

    pinned = _ELLIPTIC

    def jwks(self, document: dict[str, object]) -> dict[str, object]:
        """Elliptic keys only."""
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [key for key in keys if key["kty"] == "EC"]}


@mutant("", "RFC9068-2.2.3-scope", bug="no report known")
class NoScopeClaim(Rules):
    """Access tokens do not say which scope they are good for."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """Left out."""
        return {name: value for name, value in claims.items() if name != "scope"}


@mutant("", "RFC9068-2.2-claims", bug="no report known")
class NoTokenId(Rules):
    """Access tokens have no jti."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """Leave it out."""
        return {name: value for name, value in claims.items() if name != "jti"}


@mutant("", "RFC9068-2.2-sub-user", bug="no report known")
class SubIsClient(Rules):
    """The sub of an access token is the client, whoever approved."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """The device."""
        return {**claims, "sub": claims["client_id"]}


@mutant("", "RFC9068-2.2.3-scope", bug="no report known")
class ScopeAsList(Rules):
    """The scope of an access token is an array."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """One name each."""
        return {**claims, "scope": str(claims["scope"]).split()}


@mutant("", "RFC9068-2.2.1-auth_time", bug="no report known")
class AuthTimeMoves(Rules):
    """A refresh makes it look as if the person had signed in again."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType(
        {**_READABLE, "refresh_unasked": True}
    )

    def access_claims(self, claims: Claims) -> Claims:
        """A little later with each token."""
        turn = self.__dict__["turn"] = self.__dict__.get("turn", -1) + 1
        return {**claims, "auth_time": int(str(claims["auth_time"])) + turn}


@mutant("", "RFC9068-3-aud", "RFC9068-2.2-claims", bug="no report known")
class NoAudience(Rules):
    """Access tokens are for nobody in particular."""

    pinned = _READABLE

    def access_claims(self, claims: Claims) -> Claims:
        """Leave it out."""
        return {name: value for name, value in claims.items() if name != "aud"}


@mutant("", "RFC9068-4-rs-typ", "RFC8725-3.12-confusion", bug="no report known")
class IdTokenOpensDoors(Rules):
    """An ID token is as good as the access token that came with it."""

    def token_response(self, members: Claims, family: Family) -> Claims:
        """Remember which came together."""
        together = self.__dict__.setdefault("together", {})
        together[str(members.get("id_token"))] = str(members.get("access_token"))
        return super().token_response(members, family)

    def access_behind(self, text: str, tokens: Tokens) -> Access | None:
        """Either of the two."""
        return super().access_behind(self.__dict__.get("together", {}).get(text, text), tokens)


@mutant("", "RFC8725-3.12-confusion", bug="no report known")
class AccessTokenProvesClient(Rules):
    """An access token of this server passes for the assertion of any client."""

    pinned = _READABLE

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Notice one that is signed by us, and ask no further."""
        found = super().parameters(request, content_type, endpoint)
        header = dict(found).get("client_assertion", "").partition(".")[0]
        ours = "at+jwt" in base64.urlsafe_b64decode(f"{header}===").decode("latin-1")
        self.__dict__["ours"] = ours
        return [pair for pair in found if not (ours and pair[0].startswith("client_assertion"))]

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Who has one need not show a secret."""
        if not self.__dict__["ours"]:
            super().check_credentials(endpoint, client, shown)


@mutant("", "RFC9068-4-rs-aud", bug="no report known")
class AudienceUnchecked(Rules):
    """A resource takes tokens that were made for another one."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType(
        {**_READABLE, "honours_resource": True}
    )

    def is_audience(self, access: Access, url: str) -> bool:  # noqa: ARG002
        """Everybody is meant."""
        return True
