"""Plays `sockets.Connections` against hostile servers, and prints what came of it as JSON.

It runs in a process of its own that gevent has changed; the argument is the file of a certificate
for 127.0.0.1.
"""

from __future__ import annotations

import errno
import json
import resource
import socket
import ssl
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import gevent

from harness.runners.load.judging import ClosedMeanwhile, Exhausted
from harness.runners.load.sockets import IDLE, Connections, _no_answer
from harness.tests.hostile_places import (
    LONG,
    Place,
    Serve,
    at_a_word,
    in_single_bytes,
    in_tls,
    repeats,
    request,
    says,
)
from harness.tests.sockets import OK
from harness.transports import ssl_context
from harness.wire import NoAnswer, Request

CERTIFICATE = sys.argv[1]
SHORT = 0.3
"""Seconds that a whole response may take where the server is slow."""
HTTP = b"HTTP/1.1 200 OK\r\n"


class Client:
    """Connections, what they report, and a clock that a case may put forward."""

    def __init__(self, *, timeout: float = LONG, ca: str | None = None, **settings: Any) -> None:
        self.now = 0.0
        self.open = 0
        self._connections = Connections(
            lambda: self.now,
            partial(ssl_context, ca, None),
            timeout=timeout,
            opened=self._count,
            **settings,
        )
        self.close = self._connections.close

    def _count(self, more: int) -> None:
        self.open += more

    def asks(self, url: str, body: bytes = b"", *headers: tuple[str, str]) -> dict[str, Any]:
        """What one request brings, as JSON can say it."""
        asked = Request("POST" if body else "GET", url, headers, body)
        try:
            response = self._connections.sends(asked)
        except NoAnswer as problem:
            return told(problem)
        names = [name for name, _ in response.headers]
        return {"status": response.status, "body": response.text[:200], "headers": names}


def told(problem: NoAnswer) -> dict[str, Any]:
    meanwhile = isinstance(problem, ClosedMeanwhile)
    return {
        "reason": problem.reason,
        "meanwhile": meanwhile,
        "exhausted": isinstance(problem, Exhausted),
        "detail": problem.detail,
    }


def case(
    serve: Serve,
    *,
    times: int = 1,
    ages: float = 0.0,
    scheme: str = "http",
    host: str = "127.0.0.1",
    **settings: Any,
) -> dict[str, Any]:
    """What a client hears that asks a server so many times, `ages` seconds apart."""
    place, client = Place(serve), Client(**settings)
    heard = []
    for _ in range(times):
        heard.append(client.asks(f"{scheme}://{host}:{place.port}/path?q=1"))
        gevent.sleep(0.001 if ages else 0.0)
        client.now += ages
    kept = client.open
    client.close()
    place.close()
    return {
        "heard": heard,
        "connections": place.connections,
        "kept": kept,
        "left": client.open,
    }


def exhausted() -> dict[str, Any]:
    """What a client hears while this process may open no more files."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limit[1]))
    try:
        return Client().asks("http://127.0.0.1:9/")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def echoed() -> dict[str, Any]:
    def echoes(peer: Any) -> None:
        while got := request(peer):
            peer.sendall(HTTP + b"content-length: %d\r\n\r\n" % len(got) + got)

    place, client = Place(echoes), Client()
    url = f"http://name:word@127.0.0.1:{place.port}/a?b=c"
    heard = client.asks(url, b"d=e", ("Content-Type", "x/y"))
    client.close()
    place.close()
    return {**heard, "port": place.port}


def at_once() -> dict[str, Any]:
    """Five requests at a time, twice."""

    def waits(peer: Any) -> None:
        while request(peer):
            gevent.sleep(0.02)
            peer.sendall(OK)

    place, client = Place(waits), Client()
    url = f"http://127.0.0.1:{place.port}/"
    for _ in range(2):
        gevent.joinall([gevent.spawn(client.asks, url) for _ in range(5)], raise_error=True)
    kept = client.open
    client.close()
    place.close()
    return {"connections": place.connections, "kept": kept, "left": client.open}


def killed() -> dict[str, Any]:
    """Somebody who waits for an answer is stopped."""
    place, client = Place(lambda peer: gevent.sleep(LONG)), Client()
    waiting = gevent.spawn(client.asks, f"http://127.0.0.1:{place.port}/")
    while not client.open:
        gevent.sleep(0.001)
    waiting.kill()
    place.close()
    return {"left": client.open}


def addresses() -> dict[str, Any]:
    """What comes of URLs that no request can be sent to."""
    client = Client()
    urls = ["http://127.0.0.1:1/a b", "http://127.0.0.1:1/a\r\nx: y", "http://127.0.0.1:1/\x00",
            "http://127.0.0.1:1/\u00e9", "http:///path", "ftp://127.0.0.1/", "/token", "",
            "http://127.0.0.1:99999/", "http://127.0.0.1:port/", "http://[::1"]  # fmt: skip
    return {url: client.asks(url) for url in urls} | {"left": client.open}


def odd_header(serve: Serve) -> dict[str, Any]:
    """A header that no bytes stand for; the next request is none the worse."""
    place, client = Place(serve), Client()
    url = f"http://127.0.0.1:{place.port}/"
    first, second = client.asks(url, b"", ("x", "\u20ac")), client.asks(url)
    client.close()
    place.close()
    return {"heard": [first, second], "left": client.open}


def closed_port() -> dict[str, Any]:
    place, client = Place(says(OK)), Client()
    place.close()
    return {**client.asks(f"http://127.0.0.1:{place.port}/"), "left": client.open}


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    forever, chunk = says(OK, stays=True), b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunked = b"transfer-encoding: chunked\r\n\r\n"
    yield "kept", case(forever, times=3)
    yield "not kept", case(forever, times=3, keep=False)
    yield "idle", case(forever, times=3, ages=IDLE + 0.1)
    yield "not idle yet", case(forever, times=3, ages=IDLE - 0.1)
    yield "own, idle", case(forever, times=3, ages=IDLE + 0.1, idle=75.0)
    yield "own, idle too long", case(forever, times=3, ages=75.1, idle=75.0)
    yield "own, idle and closed", case(says(OK), times=3, ages=IDLE + 0.1, idle=75.0)
    yield (
        "own, idle and closed in tls",
        case(
            in_tls(says(OK), CERTIFICATE),
            times=2,
            ages=IDLE + 0.1,
            idle=75.0,
            scheme="https",
            ca=CERTIFICATE,
        ),
    )
    yield "here", case(forever, host="localhost", strangers=False)
    yield (
        "closed by wish",
        case(says(HTTP + b"connection: close\r\ncontent-length: 2\r\n\r\nok"), times=2),
    )
    yield "http/1.0", case(says(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"), times=2)
    yield (
        "chunked",
        case(
            in_single_bytes(HTTP + chunked + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: u\r\n\r\n"),
            times=2,
        ),
    )
    yield "no length", case(says(HTTP + b"a: b\r\n\r\nas long as it goes"), times=2)
    yield "no headers", case(says(b"HTTP/1.0 200 OK\r\n\r\nold"), times=1)
    yield "no body", case(says(b"HTTP/1.1 204 No Content\r\n\r\n", stays=True), times=2)
    yield (
        "interim",
        case(
            says(
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK,
                stays=True,
            ),
            times=2,
        ),
    )
    yield "interim only", case(says(b"HTTP/1.1 100 Continue\r\n\r\n"))
    yield (
        "offers an upgrade",
        case(says(HTTP + b"upgrade: h2\r\nconnection: upgrade\r\ncontent-length: 2\r\n\r\nok")),
    )
    yield (
        "upgrades",
        case(says(b"HTTP/1.1 101 Switching\r\nupgrade: h2\r\nconnection: upgrade\r\n\r\nxyz")),
    )
    yield "endless body", case(repeats(HTTP + chunked, chunk))
    yield "endless headers", case(repeats(HTTP, b"x-more: " + b"y" * 60_000 + b"\r\n"))
    yield "endless interim", case(repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000))
    yield "drips", case(repeats(HTTP + b"content-length: 99\r\n\r\n", b"x", 0.02), timeout=SHORT)
    yield "silence", case(lambda peer: gevent.sleep(LONG), timeout=SHORT)
    yield "garbage", case(says(b"\x00\xff\xfenonsense\r\n\r\n"))
    yield "another protocol", case(says(b"SSH-2.0-OpenSSH_9.6\r\n"))
    yield "bad chunk", case(says(HTTP + chunked + b"zz\r\nabc\r\n"))
    yield "closed when fresh", case(says(b""))
    yield "closed when used", case(says(OK, b""), times=3, ages=IDLE - 0.1)
    yield "closed at once", case(says(OK, b""), times=3)
    yield "cut body", case(says(HTTP + b"content-length: 99\r\n\r\nabc"))
    yield "cut body when used", case(says(OK, HTTP + b"content-length: 99\r\n\r\nabc"), times=2)
    yield "cut chunk", case(says(HTTP + chunked + b"5\r\nab"))
    yield "cut headers", case(says(HTTP + b"content-type: text/plain\r\n"))
    yield "two answers", case(says(OK + OK.replace(b"ok", b"no"), stays=True), times=2)
    yield "trailing noise", case(says(OK + b"\x00\x01", stays=True), times=2)
    yield "by name", case(forever, host="localhost")
    yield "tls", case(in_tls(forever, CERTIFICATE), times=2, scheme="https", ca=CERTIFICATE)
    yield "stranger's tls", case(in_tls(forever, CERTIFICATE), scheme="https")
    yield "no tls", case(at_a_word(b"HTTP/1.1 400 Bad\r\n\r\n"), scheme="https")
    yield (
        "half a handshake",
        case(lambda peer: gevent.sleep(LONG), scheme="https", timeout=SHORT, ca=CERTIFICATE),
    )
    yield "refused", closed_port()
    yield "echo", echoed()
    yield "odd header", odd_header(forever)
    yield "at once", at_once()
    yield "killed", killed()
    yield "addresses", addresses()
    for name, problem in (("gone", ssl.SSLEOFError(8, "EOF")), ("wrong", ssl.SSLError(1, "bad"))):
        yield f"tls {name} when fresh", told(_no_answer(problem, used=False))
        yield f"tls {name} when used", told(_no_answer(problem, used=True))
    yield "elsewhere", Client(strangers=False).asks("https://as.example/device?code=x")
    yield "exhausted", exhausted()
    yield "no ports", told(_no_answer(OSError(errno.EADDRNOTAVAIL, "no"), used=False))
    yield "no such name", told(_no_answer(socket.gaierror(-2, "unknown"), used=False))


if __name__ == "__main__":
    print(json.dumps(dict(cases())))
