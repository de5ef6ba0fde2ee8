"""TLS and proxies over real sockets."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace

import pytest

from harness.clock import WallClock
from harness.target import TargetError
from harness.tests.certificate import self_signed
from harness.tests.sockets import OK, SHORT, TARGET, ask, drips, heard, serving
from harness.transports import Socket, ssl_context
from harness.wire import NoAnswer


def test_a_plain_port_spoken_to_in_tls() -> None:
    def serve(peer: socket.socket) -> None:
        peer.recv(4096)
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

    with serving(serve) as base, pytest.raises(NoAnswer) as caught:
        ask(base.replace("http:", "https:"), read_timeout=5)
    assert caught.value.reason == "tls"


def test_a_handshake_that_never_ends_is_given_up() -> None:
    watch = WallClock()
    with serving(drips(b"", b"")) as base, pytest.raises(NoAnswer) as caught:
        ask(base.replace("http:", "https:"))
    assert caught.value.reason in {"too_slow", "timeout"}
    assert watch.now() < SHORT + 2


def test_a_certificate_that_nobody_trusts(certificate: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as secure:
            heard(secure)
            secure.sendall(OK)

    with serving(serve) as base, pytest.raises(NoAnswer) as caught:
        ask(base.replace("http:", "https:"))
    assert caught.value.reason == "tls"
    with serving(serve) as base:
        trusting = replace(TARGET, ca_file=certificate)
        assert ask(base.replace("http:", "https:"), trusting, read_timeout=5).body == b"ok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    return self_signed(tmp_path_factory.mktemp("tls") / "both.pem")


@pytest.mark.parametrize(
    ("ca_file", "client_cert"), [("/nowhere/ca.pem", None), (None, "/nowhere")]
)
def test_files_that_are_missing_are_wrong_settings(
    ca_file: str | None, client_cert: str | None
) -> None:
    with pytest.raises(TargetError, match=r"ca_file|tls_client_cert"):
        ssl_context(ca_file, client_cert)


@pytest.mark.parametrize(
    "proxy", ["nonsense", "http://[", "socks5://127.0.0.1:1", "ftp://127.0.0.1"]
)
def test_a_proxy_that_is_none_is_wrong_settings(proxy: str) -> None:
    with pytest.raises(TargetError, match="proxy"):
        Socket(replace(TARGET, proxy=proxy))


def test_a_proxy_is_asked_for_the_whole_address() -> None:
    requests: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        requests.append(heard(peer))
        peer.sendall(OK)

    with serving(serve) as proxy:
        response = ask("http://as.example/token", replace(TARGET, proxy=proxy))
    assert response.body == b"ok"
    assert requests[0].startswith(b"GET http://as.example/token HTTP/1.1\r\n")


def test_a_proxy_learns_its_password_and_nobody_else() -> None:
    requests: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        requests.append(heard(peer))
        peer.sendall(OK)

    with serving(serve) as proxy:
        named = proxy.replace("//", "//me:secret@")
        ask("http://as.example/token", replace(TARGET, proxy=named))
    assert b"\r\nproxy-authorization: basic bwu6c2vjcmv0\r\n" in requests[0].lower()
