"""Client authentication at the device and token endpoints."""

import base64
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote_plus

import pytest

from harness.wire import Header, Request, Response
from simulators.server import Freedom, Rules
from simulators.tests.browsing import Stage


def basic(client_id: str, secret: str, *, encode: bool = True) -> Header:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}" if encode else f"{client_id}:{secret}"
    return ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")


def start(stage: Stage, fields: dict[str, str], *headers: Header) -> Response:
    url = stage.url("device_authorization_endpoint")
    return stage.server(Request.form(url, fields.items(), headers))


def test_basic_is_form_decoded() -> None:
    stage = Stage()
    secret = stage.config.client("kiosk").secret or ""

    assert start(stage, {}, basic("kiosk", secret)).status == 200
    assert start(stage, {}, basic("kiosk", secret, encode=False)).error == "invalid_client"


def test_a_secret_in_the_body() -> None:
    stage = Stage()
    fields = {"client_id": "locker", "client_secret": stage.config.client("locker").secret or ""}

    assert start(stage, fields).status == 200
    assert start(stage, {**fields, "client_secret": "wrong"}).error == "invalid_client"
    assert start(stage, {"client_id": "locker"}).error == "invalid_client"


def test_a_wrong_basic_secret_is_challenged() -> None:
    answer = start(Stage(), {}, basic("kiosk", "wrong"))

    assert (answer.status, answer.error) == (401, "invalid_client")
    assert (answer.header("www-authenticate") or "").startswith("Basic ")


@pytest.mark.parametrize("sent", ["Basic !!!", "Basic", "Basic " + "eA==", "Bearer x", "Digest"])
def test_an_unreadable_header_is_no_client(sent: str) -> None:
    answer = start(Stage(), {"client_id": "tv"}, ("authorization", sent))

    assert (answer.status, answer.error) == (401, "invalid_client")


def test_two_ways_at_once_are_invalid() -> None:
    stage = Stage()
    secret = stage.config.client("kiosk").secret or ""
    fields = {"client_id": "kiosk", "client_secret": secret}

    assert start(stage, fields, basic("kiosk", secret)).error == "invalid_request"
    assert start(stage, {}, basic("kiosk", secret), basic("kiosk", secret)).error == (
        "invalid_request"
    )


def test_header_and_body_must_name_the_same_client() -> None:
    stage = Stage()
    header = basic("kiosk", stage.config.client("kiosk").secret or "")

    assert start(stage, {"client_id": "tv"}, header).error == "invalid_request"
    assert start(stage, {"client_id": "kiosk"}, header).status == 200


def test_a_server_may_insist_on_the_registered_method() -> None:
    class Insisting(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"insists_on_auth_method": True}

    stage = Stage(rules=Insisting())
    secret = stage.config.client("kiosk").secret or ""

    assert start(stage, {"client_id": "kiosk", "client_secret": secret}).error == "invalid_client"
    assert start(stage, {}, basic("kiosk", secret)).status == 200
    assert Freedom().insists_on_auth_method is False
