"""Protected resources, introspection and revocation."""

import pytest

from harness.wire import Request
from simulators.tests.browsing import Stage

DASHBOARD = "https://reference.example/dashboard"


def challenge(stage: Stage, method: str, token: str | None) -> tuple[int, str | None]:
    answer = stage.use(method, DASHBOARD, token)
    return answer.status, answer.header("www-authenticate")


def test_who_shows_nothing_is_told_nothing() -> None:
    assert challenge(Stage(), "GET", None) == (401, 'Bearer realm="https://reference.example"')


def test_a_bad_token_is_called_invalid() -> None:
    expected = 'Bearer realm="https://reference.example", error="invalid_token"'

    assert challenge(Stage(), "GET", "x") == (401, expected)


@pytest.mark.parametrize("sent", [("Bearer ",), ("Bearer a b",), ("Bearer a", "Bearer b")])
def test_a_malformed_header_is_an_invalid_request(sent: tuple[str, ...]) -> None:
    headers = tuple(("Authorization", value) for value in sent)
    answer = Stage().server(Request("GET", DASHBOARD, headers))

    assert answer.status == 400
    assert 'error="invalid_request"' in (answer.header("www-authenticate") or "")


def test_reading_is_not_writing() -> None:
    stage = Stage()
    token = stage.tokens("openid dashboard:read")["access_token"]
    status, text = challenge(stage, "POST", token)

    assert challenge(stage, "GET", token) == (200, None)
    assert status == 403 and text is not None
    assert 'error="insufficient_scope"' in text and 'scope="dashboard:write"' in text
    writer = stage.tokens("dashboard:write")["access_token"]
    assert challenge(stage, "PUT", writer) == (200, None)
    assert challenge(stage, "GET", writer)[0] == 403
    assert challenge(stage, "DELETE", writer) == (405, None)


def test_userinfo_tells_what_the_scope_covers() -> None:
    stage = Stage()
    url = stage.url("userinfo_endpoint")
    alice = stage.config.account("alice")

    def claims(scope: str) -> dict[str, str] | None:
        return stage.use("GET", url, stage.tokens(scope)["access_token"]).json()

    assert claims("openid") == {"sub": alice.sub}
    assert claims("openid profile") == {"sub": alice.sub, "name": "Alice Appleyard"}
    assert claims("openid email") == {"sub": alice.sub, "email": "alice@people.example"}
    assert stage.use("GET", url, stage.tokens("profile")["access_token"]).status == 403


def test_an_access_token_dies_in_time_with_its_account_and_an_id_token_never_serves() -> None:
    stage = Stage()
    tokens = stage.tokens()

    assert challenge(stage, "GET", tokens["id_token"])[0] == 401
    stage.server.disable("alice")
    assert challenge(stage, "GET", tokens["access_token"])[0] == 401
    stage.server.enable("alice")
    assert challenge(stage, "GET", tokens["access_token"])[0] == 200
    stage.clock.sleep(3600)
    assert challenge(stage, "GET", tokens["access_token"])[0] == 401


def lifecycle(stage: Stage, endpoint: str, token: str, client_id: str = "locker") -> Request:
    fields = {"client_id": client_id, "token": token}
    secret = stage.config.client(client_id).secret
    if secret:
        fields["client_secret"] = secret
    return Request.form(stage.url(endpoint), fields.items())


def test_introspection_knows_the_living_and_says_nothing_of_the_rest() -> None:
    stage = Stage()
    tokens = stage.tokens()

    def inspected(token: str) -> dict[str, object]:
        return stage.server(lifecycle(stage, "introspection_endpoint", token)).json() or {}

    living = inspected(tokens["access_token"])
    assert living["active"] is True and living["client_id"] == "tv"
    assert inspected(tokens["refresh_token"])["active"] is True
    for dead in ("x", stage.started["device_code"], stage.started["user_code"]):
        assert inspected(dead) == {"active": False}
    asked_by_public = lifecycle(stage, "introspection_endpoint", tokens["access_token"], "tv")
    assert stage.server(asked_by_public).error == "invalid_client"


def test_revocation_ends_the_family_for_its_own_client_only() -> None:
    stage = Stage()
    tokens = stage.tokens()
    foreign = stage.server(lifecycle(stage, "revocation_endpoint", tokens["refresh_token"]))
    assert foreign.error == "invalid_grant"
    assert challenge(stage, "GET", tokens["access_token"])[0] == 200

    own = stage.server(lifecycle(stage, "revocation_endpoint", tokens["refresh_token"], "tv"))
    assert own.status == 200
    assert challenge(stage, "GET", tokens["access_token"])[0] == 401
    assert stage.server(lifecycle(stage, "revocation_endpoint", "x", "tv")).status == 200
