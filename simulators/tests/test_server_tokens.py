"""Signed tokens, keys and metadata, as somebody else's library reads them."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from harness.clock import VIRTUAL_EPOCH
from harness.wire import DEVICE_CODE_GRANT, Request
from simulators.server import Client, Config
from simulators.server.keys import b64url
from simulators.tests.browsing import SCOPE, Stage


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(part: str) -> int:
    return int.from_bytes(decoded(part), "big")


def header(token: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(decoded(token.partition(".")[0]))
    return found


def claims(stage: Stage, token: str) -> dict[str, object]:
    """The claims, once the signature has been verified with the published key of that name."""
    keys = (stage.server(Request("GET", stage.url("jwks_uri"))).json() or {})["keys"]
    key = next(key for key in keys if key["kid"] == header(token)["kid"])
    signed, _, signature = token.rpartition(".")
    raw = decoded(signature)
    if key["kty"] == "EC":
        point = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP256R1())
        der = encode_dss_signature(*(int.from_bytes(half, "big") for half in (raw[:32], raw[32:])))
        point.public_key().verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    else:
        modulus = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"]))
        modulus.public_key().verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    found: dict[str, object] = json.loads(decoded(signed.partition(".")[2]))
    return found


def test_an_access_token_follows_rfc_9068() -> None:
    stage = Stage()
    stage.decide()
    stage.clock.sleep(60)
    body = stage.poll_response().json() or {}
    found = claims(stage, body["access_token"])

    assert header(body["access_token"])["typ"] == "at+jwt"
    assert found["iss"] == found["aud"] == "https://reference.example"
    assert found["client_id"] == "tv"
    assert found["sub"] == stage.config.account("alice").sub and found["scope"] == SCOPE
    assert found["iat"] == VIRTUAL_EPOCH + 60 and found["exp"] == VIRTUAL_EPOCH + 60 + 3600
    assert found["auth_time"] == VIRTUAL_EPOCH and found["jti"]


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_an_id_token_is_for_the_client(alg: str) -> None:
    tv = Client("tv", "TV", id_token_alg=alg)  # type: ignore[arg-type]
    stage = Stage(Config(clients=(tv,), accounts=Config.demo(seed="tests").accounts), seed=5)
    stage.decide()
    body = stage.poll_response().json() or {}
    found = claims(stage, body["id_token"])
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]

    assert header(body["id_token"])["alg"] == alg
    assert found["aud"] == "tv" and found["at_hash"] == b64url(half)
    assert "nonce" not in found


def test_no_id_token_without_openid() -> None:
    assert "id_token" not in Stage().tokens("profile")


def test_a_refreshed_id_token_keeps_subject_and_sign_in() -> None:
    stage = Stage()
    first = stage.tokens()
    stage.clock.sleep(100)
    fields = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = stage.token(client_id="tv", **fields).json() or {}
    old, new = (claims(stage, body["id_token"]) for body in (first, second))

    assert new["iat"] == VIRTUAL_EPOCH + 100
    assert [old[name] for name in ("iss", "sub", "aud", "auth_time")] == [
        new[name] for name in ("iss", "sub", "aud", "auth_time")
    ]


def test_published_keys_are_public() -> None:
    keys = (Stage().server(Request("GET", "https://reference.example/jwks")).json() or {})["keys"]

    assert {key["kty"] for key in keys} == {"EC", "RSA"} and len({key["kid"] for key in keys}) == 2
    assert not any({"d", "p", "q", "k"} & set(key) for key in keys)


@pytest.mark.parametrize("issuer", ["https://reference.example", "https://idp.example/realms/one"])
def test_metadata_is_found_where_both_specifications_look(issuer: str) -> None:
    stage = Stage(Config.demo(issuer))
    host, _, path = issuer.removeprefix("https://").partition("/")
    path = f"/{path}" if path else ""
    urls = [
        f"https://{host}/.well-known/oauth-authorization-server{path}",
        f"https://{host}/.well-known/openid-configuration{path}",
        f"https://{host}{path}/.well-known/openid-configuration",
    ]
    documents = [stage.server(Request("GET", url)).json() for url in urls]

    assert documents == [stage.server.metadata] * 3
    assert stage.server.metadata["issuer"] == issuer
    assert DEVICE_CODE_GRANT in str(stage.server.metadata["grant_types_supported"])
    assert not any(value in ([], None, "") for value in stage.server.metadata.values())
    assert stage.started["verification_uri"] == f"{issuer}/device"


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": "http://idp.example"},
        {"issuer": "https://idp.example/"},
        {"issuer": "https://idp.example?a"},
        {"lifetime": 0},
        {"clients": (Client("a", "A"), Client("a", "B"))},
        {"clients": (Client("a", "A", "secret"),)},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Config(**settings)  # type: ignore[arg-type]
