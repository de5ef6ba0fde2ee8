"""Discovery: whatever a server sends becomes endpoints or one sentence, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from harness.discovery import discover, well_known_urls
from harness.target import Client, Target, TargetError
from harness.wire import NoAnswer, Request, Response

ISSUER = "https://as.example/realms/home"
TARGET = Target("as", "", "", {"public": Client("tv")}, issuer=ISSUER)
OAUTH = "https://as.example/.well-known/oauth-authorization-server/realms/home"
OIDC = "https://as.example/realms/home/.well-known/openid-configuration"
OIDC_INSERTED = "https://as.example/.well-known/openid-configuration/realms/home"
JSON = (("content-type", "application/json"),)
DOCUMENT = {
    "issuer": ISSUER,
    "device_authorization_endpoint": f"{ISSUER}/da",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/me",
    "jwks_uri": f"{ISSUER}/keys",
}


def document(members: object = DOCUMENT, status: int = 200) -> Response:
    return Response(status, JSON, json.dumps(members).encode())


def serving(pages: Mapping[str, Response]) -> Callable[[Request], Response]:
    return lambda request: pages.get(request.url, Response(404))


def problem(pages: Mapping[str, Response]) -> str:
    with pytest.raises(TargetError) as caught:
        discover(TARGET, serving(pages))
    return str(caught.value)


def test_the_well_known_part_goes_before_the_path_and_after_it() -> None:
    assert well_known_urls(ISSUER) == [OAUTH, OIDC, OIDC_INSERTED]
    assert well_known_urls(f"{ISSUER}/") == [OAUTH, OIDC, OIDC_INSERTED]
    root = "https://as.example/.well-known/"
    expected = [f"{root}oauth-authorization-server", f"{root}openid-configuration"]
    assert well_known_urls("https://as.example") == expected
    assert well_known_urls("https://as.example/") == expected


@pytest.mark.parametrize("url", [OAUTH, OIDC, OIDC_INSERTED])
def test_each_place_is_looked_at(url: str) -> None:
    found = discover(TARGET, serving({url: document()}))
    assert found.device_authorization_endpoint == f"{ISSUER}/da"
    assert found.token_endpoint == f"{ISSUER}/token"
    assert found.userinfo_endpoint == f"{ISSUER}/me"
    assert found.jwks_uri == f"{ISSUER}/keys"
    assert found.metadata == DOCUMENT


def test_the_first_document_wins_and_a_second_fills_the_gaps() -> None:
    first = {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/first"}
    found = discover(TARGET, serving({OAUTH: document(first), OIDC: document()}))
    assert found.token_endpoint == f"{ISSUER}/first"
    assert found.device_authorization_endpoint == f"{ISSUER}/da"
    assert found.metadata == first


def test_what_the_target_file_names_is_left_as_it_is() -> None:
    named = replace(TARGET, token_endpoint="https://other.example/token")
    found = discover(named, serving({OAUTH: document()}))
    assert found.token_endpoint == "https://other.example/token"
    assert found.device_authorization_endpoint == f"{ISSUER}/da"


def test_without_an_issuer_nothing_is_asked() -> None:
    def send(_: Request) -> Response:
        raise AssertionError("nobody was to be asked")

    target = replace(TARGET, issuer=None, token_endpoint="https://as.example/token")
    assert discover(target, send) is target


def test_named_endpoints_do_without_metadata() -> None:
    named = replace(
        TARGET,
        device_authorization_endpoint="https://as.example/da",
        token_endpoint="https://as.example/token",
    )
    assert discover(named, serving({})) == named


def test_a_relative_endpoint_is_read_and_left_to_the_judges() -> None:
    relative = DOCUMENT | {"device_authorization_endpoint": "da", "token_endpoint": "/t"}
    found = discover(TARGET, serving({OAUTH: document(relative)}))
    assert found.device_authorization_endpoint == f"{ISSUER}/da"
    assert found.token_endpoint == "https://as.example/t"


NOTHING = [
    ("a page", Response(200, (("content-type", "text/html"),), b"<html>"), "200 text/html"),
    ("no type", Response(200), "200 no media type"),
    ("broken JSON", Response(200, JSON, b'{"issuer": '), "the body is no JSON object"),
    ("a list", document([DOCUMENT]), "the body is no JSON object"),
    ("a string", document("https://as.example"), "the body is no JSON object"),
    ("deep nesting", Response(200, JSON, b"[" * 100_000), "the body is no JSON object"),
    ("an error", document({"error": "x"}, 400), "400 application/json"),
    ("not found", Response(404), "404 no media type"),
    ("a failure", Response(500, (("content-type", "text/html"),)), "500 text/html"),
    ("a redirect", Response(302, (("location", "https://as.example/in"),)), "a redirect to https"),
    ("a bare redirect", Response(301), "a redirect to ?"),
    ("no such member", document({"issuer": ISSUER}), "without device_authorization_endpoint"),
]


@pytest.mark.parametrize(
    ("response", "told"), [row[1:] for row in NOTHING], ids=[r[0] for r in NOTHING]
)
def test_what_is_no_metadata_is_told_with_every_place_asked(response: Response, told: str) -> None:
    text = problem({OAUTH: response, OIDC: response, OIDC_INSERTED: response})
    assert "no device_authorization_endpoint is known" in text
    assert ISSUER in text
    assert text.count(told) == 3
    assert all(f"{url}: " in text for url in (OAUTH, OIDC, OIDC_INSERTED))


@pytest.mark.parametrize("value", [None, 7, True, "", [], {}, [f"{ISSUER}/da"]])
def test_an_endpoint_of_a_wrong_type_is_none(value: object) -> None:
    text = problem({OAUTH: document(DOCUMENT | {"device_authorization_endpoint": value})})
    assert "no device_authorization_endpoint is known" in text


@pytest.mark.parametrize(
    "value",
    [
        "mailto:a@b",
        "javascript:alert(1)",
        "http://[",
        "https://as.example:99999/x",
        "//[",
    ],
)
def test_an_endpoint_that_is_no_web_address_is_told(value: str) -> None:
    text = problem({OAUTH: document(DOCUMENT | {"token_endpoint": value})})
    assert "token_endpoint" in text
    assert value in text


@pytest.mark.parametrize("reason", ["refused", "unresolved", "tls"])
def test_a_server_that_cannot_be_reached_is_told_at_once(reason: str) -> None:
    asked: list[str] = []

    def send(request: Request) -> Response:
        asked.append(request.url)
        raise NoAnswer(reason, "nobody listens there")  # type: ignore[arg-type]

    with pytest.raises(TargetError, match=r"https://as\.example cannot be reached: nobody listens"):
        discover(TARGET, send)
    assert len(asked) == 1


@pytest.mark.parametrize("reason", ["timeout", "reset", "too_slow", "too_large", "garbled"])
def test_a_place_that_does_not_answer_is_passed_over(reason: str) -> None:
    def send(request: Request) -> Response:
        if request.url == OIDC:
            return document()
        raise NoAnswer(reason, "not today")  # type: ignore[arg-type]

    assert discover(TARGET, send).token_endpoint == f"{ISSUER}/token"


def test_a_document_is_asked_for_as_json() -> None:
    asked: list[Request] = []

    def send(request: Request) -> Response:
        asked.append(request)
        return document()

    discover(TARGET, send)
    assert {(one.method, one.header("accept"), one.body) for one in asked} == {
        ("GET", "application/json", b"")
    }
