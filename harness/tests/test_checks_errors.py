"""What an error must look like, at both endpoints: each rule held, and each rule broken."""

from __future__ import annotations

import pytest

from harness.checks import errors
from harness.requirements import on_violation
from harness.tests.histories import (
    DEVICE_ENDPOINT,
    JSON,
    PRIVATE,
    TOKEN_ENDPOINT,
    History,
    answered,
)
from harness.transcript import Manner
from harness.verdict import Judge, Verdict
from harness.wire import Request, Response

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS


def judged(history: History) -> dict[str, set[Verdict]]:
    judge = Judge(on_violation)
    errors.check(history.transcript, judge)
    found: dict[str, set[Verdict]] = {}
    for one in judge.judgements:
        found.setdefault(one.requirement, set()).add(one.verdict)
    return found


def at_token(response: Response, manner: Manner = "lawful") -> dict[str, set[Verdict]]:
    history = History()
    history.poll(1, response, manner=manner)
    return judged(history)


def at_device(response: Response) -> dict[str, set[Verdict]]:
    history = History()
    history.issue(response=response)
    return judged(history)


@pytest.mark.parametrize(
    "response",
    [
        answered({"error": "authorization_pending"}, 400),
        answered({"error": "slow_down", "interval": 10}, 400),
        answered({"error": "invalid_grant", "error_description": "Used."}, 400),
        answered({"error": "invalid_client"}, 401),
        answered({"error": "invalid_grant", "error_uri": "https://as.example/why"}, 400),
        answered({"error": "x"}, 400, (("content-type", "application/json; charset=UTF-8"),)),
    ],
)
def test_lawful_errors_fail_nothing_at_the_token_endpoint(response: Response) -> None:
    found = at_token(response)
    allowed = {"RFC8628-3.5-error-member"} if response.error == "x" else set()
    assert {key for key, verdicts in found.items() if verdicts != {PASS}} == allowed


WRONG = [
    ({"error": "authorization_pending"}, 428, "RFC8628-3.5-pending-status", WARN),
    ({"error": "authorization_pending"}, 200, "RFC8628-3.5-pending-status", FAIL),
    ({"error": "authorization_pending"}, 500, "RFC8628-3.5-pending-status", FAIL),
    ({"error": "slow_down"}, 429, "RFC8628-3.5-slow_down-status", WARN),
    ({"error": "slow_down"}, 200, "RFC8628-3.5-slow_down-status", FAIL),
    ({"error": "access_denied"}, 403, "RFC8628-3.5-access_denied", WARN),
    ({"error": "access_denied"}, 200, "RFC8628-3.5-access_denied", FAIL),
    ({"error": "expired_token"}, 403, "RFC8628-3.5-expired_token", WARN),
    ({"error": "expired_token"}, 404, "RFC8628-3.5-expired_token", FAIL),
    ({"error": "invalid_grant"}, 403, "RFC6749-5.2-invalid_client-status", WARN),
    ({"error": "invalid_grant"}, 404, "RFC6749-5.2-invalid_client-status", FAIL),
    ({"error": "invalid_client"}, 200, "RFC6749-5.2-invalid_client-status", FAIL),
    ({"error": "bad_verification_code"}, 400, "RFC8628-3.5-error-member", FAIL),
    ({"message": "no"}, 400, "RFC6749-5.2-error-json", FAIL),
    ({"error": 7}, 400, "RFC6749-5.2-error-json", FAIL),
    ({"error": "invalid_grant", "access_token": "a"}, 400, "RFC6749-5.2-no-token-on-error", FAIL),
    ({"error": "slow_down", "id_token": "e.f.g"}, 400, "RFC6749-5.2-no-token-on-error", FAIL),
    ({"error": "slow_down", "id_token": None}, 400, "RFC6749-5.2-no-token-on-error", PASS),
    ({"error": "slöw"}, 400, "RFC6749-5.2-error-charset", FAIL),
    (
        {"error": "invalid_grant", "error_description": "Zu spät"},
        400,
        "RFC6749-5.2-error-charset",
        WARN,
    ),
    (
        {"error": "invalid_grant", "error_description": 'say "please"'},
        400,
        "RFC6749-5.2-error-charset",
        WARN,
    ),
    ({"error": "invalid_grant", "error_uri": "no where"}, 400, "RFC6749-5.2-error_uri", WARN),
    ({"error": "invalid_grant", "error_uri": 5}, 400, "RFC6749-5.2-error_uri", WARN),
]


@pytest.mark.parametrize(("body", "status", "requirement", "verdict"), WRONG)
def test_each_rule_can_be_broken(
    body: object, status: int, requirement: str, verdict: Verdict
) -> None:
    assert at_token(answered(body, status))[requirement] == {verdict}


def test_an_error_page_is_no_error() -> None:
    page = Response(400, (("content-type", "text/html"),), b"<h1>Bad request</h1>")
    assert at_token(page)["RFC6749-5.2-error-json"] == {FAIL}
    assert at_device(page)["RFC8628-3.2-error-format"] == {FAIL}


def test_an_error_that_may_be_cached_is_worth_knowing() -> None:
    history = History()
    history.poll(1, answered({"error": "invalid_grant"}, 400, JSON))
    judge = Judge(on_violation)
    errors.check(history.transcript, judge)
    [told] = [j for j in judge.judgements if j.requirement == "RFC6749-5.2-no-cache-error"]
    assert told.verdict is PASS
    assert "no-store" in told.message


@pytest.mark.parametrize(
    ("status", "error", "verdict"),
    [
        (400, "invalid_scope", PASS),
        (401, "invalid_client", PASS),
        (403, "unauthorized_client", WARN),
        (401, "invalid_request", WARN),
        (404, "invalid_request", FAIL),
    ],
)
def test_errors_at_the_device_endpoint_look_the_same(
    status: int, error: str, verdict: Verdict
) -> None:
    assert at_device(answered({"error": error}, status))["RFC8628-3.2-error-format"] == {verdict}


@pytest.mark.parametrize(
    "response",
    [
        Response(429, (("retry-after", "5"),), b"too fast"),
        Response(503, (), b"<h1>Maintenance</h1>"),
        Response(502, (), b"<h1>Bad gateway</h1>"),
    ],
)
def test_a_gateway_in_front_speaks_for_itself(response: Response) -> None:
    assert at_token(response) == {}
    assert at_device(response) == {}


def test_answers_to_odd_requests_are_not_judged() -> None:
    page = Response(405, (("content-type", "text/html"),), b"no")
    assert at_token(page, "hostile") == {}
    history = History()
    history.add("token", Request("GET", TOKEN_ENDPOINT), page)
    as_json = Request("POST", DEVICE_ENDPOINT, (("content-type", "application/json"),), b"{}")
    history.add("device_authorization", as_json, page)
    assert judged(history) == {}


def test_successes_are_not_judged_as_errors() -> None:
    assert at_token(answered({"access_token": "a"}, 200, PRIVATE)) == {}
