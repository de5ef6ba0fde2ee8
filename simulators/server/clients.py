"""Client authentication: none, Basic, or a secret in the body (RFC 6749 section 2.3)."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from simulators.server.config import Client
from simulators.server.refusal import Endpoint, Refused
from simulators.server.shelf import Shelf, Shelves

if TYPE_CHECKING:
    from simulators.server.rules import Rules


class Credentials(NamedTuple):
    """What a request shows of its client."""

    client_id: str | None
    secret: str | None
    method: str
    grant_type: str | None = None
    """What the client wants at the token endpoint."""


class Clients(Mapping[str, Client]):
    """Clients by their id: those of the settings, and those that have registered themselves."""

    def __init__(self, shelves: Shelves, known: tuple[Client, ...]) -> None:
        self._known = {client.client_id: client for client in known}
        self._registered: Shelf[Client] = shelves.shelf("clients")

    def get(self, client_id: str, default: Client | None = None) -> Client | None:  # type: ignore[override]
        """The client of that id, or what is given."""
        found = self._known.get(client_id)
        if found is None and client_id:
            found = self._registered.get(client_id)
        return default if found is None else found

    def __getitem__(self, client_id: str) -> Client:
        found = self.get(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        for client in self._registered.values():
            yield client.client_id

    def __len__(self) -> int:
        return len(self._known) + len(self._registered)

    def register(self, client: Client) -> None:
        """Know one more client from now on."""
        self._registered.keep(client.client_id, client)


def authenticate(
    rules: Rules,
    clients: Mapping[str, Client],
    endpoint: Endpoint,
    parameters: Mapping[str, str],
    authorization: str | None,
) -> Client:
    """The client that a request comes from; raises `Refused`."""
    shown = (
        Credentials(
            parameters.get("client_id"),
            parameters.get("client_secret"),
            "client_secret_post",
            parameters.get("grant_type"),
        )
        if authorization is None
        else _from_header(rules, parameters, authorization)
    )
    client = rules.client_named(endpoint, shown.client_id, clients)
    rules.check_credentials(endpoint, client, shown)
    return client


def shown_id(parameters: Mapping[str, str], authorization: str | None) -> str | None:
    """Whom the credentials of a request are for, right or wrong; None if it shows none."""
    if authorization is None:
        secret = parameters.get("client_secret") is not None
        return parameters.get("client_id", "") if secret else None
    with contextlib.suppress(ValueError):
        return base64.b64decode(authorization[6:].strip()).partition(b":")[0].decode("latin-1")
    return ""


def is_basic(authorization: str | None) -> bool:
    """Whether a header carries Basic credentials, good or bad."""
    return authorization is not None and authorization[:6].lower() == "basic "


def _from_header(rules: Rules, parameters: Mapping[str, str], authorization: str) -> Credentials:
    if not is_basic(authorization):
        raise Refused("invalid_client", "this authentication scheme is not supported")
    if "client_secret" in parameters and rules.refuses_two_methods():
        raise Refused("invalid_request", "more than one way of client authentication")
    try:
        decoded = base64.b64decode(authorization[6:].strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("invalid_client", "the Basic credentials cannot be read") from None
    user, colon, password = decoded.partition(":")
    if not colon:
        raise Refused("invalid_client", "the Basic credentials cannot be read")
    client_id, secret = rules.basic_credentials(user, password)
    if parameters.get("client_id", client_id) != client_id and rules.refuses_other_client_id():
        raise Refused("invalid_request", "client_id contradicts the Authorization header")
    # A public client may put its id in the header with an empty password.
    wanted = parameters.get("grant_type")
    return Credentials(client_id, secret or None, "client_secret_basic", wanted)
