"""What a token response must look like, and which scope it may carry."""

from __future__ import annotations

import pytest

from harness.checks import tokens
from harness.checks.tokens import scopes
from harness.requirements import on_violation
from harness.tests.histories import (
    CODES,
    DEVICE_ENDPOINT,
    JSON,
    PRIVATE,
    TOKEN,
    TOKEN_ENDPOINT,
    History,
    answered,
)
from harness.verdict import Judge, Verdict
from harness.wire import Header, Request, Response

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS


def judge_of(response: Response) -> dict[str, set[Verdict]]:
    """The verdicts on a token response for codes that were asked for with the scope "a b"."""
    history = History()
    history.issue()
    history.poll(6, response)
    judge = Judge(on_violation)
    tokens.check(history.transcript, judge)
    found: dict[str, set[Verdict]] = {}
    for one in judge.judgements:
        found.setdefault(one.requirement, set()).add(one.verdict)
    return found


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"token_type": "bearer"},
        {"token_type": "DPoP"},
        {"scope": "a b"},
        {"scope": "b"},
        {"scope": ""},
        {"refresh_token": "x", "id_token": "y", "anything": [1]},
        {"expires_in": 0.5},
    ],
)
def test_a_lawful_token_is_above_reproach(members: dict[str, object]) -> None:
    found = judge_of(answered(TOKEN | members))
    assert set().union(*found.values()) == {PASS}
    assert len(found) == 9


BROKEN = [
    ({"token_type": None}, "RFC6749-5.1-token_type", FAIL),
    ({"token_type": ""}, "RFC6749-5.1-token_type", FAIL),
    ({"token_type": "mac"}, "RFC6749-5.1-token_type", WARN),
    ({"expires_in": "3600"}, "RFC6749-5.1-number-types", FAIL),
    ({"expires_in": True}, "RFC6749-5.1-number-types", FAIL),
    ({"scope": ["a"]}, "RFC6749-3.3-scope-syntax", FAIL),
    ({"scope": "a,b"}, "RFC6749-3.3-scope-not-wider", WARN),
    ({"scope": "a  b"}, "RFC6749-3.3-scope-syntax", FAIL),
    ({"scope": "a b roles"}, "RFC6749-3.3-scope-not-wider", WARN),
    ({"scope": ["a", "roles"]}, "RFC6749-3.3-scope-not-wider", WARN),
    ({"scope": "a b openid"}, "RFC6749-3.3-scope-not-wider", WARN),
]


@pytest.mark.parametrize(("members", "requirement", "verdict"), BROKEN)
def test_each_rule_can_be_broken(
    members: dict[str, object], requirement: str, verdict: Verdict
) -> None:
    assert judge_of(answered(TOKEN | members))[requirement] == {verdict}


def test_a_scope_that_others_have_to_ask_for_is_not_given_away() -> None:
    history = History()
    history.issue()
    asked = Request.form(DEVICE_ENDPOINT, [("client_id", "tv"), ("scope", "admin")])
    codes = answered(CODES | {"device_code": "other", "user_code": "BBBB-CCCC"})
    history.add("device_authorization", asked, codes, 1)
    history.poll(6, answered(TOKEN | {"scope": "a b admin"}))
    assert history.violated()["RFC6749-3.3-scope-not-wider"] is FAIL


@pytest.mark.parametrize("life", [None, 0, -1])
def test_a_token_without_a_life_is_worth_a_word(life: object) -> None:
    found = judge_of(answered(TOKEN | {"expires_in": life}))
    assert found["RFC6749-5.1-expires_in"] <= {WARN, FAIL}


@pytest.mark.parametrize(
    ("status", "headers", "requirement", "verdict"),
    [
        (201, PRIVATE, "RFC6749-5.1-json", FAIL),
        (200, (("cache-control", "no-store"), ("pragma", "no-cache")), "RFC6749-5.1-json", FAIL),
        (200, (*JSON, ("pragma", "no-cache")), "RFC6749-5.1-no-store", FAIL),
        (200, (*JSON, ("cache-control", "private")), "RFC6749-5.1-no-store", FAIL),
        (200, (*JSON, ("cache-control", "no-store")), "RFC6749-5.1-pragma", WARN),
    ],
)
def test_the_envelope_can_be_wrong(
    status: int, headers: tuple[Header, ...], requirement: str, verdict: Verdict
) -> None:
    assert judge_of(answered(TOKEN, status, headers))[requirement] == {verdict}


def test_tokens_of_other_grants_are_not_judged() -> None:
    history = History()
    fields = [("grant_type", "refresh_token"), ("refresh_token", "x")]
    request = Request.form(TOKEN_ENDPOINT, fields)
    history.add("token", request, answered({"access_token": "a"}, 201))
    judge = Judge(on_violation)
    tokens.check(history.transcript, judge)
    assert judge.judgements == []


@pytest.mark.parametrize(
    ("member", "names"),
    [("a b", {"a", "b"}), ("", set()), (["a", 5], {"a", "5"}), (None, set()), ({"a": 1}, set())],
)
def test_scope_names_are_read_out_of_anything(member: object, names: set[str]) -> None:
    assert scopes(member) == names
