"""What a device authorization response must look like: each rule held, and each rule broken."""

from __future__ import annotations

import base64
import hashlib

import pytest

from harness.checks import codes
from harness.requirements import on_violation
from harness.tests.histories import AS, CODES, JSON, PRIVATE, USER_CODE, History, answered
from harness.verdict import Judge, Verdict
from harness.wire import Response

FAIL, WARN = Verdict.FAIL, Verdict.WARN
SHA256 = hashlib.sha256(USER_CODE.encode()).hexdigest()


def judge_of(*responses: Response) -> dict[str, set[Verdict]]:
    """The verdicts of the codes' checks alone, by requirement."""
    history = History()
    for at, response in enumerate(responses):
        history.issue(at, response)
    judge = Judge(on_violation)
    codes.check(history.transcript, judge)
    found: dict[str, set[Verdict]] = {}
    for one in judge.judgements:
        found.setdefault(one.requirement, set()).add(one.verdict)
    return found


def test_a_lawful_response_is_above_reproach() -> None:
    found = judge_of(answered(CODES))
    assert set().union(*found.values()) == {Verdict.PASS}
    assert len(found) >= 20


@pytest.mark.parametrize(
    "members",
    [
        {"expires_in": 600.0},
        {"interval": 5.0},
        {"verification_uri_complete": f"{AS}/d/9f3bZ"},
        {"verification_uri": "https://as.example:443/device"},
        {"user_code": "482-193-557"},
        {"device_code": "9b2e7f7a-5c1d-4c0e-8f6a-3d2b1c0a9e8f"},
    ],
)
def test_what_the_rfc_leaves_free_is_free(members: dict[str, object]) -> None:
    found = judge_of(answered(CODES | members))
    assert set().union(*found.values()) == {Verdict.PASS}


@pytest.mark.parametrize("name", ["interval", "verification_uri_complete"])
def test_optional_members_may_be_missing(name: str) -> None:
    found = judge_of(answered({k: v for k, v in CODES.items() if k != name}))
    assert set().union(*found.values()) == {Verdict.PASS}


BROKEN = [
    ({"device_code": ""}, "RFC8628-3.2-device_code", FAIL),
    ({"device_code": 7}, "RFC8628-3.2-device_code", FAIL),
    ({"user_code": None}, "RFC8628-3.2-user_code", FAIL),
    ({"user_code": ["A"]}, "RFC8628-3.2-user_code", FAIL),
    ({"verification_uri": "/device"}, "RFC8628-3.2-verification_uri", FAIL),
    ({"verification_uri": "http://["}, "RFC8628-3.2-verification_uri", FAIL),
    ({"verification_uri": None}, "RFC8628-3.2-verification_uri", FAIL),
    ({"verification_uri": f"{AS}/{'x' * 40}"}, "RFC8628-3.2-verification_uri-short", WARN),
    ({"verification_uri": f"{AS}/d?a=b"}, "RFC8628-3.2-verification_uri-short", WARN),
    ({"verification_uri": "https://as.example:8443/"}, "RFC8628-3.2-verification_uri-short", WARN),
    ({"verification_uri": f"{AS}/d/{USER_CODE}"}, "RFC8628-3.3-no-user_code-in-uri", WARN),
    ({"expires_in": 0}, "RFC8628-3.2-expires_in", FAIL),
    ({"expires_in": -5}, "RFC8628-3.2-expires_in", FAIL),
    ({"expires_in": None}, "RFC8628-3.2-expires_in", FAIL),
    ({"expires_in": "600"}, "RFC8628-3.2-expires_in-number", WARN),
    ({"expires_in": 600.5}, "RFC8628-3.2-expires_in-number", WARN),
    ({"expires_in": "soon"}, "RFC8628-3.2-expires_in-number", FAIL),
    ({"expires_in": True}, "RFC8628-3.2-expires_in-number", FAIL),
    ({"expires_in": 60}, "RFC8628-5.4-lifetime-min", WARN),
    ({"expires_in": 7200}, "RFC8628-5.4-lifetime-max", WARN),
    ({"interval": "5"}, "RFC8628-3.2-interval-number", WARN),
    ({"interval": 0}, "RFC8628-3.2-interval-number", WARN),
    ({"interval": None}, "RFC8628-3.2-interval-number", WARN),
    ({"interval": -1}, "RFC8628-3.2-interval-number", FAIL),
    ({"interval": "often"}, "RFC8628-3.2-interval-number", FAIL),
    ({"interval": 600}, "RFC8628-3.2-interval-sane", WARN),
    ({"interval": 61}, "RFC8628-3.2-interval-sane", WARN),
    ({"verification_uri_complete": None}, "RFC8628-3.2-complete-optional", WARN),
    ({"verification_uri_complete": ""}, "RFC8628-3.2-complete-optional", WARN),
    ({"device_code": f"x{USER_CODE}y"}, "RFC8628-5.2-independent", FAIL),
    ({"device_code": SHA256}, "RFC8628-5.2-independent", FAIL),
    (
        {"device_code": base64.urlsafe_b64encode(USER_CODE.encode()).decode()},
        "RFC8628-5.2-independent",
        FAIL,
    ),
    (
        {"verification_uri_complete": f"{AS}/d?c={CODES['device_code']}"},
        "RFC8628-3.3-no-device_code-uri",
        FAIL,
    ),
]


@pytest.mark.parametrize(("members", "requirement", "verdict"), BROKEN)
def test_each_rule_can_be_broken(
    members: dict[str, object], requirement: str, verdict: Verdict
) -> None:
    assert verdict in judge_of(answered(CODES | members))[requirement]


@pytest.mark.parametrize("name", ["device_code", "user_code", "verification_uri", "expires_in"])
def test_each_required_member_is_required(name: str) -> None:
    found = judge_of(answered({k: v for k, v in CODES.items() if k != name}))
    assert found[f"RFC8628-3.2-{name}"] == {FAIL}


def test_the_name_that_drafts_used_is_no_verification_uri() -> None:
    old = {k: v for k, v in CODES.items() if k != "verification_uri"}
    history = History()
    history.issue(response=answered(old | {"verification_url": f"{AS}/device"}))
    [told] = [j for j in history.judged() if j.requirement == "RFC8628-3.2-verification_uri"]
    assert told.verdict is FAIL
    assert "verification_url" in told.received


@pytest.mark.parametrize(
    ("response", "requirement", "verdict"),
    [
        (answered(CODES, 201), "RFC8628-3.2-status", FAIL),
        (answered(CODES, 200, (("content-type", "text/html"),)), "RFC8628-3.2-json", FAIL),
        (Response(200, PRIVATE, b"device_code=a&user_code=b"), "RFC8628-3.2-json", FAIL),
        (answered(CODES, 200, JSON), "RFC8628-3.2-no-store", WARN),
        (
            Response(200, PRIVATE, b'{"device_code":"a","device_code":"b","user_code":"c"}'),
            "RFC8628-3.1-dup-response",
            FAIL,
        ),
        (answered({"error": "invalid_client"}), "RFC8628-3.2-error-not-200", FAIL),
        (answered({"ok": False}), "RFC8628-3.2-error-not-200", FAIL),
    ],
)
def test_the_envelope_can_be_wrong(response: Response, requirement: str, verdict: Verdict) -> None:
    assert judge_of(response)[requirement] == {verdict}


def test_every_flow_gets_codes_and_a_link_of_its_own() -> None:
    first = CODES | {"verification_uri_complete": f"{AS}/d/9f3b"}
    twice = judge_of(answered(first), answered(first))
    for requirement in ("device_code-unique", "user_code-unique", "complete-carries-code"):
        assert FAIL in twice[f"RFC8628-3.2-{requirement}"]
    other = {"device_code": "b" * 30, "user_code": "BBBB-CCCC"}
    good = judge_of(
        answered(first), answered(first | other | {"verification_uri_complete": f"{AS}/d/77aa"})
    )
    for requirement in ("device_code-unique", "user_code-unique", "complete-carries-code"):
        assert good[f"RFC8628-3.2-{requirement}"] == {Verdict.PASS}


def test_a_user_code_that_is_spelled_otherwise_is_the_same_code() -> None:
    spelled = CODES | {"device_code": "b" * 30, "user_code": "wdjb mjht"}
    assert judge_of(answered(CODES), answered(spelled))["RFC8628-3.2-user_code-unique"] == {FAIL}


def test_codes_beyond_ascii_are_told_apart() -> None:
    first, second = (
        {"user_code": code, "device_code": code * 9} for code in ("かきくけ", "さしすせ")
    )
    found = judge_of(answered(CODES | first), answered(CODES | second))
    assert found["RFC8628-3.2-user_code-unique"] == {Verdict.PASS}


def test_six_digits_inside_a_long_code_are_chance() -> None:
    lucky = {"user_code": "482193", "device_code": "9b2e7f482193c0e8f6a3d2b1c0a9e8f7"}
    assert judge_of(answered(CODES | lucky))["RFC8628-5.2-independent"] == {Verdict.PASS}


def test_no_message_shows_a_value_that_may_be_secret() -> None:
    history = History()
    history.issue(device_code=["s3cr3t-device-code"], user_code={"a": "s3cr3t"})
    assert "s3cr3t" not in " ".join(one.message for one in history.judged())


def test_errors_and_odd_requests_are_no_device_authorization_responses() -> None:
    history = History()
    history.issue(response=answered({"error": "invalid_client"}, 400))
    judge = Judge(on_violation)
    codes.check(history.transcript, judge)
    assert judge.judgements == []
