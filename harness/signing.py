"""Signed JWTs as clients make them: assertions and proofs, sound ones and others.

Only this module of the harness signs with pyjwt, and imports it when first needed: most runs sign
nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def new_key() -> Any:
    """A fresh private key on the curve P-256."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def key_in(text: str) -> Any:
    """The private key in a PEM text or a JWK (RFC 7517); raises `ValueError`."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    if not text.lstrip().startswith("{"):
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            return load_pem_private_key(text.encode(), None)
        except (TypeError, UnsupportedAlgorithm) as problem:
            raise ValueError(f"the private key cannot be used: {problem}") from None
    try:
        key = PyJWK(json.loads(text)).key
    except (PyJWTError, ValueError) as problem:
        raise ValueError(f"the JWK cannot be read: {problem}") from None
    if not hasattr(key, "sign"):
        raise ValueError("the JWK has no private part")
    return key


def kid_in(text: str) -> str:
    """The name that a JWK gives its key; empty for a PEM text, and for a JWK without."""
    found = json.loads(text).get("kid") if text.lstrip().startswith("{") else None
    return found if isinstance(found, str) else ""


def algorithm_of(key: Any) -> str:
    """The JWS algorithm that fits a private key (RFC 7518 section 3.1)."""
    curve = getattr(getattr(key, "curve", None), "name", "")
    if curve:
        return {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}.get(
            curve, "ES256"
        )
    return "RS256" if hasattr(key, "key_size") else "EdDSA"


def signed(claims: Mapping[str, Any], key: Any, *, header: Mapping[str, Any] | None = None) -> str:
    """A JWT signed by a private key, by a secret (HS256), or by nobody (alg none, key None)."""
    alg = "none" if key is None else "HS256" if isinstance(key, str) else algorithm_of(key)
    start = f"{_part({'alg': alg, **(header or {})})}.{_part(claims)}"
    return f"{start}.{_b64url(_signature(start.encode(), key, alg))}"


def spoilt(jwt: str) -> str:
    """The same JWT with another signature of the same length."""
    start, dot, signature = jwt.rpartition(".")
    # The middle: the last character carries bits that decoders ignore.
    place = len(signature) // 2
    other = "A" if signature[place] != "A" else "B"
    return f"{start}{dot}{signature[:place]}{other}{signature[place + 1 :]}"


def public_jwk(key: Any) -> dict[str, str]:
    """The public half of an elliptic key as a JWK (RFC 7518 section 6.2)."""
    point = key.public_key().public_numbers()
    x, y = (_b64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The SHA-256 thumbprint of a JWK (RFC 7638)."""
    return digest(json.dumps(jwk, sort_keys=True, separators=(",", ":")))


def digest(text: str) -> str:
    """The base64url SHA-256 of a text."""
    return _b64url(hashlib.sha256(text.encode()).digest())


def _signature(message: bytes, key: Any, alg: str) -> bytes:
    if key is None:
        return b""
    if isinstance(key, str):
        # By hand: pyjwt warns of short secrets, which are the target's business and not ours.
        return hmac.digest(key.encode(), message, "sha256")
    from jwt.algorithms import get_default_algorithms

    return get_default_algorithms()[alg].sign(message, key)


def _part(members: Mapping[str, Any]) -> str:
    return _b64url(json.dumps(members, separators=(",", ":")).encode())


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
