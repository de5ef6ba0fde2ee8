"""Tokens for one holder only: bound to a key (RFC 9449) or to a certificate (RFC 8705)."""

from __future__ import annotations

from harness.wire import Request
from simulators.server import dpop
from simulators.server.config import Client
from simulators.server.mutual_tls import peer
from simulators.server.reading import Read, certificate_of, proofs_of
from simulators.server.realm import Realm
from simulators.server.refusal import Refused
from simulators.server.tokens import Binding


def binding(realm: Realm, client: Client, got: Read) -> Binding | None:
    """What the tokens of a token request are to be bound to; raises `Refused`."""
    if got.proofs:
        key = dpop.thumbprint(realm, got.proofs, "POST", realm.address(realm.freedom.token_path))
        return Binding("jkt", key)
    if realm.rules.demands_proof(client):
        raise Refused("invalid_dpop_proof", "this client must prove that it holds a key")
    if not client.certificate_bound:
        return None
    shown = peer(got.certificate)
    if shown is None:
        raise Refused("invalid_request", "this client's tokens are bound to a certificate")
    return Binding("x5t#S256", shown.thumbprint)


def shown_by(realm: Realm, request: Request, scheme: str, token: str) -> Binding | None:
    """What the sender of `token` to a protected resource holds; raises `Refused`."""
    if scheme == "dpop":
        proofs = proofs_of(request)
        if not proofs:
            raise Refused("invalid_dpop_proof", "the DPoP proof is missing")
        url = request.url.partition("?")[0]
        key = dpop.thumbprint(realm, proofs, request.method, url, dpop.hashed(token))
        return Binding("jkt", key)
    shown = peer(certificate_of(request))
    return None if shown is None else Binding("x5t#S256", shown.thumbprint)
