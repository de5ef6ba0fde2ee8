"""What the server publishes, and for whom its tokens are made."""

from __future__ import annotations

import base64
import json

import pytest

from harness.wire import Request, Response
from simulators.server import Config, Rules
from simulators.tests.browsing import Stage

ELSEWHERE = "https://elsewhere.example/api"


def get(stage: Stage, url: str, method: str = "GET", **headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return stage.server(Request(method, url, named))


def test_metadata_of_an_issuer_with_a_path_is_where_both_specifications_want_it() -> None:
    stage = Stage(Config.demo("https://as.example/home", seed=1))
    found = [
        get(stage, f"https://as.example{path}").status
        for path in (
            "/.well-known/oauth-authorization-server/home",
            "/.well-known/openid-configuration/home",
            "/home/.well-known/openid-configuration",
            "/home/.well-known/oauth-authorization-server",
        )
    ]

    assert found == [200, 200, 200, 404]


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_scripts_of_other_origins_may_ask(name: str) -> None:
    stage = Stage()
    asked = get(stage, stage.url(name), "OPTIONS", origin="https://app.example")
    unasked = get(stage, stage.url(name), "OPTIONS")

    assert (asked.status, asked.header("access-control-allow-origin")) == (204, "*")
    assert (unasked.status, unasked.header("access-control-allow-origin")) == (405, None)


def test_a_server_that_keeps_scripts_out_says_nothing_to_them() -> None:
    class Closed(Rules):
        pinned = {"allows_cross_origin": False}  # noqa: RUF012

    stage = Stage(rules=Closed())
    asked = get(stage, stage.url("token_endpoint"), "OPTIONS", origin="https://app.example")

    assert asked.status == 405 and asked.header("access-control-allow-origin") is None
    assert stage.poll_response().header("access-control-allow-origin") is None


@pytest.mark.parametrize(
    ("named", "audience", "status"),
    [
        (ELSEWHERE, ELSEWHERE, 401),
        ("https://reference.example/dashboard", "https://reference.example/dashboard", 200),
        ("no URL at all", "https://reference.example", 200),
    ],
)
def test_a_token_is_good_at_the_resource_that_was_named(
    named: str, audience: str, status: int
) -> None:
    stage = Stage()
    fields = {"client_id": "tv", "scope": "dashboard:read", "resource": named}
    stage.started = stage.start(**fields).json() or {}
    stage.decide()
    token = (stage.poll_response().json() or {})["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    assert claims["aud"] == audience
    assert stage.use("GET", "https://reference.example/dashboard", token).status == status
