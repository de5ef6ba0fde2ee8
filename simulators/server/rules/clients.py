"""Choices about clients: who they are, and what they may ask for."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from simulators.server.clients import Credentials
from simulators.server.config import Client
from simulators.server.refusal import Endpoint, Refused
from simulators.server.rules.settled import Settled


class ClientRules(Settled):
    """Client authentication and client policy (RFC 6749 sections 2.3 and 3.2.1)."""

    def basic_credentials(self, user: str, password: str) -> tuple[str, str]:
        """Client id and secret out of a Basic header's two halves (RFC 6749 section 2.3.1)."""
        return form_decoded(user), form_decoded(password)

    def refuses_two_methods(self) -> bool:
        """Whether a header and a body secret together are invalid (RFC 6749 section 2.3)."""
        return True

    def refuses_other_client_id(self) -> bool:
        """Whether a body client_id must agree with the header's (RFC 6749 section 3.2.1)."""
        return True

    def client_named(
        self,
        endpoint: Endpoint,  # noqa: ARG002
        client_id: str | None,
        clients: Mapping[str, Client],
    ) -> Client:
        """The client that a request names; raises `Refused`."""
        if client_id is None:
            raise Refused("invalid_request", "client_id is missing")
        client = clients.get(client_id)
        if client is None:
            raise Refused("invalid_client", "no client has this client_id")
        return client

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:  # noqa: ARG002
        """Raise `Refused` unless the client has proved who it is (RFC 8628 sections 3.1, 3.4)."""
        if client.secret is None:
            if shown.secret is not None:
                raise Refused("invalid_client", "this client has no secret")
            return
        if shown.secret is None:
            raise Refused("invalid_client", "this client must authenticate")
        if not self.accepts_method(client, shown.method):
            raise Refused("invalid_client", "this client is registered for another method")
        if not self.secret_matches(client.secret, shown.secret):
            raise Refused("invalid_client", "wrong client credentials")

    def accepts_method(self, client: Client, method: str) -> bool:
        """Whether a confidential client may authenticate in this way.

        Basic is always open to a client with a secret (RFC 6749 section 2.3.1).
        """
        return (
            method == "client_secret_basic"
            or client.auth == method
            or not self.freedom.insists_on_auth_method
        )

    def secret_matches(self, secret: str, shown: str) -> bool:
        """Whether the secret is right."""
        return hmac.compare_digest(secret.encode(), shown.encode("utf-8", "replace"))

    def wrong_secrets(self) -> int:
        """How many wrong secrets of one client are let through (RFC 6749 section 2.3.1)."""
        return 20

    def seconds_per_secret(self) -> float:
        """After how many seconds one more wrong secret is let through."""
        return 60.0

    def may_use(self, endpoint: Endpoint, client: Client, grant_type: str) -> bool:  # noqa: ARG002
        """Whether the client is registered for the grant (RFC 6749 section 5.2)."""
        if grant_type == "client_credentials" and client.public:
            return False
        return grant_type in client.grants


def form_decoded(text: str) -> str:
    """What form encoding made of it, undone."""
    from urllib.parse import unquote_plus

    return unquote_plus(text, errors="replace")
