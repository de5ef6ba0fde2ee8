"""Access, refresh and ID tokens: made here, and recognised here.  The only user of pyjwt.

A token is recognised by its text: whatever was not issued is unknown, so no forged signature, no
`alg` of none and no ID token can pass for an access token.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Literal, NamedTuple

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt.algorithms import ECAlgorithm
from msgspec import Struct

from simulators.server.config import Account, Client
from simulators.server.keys import Alg, Keys, b64url
from simulators.server.scope import Scope, joined
from simulators.server.shelf import Shelf, Shelves

if TYPE_CHECKING:
    from simulators.server.rules import Rules


class Family(Struct, eq=False, gc=False):
    """All tokens that one grant has bought; revoked together."""

    client_id: str
    sub: str
    username: str | None
    """Who approved; None if no person took part."""
    scope: Scope
    auth_time: int | None = None
    audience: str = ""
    """For which resource alone the access tokens are made; "" for the server's own."""
    revoked: bool = False
    name: str = ""
    """What it is kept under; it gets one with its first token."""
    expires_at: int = 0
    """When the last of its tokens ends."""


class Binding(NamedTuple):
    """What a token is bound to: the thumbprint of a key, or of a certificate."""

    kind: Literal["jkt", "x5t#S256"]
    value: str


class Access(Struct, eq=False, gc=False):
    """An access token that was issued; times in seconds since 1970."""

    family: Family
    scope: Scope
    issued_at: int
    expires_at: int
    jti: str
    bound: Binding | None = None


class Refresh(Struct, eq=False, gc=False):
    """A refresh token that was issued."""

    family: Family
    expires_at: int
    used: bool = False
    bound: Binding | None = None


class Tokens:
    """Issues tokens and knows those that are alive; times in seconds since 1970."""

    def __init__(self, shelves: Shelves, rules: Rules, keys: Keys, rand: random.Random) -> None:
        self._rules = rules
        self._keys = keys
        self._rand = rand
        self._families: Shelf[Family] = shelves.shelf("families", _end)
        self._access: Shelf[Access] = shelves.shelf("access tokens", _end)
        self._refresh: Shelf[Refresh] = shelves.shelf("refresh tokens", _end)
        self._jws = jwt.PyJWS()
        self._jws.unregister_algorithm("ES256")
        self._jws.register_algorithm("ES256", _Repeatable(ECAlgorithm.SHA256, ec.SECP256R1))

    def access(
        self,
        client: Client,
        family: Family,
        scope: Scope,
        now: float,
        bound: Binding | None = None,
    ) -> tuple[str, int]:
        """A new access token and its lifetime in seconds."""
        issued = int(now)
        lifetime = self._rules.token_lifetime(client)
        jti = self._rand.randbytes(20).hex()
        record = Access(family, scope, issued, issued + lifetime, jti, bound)
        if self._rules.freedom.access_token_format == "opaque":
            text = self._rules.opaque_token(self._rand)
        else:
            text = self._signed_access(record)
        self._access.keep(_kept_under(text), record)
        self._lives_until(record.expires_at, family, jti)
        return text, lifetime

    def _signed_access(self, record: Access) -> str:
        family = record.family
        claims: dict[str, object] = {
            "iss": self._rules.config.issuer,
            "sub": family.sub,
            "aud": family.audience or self._rules.config.issuer,
            "client_id": family.client_id,
            "iat": record.issued_at,
            "exp": record.expires_at,
            "jti": record.jti,
            "scope": joined(record.scope),
            **self._rules.jwt_confirmation(record.bound),
        }
        if family.auth_time is not None:
            claims["auth_time"] = family.auth_time
        rules = self._rules
        text = self._signed(rules.access_claims(claims), "ES256", rules.access_header())
        return rules.jws(text, "access")

    def id_token(self, client: Client, family: Family, access_token: str, now: float) -> str:
        """A new ID token (OpenID Connect Core section 2)."""
        issued = int(now)
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, object] = {
            "iss": self._rules.config.issuer,
            "sub": family.sub,
            "aud": client.client_id,
            "iat": issued,
            "exp": issued + self._rules.config.token_lifetime,
            "at_hash": b64url(half),
        }
        if family.auth_time is not None:
            claims["auth_time"] = family.auth_time
        rules = self._rules
        alg = client.id_token_alg or rules.freedom.id_token_alg
        text = self._signed(rules.id_claims(claims), alg, rules.id_header())
        return rules.jws(text, "id")

    def refresh(self, family: Family, now: float, bound: Binding | None = None) -> str:
        """A new refresh token."""
        text = self._rules.opaque_token(self._rand)
        expires = int(now) + self._rules.config.refresh_lifetime
        self._refresh.keep(_kept_under(text), Refresh(family, expires, bound=bound))
        self._lives_until(expires, family, family.name or text)
        return text

    def inspect(self, text: str) -> Access | None:
        """The access token of that text, if it was issued here and is not long dead."""
        return self._access.get(_kept_under(text))

    def inspect_refresh(self, text: str) -> Refresh | None:
        """The refresh token of that text, used or not."""
        return self._refresh.get(_kept_under(text))

    def revoke_all(self, username: str) -> None:
        """End every token that somebody's approvals have bought."""
        for family in self._families.values():
            family.revoked |= family.username == username

    def sweep(self, now: float, at_most: int) -> bool:
        """Forget some of what has expired; whether there is more."""
        shelves = (self._access, self._refresh, self._families)
        for shelf in shelves:
            shelf.expired(now, at_most)
        return any(shelf.is_due(now) for shelf in shelves)

    def __len__(self) -> int:
        return len(self._access) + len(self._refresh)

    def _lives_until(self, end: int, family: Family, name: str) -> None:
        family.name = family.name or name
        family.expires_at = max(family.expires_at, end)
        self._families.keep(family.name, family)

    def _signed(self, claims: dict[str, object], alg: Alg, header: dict[str, object]) -> str:
        key = self._keys.key(alg)
        headers = {**header, "kid": self._rules.named_key(key.kid)}
        payload = self._rules.payload(claims)
        return self._jws.encode(payload, key.private, algorithm=alg, headers=headers)


def _end(record: Family | Access | Refresh) -> float:
    return record.expires_at


def _kept_under(text: str) -> str:
    # A JWT is hundreds of bytes long, and nobody needs it again.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def claims_for(account: Account, scope: Scope) -> dict[str, str]:
    """What UserInfo says of a person for a scope (OpenID Connect Core sections 5.3 and 5.4)."""
    wanted = {"sub"}
    if "profile" in scope:
        wanted |= set(account.claims) - {"email"}
    if "email" in scope:
        wanted.add("email")
    return {"sub": account.sub} | {
        name: value for name, value in account.claims.items() if name in wanted
    }


class _Repeatable(ECAlgorithm):
    """ES256 with RFC 6979 nonces: the same key and message give the same signature.

    That makes a seeded server predictable to the last byte.
    """

    def sign(self, msg: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The signature as 64 bytes (RFC 7518 section 3.4)."""
        try:
            der = key.sign(msg, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        except UnsupportedAlgorithm:  # OpenSSL before 3.2 cannot, and then it is random again
            der = key.sign(msg, ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
