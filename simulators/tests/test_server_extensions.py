"""Dynamic registration, authorization_details and request_uri."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from harness.wire import DEVICE_CODE_GRANT, Request, Response
from simulators.server import Rules, registration
from simulators.tests.browsing import Stage

DETAILS = '[{"type":"dashboard_widget","actions":["write"]}]'


def registers(stage: Stage, body: object, kind: str = "application/json") -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = stage.url("registration_endpoint")
    return stage.server(Request("POST", url, (("content-type", kind),), raw))


def test_a_registered_client_is_a_client() -> None:
    stage = Stage()
    wanted = {"grant_types": [DEVICE_CODE_GRANT], "token_endpoint_auth_method": "none"}
    known: dict[str, Any] = registers(stage, wanted).json() or {}

    assert known["grant_types"] == [DEVICE_CODE_GRANT]
    assert "client_secret" not in known
    assert stage.start(client_id=known["client_id"]).status == 200


def test_a_registered_client_with_a_secret_must_show_it() -> None:
    stage = Stage()
    wanted = {
        "grant_types": [DEVICE_CODE_GRANT],
        "token_endpoint_auth_method": "client_secret_post",
    }
    known: dict[str, Any] = registers(stage, wanted).json() or {}
    named = {"client_id": known["client_id"]}

    assert stage.start(**named).error == "invalid_client"
    assert stage.start(**named, client_secret=known["client_secret"]).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        {"grant_types": "device"},
        {"grant_types": [1]},
        {"grant_types": ["password"]},
        {"grant_types": [DEVICE_CODE_GRANT], "token_endpoint_auth_method": []},
        {"grant_types": [DEVICE_CODE_GRANT], "client_name": 7},
        {"grant_types": [DEVICE_CODE_GRANT], "client_name": "x" * 300},
    ],
)
def test_a_registration_that_makes_no_sense(body: object) -> None:
    stage = Stage()

    answer = registers(stage, body)

    assert (answer.status, answer.error) == (400, "invalid_client_metadata")
    assert stage.server.last_fault is None


def test_a_form_is_no_registration() -> None:
    answer = registers(Stage(), b"a=b", "application/x-www-form-urlencoded")
    assert answer.error == "invalid_client_metadata"


def test_a_code_client_needs_a_redirect_uri() -> None:
    stage = Stage()

    assert registers(stage, {}).error == "invalid_redirect_uri"
    assert registers(stage, {"redirect_uris": ["https://a.example/cb"]}).status == 201


def test_registrations_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "MOST", 2)
    stage = Stage()
    wanted = {"grant_types": [DEVICE_CODE_GRANT]}

    statuses = [registers(stage, wanted).status for _ in range(3)]

    assert statuses == [201, 201, 429]


def test_details_are_shown_and_granted() -> None:
    stage = Stage()
    asked = stage.start(client_id="tv", scope="profile", authorization_details=DETAILS)
    stage.started = asked.json() or {}

    page = stage.consent().page.text
    stage.decide()
    body = stage.poll_response().json() or {}

    assert "Change a widget on your dashboard" in page
    assert body["authorization_details"] == json.loads(DETAILS)


def test_granted_details_may_be_richer() -> None:
    class Enriches(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"enriches_details": True}

    stage = Stage(rules=Enriches())
    asked = stage.start(client_id="tv", scope="profile", authorization_details=DETAILS)
    stage.started = asked.json() or {}
    stage.decide()
    (granted,) = (stage.poll_response().json() or {})["authorization_details"]

    assert granted.items() > json.loads(DETAILS)[0].items()


def test_the_grant_may_have_a_second_name() -> None:
    class Knows(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"knows_short_grant_type": True}

    short = {"grant_type": "device_code"}

    assert Stage().poll_response(**short).error == "unsupported_grant_type"
    assert Stage(rules=Knows()).poll_response(**short).error == "authorization_pending"


@pytest.mark.parametrize(
    "text",
    ["x", "{}", "[1]", "[{}]", '[{"type":"x"}]', '[{"type":["dashboard_widget"]}]', "[" * 9999],
)
def test_details_that_make_no_sense(text: str) -> None:
    stage = Stage()

    answer = stage.start(client_id="tv", authorization_details=text)

    assert (answer.status, answer.error) == (400, "invalid_authorization_details")
    assert stage.server.last_fault is None


def test_request_uri_is_ignored_or_refused() -> None:
    class Refuses(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"ignores_request_uri": False}

    fields = {"client_id": "tv", "request_uri": "urn:x"}

    assert Stage().start(**fields).status == 200
    assert Stage(rules=Refuses()).start(**fields).error == "invalid_request"
