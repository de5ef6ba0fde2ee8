"""The server's signing keys, and their public halves as JSON Web Keys.

The elliptic key is made at the start, which costs microseconds.  The RSA key, which OpenID Connect
Discovery section 3 asks for, costs a tenth of a second: it is made when first wanted, one for all
servers of a process that have a seed and one for all that have none.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from simulators.server.config import Seed

Alg: TypeAlias = Literal["ES256", "RS256"]

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve P-256."""

_EXPONENT = 65537

_P = (
    "e5c0417ee69e03a4410bc4ce56f10308205ded17fa7fcc94a43a04645c4785ca"
    "40ee566d4d112f47923e794c9fab7b919f9daa6f516ef4f1ab72298eaac1b5db"
    "bfaa7edec2e3035529f30a79b7da73591dd447db993193bdc0d31b28750d2c36"
    "d8cb9d0247db1f98c3e4e9f116ef6bce0946eb53e14b40fa3bb2ad7474b2911b"
)
_Q = (
    "c37ad519ecdac34e25f8f3ef3a567451de2f590539bc6d4425420999a413f538"
    "ff6897f21336f4e97e7ea639d255d8294b2b08c6868ae76637e10722828dc8ee"
    "9fe2bd21533bccc0453dcf1f75df4c85cd7645d3a928ca3b0bf15f3e311f2430"
    "c59ca4928a723efc6cd2346a2f0786ef62b8881ab693592df317bf93dfb2d6b7"
)
"""Two primes of the RSA key that every seeded server has: it is known to all and guards nothing."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key with its name and its public half as a JWK (RFC 7517 section 4)."""

    alg: Alg
    kid: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    public: dict[str, object]


class Keys:
    """The key for each algorithm.

    With a seed, or the secret of a shared store, they are predictable, and the RSA key is the known
    one below: such a server is for tests alone.
    """

    def __init__(self, rand: random.Random, seed: Seed | None) -> None:
        self._predictable = seed is not None
        self._elliptic = _elliptic(rand.randrange(1, _ORDER))

    def key(self, alg: Alg) -> Key:
        """The key that signs with `alg`."""
        return self._elliptic if alg == "ES256" else _rsa(predictable=self._predictable)

    def public(self) -> dict[str, object]:
        """The key set as published (RFC 7517 section 5): no private member in it."""
        return {"keys": [self.key("ES256").public, self.key("RS256").public]}


def elliptic_key(rand: random.Random) -> ec.EllipticCurvePrivateKey:
    """A private key on P-256 that follows from `rand`."""
    return _derived(rand.randrange(1, _ORDER))


def _derived(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


@lru_cache(maxsize=16)
def _elliptic(number: int) -> Key:
    private = _derived(number)
    point = private.public_key().public_numbers()
    return _named(
        "ES256",
        private,
        {"crv": "P-256", "kty": "EC", "x": _number(point.x, 32), "y": _number(point.y, 32)},
    )


@cache
def _rsa(*, predictable: bool) -> Key:
    private = _predictable_rsa() if predictable else rsa.generate_private_key(_EXPONENT, 2048)
    public = private.public_key().public_numbers()
    return _named(
        "RS256", private, {"e": _number(public.e, 3), "kty": "RSA", "n": _number(public.n, 256)}
    )


def _predictable_rsa() -> rsa.RSAPrivateKey:
    # The library cannot be given its randomness, and finding primes here takes most of a second.
    p, q = int(_P, 16), int(_Q, 16)
    d = pow(_EXPONENT, -1, math.lcm(p - 1, q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(_EXPONENT, p * q),
    ).private_key()


def _named(
    alg: Alg, private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, members: dict[str, object]
) -> Key:
    # RFC 7638: the thumbprint of the sorted required members names the key.
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    kid = b64url(hashlib.sha256(canonical).digest())
    return Key(alg, kid, private, {**members, "use": "sig", "alg": alg, "kid": kid})


def _number(value: int, length: int) -> str:
    return b64url(value.to_bytes(length, "big"))


def b64url(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
