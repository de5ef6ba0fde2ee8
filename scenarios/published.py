"""What a target publishes for everybody to read: its metadata and its keys."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness.checks.jwts import Key, keys_in
from harness.checks.metadata import Document, documents
from harness.discovery import well_known_urls
from harness.transcript import Exchange
from harness.verdict import NotApplicable
from harness.wire import Request
from harness.world import World

_JSON = (("accept", "application/json"),)


def fetch_metadata(world: World) -> list[Document]:
    """The metadata documents of the target; raises `NotApplicable` if its issuer is not known."""
    if world.target.issuer is None:
        raise NotApplicable("needs an issuer, below which metadata is looked for")
    for url in well_known_urls(world.target.issuer):
        world.send(Request("GET", url, _JSON), who="reader", door="metadata")
    return documents(world.transcript)


def fetch_misplaced(world: World) -> Exchange | None:
    """RFC 8414 metadata where it does not belong: behind the issuer's path; None without a path."""
    issuer = (world.target.issuer or "").rstrip("/")
    if not urlsplit(issuer).path:
        return None
    url = f"{issuer}/.well-known/oauth-authorization-server"
    return world.send(Request("GET", url, _JSON), who="reader", door="metadata")


def fetch_keys(world: World) -> list[Key] | None:
    """The published keys, None if there are none to be had."""
    url = world.target.jwks_uri
    if url is None:
        return None
    exchange = world.send(Request("GET", url, _JSON), who="reader", door="jwks")
    fine = exchange.response is not None and exchange.status == 200
    return keys_in(exchange.response.json()) if fine and exchange.response else None
