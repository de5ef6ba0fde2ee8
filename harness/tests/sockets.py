"""Servers of a few lines: `socket` on 127.0.0.1, one thread, one connection or two."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from harness.target import Client, Target
from harness.transports import Socket
from harness.wire import Request, Response

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(serve: Serve, connections: int = 1) -> Iterator[str]:
    """The base URL of a server that hands each of some connections to `serve`."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def accept() -> None:
        for _ in range(connections):
            with contextlib.suppress(OSError):
                peer, _address = listener.accept()
                with peer:
                    peer.settimeout(5)
                    with contextlib.suppress(OSError):
                        serve(peer)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            # Wakes whoever still waits for a connection.
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def heard(peer: socket.socket) -> bytes:
    """One request without a body, or the start of one."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = peer.recv(4096)
        if not more:
            break
        got += more
    return got


def says(*pieces: bytes) -> Serve:
    """Hears a request and sends these bytes."""

    def serve(peer: socket.socket) -> None:
        heard(peer)
        for piece in pieces:
            peer.sendall(piece)

    return serve


def drips(start: bytes, drop: bytes) -> Serve:
    """Sends a little every now and then, for much longer than anybody should wait."""

    def serve(peer: socket.socket) -> None:
        heard(peer)
        peer.sendall(start)
        pause = threading.Event()
        for _ in range(100):
            pause.wait(0.05)
            peer.sendall(drop)

    return serve


TARGET = Target("t", "http://127.0.0.1/da", "http://127.0.0.1/token", {"public": Client("tv")})
SHORT = 0.4
"""Seconds that a whole response may take in these tests."""


def ask(url: str, target: Target = TARGET, read_timeout: float = SHORT) -> Response:
    transport = Socket(target, read_timeout=read_timeout)
    try:
        return transport(Request("GET", url))
    finally:
        transport.close()
