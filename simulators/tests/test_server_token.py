"""The token endpoint: polls, refreshes, clients for themselves."""

import threading

import pytest

from harness.wire import DEVICE_CODE_GRANT, FORM, Answer, Request
from simulators.server import Account, Config
from simulators.server.config import CLIENT_CREDENTIALS_GRANT, REFRESH_TOKEN_GRANT
from simulators.tests.browsing import SCOPE, Stage


def test_pending_then_tokens_then_nothing_more() -> None:
    stage = Stage()
    first = stage.poll()
    stage.decide()
    stage.clock.sleep(5)
    success = stage.poll_response()
    body = success.json() or {}

    assert first is Answer.PENDING
    assert success.status == 200 and body["token_type"] == "Bearer" and body["scope"] == SCOPE
    assert success.header("cache-control") == "no-store" and success.header("pragma") == "no-cache"
    assert body["expires_in"] == 3600 and body["refresh_token"] and body["id_token"]
    assert stage.poll() is Answer.INVALID_GRANT


def test_a_refusal_reaches_the_device_and_stays() -> None:
    stage = Stage()
    stage.decide("deny")

    assert [stage.poll(), stage.poll()] == [Answer.DENIED, Answer.DENIED]


def test_the_first_poll_is_free_and_five_seconds_are_enough() -> None:
    stage = Stage()
    answers = []
    for pause in (0, 5, 4.95, 4.5, 5, 5):
        stage.clock.sleep(pause)
        answers.append(stage.poll())

    assert answers == [Answer.PENDING] * 3 + [Answer.SLOW_DOWN] + [Answer.PENDING] * 2


def test_an_early_poll_still_sees_the_decision() -> None:
    stage = Stage()
    stage.poll()
    stage.decide()

    assert stage.poll() is Answer.TOKEN


def test_expiry_comes_before_everything_else() -> None:
    stage = Stage()
    stage.decide()
    stage.clock.sleep(1800)

    assert [stage.poll(), stage.poll()] == [Answer.EXPIRED, Answer.EXPIRED]


def test_the_last_moment_still_counts() -> None:
    stage = Stage()
    stage.decide()
    stage.clock.sleep(1799.9)

    assert stage.poll() is Answer.TOKEN


def test_another_client_learns_and_changes_nothing() -> None:
    stage = Stage()
    answers = [stage.poll(client_id="radio") for _ in range(3)]
    stage.decide()
    answers.append(stage.poll(client_id="radio"))

    assert answers == [Answer.INVALID_GRANT] * 4
    assert stage.poll() is Answer.TOKEN


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"grant_type": ""}, Answer.INVALID_REQUEST),
        ({"grant_type": "device_code"}, Answer.UNSUPPORTED_GRANT_TYPE),
        ({"device_code": ""}, Answer.INVALID_REQUEST),
        ({"device_code": "x"}, Answer.INVALID_GRANT),
        ({"client_id": ""}, Answer.INVALID_REQUEST),
        ({"client_id": "nobody"}, Answer.INVALID_CLIENT),
        ({"client_id": "web-only"}, Answer.UNAUTHORIZED_CLIENT),
        ({"scope": "", "client_secret": "", "x_probe": "1"}, Answer.PENDING),
    ],
)
def test_what_is_wrong_with_a_poll_is_named(fields: dict[str, str], answer: Answer) -> None:
    assert Stage().poll(**fields) is answer


def test_the_user_code_buys_nothing() -> None:
    stage = Stage()
    stage.decide()

    assert stage.poll(device_code=stage.started["user_code"]) is Answer.INVALID_GRANT


def test_a_device_code_may_be_escaped_throughout() -> None:
    stage = Stage()
    escaped = "".join(f"%{ord(sign):02X}" for sign in stage.started["device_code"])
    body = f"grant_type={DEVICE_CODE_GRANT}&client_id=tv&device_code={escaped}".encode()
    request = Request("POST", stage.url("token_endpoint"), (("content-type", FORM),), body)

    assert stage.server(request).error == "authorization_pending"


def test_polls_at_the_same_time_buy_one_token() -> None:
    stage = Stage()
    stage.decide()
    answers: list[Answer] = []
    gate = threading.Barrier(8)

    def poll() -> None:
        gate.wait()
        answers.append(stage.poll())

    threads = [threading.Thread(target=poll) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count(Answer.TOKEN) == 1 and answers.count(Answer.INVALID_GRANT) == 7


def test_a_wider_scope_in_the_poll_is_not_given() -> None:
    stage = Stage()
    stage.decide()
    body = stage.poll_response(scope=f"{SCOPE} dashboard:write").json() or {}

    assert body["scope"] == SCOPE


def test_a_closed_account_gives_nothing() -> None:
    stage = Stage()
    stage.decide()
    stage.server.disable("alice")

    assert stage.poll() is Answer.DENIED


def test_what_a_person_may_not_hand_on_is_left_out_and_announced() -> None:
    carol = Account("carol", "pw", {"sub": "c"}, scopes=frozenset({"openid"}))
    demo = Config.demo(seed="tests")
    stage = Stage(Config(clients=demo.clients, accounts=(carol,)))
    stage.decide(username="carol")

    assert (stage.poll_response().json() or {})["scope"] == "openid"


def refresh(stage: Stage, token: str, **more: str) -> dict[str, str]:
    usual = {"grant_type": REFRESH_TOKEN_GRANT, "refresh_token": token, "client_id": "tv"}
    return stage.token(**{**usual, **more}).json() or {}


def test_a_refresh_token_is_replaced_and_its_reuse_ends_the_family() -> None:
    stage = Stage()
    old = stage.tokens()
    new = refresh(stage, old["refresh_token"])
    dashboard = "https://reference.example/dashboard"

    assert new["refresh_token"] != old["refresh_token"] and new["scope"] == SCOPE
    assert stage.use("GET", dashboard, new["access_token"]).status == 200
    assert refresh(stage, old["refresh_token"])["error"] == "invalid_grant"
    assert refresh(stage, new["refresh_token"])["error"] == "invalid_grant"
    assert stage.use("GET", dashboard, new["access_token"]).status == 401


def test_a_refresh_may_narrow_the_scope_but_not_widen_it() -> None:
    stage = Stage()
    token = stage.tokens()["refresh_token"]

    assert refresh(stage, token, scope=f"{SCOPE} email")["error"] == "invalid_scope"
    assert refresh(stage, token, scope="openid")["scope"] == "openid"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"client_id": "radio"}, "invalid_grant"),
        ({"refresh_token": "x"}, "invalid_grant"),
        ({"refresh_token": ""}, "invalid_request"),
    ],
)
def test_a_refresh_token_is_its_clients_only(more: dict[str, str], error: str) -> None:
    stage = Stage()

    assert refresh(stage, stage.tokens()["refresh_token"], **more)["error"] == error


def test_a_client_may_act_for_itself() -> None:
    stage = Stage()
    signage = stage.config.client("signage")
    fields = {"client_id": "signage", "client_secret": signage.secret or ""}
    body = stage.token(grant_type=CLIENT_CREDENTIALS_GRANT, **fields).json() or {}

    assert body["scope"] == "dashboard:read dashboard:write" and "refresh_token" not in body
    answer = stage.token(grant_type=CLIENT_CREDENTIALS_GRANT, client_id="tv")
    assert answer.error == "unauthorized_client"
