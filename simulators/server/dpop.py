"""DPoP proofs: whether a request was made by who holds a key (RFC 9449 section 4.3)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from simulators.server import signatures
from simulators.server.keys import b64url
from simulators.server.realm import Realm
from simulators.server.refusal import Refused

NONCE_PERIOD = 300
"""Seconds after which a nonce is replaced; the one before it is good as well."""


def thumbprint(realm: Realm, proofs: Sequence[str], method: str, url: str, ath: str = "") -> str:
    """The thumbprint of the key that a request's proof shows; raises `Refused`.

    `ath` is the hash of the access token that comes with the request, if one does.
    """
    rules = realm.rules
    if len(proofs) > 1 and rules.refuses_two_proofs():
        raise _bad("more than one DPoP header")
    sealed = signatures.opened(proofs[0])
    if sealed is None or not rules.is_proof(sealed.header):
        raise _bad("this is no DPoP proof")
    jwk = sealed.header.get("jwk")
    key = signatures.public_key(jwk)
    if key is None or not isinstance(jwk, dict) or not rules.proof_is_signed(sealed, key):
        raise _bad("the signature of the proof does not hold")
    claims = sealed.claims
    if not rules.proof_is_for_method(claims.get("htm"), method):
        raise _bad("the proof is for another method")
    if not rules.proof_is_for_url(claims.get("htu"), url):
        raise _bad("the proof is for another URL")
    if not rules.proof_is_fresh(claims.get("iat"), realm.clock.unix()):
        raise _bad("the proof is too old")
    if claims.get("ath", "") != ath:
        raise _bad("the proof is for another access token")
    if not ath and rules.demands_nonce() and claims.get("nonce") not in _nonces(realm):
        raise Refused(
            rules.nonce_error(), "a nonce is needed", headers=rules.nonce_headers(_nonces(realm)[0])
        )
    now = realm.clock.unix()
    name = f"proof {claims.get('jti')}"
    if not realm.replays.is_new(name, now, now + 2 * rules.proof_window()):
        raise _bad("the proof was used before")
    return _named(jwk)


def hashed(token: str) -> str:
    """The value of `ath` for an access token (RFC 9449 section 4.2)."""
    return b64url(hashlib.sha256(token.encode()).digest())


def _named(jwk: dict[str, object]) -> str:
    """The thumbprint of an elliptic key (RFC 7638)."""
    needed = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return b64url(hashlib.sha256(json.dumps(needed, separators=(",", ":")).encode()).digest())


def _nonces(realm: Realm) -> tuple[str, str]:
    """The nonce of this period, and that of the one before."""
    period = int(realm.clock.unix()) // NONCE_PERIOD
    secret = realm.nonce_secret
    now, before = (
        b64url(hmac.digest(secret, str(number).encode(), "sha256")[:16])
        for number in (period, period - 1)
    )
    return now, before


def _bad(why: str) -> Refused:
    return Refused("invalid_dpop_proof", why)
