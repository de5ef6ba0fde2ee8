"""How a client shows who it is at both endpoints.

RFC 6749 section 2.3, RFC 8628 section 3.1, RFC 7523 section 2.2, RFC 8705 section 2.
"""

from __future__ import annotations

import base64
import secrets
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from harness import signing
from harness.target import Client
from harness.wire import Header

Pairs = list[tuple[str, str]]

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""The `client_assertion_type` of an assertion (RFC 7523 section 2.2)."""
ASSERTION_LIFE = 60
"""Seconds for which an assertion is good."""


def basic(client_id: str, secret: str) -> Header:
    """The Authorization header of client_secret_basic; both parts are form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return ("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")


def credentials(
    client: Client, *, audience: str = "", now: float = 0.0
) -> tuple[Pairs, tuple[Header, ...]]:
    """The form fields and headers with which `client` identifies or authenticates itself.

    An assertion is addressed to `audience` and made at `now`, in seconds since 1970.
    """
    if client.auth == "client_secret_basic" and client.client_secret:
        return [], (basic(client.client_id, client.client_secret),)
    if client.auth == "client_secret_post" and client.client_secret:
        fields = [("client_id", client.client_id), ("client_secret", client.client_secret)]
        return fields, ()
    named = [("client_id", client.client_id)]
    if client.auth in {"client_secret_jwt", "private_key_jwt"}:
        claims = assertion_claims(client.client_id, audience, now)
        return [*named, *assertion_fields(assertion(client, claims))], ()
    return named, () if client.certificate is None else (client.certificate.header,)


def assertion_claims(client_id: str, audience: str, now: float) -> dict[str, Any]:
    """What an assertion of `client_id` says (RFC 7523 section 3)."""
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": int(now),
        "exp": int(now) + ASSERTION_LIFE,
        "jti": secrets.token_urlsafe(16),
    }


def assertion(client: Client, claims: dict[str, Any]) -> str:
    """The claims, signed as `client` does; raises `ValueError` if it has nothing to sign with."""
    if client.auth == "client_secret_jwt" and client.client_secret:
        return signing.signed(claims, client.client_secret, header={"typ": "JWT"})
    if client.private_key is None:
        raise ValueError(f"{client.client_id} has no key to sign with")
    kid = signing.kid_in(client.private_key)
    header = {"typ": "JWT"} | ({"kid": kid} if kid else {})
    return signing.signed(claims, _key_in(client.private_key), header=header)


def assertion_fields(jwt: str) -> Pairs:
    """The form fields that carry an assertion (RFC 7523 section 2.2)."""
    return [("client_assertion_type", JWT_BEARER), ("client_assertion", jwt)]


_key_in = lru_cache(maxsize=16)(signing.key_in)
"""A key is read once: that costs as much as some signatures."""
