"""Polls against the oracle, pages without the device_code, TLS, and answers of 500 and above."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.tests.histories import AS, CODE, CODES, TARGET, History, answered
from harness.verdict import Verdict
from harness.wire import NoAnswer, Response

FAIL, WARN = Verdict.FAIL, Verdict.WARN
HTML = (("content-type", "text/html"),)
TLS = {
    "RFC8628-3.1-tls-as",
    "RFC6749-3.2-tls",
    "RFC8628-3.2-verification_uri-https",
    "RFC8628-3.3-tls-session",
}


def a_flow() -> History:
    """From the codes to the token, with a denied reuse at the end."""
    history = History()
    history.issue()
    history.poll(6)
    history.page(f"{AS}/device", Response(200, HTML, b"<h1>Connect a device</h1>"), 7)
    history.decide(8)
    history.poll(15, "token")
    history.poll(21, "invalid_grant")
    return history


def test_a_lawful_flow_breaks_no_rule() -> None:
    history = a_flow()
    assert history.violated() == {}
    assert {
        "RFC8628-3.5-pending",
        "RFC8628-3.5-success",
        "RFC8628-3.5-single-use",
    } <= history.held()


@pytest.mark.parametrize(
    ("answers", "requirement", "verdict"),
    [
        (["token"], "RFC8628-3.3-choice", WARN),
        (["access_denied"], "RFC8628-3.5-pending", FAIL),
        (["invalid_grant"], "RFC8628-3.5-pending", FAIL),
        (["slow_down"], "RFC8628-3.5-first-poll-immediate", WARN),
        (["authorization_pending", "slow_down"], "RFC8628-3.5-slow_down-exact-interval", FAIL),
        (["authorization_pending", "nonsense"], "RFC8628-3.5-pending", FAIL),
    ],
)
def test_polls_are_held_to_the_oracle(
    answers: list[str], requirement: str, verdict: Verdict
) -> None:
    history = History()
    history.issue()
    for turn, answer in enumerate(answers, 1):
        history.poll(6.0 * turn, answer)
    assert history.violated()[requirement] is verdict


@pytest.mark.parametrize("nothing", [NoAnswer("timeout", "too slow"), Response(429), Response(503)])
def test_a_poll_that_was_not_answered_is_not_judged(nothing: NoAnswer | Response) -> None:
    history = History()
    history.issue()
    history.poll(6, nothing)
    assert "RFC8628-3.5-pending" not in {one.requirement for one in history.judged()}


def test_what_may_be_the_persons_doing_is_not_held_against_the_target() -> None:
    history = History()
    history.issue()
    history.decide(3)
    history.poll(20, "access_denied")
    assert "RFC8628-3.5-success" not in history.violated()


@pytest.mark.parametrize(
    "page",
    [
        Response(200, HTML, f"<input type=hidden value={CODE}>".encode()),
        Response(302, (("location", f"/next?dc={CODE}"),)),
        Response(200, (("set-cookie", f"flow={CODE}; path=/"),)),
    ],
)
def test_a_page_with_the_device_code_is_a_leak(page: Response) -> None:
    history = History()
    history.issue()
    history.page(f"{AS}/device", page, 3)
    assert history.violated()["RFC8628-3.3-no-device_code-page"] is FAIL


def test_an_address_with_the_device_code_is_a_leak() -> None:
    history = History()
    history.issue(device_code="a/b+c=d-0123456789")
    history.page(f"{AS}/device?c=a%2Fb%2Bc%3Dd-0123456789&x=%", Response(200), 3)
    assert history.violated() == {}, "typed by the person: no leak of the server"
    history.page(f"{AS}/device", Response(200, HTML, b"a%2Fb%2Bc%3Dd-0123456789"), 4)
    assert history.violated() == {}


def test_an_encoded_device_code_on_a_page_is_a_leak() -> None:
    history = History()
    history.issue(device_code="a/b+c=d-0123456789")
    history.page(f"{AS}/device", Response(200, HTML, b"href='?c=a%2Fb%2Bc%3Dd-0123456789'"), 4)
    assert history.violated()["RFC8628-3.3-no-device_code-page"] is FAIL


def test_plain_http_is_no_tls() -> None:
    plain = replace(
        TARGET,
        token_endpoint="http://as.example/token",
        device_authorization_endpoint="http://as.example/da",
    )
    history = History()
    history.issue(verification_uri="http://as.example/d")
    history.poll(6)
    history.page("http://as.example/d", Response(200))
    found = {key: history.violated(plain)[key] for key in TLS}
    # There the MUST is the device's.
    assert found == {**dict.fromkeys(TLS, FAIL), "RFC8628-3.1-tls-as": WARN}


def test_https_is_tls() -> None:
    assert a_flow().held() >= TLS


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "as.localhost"])
def test_tls_is_not_expected_on_this_machine(host: str) -> None:
    local = replace(TARGET, token_endpoint=f"http://{host}:8080/token")
    verdicts = {one.verdict for one in a_flow().judged(local) if one.requirement in TLS}
    assert verdicts == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("host", ["127.example", "localhost.example", "10.0.0.1", "1270.0.0.1"])
def test_other_machines_are_not_this_one(host: str) -> None:
    elsewhere = replace(TARGET, token_endpoint=f"http://{host}/token")
    assert a_flow().violated(elsewhere)["RFC6749-3.2-tls"] is FAIL


@pytest.mark.parametrize(
    ("response", "violated"),
    [
        (Response(500), True),
        (Response(502, HTML, b"<h1>Bad gateway</h1>"), True),
        (Response(503, (("retry-after", "5"),)), False),
        (answered({"error": "invalid_request"}, 400), False),
    ],
)
def test_nothing_may_provoke_a_server_error(response: Response, violated: bool) -> None:
    history = History()
    history.issue()
    history.poll(6, response, manner="malformed")
    assert ("HTTP-5xx" in history.violated()) is violated


def test_one_server_error_is_an_accident_and_two_are_a_fault() -> None:
    history = History()
    history.issue()
    history.poll(6, Response(500))
    assert history.violated()["HTTP-5xx"] is WARN
    history.poll(12)
    assert history.violated()["HTTP-5xx"] is WARN, "it went away"
    history.poll(18, Response(502))
    assert history.violated()["HTTP-5xx"] is FAIL


def test_server_errors_at_the_same_time_or_elsewhere_are_no_second_ones() -> None:
    history = History()
    history.issue(0, Response(500))
    first = history.poll(6, Response(500))
    history.poll(6, Response(500), after=first.after)
    assert history.violated()["HTTP-5xx"] is WARN


@pytest.mark.parametrize(
    ("cookie", "verdict"),
    [
        ("sid=1; HttpOnly", WARN),
        ("sid=1; Path=/; httponly; SameSite=Lax", WARN),
        ("sid=1; HttpOnly; Secure", None),
        ("sid=1; secure ; HttpOnly", None),
        ("language=en", None),
        ("sid=; HttpOnly; Max-Age=0", None),
    ],
)
def test_a_cookie_of_the_session_is_kept_off_plain_http(
    cookie: str, verdict: Verdict | None
) -> None:
    history = History()
    history.issue()
    history.page(f"{AS}/device", Response(200, (*HTML, ("set-cookie", cookie))), 7)
    assert history.violated().get("RFC8628-3.3-tls-session") is verdict


def test_a_gateways_word_on_hostile_bytes_is_its_own() -> None:
    history = History()
    history.poll(6, Response(502), manner="hostile")
    assert "HTTP-5xx" not in history.violated()


def test_an_empty_transcript_has_nothing_to_say() -> None:
    assert History().judged() == []


def test_checks_look_at_every_member_of_codes() -> None:
    for name in CODES:
        history = History()
        history.issue(response=answered(CODES | {name: []}))
        assert history.violated(), name
