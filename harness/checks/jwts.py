"""Reads JWTs and verifies their signatures (RFC 7515, RFC 7519).

The laws of this file: nothing that a server sends makes it raise; what it cannot decide it calls
undecided, never wrong.  pyjwt is imported when the first signature is verified.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

Key: TypeAlias = Mapping[str, Any]
"""A JSON Web Key as published (RFC 7517 section 4)."""

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP", "HS": "oct"}
"""The `kty` that suits an `alg`, by the two letters that the latter begins with (RFC 7518)."""
_BY_HAND = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_FULLY_NAMED = {"Ed25519": "EdDSA", "Ed448": "EdDSA"}
"""Names that say the curve, too, and what the library calls them (RFC 9864)."""
_HALVED = {"256": "sha256", "384": "sha384", "512": "sha512"}


@dataclass(frozen=True, slots=True)
class Jwt:
    """A signed JWT, not yet verified.

    `repeated` are the names that stand twice in its header or its claims, `signed` is what
    `signature` covers.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    repeated: tuple[str, ...]
    signed: bytes
    signature: bytes

    @property
    def alg(self) -> str:
        """How it says that it was signed, "" if it does not."""
        value = self.header.get("alg")
        return value if isinstance(value, str) else ""

    @property
    def unsigned(self) -> bool:
        """Whether `alg` is none, however it is spelt."""
        return self.alg.lower() == "none"

    @property
    def kid(self) -> str | None:
        """The name of its key."""
        value = self.header.get("kid")
        return value if isinstance(value, str) else None


def read(text: object) -> Jwt | None:
    """The JWT in a text; None for anything else, such as an opaque or an encrypted token."""
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 3:
        return None
    header, claims = _object(parts[0]), _object(parts[1])
    signature = _decoded(parts[2])
    if header is None or claims is None or signature is None:
        return None
    repeated = (*header[1], *claims[1])
    signed = f"{parts[0]}.{parts[1]}".encode()
    return Jwt(header[0], claims[0], repeated, signed, signature)


def encrypted(text: object) -> bool:
    """Whether a text is a JWE, whose content only the client can read (RFC 7516 section 7.1)."""
    parts = text.split(".") if isinstance(text, str) else []
    header = _object(parts[0]) if len(parts) == 5 else None
    return header is not None and "enc" in header[0]


def keys_in(document: Mapping[str, Any] | None) -> list[Key] | None:
    """The keys of a key set (RFC 7517 section 5); None if the document is none."""
    keys = (document or {}).get("keys")
    if not isinstance(keys, list):
        return None
    return [key for key in keys if isinstance(key, dict)]


def key_type(alg: str) -> str | None:
    """The `kty` that suits an algorithm; None for one that is not known here."""
    known = alg[2:3].isdigit() or alg in {"EdDSA", "ES256K", *_FULLY_NAMED}
    return _KEY_TYPES.get(alg[:2]) if known else None


def fitting(keys: Iterable[Key], alg: str) -> list[Key]:
    """The keys that could have signed with `alg`, by type, curve, use and their own `alg`."""
    curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "secp256k1"}.get(alg)
    names = {alg, _FULLY_NAMED.get(alg, alg)}
    return [
        key
        for key in keys
        if key.get("kty") == key_type(alg)
        and key.get("use", "sig") == "sig"
        and key.get("crv", curve) == (curve or key.get("crv"))
        and key.get("alg", alg) in names
    ]


class Signature(Enum):
    """What became of verifying a signature."""

    SOUND = "sound"
    WRONG = "wrong"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of verifying, and its reason in a few words."""

    outcome: Signature
    why: str = ""


def verify(jwt: Jwt, keys: Sequence[Key], secret: str | None = None) -> Proof:
    """Verify a signature with published keys, or with a client's `secret` for HS256 and its kin."""
    if not jwt.alg:
        return Proof(Signature.WRONG, "the header has no alg")
    if jwt.unsigned:
        return Proof(Signature.WRONG, f"alg is {jwt.alg}")
    if jwt.alg in _BY_HAND:
        return _with_secret(jwt, secret)
    if key_type(jwt.alg) is None:
        return Proof(Signature.UNDECIDED, f"alg {jwt.alg:.20} is not known here")
    named = [key for key in keys if jwt.kid is not None and key.get("kid") == jwt.kid]
    candidates = [key for key in named or keys if key.get("kty") == key_type(jwt.alg)]
    if not candidates:
        return Proof(Signature.WRONG, f"no published key suits alg {jwt.alg:.20}")
    results = {_with_key(jwt, key) for key in candidates}
    for outcome, why in (
        (Signature.SOUND, ""),
        (Signature.WRONG, "no published key verifies the signature"),
    ):
        if outcome in results:
            return Proof(outcome, why)
    return Proof(Signature.UNDECIDED, f"the published keys cannot be used with {jwt.alg:.20}")


def left_halves(text: str, alg: str) -> tuple[str, ...]:
    """The hashes that bind an access token to an ID token (OpenID Connect Core section 3.1.3.6).

    None if it is not known which hash function `alg` implies, two if it does not say the curve.
    """
    raw = text.encode("utf-8", "replace")
    kind = key_type(alg)
    digests = []
    if kind == "OKP" and alg != "Ed25519":
        digests.append(hashlib.shake_256(raw).digest(114))
    name = "sha512" if kind == "OKP" else _HALVED.get(alg[2:5])
    if kind is not None and name is not None and alg != "Ed448":
        digests.append(hashlib.new(name, raw, usedforsecurity=False).digest())
    return tuple(_b64url(digest[: len(digest) // 2]) for digest in digests)


def _with_secret(jwt: Jwt, secret: str | None) -> Proof:
    if secret is None:
        return Proof(Signature.WRONG, f"alg is {jwt.alg}, and the client has no secret")
    expected = hmac.digest(secret.encode(), jwt.signed, _BY_HAND[jwt.alg])
    if hmac.compare_digest(expected, jwt.signature):
        return Proof(Signature.SOUND)
    return Proof(Signature.WRONG, "the client's secret does not verify the signature")


def _with_key(jwt: Jwt, key: Key) -> Signature:
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt.algorithms import get_default_algorithms
    from jwt.exceptions import PyJWTError

    algorithm = get_default_algorithms().get(_FULLY_NAMED.get(jwt.alg, jwt.alg))
    if algorithm is None:
        return Signature.UNDECIDED
    # The key set may hold more than the library expects; it need only know what makes the key.
    public = {name: key[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in key}
    try:
        sound = algorithm.verify(jwt.signed, algorithm.from_jwk(public), jwt.signature)
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError):
        return Signature.UNDECIDED
    return Signature.SOUND if sound else Signature.WRONG


def _decoded(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _object(part: str) -> tuple[dict[str, Any], list[str]] | None:
    """A JSON object in base64url, and the names that it has twice."""
    raw = _decoded(part)
    twice: list[str] = []

    def notice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        # The outermost object is read last, and only its names count.
        twice[:] = sorted({name for name in names if names.count(name) > 1})
        return dict(pairs)

    try:
        value = json.loads(raw or b"", object_pairs_hook=notice)
    except (ValueError, RecursionError):
        return None
    return (value, twice) if isinstance(value, dict) else None


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
