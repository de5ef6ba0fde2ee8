"""Clients that authenticate by a signed assertion (RFC 7521 section 4.2, RFC 7523 section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.server import signatures
from simulators.server.config import Client
from simulators.server.realm import Realm
from simulators.server.refusal import Endpoint, Refused

if TYPE_CHECKING:
    from simulators.server.reading import Read

METHODS = frozenset({"private_key_jwt", "client_secret_jwt"})
"""Methods of clients that sign assertions."""


def client_behind(realm: Realm, got: Read, endpoint: Endpoint) -> Client:
    """The client whose assertion came with a request; raises `Refused`."""
    rules, parameters = realm.rules, got.parameters
    two = got.authorization is not None or "client_secret" in parameters
    if two and rules.refuses_two_methods():
        raise Refused("invalid_request", "more than one way of client authentication")
    sealed = signatures.opened(parameters.get("client_assertion", ""))
    if sealed is None or not rules.reads_assertion(parameters.get("client_assertion_type")):
        raise _refused(realm, "the client assertion cannot be read")
    issuer = sealed.claims.get("iss")
    client = realm.clients.get(issuer) if isinstance(issuer, str) else None
    if client is None or client.auth not in METHODS:
        raise _refused(realm, "no client that signs assertions has this name")
    named = parameters.get("client_id", client.client_id)
    if named != client.client_id and not rules.assertion_outdoes_client_id():
        raise _refused(realm, "client_id contradicts the client assertion")
    if not rules.assertion_speaks_for(sealed.claims, client):
        raise _refused(realm, "iss and sub are not both the client")
    own = realm.address(
        realm.freedom.device_path
        if endpoint == "device_authorization"
        else realm.freedom.token_path
    )
    audiences = rules.assertion_audiences(
        endpoint, own=own, token=realm.address(realm.freedom.token_path)
    )
    if not rules.is_addressed_to(sealed.claims.get("aud"), audiences):
        raise _refused(realm, "the client assertion is for another audience")
    if not rules.assertion_is_timely(sealed.claims, realm.clock.unix()):
        raise _refused(realm, "the client assertion has expired, or never does")
    if not rules.assertion_is_signed(sealed, client):
        raise _refused(realm, "the client assertion's signature does not hold")
    if not _is_new(realm, client, sealed):
        raise Refused(rules.replay_error(), "the client assertion was used before")
    return client


def _is_new(realm: Realm, client: Client, sealed: signatures.Sealed) -> bool:
    name, until = str(sealed.claims.get("jti")), float(sealed.claims.get("exp", 0))
    known = f"assertion {client.client_id} {name}"
    new = realm.replays.is_new(known, realm.clock.unix(), until + realm.rules.leeway())
    return new or not realm.rules.refuses_replays()


def _refused(realm: Realm, why: str) -> Refused:
    return Refused(realm.rules.assertion_error(), why)
