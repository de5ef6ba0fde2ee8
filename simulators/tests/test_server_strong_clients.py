"""Assertions, certificates and bound tokens: what the scenarios do not reach."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from harness import signing
from harness.certificates import CLIENT_CERTIFICATE, Certificate
from harness.client_auth import assertion_claims, credentials
from harness.dpop import Prover
from harness.runners.venues import target_of
from harness.target import Client
from harness.wire import DEVICE_CODE_GRANT, Header, Request, Response
from simulators.server import Config, Rules
from simulators.server.memory import Memory
from simulators.server.replays import Replays
from simulators.tests.browsing import SCOPE, Stage


class Issuer(Rules):
    pinned: ClassVar[Mapping[str, object]] = {"wants_issuer_as_audience": True}


class Unbound(Rules):
    pinned: ClassVar[Mapping[str, object]] = {"binds_access_tokens": False}


class Discreet(Rules):
    pinned: ClassVar[Mapping[str, object]] = {"shows_certificate_in_jwt": False}


class Nonces(Rules):
    pinned: ClassVar[Mapping[str, object]] = {"demands_nonce": True}


def payload(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def known(stage: Stage, role: str) -> Client:
    return target_of(stage.server).clients[role]


def asks(stage: Stage, fields: list[tuple[str, str]], headers: tuple[Header, ...] = ()) -> Response:
    url = stage.url("device_authorization_endpoint")
    return stage.server(Request.form(url, [*fields, ("scope", SCOPE)], headers))


def polls(stage: Stage, *headers: Header, code: str | None = None, **fields: str) -> Response:
    usual = {"grant_type": DEVICE_CODE_GRANT, "client_id": "tv"}
    usual["device_code"] = code or stage.started["device_code"]
    return stage.server(
        Request.form(stage.url("token_endpoint"), {**usual, **fields}.items(), headers)
    )


def proof(stage: Stage, prover: Prover, method: str, url: str, **claims: Any) -> Header:
    return prover.header(method, url, stage.clock.unix(), **claims)


def dpop(stage: Stage, prover: Prover, **claims: Any) -> Header:
    return proof(stage, prover, "POST", stage.url("token_endpoint"), **claims)


@pytest.mark.parametrize("role", ["private_key_jwt", "client_secret_jwt", "tls_client_auth"])
def test_every_strong_client_is_served(role: str) -> None:
    stage = Stage()
    client = known(stage, role)
    fields, headers = credentials(client, audience=stage.config.issuer, now=stage.clock.unix())

    assert asks(stage, fields, headers).status == 200
    assert asks(stage, [("client_id", client.client_id)]).error == "invalid_client"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.", "eyJhbGciOiJFUzI1NiJ9.W10.AA"])
def test_an_assertion_that_cannot_be_read(text: str) -> None:
    stage = Stage()
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    fields = [("client_assertion_type", kind), ("client_assertion", text)]

    assert asks(stage, fields).error == "invalid_client"
    assert stage.server.last_fault is None


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"])
@pytest.mark.parametrize("value", [None, [], {}, 1e400, True, "\ud800"])
def test_odd_claims_break_nothing(claim: str, value: object) -> None:
    stage = Stage()
    client = known(stage, "private_key_jwt")
    claims = assertion_claims("meter", stage.config.issuer, stage.clock.unix())
    key = signing.key_in(client.private_key or "")
    text = signing.signed({**claims, claim: value}, key)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    answer = asks(stage, [("client_assertion_type", kind), ("client_assertion", text)])

    assert answer.status in {200, 400, 401}
    assert stage.server.last_fault is None


def test_only_the_issuer_if_the_server_wants_that() -> None:
    stage = Stage(rules=Issuer())
    client = known(stage, "private_key_jwt")

    def with_audience(audience: str) -> Response:
        return asks(stage, *credentials(client, audience=audience, now=stage.clock.unix()))

    assert with_audience(stage.config.issuer).status == 200
    assert with_audience(stage.url("token_endpoint")).error == "invalid_client"


def test_a_certificate_header_that_is_none() -> None:
    stage = Stage()
    fields = [("client_id", "turbine")]

    for value in ("", ":", "::", ":AAAA:", "x", ":####:"):
        assert asks(stage, fields, ((CLIENT_CERTIFICATE, value),)).error == "invalid_client"
    assert asks(stage, fields, (Certificate(b"no DER").header,)).error == "invalid_client"


def test_a_bound_token_needs_its_key_at_a_resource() -> None:
    stage = Stage()
    stage.decide()
    prover = Prover()
    body = polls(stage, dpop(stage, prover)).json() or {}
    url, token = stage.url("userinfo_endpoint"), str(body["access_token"])
    ath = signing.digest(token)

    def reads(scheme: str, *headers: Header) -> Response:
        return stage.server(Request("GET", url, (("authorization", f"{scheme} {token}"), *headers)))

    assert body["token_type"] == "DPoP"
    assert reads("DPoP", proof(stage, prover, "GET", url, ath=ath)).status == 200
    assert reads("DPoP", proof(stage, Prover(), "GET", url, ath=ath)).status == 401
    assert reads("DPoP", proof(stage, prover, "GET", url)).status == 401
    assert reads("DPoP").status == 401
    assert reads("Bearer").status == 401


def test_a_proof_may_bind_the_refresh_token_alone() -> None:
    stage = Stage(rules=Unbound())
    stage.decide()
    prover = Prover()
    body = polls(stage, dpop(stage, prover)).json() or {}
    fields = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}

    assert body["token_type"] == "Bearer"
    assert "cnf" not in payload(body["access_token"])
    assert polls(stage, dpop(stage, Prover()), **fields).error == "invalid_grant"
    assert polls(stage, **fields).error == "invalid_grant"
    assert polls(stage, dpop(stage, prover), **fields).status == 200


@pytest.mark.parametrize("rules", [Rules(), Discreet()])
def test_introspection_names_the_certificate_of_a_token(rules: Rules) -> None:
    stage = Stage(rules=rules)
    client = known(stage, "tls_client_auth")
    fields, headers = credentials(client, audience=stage.config.issuer, now=stage.clock.unix())
    stage.started = asks(stage, fields, headers).json() or {}
    stage.decide()
    code = stage.started["device_code"]
    body = polls(stage, *headers, code=code, client_id=client.client_id).json() or {}
    asked = [*fields, ("token", body["access_token"])]
    url = stage.url("introspection_endpoint")
    said = stage.server(Request.form(url, asked, headers)).json() or {}

    assert ("cnf" in payload(body["access_token"])) == (not isinstance(rules, Discreet))
    assert client.certificate is not None
    assert said["cnf"] == {"x5t#S256": client.certificate.thumbprint}


def test_an_unbound_token_is_no_dpop_token() -> None:
    stage = Stage()
    token, url, prover = stage.tokens()["access_token"], stage.url("userinfo_endpoint"), Prover()
    ath = signing.digest(token)
    headers = (("authorization", f"DPoP {token}"), proof(stage, prover, "GET", url, ath=ath))

    assert stage.server(Request("GET", url, headers)).status == 401


def test_a_proof_is_good_once() -> None:
    stage = Stage()
    header = dpop(stage, Prover())

    assert polls(stage, header).error == "authorization_pending"
    assert polls(stage, header).error == "invalid_dpop_proof"


@pytest.mark.parametrize("text", ["", "x.y.z", "e30.e30.e30"])
def test_a_proof_that_cannot_be_read(text: str) -> None:
    stage = Stage()

    assert polls(stage, ("DPoP", text)).error == "invalid_dpop_proof"
    assert stage.server.last_fault is None


@pytest.mark.parametrize("jwk", [None, {}, {"kty": "oct", "k": "AA"}, {"crv": "P-256"}, "x"])
def test_a_proof_with_an_odd_key(jwk: object) -> None:
    stage = Stage()
    key = signing.new_key()
    text = signing.signed({"htm": "POST"}, key, header={"typ": "dpop+jwt", "jwk": jwk})

    assert polls(stage, ("DPoP", text)).error == "invalid_dpop_proof"
    assert stage.server.last_fault is None


def test_a_nonce_is_good_for_a_while() -> None:
    stage = Stage(rules=Nonces())
    prover = Prover()

    refused = polls(stage, dpop(stage, prover))
    nonce = refused.header("dpop-nonce") or ""

    assert (refused.status, refused.error) == (400, "use_dpop_nonce")
    assert polls(stage, dpop(stage, prover, nonce=nonce)).error == "authorization_pending"
    stage.clock.sleep(700)
    assert polls(stage, dpop(stage, prover, nonce=nonce)).error == "use_dpop_nonce"


def test_what_came_once_is_forgotten_in_time() -> None:
    seen = Replays(Memory())

    assert seen.is_new("a", 0, 10)
    assert not seen.is_new("a", 5, 15)
    assert seen.is_new("a", 10, 20)
    assert seen.is_new("long " * 10_000, 10, 12)
    seen.sweep(20, at_most=3)
    assert len(seen) == 0


def test_metadata_says_what_is_on() -> None:
    safe, plain = Stage(), Stage(Config.demo("http://127.0.0.1:1"))

    for stage, takes in ((safe, True), (plain, False)):
        document = stage.server.metadata
        assert (
            "tls_client_auth" in str(document["token_endpoint_auth_methods_supported"])
        ) == takes
        assert document["tls_client_certificate_bound_access_tokens"] is takes
        assert document["dpop_signing_alg_values_supported"] == ["ES256"]
