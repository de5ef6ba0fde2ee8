"""`devicegrant serve`: the reference server on a socket, and all that one needs to use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from harness.runners.reference import reference_server, reference_target, target_file
from harness.target import TargetError, is_loopback
from simulators.server import Client, Server
from simulators.server.asgi import serve as serve_on_socket
from simulators.server.workers import WorkerLost, serve_together

PORT = 8628
"""Where it listens unless told otherwise: the number of the RFC."""
SHOWN_PEOPLE = 5
BROKEN = 4
"""The exit code when a worker is lost."""


def serve(
    port: int = PORT,
    *,
    host: str = "127.0.0.1",
    issuer: str | None = None,
    lifetime: int = 1800,
    interval: int = 5,
    mutant: str | None = None,
    seed: int | None = None,
    accounts: int = 0,
    workers: int = 1,
    store: Path | None = None,
    write_target: Path | None = None,
    yes_expose_it: bool = False,
    out: TextIO | None = None,
) -> int:
    """Serve until interrupted; return the exit code: 0, 2 if the settings are wrong, 4 if it broke.

    With `port` 0 the system picks a free one.  `issuer` is needed where `host` is not this machine
    alone: the address under which devices and people reach the server.  More than one of `workers`,
    which are processes, need a `store`: the file that they share.  `write_target` names a file that
    gets a target for `devicegrant check` and the others.
    """
    out = out or sys.stdout
    try:
        _may_listen(host, issuer, expose=yes_expose_it)
        _may_share(workers, store)
        factory = partial(
            _server_at,
            issuer=issuer,
            lifetime=lifetime,
            interval=interval,
            mutant=mutant,
            seed=seed,
            accounts=accounts,
            store=store,
        )
        made: list[Server] = []

        def made_here(address: str) -> Server:
            made.append(factory(address))
            return made[0]

        def announce(address: str) -> None:
            server = made[0] if made else factory(address)
            if write_target is not None:
                _write(write_target, target_file(server))
            lines = _announcement(
                server, address, mutant, seed, write_target, _kept(store, workers)
            )
            print("\n".join(lines), file=out, flush=True)

        if workers > 1:
            # What is wrong with the settings is said once, before there are workers to say it.
            factory("http://127.0.0.1:1")
            serve_together(factory, workers, port, host, announce)
        else:
            serve_on_socket(made_here, port, host, announce)
    except WorkerLost as problem:
        print(f"devicegrant serve: {problem}", file=sys.stderr)
        return BROKEN
    except TargetError as problem:
        print(f"devicegrant serve: {problem}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"devicegrant serve: {_not_bound(problem, host, port)}", file=sys.stderr)
        return 2
    print("\nstopped", file=out, flush=True)
    return 0


def _server_at(address: str, *, issuer: str | None, **settings: Any) -> Server:
    """The server that listens at an address; every worker makes its own."""
    return reference_server(issuer or address, **settings)


def _kept(store: Path | None, workers: int) -> str | None:
    if store is None:
        return None
    return f"{store}, shared by {workers} processes" if workers > 1 else str(store)


def _may_listen(host: str, issuer: str | None, *, expose: bool) -> None:
    """Raises `TargetError` unless only this machine is meant, or it was said twice."""
    if is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}"):
        return
    if not expose:
        raise TargetError(
            f"with --host {host} others could reach a server whose passwords are printed on your "
            "screen; add --yes-expose-it if you mean it"
        )
    if issuer is None:
        raise TargetError(
            f"with --host {host} name the address under which it is reached: --issuer https://…, "
            "or --issuer http://127.0.0.1:PORT if that port is forwarded from this machine"
        )


def _may_share(workers: int, store: Path | None) -> None:
    """Raises `TargetError` if workers would not know of each other's codes."""
    if workers > 1 and store is None:
        raise TargetError(
            f"{workers} workers have nothing in common: name a file that they share, such as "
            "--store server.db"
        )


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.touch(mode=0o600)
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except OSError as problem:
        raise TargetError(f"cannot write the target file {path}: {problem.strerror}") from None


def _not_bound(problem: OSError, host: str, port: int) -> str:
    import errno

    if problem.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is taken; end whoever listens there, name another one with "
            "--port, or let the system choose with --port 0"
        )
    if problem.errno == errno.EACCES:
        return f"port {port} needs rights that you do not have; choose one above 1023"
    return f"cannot listen on {host} port {port}: {problem.strerror or problem}"


def _announcement(
    server: Server,
    address: str,
    mutant: str | None,
    seed: int | None,
    file: Path | None,
    kept: str | None,
) -> Iterator[str]:
    config, target = server.config, reference_target(server)
    keeps = "protects nothing" if kept else "keeps nothing and protects nothing"
    drawn = "none, everything is random" if seed is None else str(seed)
    if kept:
        drawn = "kept in the store" if seed is None else f"{seed}, but codes and tokens are random"
    yield f"{target.name}, for tests: it {keeps}"
    yield ""
    yield from _table(
        [
            ("issuer", config.issuer),
            *([("listens on", address)] if address != config.issuer else []),
            ("device authorization endpoint", target.device_authorization_endpoint),
            ("token endpoint", target.token_endpoint),
            ("userinfo endpoint", str(target.userinfo_endpoint)),
            ("verification page", verification_uri(server)),
            ("resource", f"{config.issuer}/dashboard  (GET dashboard:read, POST dashboard:write)"),
            ("codes live", f"{config.lifetime} s, polled every {config.interval} s"),
            ("rules", f"mutant {mutant}" if mutant else "by the book"),
            ("seed", drawn),
            *([("store", kept)] if kept else []),
        ]
    )
    yield "\nclients"
    yield from _table([_client(client) for client in config.clients])
    yield "\npeople"
    shown = config.accounts[:SHOWN_PEOPLE]
    yield from _table([(one.username, f"password {one.password}") for one in shown])
    if len(config.accounts) > len(shown):
        yield f"  and {len(config.accounts) - len(shown)} more, in the target file"
    yield "\nways to approve a device"
    yield f"  open {verification_uri(server)} in a browser and enter the code on its screen"
    if server.freedom.sends_complete:
        yield "  open the verification_uri_complete that came with the code: nothing to enter"
    yield f"  see it played, with a QR code to scan: devicegrant device {file or config.issuer}"
    yield ""
    if file is not None:
        yield f"target file written: {file}"
        yield f"judge it with: devicegrant check {file}"
    yield "Ctrl-C stops"


def _client(client: Client) -> tuple[str, str]:
    from harness.wire import DEVICE_CODE_GRANT

    if DEVICE_CODE_GRANT not in client.grants:
        return client.client_id, "may not use the device grant"
    if client.tls_subject:
        return (
            client.client_id,
            f"{client.auth}, with a certificate: cannot be played over this socket",
        )
    if client.public:
        return client.client_id, "public, with DPoP only" if client.dpop_bound else "public"
    if client.secret is None:
        return client.client_id, f"{client.auth}, its key is in the target file"
    return client.client_id, f"{client.auth}, secret {client.secret}"


def verification_uri(server: Server) -> str:
    """The page at which people enter codes."""
    return f"{server.config.issuer}{server.freedom.verification_path}"


def _table(rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        yield f"  {name.ljust(width)}  {value}"
