"""The server on a real socket."""

import http.client
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from harness.clock import WallClock
from harness.runners.venues import target_of
from harness.wire import DEVICE_CODE_GRANT, FORM, Header, Request, Response, Transport
from simulators.server import Config, Server
from simulators.server.asgi import listening


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with listening(lambda issuer: Server(Config.demo(issuer), WallClock())) as address:
        yield address


@pytest.fixture
def send(address: str) -> Iterator[Transport]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)

    def over_the_wire(request: Request) -> Response:
        path = request.url.removeprefix(address)
        connection.request(request.method, path, request.body or None, dict(request.headers))
        answer = connection.getresponse()
        return Response(answer.status, tuple(answer.getheaders()), answer.read())

    yield over_the_wire
    connection.close()


def form(address: str, path: str, *headers: Header, **fields: str) -> Request:
    return Request.form(address + path, fields.items(), headers)


def test_the_address_is_the_issuer(address: str, send: Transport) -> None:
    found = send(Request("GET", f"{address}/.well-known/oauth-authorization-server")).json() or {}

    assert found["issuer"] == address and found["token_endpoint"].startswith(address)


def test_a_flow_starts_and_is_pending(address: str, send: Transport) -> None:
    started = send(form(address, "/device_authorization", client_id="tv")).json() or {}
    fields = {"grant_type": DEVICE_CODE_GRANT, "device_code": started["device_code"]}
    polled = send(form(address, "/token", client_id="tv", **fields))
    page = send(Request("GET", started["verification_uri_complete"]))

    assert (polled.status, polled.error) == (400, "authorization_pending")
    assert polled.header("cache-control") == "no-store"
    assert page.status == 303 and "Secure" not in (page.header("set-cookie") or "Secure")


@pytest.mark.parametrize("size", [70_000, 300_000])
def test_a_body_that_is_too_large_is_refused(address: str, send: Transport, size: int) -> None:
    body = b"a=" + b"x" * size
    answer = send(Request("POST", f"{address}/token", (("content-type", FORM),), body))

    assert (answer.status, answer.error) == (413, "invalid_request")


def test_nobody_chooses_who_they_are(address: str, send: Transport) -> None:
    statuses = [
        send(
            form(
                address,
                "/device",
                ("x-devicegrant-peer", f"10.0.0.{number}"),
                user_code="BBB-BBB-BBB",
            )
        ).status
        for number in range(16)
    ]

    assert statuses == [400] * 15 + [429]


def test_a_head_request_has_no_body(address: str, send: Transport) -> None:
    assert send(Request("HEAD", f"{address}/jwks")).body == b""
    assert send(Request("HEAD", f"{address}/token")).status == 405


def test_the_port_is_free_afterwards_and_the_thread_gone() -> None:
    before = threading.active_count()
    with listening(lambda issuer: Server(Config.demo(issuer), WallClock())) as address:
        port = int(address.rpartition(":")[2])
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))

    assert threading.active_count() == before


def test_a_port_in_use_is_an_error_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(OSError, match="in use"),
            listening(
                lambda issuer: Server(Config.demo(issuer), WallClock()), taken.getsockname()[1]
            ),
        ):
            pass


def test_nobody_outside_can_claim_a_certificate(address: str, send: Transport) -> None:
    server = Server(Config.demo(seed=1), WallClock())
    certificate = target_of(server).clients["tls_client_auth"].certificate
    assert certificate is not None

    answer = send(form(address, "/device_authorization", certificate.header, client_id="turbine"))

    assert answer.error == "invalid_client"
