"""Servers that answer oddly, for a process that gevent has changed."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

import gevent

LONG = 10.0
"""Seconds: longer than anybody should wait."""

Serve = Callable[[Any], None]


def request(peer: Any) -> bytes:
    """One whole request, or nothing if no more comes."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = peer.recv(65_536)
        if not more:
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += peer.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(*answers: bytes, stays: bool = False) -> Serve:
    """Answers one request with each of these; the last again and again if it `stays`."""

    def serve(peer: Any) -> None:
        left = list(answers)
        while left and request(peer):
            peer.sendall(left[0])
            if len(left) > 1 or not stays:
                left.pop(0)

    return serve


def repeats(start: bytes, part: bytes, pause: float = 0.0) -> Serve:
    """Answers without an end."""

    def serve(peer: Any) -> None:
        request(peer)
        peer.sendall(start)
        while True:
            peer.sendall(part)
            gevent.sleep(pause)

    return serve


def in_single_bytes(answer: bytes) -> Serve:
    def serve(peer: Any) -> None:
        while request(peer):
            for place in range(len(answer)):
                peer.sendall(answer[place : place + 1])
                gevent.sleep(0)

    return serve


class Place:
    """A server that counts its connections."""

    def __init__(self, serve: Serve) -> None:
        self.connections = 0
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._accepts = gevent.spawn(self._accept)

    def _accept(self) -> None:
        while True:
            peer, _ = self._listener.accept()
            self.connections += 1
            gevent.spawn(self._with, peer)

    def _with(self, peer: Any) -> None:
        with peer, contextlib.suppress(OSError):
            self._serve(peer)

    def close(self) -> None:
        self._accepts.kill()
        self._listener.close()


def at_a_word(answer: bytes) -> Serve:
    """Answers whatever it hears first."""

    def serve(peer: Any) -> None:
        peer.recv(65_536)
        peer.sendall(answer)

    return serve


def in_tls(serve: Serve, certificate: str) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serves(peer: Any) -> None:
        with context.wrap_socket(peer, server_side=True) as secure:
            serve(secure)

    return serves
