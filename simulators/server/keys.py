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
from functools import cache
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from simulators.server.config import Seed

Alg: TypeAlias = Literal["ES256", "RS256"]

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve P-256."""

_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class Key:
    """A private key with its name and its public half as a JWK (RFC 7517 section 4)."""

    alg: Alg
    kid: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    public: dict[str, object]


class Keys:
    """The key for each algorithm; predictable if there is a seed."""

    def __init__(self, rand: random.Random, seed: Seed | None) -> None:
        self._predictable = seed is not None
        self._elliptic = _elliptic(rand)

    def key(self, alg: Alg) -> Key:
        """The key that signs with `alg`."""
        return self._elliptic if alg == "ES256" else _rsa(predictable=self._predictable)

    def public(self) -> dict[str, object]:
        """The key set as published (RFC 7517 section 5): no private member in it."""
        return {"keys": [self.key("ES256").public, self.key("RS256").public]}


def elliptic_key(rand: random.Random) -> ec.EllipticCurvePrivateKey:
    """A private key on P-256 that follows from `rand`."""
    return ec.derive_private_key(rand.randrange(1, _ORDER), ec.SECP256R1())


def _elliptic(rand: random.Random) -> Key:
    private = elliptic_key(rand)
    point = private.public_key().public_numbers()
    return _named(
        "ES256",
        private,
        {"crv": "P-256", "kty": "EC", "x": _number(point.x, 32), "y": _number(point.y, 32)},
    )


@cache
def _rsa(*, predictable: bool) -> Key:
    private = (
        _predictable_rsa(random.Random("rsa"))
        if predictable
        else rsa.generate_private_key(_EXPONENT, 2048)
    )
    public = private.public_key().public_numbers()
    return _named(
        "RS256", private, {"e": _number(public.e, 3), "kty": "RSA", "n": _number(public.n, 256)}
    )


def _predictable_rsa(rand: random.Random) -> rsa.RSAPrivateKey:
    # The library cannot be given its randomness, so the two primes are found here.
    p, q = _prime(rand), _prime(rand)
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


def _prime(rand: random.Random) -> int:
    small = [n for n in range(3, 5000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]
    product = math.prod(small)
    while True:
        # The two highest bits are set, so that the product has 2048 bits.
        number = rand.getrandbits(1024) | (3 << 1022) | 1
        if math.gcd(number, product) > 1 or (number - 1) % _EXPONENT == 0:
            continue
        if all(_passes(number, rand.randrange(2, number - 1)) for _ in range(8)):
            return number


def _passes(number: int, base: int) -> bool:
    """Whether Miller and Rabin's test with this base finds no proof against the number."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(base, odd, number)
    if power in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


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
