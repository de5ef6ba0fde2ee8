"""Access, refresh and ID tokens: made here, and recognised here.  The only user of pyjwt.

A token is recognised by its text: whatever was not issued is unknown, so no forged signature, no
`alg` of none and no ID token can pass for an access token.
"""

from __future__ import annotations

import hashlib
import random
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt.algorithms import ECAlgorithm

from simulators.server.config import Account, Client
from simulators.server.keys import Alg, Keys, b64url
from simulators.server.scope import Scope, joined

if TYPE_CHECKING:
    from simulators.server.rules import Rules


@dataclass(slots=True, eq=False)
class Family:
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


class Binding(NamedTuple):
    """What a token is bound to: the thumbprint of a key, or of a certificate."""

    kind: Literal["jkt", "x5t#S256"]
    value: str


@dataclass(slots=True, eq=False)
class Access:
    """An access token that was issued; times in seconds since 1970."""

    family: Family
    scope: Scope
    issued_at: int
    expires_at: int
    jti: str
    bound: Binding | None = None


@dataclass(slots=True, eq=False)
class Refresh:
    """A refresh token that was issued."""

    family: Family
    expires_at: int
    used: bool = False
    bound: Binding | None = None


class Tokens:
    """Issues tokens and knows those that are alive; times in seconds since 1970."""

    def __init__(self, rules: Rules, keys: Keys, rand: random.Random) -> None:
        self._rules = rules
        self._keys = keys
        self._rand = rand
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}
        self._ends: deque[tuple[int, str]] = deque()
        self._refresh_ends: deque[tuple[int, str]] = deque()
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
        self._access[text] = record
        self._ends.append((record.expires_at, text))
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
        self._refresh[text] = Refresh(family, expires, bound=bound)
        self._refresh_ends.append((expires, text))
        return text

    def inspect(self, text: str) -> Access | None:
        """The access token of that text, if it was issued here and is not long dead."""
        return self._access.get(text)

    def inspect_refresh(self, text: str) -> Refresh | None:
        """The refresh token of that text, used or not."""
        return self._refresh.get(text)

    def revoke_all(self, username: str) -> None:
        """End every token that somebody's approvals have bought."""
        families = [record.family for record in self._access.values()]
        families += [record.family for record in self._refresh.values()]
        for family in families:
            family.revoked |= family.username == username

    def sweep(self, now: float) -> None:
        """Forget what has expired."""
        while self._ends and self._ends[0][0] <= now:
            self._access.pop(self._ends.popleft()[1], None)
        while self._refresh_ends and self._refresh_ends[0][0] <= now:
            self._refresh.pop(self._refresh_ends.popleft()[1], None)

    def __len__(self) -> int:
        return len(self._access) + len(self._refresh)

    def _signed(self, claims: dict[str, object], alg: Alg, header: dict[str, object]) -> str:
        key = self._keys.key(alg)
        headers = {**header, "kid": self._rules.named_key(key.kid)}
        payload = self._rules.payload(claims)
        return self._jws.encode(payload, key.private, algorithm=alg, headers=headers)


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
