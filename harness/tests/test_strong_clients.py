"""Clients that sign or show a certificate: settings, requests, and connections of their own."""

import base64
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate
from jwt import PyJWS

from harness import signing
from harness.certificates import CLIENT_CERTIFICATE, Certificate, certificate_in, der_in
from harness.client_auth import credentials
from harness.dpop import Prover
from harness.redaction import Redactor
from harness.target import Client, Target, TargetError
from harness.target_file import read_target
from harness.transports import Socket
from harness.wire import NoAnswer, Request
from simulators.credentials import certificate_for, pem_of

KEY = signing.new_key()
PEM = pem_of(KEY)
START = (
    'device_authorization_endpoint = "https://a.example/d"\ntoken_endpoint = "https://a.example/t"'
)


def pem_file(key: ec.EllipticCurvePrivateKey, subject: str, san: str = "") -> str:
    certificate = certificate_for(subject, key, san)
    return load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM).decode() + pem_of(
        key
    )


def settings(folder: Path, clients: str) -> Target:
    path = folder / "target.toml"
    path.write_text(f'{START}\n[clients.public]\nclient_id = "tv"\n{clients}', "utf-8")
    return read_target(path)


def test_sections_for_clients_that_sign(tmp_path: Path) -> None:
    (tmp_path / "meter.pem").write_text(PEM)
    (tmp_path / "turbine.pem").write_text(pem_file(KEY, "CN=turbine"))
    target = settings(
        tmp_path,
        '[clients.private_key_jwt]\nclient_id = "meter"\nprivate_key = { file = "meter.pem" }\n'
        '[clients.tls_client_auth]\nclient_id = "turbine"\ncertificate = "turbine.pem"\n'
        '[clients.client_secret_jwt]\nclient_id = "sensor"\nclient_secret = "0123456789"\n',
    )

    auths = {role: client.auth for role, client in target.clients.items()}
    turbine = target.clients["tls_client_auth"].certificate

    assert auths == {
        "public": "none",
        "private_key_jwt": "private_key_jwt",
        "tls_client_auth": "tls_client_auth",
        "client_secret_jwt": "client_secret_jwt",
    }
    assert turbine is not None
    assert turbine.file == str(tmp_path / "turbine.pem")
    assert ("private_key", PEM.strip()) in target.secrets


@pytest.mark.parametrize(
    ("clients", "what"),
    [
        ('[clients.private_key_jwt]\nclient_id = "m"', "private_key must be given"),
        ('[clients.tls_client_auth]\nclient_id = "m"', "certificate must be given"),
        ('[clients.certificate_bound]\nclient_id = "m"', "certificate must be given"),
        ('[clients.client_secret_jwt]\nclient_id = "m"', "client_secret must be given"),
        ('[clients.private_key_jwt]\nclient_id = "m"\nprivate_key = "no key"', "private_key"),
        ('[clients.private_key_jwt]\nclient_id = "m"\nprivate_key = "{}"', "JWK"),
        ('[clients.tls_client_auth]\nclient_id = "m"\ncertificate = "none.pem"', "none.pem"),
        ('[clients.tls_client_auth]\nclient_id = "m"\ncertificate = "target.toml"', "no PEM"),
        ('[clients.private_key_jwt]\nclient_id = "m"\nauth = "none"', "not for"),
    ],
)
def test_settings_that_lack_something(tmp_path: Path, clients: str, what: str) -> None:
    with pytest.raises(TargetError, match=what):
        settings(tmp_path, clients)


def test_an_assertion_says_who_and_to_whom() -> None:
    client = Client("meter", auth="private_key_jwt", private_key=PEM)

    fields, headers = credentials(client, audience="https://a.example", now=1000.5)
    sent = dict(fields)
    claims = json.loads(PyJWS().decode(sent["client_assertion"], KEY.public_key(), ["ES256"]))

    assert headers == ()
    assert sent["client_id"] == claims["iss"] == claims["sub"] == "meter"
    assert claims["aud"] == "https://a.example"
    assert (claims["iat"], claims["exp"]) == (1000, 1060)


def test_every_assertion_is_another() -> None:
    client = Client("sensor", "a secret", "client_secret_jwt")
    assert credentials(client, now=1) != credentials(client, now=1)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
    ids=["ES256", "ES384", "RS256", "EdDSA"],
)
def test_keys_of_every_kind_sign(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, alg: str
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    text = signing.signed({"a": 1}, signing.key_in(pem))

    assert signing.algorithm_of(key) == alg
    assert json.loads(PyJWS().decode(text, key.public_key(), [alg])) == {"a": 1}


def test_a_jwk_names_its_key() -> None:
    point = KEY.private_numbers().private_value.to_bytes(32, "big")
    d = base64.urlsafe_b64encode(point).decode().rstrip("=")
    jwk = json.dumps({**signing.public_jwk(KEY), "d": d, "kid": "k1"})
    client = Client("meter", auth="private_key_jwt", private_key=jwk)

    text = dict(credentials(client)[0])["client_assertion"]

    assert PyJWS().decode_complete(text, KEY.public_key(), ["ES256"])["header"]["kid"] == "k1"


def test_a_spoilt_signature_is_as_long_and_wrong() -> None:
    text = signing.signed({}, KEY)
    spoilt = signing.spoilt(text)

    assert len(spoilt) == len(text)
    assert spoilt != text


def test_proofs_and_assertions_are_secrets() -> None:
    redactor = Redactor()
    header = Prover().header("POST", "https://a.example/t", 0)

    assert header[1] not in str(redactor.headers([header]))
    for_text = signing.signed({"iss": "meter"}, KEY)
    assert for_text not in redactor.text(f"client_assertion={for_text}")


def test_a_certificate_survives_its_header() -> None:
    certificate = certificate_for("CN=turbine", KEY)

    assert der_in(certificate.header[1]) == certificate.der
    assert certificate_in(pem_file(KEY, "CN=turbine")).thumbprint


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Target]]:
    """A server that says which certificate it was shown, and a target with one client for it."""
    folder = tmp_path_factory.mktemp("tls")
    own, client = folder / "server.pem", folder / "client.pem"
    own.write_text(pem_file(signing.new_key(), "CN=127.0.0.1", "127.0.0.1"))
    client.write_text(pem_file(KEY, "CN=turbine"))

    class Tells(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert isinstance(self.connection, ssl.SSLSocket)
            der = self.connection.getpeercert(binary_form=True) or b""
            seen = {"der": der.hex(), "header": self.headers.get(CLIENT_CERTIFICATE)}
            body = json.dumps(seen).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tells)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    context.load_verify_locations(client)
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}/"
    shown = certificate_in(client.read_text(), str(client))
    clients = {"tls_client_auth": Client("turbine", auth="tls_client_auth", certificate=shown)}
    yield url, Target("t", url, url, clients, ca_file=str(own))
    server.shutdown()
    server.server_close()


def test_a_socket_shows_the_certificate_of_its_client(tls: tuple[str, Target]) -> None:
    url, target = tls
    certificate = target.clients["tls_client_auth"].certificate
    assert certificate is not None
    socket = Socket(target)
    try:
        bare = socket(Request("GET", url)).json() or {}
        shown = socket(Request("GET", url, (certificate.header,))).json() or {}
        with pytest.raises(NoAnswer, match="no file"):
            socket(Request("GET", url, (Certificate(b"other").header,)))
    finally:
        socket.close()

    assert bare == {"der": "", "header": None}
    assert shown == {"der": certificate.der.hex(), "header": None}
