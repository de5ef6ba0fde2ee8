"""The device authorization endpoint, and what it hands out."""

import re

import pytest

from harness.wire import FORM, Request
from simulators.server import Client, Config
from simulators.tests.browsing import Stage


def test_the_answer_has_every_member_of_the_rfc() -> None:
    answer = Stage().start(client_id="tv", scope="openid")
    body = answer.json() or {}

    assert answer.status == 200 and answer.media_type == "application/json"
    assert answer.header("cache-control") == "no-store" and answer.header("pragma") == "no-cache"
    assert body["expires_in"] == 1800 and body["interval"] == 5
    assert re.fullmatch(
        r"([BCDFGHJKLMNPQRSTVWXZ]{3}-){2}[BCDFGHJKLMNPQRSTVWXZ]{3}", body["user_code"]
    )
    assert body["verification_uri"] == "https://reference.example/device"
    assert body["verification_uri_complete"].endswith(body["user_code"])
    assert body["device_code"] not in body["verification_uri_complete"]


def test_codes_are_never_the_same() -> None:
    stage = Stage()
    answers = [stage.ask() for _ in range(300)]

    assert len({answer["device_code"] for answer in answers}) == 300
    assert len({answer["user_code"] for answer in answers}) == 300


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "web-only"}, "unauthorized_client"),
        ({"client_id": "kiosk"}, "invalid_client"),
        ({"client_id": "tv", "client_secret": "x"}, "invalid_client"),
        ({"client_id": "tv", "scope": "no-such-thing"}, "invalid_scope"),
        ({"client_id": "tv", "scope": 'openid "quoted"'}, "invalid_scope"),
        ({"client_id": "tv", "scope": "openid  profile"}, "invalid_scope"),
    ],
)
def test_a_bad_request_is_named(fields: dict[str, str], error: str) -> None:
    answer = Stage().start(**fields)

    assert answer.error == error
    assert answer.status == (401 if error == "invalid_client" else 400)
    assert answer.header("cache-control") == "no-store" and answer.header("pragma") == "no-cache"


def test_a_scope_that_is_not_the_clients_is_refused() -> None:
    tv = Client("tv", "TV", scopes=frozenset({"openid", "profile", "dashboard:read"}))
    stage = Stage(Config(clients=(tv,)))

    assert stage.start(client_id="tv", scope="openid dashboard:write").error == "invalid_scope"
    assert stage.start(client_id="tv", scope="openid dashboard:read").status == 200


@pytest.mark.parametrize("scope", [None, ""])
def test_without_scope_the_default_is_used_and_announced(scope: str | None) -> None:
    stage = Stage()
    stage.started = stage.ask(scope=scope)
    stage.decide()

    assert (stage.poll_response().json() or {})["scope"] == "profile"


def test_unknown_parameters_and_a_charset_change_nothing() -> None:
    stage = Stage()
    url = stage.url("device_authorization_endpoint")
    body = b"client_id=tv&scope=openid&nonce=1&resource=a&resource=b&x_probe=1"
    kind = f"{FORM}; charset=UTF-8"

    assert stage.server(Request("POST", url, (("Content-Type", kind),), body)).status == 200


@pytest.mark.parametrize("body", [b"client_id=tv&client_id=tv", b"client_id=tv&scope=a&scope=b"])
def test_a_repeated_parameter_is_invalid(body: bytes) -> None:
    stage = Stage()
    url = stage.url("device_authorization_endpoint")
    answer = stage.server(Request("POST", url, (("content-type", FORM),), body))

    assert (answer.status, answer.error) == (400, "invalid_request")


def test_json_is_not_a_form() -> None:
    stage = Stage()
    url = stage.url("device_authorization_endpoint")
    request = Request("POST", url, (("content-type", "application/json"),), b'{"client_id":"tv"}')

    assert stage.server(request).error == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_only_post_starts_a_flow(method: str) -> None:
    stage = Stage()
    url = stage.url("device_authorization_endpoint") + "?client_id=tv"
    answer = stage.server(Request(method, url))

    assert answer.status == 405 and answer.header("allow") == "POST"
    assert (answer.body == b"") == (method == "HEAD")
