"""How a form request is read: method, media type, parameters; then who sent it."""

from __future__ import annotations

from typing import NamedTuple

from harness.wire import FORM, Request
from simulators.server.clients import authenticate, is_basic
from simulators.server.config import Client
from simulators.server.realm import Realm
from simulators.server.refusal import Endpoint, Refused

MOST_BYTES = 64 * 1024
"""The largest body that is read."""


class Read(NamedTuple):
    """A request that could be read."""

    parameters: dict[str, str]
    authorization: str | None


def read(realm: Realm, request: Request, endpoint: Endpoint) -> Read:
    """The parameters of a form request and its Authorization header; raises `Refused`."""
    rules = realm.rules
    if not rules.allows_method(request.method, endpoint):
        status = rules.wrong_method_status(request.method)
        raise Refused("invalid_request", "only POST is served here", status=status, allow="POST")
    if len(request.body) > MOST_BYTES:
        raise Refused("invalid_request", "the body is too large", status=413)
    content_type, authorization = "", None
    for name, value in request.headers:
        name = name.lower()  # noqa: PLW2901 (a poll costs microseconds, this loop is hot)
        if name == "content-type":
            content_type = value
        elif name == "authorization":
            if authorization is not None:
                raise Refused("invalid_request", "more than one Authorization header")
            authorization = value
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
    return Read(found, authorization)


def client_of(realm: Realm, got: Read, endpoint: Endpoint) -> Client:
    """The client that sent the request; raises `Refused`."""
    return authenticate(realm.rules, realm.clients, endpoint, got.parameters, got.authorization)


def sent_basic(request: Request) -> bool:
    """Whether the request carries Basic credentials, good or bad."""
    return is_basic(request.header("authorization"))


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
