"""JWTs that clients sign, assertions and proofs: opened without trust, then verified.

Beside `tokens`, which makes this server's own, the only user of pyjwt: what others have signed is
never looked up among our tokens, and shares nothing with them but the format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import InvalidKeyError, PyJWTError

ASYMMETRIC = ("ES256",)
"""The algorithms with which clients may sign by a private key."""

_JWS = jwt.PyJWS(algorithms=["ES256", "HS256"])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A JWT as somebody sent it; nothing in it is true before `is_signed_by`."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def is_signed_by(self, key: ec.EllipticCurvePublicKey | str, alg: str) -> bool:
        """Whether the signature holds for a public key, or for a secret, under that algorithm."""
        try:
            _JWS.decode(self.text, key, algorithms=[alg])
        except PyJWTError:
            return False
        return True

    @property
    def is_unsigned(self) -> bool:
        """Whether the algorithm is `none` (RFC 7518 section 3.6)."""
        return self.header.get("alg") == "none"


def opened(text: str) -> Sealed | None:
    """What a JWT says, or None if it is none."""
    try:
        parts = _JWS.decode_complete(text, options={"verify_signature": False})
        claims = json.loads(parts["payload"])
    except (PyJWTError, ValueError, RecursionError):
        return None
    return Sealed(text, parts["header"], claims) if isinstance(claims, dict) else None


def public_key(jwk: object) -> ec.EllipticCurvePublicKey | None:
    """The elliptic key in a JWK, or None if it is no public one on P-256."""
    if not isinstance(jwk, dict) or "d" in jwk or jwk.get("crv") != "P-256":
        return None
    try:
        key = ECAlgorithm.from_jwk(jwk)
    except (InvalidKeyError, ValueError, TypeError):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None
