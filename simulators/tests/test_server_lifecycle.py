"""What ends before its time: secrets that are tried, approvals and tokens that are taken back."""

from __future__ import annotations

import base64

import pytest

from harness.wire import Answer, Request, Response
from simulators.server import Rules
from simulators.server.clients import shown_id
from simulators.tests.browsing import Stage


def asks(stage: Stage, endpoint: str, client_id: str, **fields: str) -> Response:
    secret = stage.config.client(client_id).secret
    named = {"client_id": client_id} | ({"client_secret": secret} if secret else {})
    return stage.server(Request.form(stage.url(endpoint), [*named.items(), *fields.items()]))


def tries(stage: Stage, secret: str, peer: str = "", client_id: str = "locker") -> Response:
    fields = {"client_id": client_id, "client_secret": secret}
    request = Request.form(stage.url("device_authorization_endpoint"), fields.items())
    return stage.server(request.with_header("x-devicegrant-peer", peer) if peer else request)


def test_wrong_secrets_come_to_an_end() -> None:
    stage = Stage()
    answers = [tries(stage, f"wrong-{number}").status for number in range(25)]
    right = stage.config.client("locker").secret or ""

    assert answers[:20] == [401] * 20
    assert answers[20:] == [429] * 5
    assert tries(stage, right).status == 429
    assert tries(stage, right, peer="192.0.2.7").status == 200
    assert tries(stage, "wrong", client_id="kiosk").status == 401
    stage.clock.sleep(60)
    assert tries(stage, right).status == 200


def test_right_secrets_are_not_counted() -> None:
    stage = Stage()
    right = stage.config.client("locker").secret or ""

    assert {tries(stage, right).status for _ in range(30)} == {200}


@pytest.mark.parametrize(
    ("header", "who"),
    [
        ("Basic " + base64.b64encode(b"kiosk:x").decode(), "kiosk"),
        ("Basic !", ""),
        ("Basic é", ""),
        ("Basic", ""),
    ],
)
def test_whom_basic_credentials_are_for(header: str, who: str) -> None:
    assert shown_id({}, header) == who


def test_an_approval_that_was_taken_back_is_worth_nothing() -> None:
    stage = Stage()
    stage.decide()
    stage.server.withdraw("bob")
    other = stage.ask()
    stage.server.withdraw("alice")

    assert stage.poll() is Answer.DENIED
    stage.clock.sleep(5)
    stage.started = other
    stage.decide()
    assert stage.poll() is Answer.TOKEN


def test_tokens_end_when_access_is_taken_back() -> None:
    stage = Stage()
    tokens = stage.tokens()

    def opens() -> int:
        return stage.use("GET", stage.url("userinfo_endpoint"), tokens["access_token"]).status

    stage.server.withdraw("bob")
    assert opens() == 200
    stage.server.withdraw("alice")
    assert opens() == 401
    refused = stage.token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id="tv"
    )
    assert refused.error == "invalid_grant"


def test_bob_may_not_use_the_locker() -> None:
    stage = Stage()
    codes = asks(stage, "device_authorization_endpoint", "locker", scope="profile").json() or {}
    stage.started = codes
    stage.decide(username="bob")
    polled = asks(
        stage,
        "token_endpoint",
        "locker",
        grant_type="urn:ietf:params:oauth:grant-type:device_code",
        device_code=codes["device_code"],
    )

    assert polled.error == "access_denied"


@pytest.mark.parametrize("hint", ["refresh_token", "access_token", "x-unknown"])
def test_a_hint_decides_nothing(hint: str) -> None:
    stage = Stage()
    token = stage.tokens()["refresh_token"]

    asked = asks(stage, "revocation_endpoint", "tv", token=token, token_type_hint=hint)
    later = stage.token(grant_type="refresh_token", refresh_token=token, client_id="tv")

    assert asked.status == 200
    assert later.error == "invalid_grant"


@pytest.mark.parametrize("seed", range(4))
def test_an_inactive_token_is_called_that_and_no_more(seed: int) -> None:
    stage = Stage(seed=seed)

    assert asks(stage, "introspection_endpoint", "kiosk", token="x").json() in (
        {"active": False},
        # Where Basic is the only way in, a secret in the body does not get that far.
        {
            "error": "invalid_client",
            "error_description": "this client is registered for another method",
        },
    )
    assert asks(stage, "introspection_endpoint", "locker", token="x").body == b'{"active":false}'


def test_a_password_goes_no_further_than_the_page_that_asks_for_it() -> None:
    stage = Stage()
    browser = stage.decide()

    assert {page.status for _, page in browser.seen if page.status // 100 == 3} == {303}
    assert "autofocus" not in "".join(page.text for _, page in browser.seen)


def test_a_rule_may_set_the_focus() -> None:
    class Eager(Rules):
        def focused_choice(self) -> str:
            return "approve"

    page = Stage(rules=Eager()).consent().page.text

    assert '<button name="decision" value="approve" autofocus>' in page
    assert page.count("autofocus") == 1
