"""A thin skin that puts the server on a real socket, by uvicorn.

Keep-alive is 75 s: at uvicorn's own 5 s, the usual interval of RFC 8628, connections close in the
very moment in which the next poll is sent.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import uvicorn

from harness.certificates import CLIENT_CERTIFICATE
from harness.wire import Request, Response
from simulators.server.app import Server
from simulators.server.reading import MOST_BYTES
from simulators.server.visit import PEER_HEADER

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Factory: TypeAlias = Callable[[str], Server]
"""Makes the server once its address, which is to be the issuer, is known."""

KEEP_ALIVE = 75
"""Seconds for which an idle connection stays open."""

_START_TIMEOUT = 30.0
_STOP_TIMEOUT = 10.0
_KEPT_HEADERS = 256
_CERTIFICATE = CLIENT_CERTIFICATE.encode()


def asgi(server: Server) -> App:
    """The server as an ASGI application; bodies are read up to one byte more than is allowed."""
    issuer = urlsplit(server.config.issuer)
    origin = f"{issuer.scheme}://{issuer.netloc}"
    encoded: dict[object, list[tuple[bytes, bytes]]] = {}

    def raw_headers(response: Response) -> list[tuple[bytes, bytes]]:
        known = encoded.get(response.headers)
        if known is None:
            if len(encoded) >= _KEPT_HEADERS:
                encoded.clear()
            known = [
                (name.encode("latin-1"), value.encode("latin-1", "replace"))
                for name, value in response.headers
            ]
            encoded[response.headers] = known
        return [*known, (b"content-length", b"%d" % len(response.body))]

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body") and len(body) <= MOST_BYTES:
            message = await receive()
            body += message.get("body", b"")
        if message["type"] == "http.disconnect":
            return
        url = origin + scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            url += "?" + scope["query_string"].decode("latin-1")
        client = scope.get("client")
        # Ours comes first, and the first of a name counts: a client cannot choose who it is.
        headers = [(PEER_HEADER, client[0] if client else "")]
        headers += [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name != _CERTIFICATE
        ]
        response = server(Request(scope["method"], url, tuple(headers), body[: MOST_BYTES + 1]))
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": raw_headers(response),
            }
        )
        await send({"type": "http.response.body", "body": response.body})

    return app


@contextlib.contextmanager
def listening(factory: Factory, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve from a thread while the block runs; yields the address, which is the issuer.

    With `port` 0 the system picks a free one.  Raises `OSError` if the port is taken.
    """
    with bound(port, host) as (listener, address), carried(factory(address), listener):
        yield address


@contextlib.contextmanager
def carried(server: Server, listener: socket.socket) -> Iterator[threading.Thread]:
    """Serve from a thread on a socket that listens, while the block runs; yields the thread."""
    ready = threading.Event()
    carrier = _Carrier(_settings(asgi(server)), ready)
    thread = threading.Thread(
        target=carrier.run, kwargs={"sockets": [listener]}, name="server", daemon=True
    )
    thread.start()
    try:
        if not ready.wait(_START_TIMEOUT):
            raise RuntimeError(f"the server did not start within {_START_TIMEOUT:.0f} s")
        yield thread
    finally:
        carrier.should_exit = True
        thread.join(_STOP_TIMEOUT)


def serve(
    factory: Factory,
    port: int = 0,
    host: str = "127.0.0.1",
    announce: Callable[[str], None] = print,
) -> None:
    """Serve in the foreground until interrupted; `announce` hears the address first.

    Raises `OSError` if the port is taken.
    """
    with bound(port, host) as (listener, address):
        app = asgi(factory(address))
        announce(address)
        with contextlib.suppress(KeyboardInterrupt):
            _Carrier(_settings(app), threading.Event()).run(sockets=[listener])


class _Carrier(uvicorn.Server):
    """uvicorn's server, which says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._ready.set()


@contextlib.contextmanager
def bound(port: int, host: str, *, shared: bool = False) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens, and its address; raises `OSError`.

    Where it is `shared`, others may listen on the same port who say so as well.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(2048)
        name = f"[{host}]" if ":" in host else host
        yield listener, f"http://{name}:{listener.getsockname()[1]}"


def _settings(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio" if sys.platform == "win32" else "uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        timeout_keep_alive=KEEP_ALIVE,
        backlog=2048,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
    )
