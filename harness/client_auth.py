"""How a client shows who it is at both endpoints (RFC 6749 section 2.3, RFC 8628 section 3.1)."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

from harness.target import Client
from harness.wire import Header

Pairs = list[tuple[str, str]]


def basic(client_id: str, secret: str) -> Header:
    """The Authorization header of client_secret_basic; both parts are form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return ("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")


def credentials(client: Client) -> tuple[Pairs, tuple[Header, ...]]:
    """The form fields and headers with which `client` identifies or authenticates itself."""
    if client.auth == "client_secret_basic" and client.client_secret:
        return [], (basic(client.client_id, client.client_secret),)
    if client.auth == "client_secret_post" and client.client_secret:
        fields = [("client_id", client.client_id), ("client_secret", client.client_secret)]
        return fields, ()
    return [("client_id", client.client_id)], ()
