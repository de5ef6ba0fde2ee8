"""The TLS probe against servers on loopback that speak all sorts of it."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness import tls
from harness.runners.engine import Played, perform, play_of
from harness.runners.stage import Outside
from harness.target import Client, Target
from harness.tests.loopback_tls import self_signed
from harness.verdict import Verdict

RULE = "RFC8628-3.1-tls-bcp"
TODAY = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


def context(certificate: Path, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version, made.maximum_version = lowest, highest
    return made


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port whose every connection is handed to `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def over(made: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            with made.wrap_socket(connection, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            return

    return serve


def judged(port: int, ca_file: Path | None, monkeypatch: pytest.MonkeyPatch) -> Played:
    """The scenario, played as if the server were somewhere else."""
    from harness.consent import consent_from
    from scenarios.test_tls import test_the_server_speaks_todays_tls as scenario

    monkeypatch.setattr(Target, "loopback", False)
    url = f"https://127.0.0.1:{port}"
    target = Target(
        name="a server",
        device_authorization_endpoint=f"{url}/device_authorization",
        token_endpoint=f"{url}/token",
        clients={"public": Client("tv")},
        ca_file=str(ca_file) if ca_file else None,
    )
    return perform(play_of("test_tls", scenario), Outside(target, consent_from("none"), 30))


def verdicts(played: Played) -> list[Verdict]:
    return [one.verdict for one in played.judgements if one.requirement == RULE]


def test_todays_tls_holds(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(over(context(certificate, *TODAY))) as port:
        played = judged(port, certificate, monkeypatch)

    assert verdicts(played) == [Verdict.PASS, Verdict.PASS], played.judgements


def test_a_server_that_takes_tls_1_1_is_warned(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = context(certificate, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3)
    with listening(over(old)) as port:
        played = judged(port, certificate, monkeypatch)

    assert verdicts(played) == [Verdict.PASS, Verdict.WARN]
    assert "agrees to TLSv1.1" in played.judgements[1].message


def test_a_certificate_that_nobody_trusts_is_a_warning(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(over(context(certificate, *TODAY))) as port:
        played = judged(port, None, monkeypatch)

    assert verdicts(played) == [Verdict.WARN, Verdict.PASS]
    assert "certificate verify failed" in played.judgements[0].message


def test_nobody_there_blames_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    played = judged(port, None, monkeypatch)

    assert verdicts(played) == [Verdict.INCONCLUSIVE]
    assert played.ended.startswith(f"127.0.0.1:{port} cannot be reached")


def test_loopback_is_let_off(certificate: Path) -> None:
    from harness.runners.venues import embedded
    from scenarios.test_tls import test_the_server_speaks_todays_tls as scenario

    played = perform(play_of("test_tls", scenario), embedded(seed=1))

    assert verdicts(played) == [Verdict.NOT_APPLICABLE]


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16"])
def test_whatever_answers_a_handshake_has_an_end(
    says: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_TIMEOUT", 0.3)
    gone = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(says)
        gone.wait(5)

    with listening(serve) as port:
        shaken = tls.shakes_hands(f"https://127.0.0.1:{port}", tls.modern())
        gone.set()

    assert shaken.reached and not shaken.version and shaken.problem
