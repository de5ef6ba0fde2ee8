"""From a word to a venue: nothing, `mutant:NAME`, an issuer URL, or the path of a target file."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.consent import Person, consent_from
from harness.discovery import discover
from harness.runners.stage import Inside, Outside, Venue
from harness.target import Client, Resource, Target, TargetError, is_loopback, is_web_url
from harness.target_file import read_target

if TYPE_CHECKING:
    from harness.clock import Clock
    from simulators.mutants import Mutant
    from simulators.server import Client as Registered
    from simulators.server import Config, Rules, Server

SCOPE = "openid profile dashboard:read"
"""What a display asks the embedded server for."""
LIFETIME = 900
"""Seconds for which its codes live, no longer than RFC 10027 section 6.1.2 likes."""

_ROLES = {
    "public": "tv",
    "second": "radio",
    "confidential": "kiosk",
    "unauthorized": "web-only",
    "credentials": "signage",
    "restricted": "locker",
    "private_key_jwt": "meter",
    "client_secret_jwt": "sensor",
    "dpop_bound": "drone",
}
_BY_CERTIFICATE = {"tls_client_auth": "turbine", "certificate_bound": "buoy"}
"""Which client of the demo plays which part of a target file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says about the target; times in seconds."""

    seed: int | None = None
    patience: float = 60.0
    client_id: str | None = None
    scope: str | None = None
    tell: Callable[[str], None] = print
    ask: Callable[[str], str] = input
    interactive: bool = False


def venue_for(word: str | None, wanted: Wanted) -> Venue:
    """The venue behind a target word; raises `TargetError` for one that leads nowhere."""
    if word is None:
        return embedded(seed=wanted.seed, scope=wanted.scope)
    if word.startswith("mutant:"):
        return embedded(mutant_named(word.removeprefix("mutant:")), seed=wanted.seed)
    if word.startswith(("http://", "https://")):
        target = _by_url(word, wanted)
    else:
        path = Path(word)
        if not path.exists():
            raise TargetError(
                f"{word}: no such target file; a target is nothing (the embedded server), "
                "mutant:NAME, an http(s) URL or the path of a target file"
            )
        target = read_target(path)
        if wanted.client_id:
            public = replace(target.clients["public"], client_id=wanted.client_id)
            target = replace(target, clients={**target.clients, "public": public})
        if wanted.scope is not None:
            target = replace(target, scope=wanted.scope)
    from harness.transports import Socket

    socket = Socket(target)
    try:
        target = discover(target, socket)
    finally:
        socket.close()
    _refuse_plain_http(target)
    try:
        consent = consent_from(
            target.consent, command=list(target.command), tell=wanted.tell, ask=wanted.ask
        )
    except ValueError as problem:
        raise TargetError(str(problem)) from None
    return Outside(target, consent, wanted.patience)


def _by_url(url: str, wanted: Wanted) -> Target:
    if not is_web_url(url):
        raise TargetError(f"{url} is no address of the web: it has no host, or an odd port")
    if not wanted.client_id:
        raise TargetError(
            f"{url}: --client-id is missing; it names a client that may use the device grant "
            "(a target file can say more: second client, people who approve, a resource)"
        )
    return Target(
        name=urlsplit(url).netloc,
        issuer=url,
        device_authorization_endpoint="",
        token_endpoint="",
        clients={"public": Client(wanted.client_id)},
        scope=wanted.scope or "",
        consent="hand" if wanted.interactive else "none",
    )


def _refuse_plain_http(target: Target) -> None:
    """Secrets and passwords of a target file are not sent in the clear to another machine."""
    endpoints = [target.device_authorization_endpoint, target.token_endpoint]
    endpoints += filter(None, (target.introspection_endpoint, target.revocation_endpoint))
    for url in endpoints:
        if urlsplit(url).scheme == "http" and not is_loopback(url) and target.secrets:
            raise TargetError(
                f"{url} is plain http on another machine: the secrets of the target file would "
                "travel in the clear"
            )


def embedded(
    mutant: Mutant | None = None,
    *,
    seed: int | str | None = None,
    scope: str | None = None,
    thorough: bool = True,
) -> Inside:
    """The reference server in this process, in virtual time, or one of its mutants."""
    from harness.clock import VirtualClock
    from simulators.server import Config, Rules, Server
    from simulators.server.config import drawn_issuer_path

    # Some seeds have an issuer with a path, where well-known URLs are easily got wrong.
    path = mutant.rules.issuer_path if mutant is not None else drawn_issuer_path(seed)
    config = Config.demo(f"https://reference.example{path}", seed=seed, lifetime=LIFETIME)
    honest = Server(config, VirtualClock(), seed=seed)
    target = target_of(honest, scope=scope)
    if mutant is not None:
        target = replace(target, name=f"mutant {mutant.name}")
    rules: Callable[[], Rules] = mutant.rules if mutant is not None else Rules

    def serve(clock: Clock) -> Server:
        return Server(config, clock, rules(), seed=seed)

    return Inside(target, consent_from("forms"), serve, thorough, seed)


def target_of(server: Server, *, scope: str | None = None) -> Target:
    """The target file that somebody would write for the reference server."""
    config: Config = server.config
    clients = {role: _known(config.client(name)) for role, name in _ROLES.items()}
    if config.takes_certificates:
        clients |= {role: _known(config.client(name)) for role, name in _BY_CERTIFICATE.items()}
    metadata = server.metadata
    return Target(
        name="reference server",
        issuer=config.issuer,
        device_authorization_endpoint=str(metadata["device_authorization_endpoint"]),
        token_endpoint=str(metadata["token_endpoint"]),
        userinfo_endpoint=str(metadata["userinfo_endpoint"]),
        jwks_uri=str(metadata["jwks_uri"]),
        introspection_endpoint=str(metadata["introspection_endpoint"]),
        revocation_endpoint=str(metadata["revocation_endpoint"]),
        metadata=metadata,
        clients=clients,
        scope=SCOPE if scope is None else scope,
        users=tuple(Person(account.username, account.password) for account in config.accounts),
        consent="forms",
        resource=Resource(f"{config.issuer}/dashboard", "dashboard:read", "dashboard:write"),
        profiles=frozenset({"jwt"}),
        virtual=True,
    )


def _known(one: Registered) -> Client:
    """A registered client as its owner knows it."""
    from simulators.credentials import certificate_for, pem_of

    key = one.private_key
    return Client(
        one.client_id,
        one.secret,
        one.auth,
        pem_of(key) if key is not None and one.auth == "private_key_jwt" else None,
        certificate_for(one.tls_subject, key) if key is not None and one.tls_subject else None,
    )


def mutant_named(name: str) -> Mutant:
    """A mutant of the museum; raises `TargetError` with near misses."""
    from simulators.mutants import MUTANTS

    if name not in MUTANTS:
        near = difflib.get_close_matches(name, MUTANTS, 3) or sorted(MUTANTS)[:5]
        raise TargetError(f"no mutant is called {name!r}; near: {', '.join(near)}")
    return MUTANTS[name]
