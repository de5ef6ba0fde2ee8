"""How a form request is read: method, media type, parameters; then who sent it."""

from __future__ import annotations

from typing import NamedTuple

from harness.certificates import CLIENT_CERTIFICATE
from harness.wire import FORM, Request
from simulators.server import assertions
from simulators.server.clients import authenticate, is_basic, shown_id
from simulators.server.config import Client
from simulators.server.mutual_tls import peer
from simulators.server.realm import Realm
from simulators.server.refusal import Endpoint, Refused
from simulators.server.visit import PEER_HEADER

MOST_BYTES = 64 * 1024
"""The largest body that is read."""


class Read(NamedTuple):
    """A request that could be read."""

    parameters: dict[str, str]
    authorization: str | None
    peer: str = ""
    """Who is at the other end of the socket."""
    certificate: str | None = None
    """The client certificate of the connection (RFC 8705)."""
    proofs: tuple[str, ...] = ()
    """The DPoP headers (RFC 9449)."""


def read(realm: Realm, request: Request, endpoint: Endpoint) -> Read:
    """The parameters of a form request and its Authorization header; raises `Refused`."""
    rules = realm.rules
    if not rules.allows_method(request.method, endpoint):
        status = rules.wrong_method_status(request.method)
        raise Refused("invalid_request", "only POST is served here", status=status, allow="POST")
    if len(request.body) > MOST_BYTES:
        raise Refused("invalid_request", "the body is too large", status=413)
    shown = _headers(request)
    content_type = shown[0]
    media_type = FORM if content_type == FORM else _media_type(content_type)
    if not rules.reads_media_type(media_type, endpoint):
        raise Refused(
            "invalid_request",
            "the body must be application/x-www-form-urlencoded",
            status=rules.wrong_media_type_status(),
        )
    drops_empty = rules.drops_empty(endpoint)
    found: dict[str, str] = {}
    for name, value in rules.parameters(request, content_type, endpoint):
        if not value and drops_empty:
            continue
        if name in found and not rules.may_repeat(name) and rules.refuses_repeats(endpoint):
            raise Refused("invalid_request", "a parameter is repeated")
        found[name] = value
    return Read(found, *shown[1:])


def _headers(request: Request) -> tuple[str, str | None, str, str | None, tuple[str, ...]]:
    """Content-Type, and what else `Read` keeps of the headers; raises `Refused`."""
    content_type, sender = "", ""
    authorization: str | None = None
    certificate: str | None = None
    proofs: tuple[str, ...] = ()
    for name, value in request.headers:
        name = name.lower()  # noqa: PLW2901 (a poll costs microseconds, this loop is hot)
        if name == "content-type":
            content_type = value
        elif name == "authorization":
            if authorization is not None:
                raise Refused("invalid_request", "more than one Authorization header")
            authorization = value
        elif name == PEER_HEADER:
            sender = value
        elif name == "dpop":
            proofs = (*proofs, value)
        elif name == CLIENT_CERTIFICATE:
            certificate = value
    return content_type, authorization, sender, certificate, proofs


def client_of(realm: Realm, got: Read, endpoint: Endpoint) -> Client:
    """The client that sent the request; raises `Refused`."""
    if "client_assertion" in got.parameters or "client_assertion_type" in got.parameters:
        return assertions.client_behind(realm, got, endpoint)
    client = _by_secret(realm, got, endpoint)
    if client.auth in assertions.METHODS:
        raise Refused("invalid_client", "this client must sign an assertion")
    by_certificate = client.auth == "tls_client_auth"
    if by_certificate and not realm.rules.certificate_fits(client, peer(got.certificate)):
        raise Refused("invalid_client", "the certificate is missing, or not this client's")
    return client


def _by_secret(realm: Realm, got: Read, endpoint: Endpoint) -> Client:
    """The client that sent the request, by its secret if it has one; raises `Refused`.

    Wrong credentials are counted for each peer and client that it named, so that nobody can try
    secrets for long and nobody can lock others out (RFC 6749 section 2.3.1).
    """
    rules, credentials = realm.rules, shown_id(got.parameters, got.authorization)
    if credentials is None:
        return authenticate(rules, realm.clients, endpoint, got.parameters, got.authorization)
    keys, now = (f"{got.peer} {credentials}",), realm.clock.now()
    leak = rules.seconds_per_secret()
    if realm.secrets.wait(keys, now, rules.wrong_secrets(), leak) > 0:
        raise Refused("temporarily_unavailable", "too many wrong credentials", status=429)
    try:
        return authenticate(rules, realm.clients, endpoint, got.parameters, got.authorization)
    except Refused:
        realm.secrets.charge(keys, now, leak)
        raise


def proofs_of(request: Request) -> tuple[str, ...]:
    """The DPoP headers of a request (RFC 9449)."""
    return tuple(value for name, value in request.headers if name.lower() == "dpop")


def certificate_of(request: Request) -> str | None:
    """The client certificate of the connection that a request came on (RFC 8705)."""
    return request.header(CLIENT_CERTIFICATE)


def sent_basic(request: Request) -> bool:
    """Whether the request carries Basic credentials, good or bad."""
    return is_basic(request.header("authorization"))


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
