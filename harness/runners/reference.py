"""The reference server as something to play against: its settings, and the same as a target file.

Nothing here opens a socket; whoever does hands in the address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.clock import CalendarClock, Clock, WallClock
from harness.runners.venues import mutant_named, target_of
from harness.target import Target, TargetError
from simulators.server import Config, Server

if TYPE_CHECKING:
    from simulators.server.database import Database


def reference_server(
    issuer: str,
    *,
    clock: Clock | None = None,
    lifetime: int = 1800,
    interval: int = 5,
    mutant: str | None = None,
    seed: int | None = None,
    accounts: int = 0,
    store: Path | None = None,
) -> Server:
    """The demo server at `issuer`; times in seconds, `accounts` more people than alice and bob.

    `store` is a file that it shares with others, and finds again.  Raises `TargetError` for
    settings that cannot be and for an unknown mutant.
    """
    rules = None
    if mutant is not None:
        if store is not None:
            raise TargetError(f"mutant {mutant} keeps things to itself: serve it without a store")
        rules = mutant_named(mutant).rules()
    shelves = None if store is None else _opened(store, seed)
    # Secrets and passwords are the same for all who share a store.
    common = seed if shelves is None else shelves.secret
    try:
        config = Config.demo(issuer, common, lifetime=lifetime, interval=interval)
    except ValueError as problem:
        raise TargetError(str(problem)) from None
    # On our socket no client can show a certificate.
    config = replace(config, mutual_tls=False)
    if accounts:
        from simulators.people import crowd

        config = replace(config, accounts=(*config.accounts, *crowd(accounts, common)))
    if clock is None:
        clock = WallClock() if shelves is None else CalendarClock()
    return Server(config, clock, rules, seed, shelves)


def _opened(store: Path, seed: int | None) -> Database:
    from simulators.server.database import Database, StoreUnusable

    try:
        return Database(store, None if seed is None else str(seed))
    except StoreUnusable as problem:
        raise TargetError(str(problem)) from None


def reference_target(server: Server) -> Target:
    """The target that `server` is on its socket, with all its people."""
    return replace(target_of(server), virtual=False)


def target_file(server: Server) -> str:
    """The same as the text of a target file; its secrets are worth nothing but on this server."""
    return "\n".join(_lines(server)) + "\n"


def _lines(server: Server) -> Iterator[str]:
    target = reference_target(server)
    text: Callable[[str], str] = json.dumps
    yield "# Written by `devicegrant serve`: good as long as that server runs."
    yield f"name = {text(target.name)}"
    yield f"issuer = {text(str(target.issuer))}"
    yield f"scope = {text(target.scope)}"
    for role, client in target.clients.items():
        yield f"\n[clients.{role}]\nclient_id = {text(client.client_id)}"
        if client.client_secret:
            yield f"client_secret = {text(client.client_secret)}\nauth = {text(client.auth)}"
        if client.private_key:
            yield f"private_key = {text(client.private_key)}"
    for number, person in enumerate(target.users):
        key = person.username if person.username.isalnum() else f"person{number}"
        yield f"\n[users.{key}]\nusername = {text(person.username)}"
        yield f"password = {text(person.password)}"
    yield '\n[consent]\nkind = "forms"'
    if target.resource is not None:
        yield f"\n[resource]\nurl = {text(target.resource.url)}"
        yield f"scope = {text(target.resource.scope)}"
        if target.resource.write_scope:
            yield f"write_scope = {text(target.resource.write_scope)}"
