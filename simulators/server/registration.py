"""Dynamic client registration (RFC 7591), open to everybody: this server guards nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.wire import Request, Response
from simulators.server.answers import encoded
from simulators.server.config import Auth, Client
from simulators.server.realm import Realm
from simulators.server.refusal import Refused

PATH = "/register"
MOST = 1000
"""Clients that may have registered themselves."""
METHODS: tuple[Auth, ...] = (
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
)
_LONGEST = 200


def registration(realm: Realm, request: Request) -> Response:
    """Register a client (RFC 7591 section 3); raises `Refused`."""
    if request.method != "POST":
        raise Refused("invalid_request", "only POST is served here", status=405, allow="POST")
    wanted = _metadata(request)
    rules = realm.rules
    grants = _names(wanted, "grant_types", rules.grants_when_absent())
    if not rules.registrable_grants().issuperset(grants):
        raise Refused("invalid_client_metadata", "one of the grant_types is not supported")
    uris = _names(wanted, "redirect_uris", ())
    if rules.needs_redirect_uris(grants) and not uris:
        raise Refused("invalid_redirect_uri", "redirect_uris is missing")
    method = wanted.get("token_endpoint_auth_method", "client_secret_basic")
    if method not in METHODS:
        raise Refused("invalid_client_metadata", "this token_endpoint_auth_method is not supported")
    name = wanted.get("client_name", "A registered device")
    if not isinstance(name, str) or len(name) > _LONGEST:
        raise Refused("invalid_client_metadata", "client_name must be a short string")
    if len(realm.clients) >= len(realm.config.clients) + MOST:
        raise Refused("temporarily_unavailable", "too many clients have registered", status=429)
    grants, auth = rules.registered_grants(grants), rules.registered_method(method)
    client = Client(
        f"dyn-{realm.rand.randbytes(8).hex()}",
        name,
        None if auth == "none" else realm.rand.randbytes(24).hex(),
        auth,
        grants=frozenset(grants),
    )
    realm.clients.register(client)
    members: dict[str, object] = {
        "client_id": client.client_id,
        "client_id_issued_at": int(realm.clock.unix()),
        "client_name": name,
        "grant_types": list(grants),
        "token_endpoint_auth_method": auth,
    }
    if uris:
        members["redirect_uris"] = list(uris)
    if client.secret is not None:
        members |= {"client_secret": client.secret, "client_secret_expires_at": 0}
    headers = realm.answers.headers("registration")
    return Response(201, headers, encoded(rules.registered(members)))


def _metadata(request: Request) -> Mapping[str, Any]:
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    try:
        wanted = json.loads(request.body) if len(request.body) <= 1 << 14 else None
    except (ValueError, RecursionError):
        wanted = None
    if kind != "application/json" or not isinstance(wanted, dict):
        raise Refused("invalid_client_metadata", "the body must be a JSON object")
    return wanted


def _names(wanted: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = wanted.get(name, list(default))
    fine = isinstance(value, list) and len(value) <= 20
    if not fine or not all(isinstance(one, str) and len(one) <= 10 * _LONGEST for one in value):
        raise Refused("invalid_client_metadata", f"{name} must be an array of strings")
    return tuple(value)
