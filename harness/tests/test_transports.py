"""Requests over real sockets: every kind of broken server ends in `NoAnswer`, and in time.

The servers are a few lines of `socket` on 127.0.0.1, each in a thread, for one connection or two.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading

import pytest

from harness.clock import WallClock
from harness.tests.sockets import OK, SHORT, TARGET, Serve, ask, drips, heard, says, serving
from harness.transports import MAX_BODY, Socket
from harness.wire import NoAnswer, Request


def refusal(serve: Serve, path: str = "/") -> NoAnswer:
    """Why there was no answer; it came within a second."""
    watch = WallClock()
    with serving(serve) as base, pytest.raises(NoAnswer) as caught:
        ask(base + path)
    assert watch.now() < SHORT + 2
    return caught.value


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswer) as caught:
        ask(f"http://127.0.0.1:{port}/")
    assert caught.value.reason == "refused"


def test_a_name_that_nobody_has_is_unresolved() -> None:
    with pytest.raises(NoAnswer) as caught:
        ask("http://nobody.invalid/", read_timeout=5)
    assert caught.value.reason in {"unresolved", "refused"}


BROKEN: list[tuple[str, Serve, set[str]]] = [
    ("closed at once", lambda _: None, {"reset"}),
    ("closed after the request", says(), {"reset"}),
    ("closed in the headers", says(b"HTTP/1.1 200 OK\r\ncontent-"), {"reset", "garbled"}),
    (
        "closed in the body",
        says(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"),
        {"reset", "garbled"},
    ),
    ("silent", drips(b"", b""), {"too_slow"}),
    (
        "dripping a body",
        drips(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"x"),
        {"too_slow"},
    ),
    ("dripping headers", drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"), {"too_slow"}),
    ("dripping one header", drips(b"HTTP/1.1 200 OK\r\nx: ", b"y"), {"too_slow"}),
    (
        "dripping chunks",
        drips(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        {"too_slow"},
    ),
    ("no HTTP", says(b"SSH-2.0-OpenSSH_9.2\r\n"), {"garbled", "reset"}),
    ("binary garbage", says(bytes(range(256)) * 8), {"garbled"}),
    (
        "bad chunks",
        says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        {"garbled"},
    ),
    (
        "two lengths",
        says(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"),
        {"garbled"},
    ),
    ("a negative length", says(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"), {"garbled"}),
    (
        "an endless length",
        says(b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 40 + b"\r\n\r\n"),
        {"garbled"},
    ),
    (
        "broken gzip",
        says(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nabcde"),
        {"garbled"},
    ),
    ("HTTP/2 spoken unasked", says(b"HTTP/2 200 OK\r\n\r\n"), {"garbled"}),
    ("TLS on a plain port", says(b"\x15\x03\x01\x00\x02\x02\x46"), {"garbled"}),
]


@pytest.mark.parametrize(
    ("serve", "reasons"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_a_broken_server_gives_no_answer(serve: Serve, reasons: set[str]) -> None:
    assert refusal(serve).reason in reasons


def endless(start: bytes, piece: bytes) -> Serve:
    def serve(peer: socket.socket) -> None:
        heard(peer)
        peer.sendall(start)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                peer.sendall(piece)

    return serve


def test_an_endless_body_is_cut_off() -> None:
    found = refusal(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536))
    assert found.reason == "too_large"


def test_endless_headers_are_cut_off() -> None:
    assert refusal(endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 1000)).reason == "garbled"


def bomb(layers: int) -> Serve:
    body = bytes(MAX_BODY * 40)
    for _ in range(layers):
        body = gzip.compress(body)
    coding = ", ".join(["gzip"] * layers).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: %d\r\n\r\n"
    return says(head % (coding, len(body)), body)


def test_a_small_body_that_unpacks_to_much_is_cut_off() -> None:
    assert refusal(bomb(1)).reason == "too_large"


def test_a_body_that_is_packed_twice_is_not_unpacked() -> None:
    found = refusal(bomb(2))
    assert (found.reason, found.detail) == ("garbled", "the body is packed more than once")


def test_a_packed_body_is_read() -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    with serving(says(head, packed)) as base:
        assert ask(base).json() == {"a": 1}


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", 200, b""),
        (b"HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n", 999, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nok and more", 200, b"o"),
        (b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\ncontent-length: 0\r\n\r\n", 200, b""),
    ],
)
def test_odd_but_lawful_responses_are_read(sent: bytes, status: int, body: bytes) -> None:
    with serving(says(sent)) as base:
        response = ask(base)
    assert (response.status, response.body) == (status, body)


def test_a_redirect_is_not_followed() -> None:
    with serving(says(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")) as base:
        response = ask(base)
    assert (response.status, response.header("Location")) == (302, "/")


def test_headers_may_come_twice_and_are_lower_case() -> None:
    twice = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\ncontent-length: 0\r\n\r\n"
    with serving(says(twice)) as base:
        response = ask(base)
    assert response.all_headers("set-cookie") == ["a=1", "b=2"]
    assert [name for name, _ in response.headers][:2] == ["set-cookie"] * 2


def test_nothing_is_sent_twice() -> None:
    requests: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        requests.append(heard(peer))

    with serving(serve, connections=2) as base:
        with pytest.raises(NoAnswer):
            ask(base)
        with socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) as last:
            last.sendall(b"that was all\r\n\r\n")
            threading.Event().wait(0.1)
    assert requests[-1] == b"that was all\r\n\r\n"
    assert len(requests) == 2


def test_a_server_sees_the_request_as_it_was_built() -> None:
    requests: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        got = peer.recv(65_536)
        while b"tv" not in got:
            got += peer.recv(65_536)
        requests.append(got)
        peer.sendall(OK)

    with serving(serve) as base:
        transport = Socket(TARGET, read_timeout=SHORT)
        transport(Request.form(f"{base}/token", [("client_id", "tv")]))
        transport.close()
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1\r\n")
    assert body == b"client_id=tv"
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    assert sorted(names) == [b"accept", b"content-length", b"content-type", b"host", b"user-agent"]


def test_cookies_are_nobodys_business_here() -> None:
    requests: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        for _ in range(2):
            requests.append(heard(peer))
            peer.sendall(
                b"HTTP/1.1 200 OK\r\nset-cookie: sid=alice; path=/\r\ncontent-length: 0\r\n\r\n"
            )

    with serving(serve) as base:
        transport = Socket(TARGET, read_timeout=SHORT)
        for _ in range(2):
            transport(Request("GET", f"{base}/"))
        transport.close()
    assert len(requests) == 2
    assert b"cookie" not in requests[1].lower()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "ftp://127.0.0.1/",
        "http://",
        "http://[",
        "http://127.0.0.1:99999/",
        "http:///x",
        "http://127.0.0.1:0/",
        "http://\x00/",
        "http://" + "a" * 70 + ".example/",
        "http://a b/",
        "//x/",
    ],
)
def test_an_address_that_is_none_gives_no_answer(url: str) -> None:
    with pytest.raises(NoAnswer):
        ask(url)


@pytest.mark.parametrize(
    "headers",
    [(("x", "a\r\nb: c"),), (("x\n", "y"),), (("x", "\ud800"),), (("ü", "y"),), (("", "y"),)],
)
def test_a_header_that_cannot_be_sent_gives_no_answer(headers: tuple[tuple[str, str], ...]) -> None:
    with serving(says(OK)) as base:
        transport = Socket(TARGET, read_timeout=SHORT)
        with pytest.raises(NoAnswer):
            transport(Request("GET", base, headers))
        transport.close()
