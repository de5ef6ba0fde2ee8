"""The seam for wrong servers: one overridden method is one wrong behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from harness.wire import FORM, Answer, Request
from simulators.server import Rules
from simulators.tests.browsing import SCOPE, Stage

Story = Callable[[Stage], bool]


def approved_by_a_strange_session(stage: Stage) -> bool:
    first, other = stage.consent("alice"), stage.browser()
    other.get(stage.started["verification_uri"] + "/sign-in")
    stage.sign_in(other, "bob")
    other.post(first.url, {**first.hidden(), "decision": "approve"})
    return stage.poll() is Answer.TOKEN


def approved_without_our_form(stage: Stage) -> bool:
    browser = stage.consent()
    form = {"ref": browser.hidden()["ref"], "decision": "approve"}
    browser.post(browser.url, form)
    return stage.poll() is Answer.TOKEN


def shows_consent_for_no_code(stage: Stage) -> bool:
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code="BBB-BBB-BBB")
    stage.sign_in(browser)
    return 'name="decision"' in browser.page.text


def forgets_the_link(stage: Stage) -> bool:
    browser = stage.browser()
    browser.get(stage.started["verification_uri_complete"])
    stage.sign_in(browser)
    return 'name="user_code"' in browser.page.text


def takes_a_late_code(stage: Stage) -> bool:
    stage.clock.sleep(1801)
    expired = stage.poll() is Answer.EXPIRED
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code=stage.started["user_code"])
    return expired and 'name="username"' in browser.page.text


def decides_without_a_person(stage: Stage) -> bool:
    browser = stage.browser()
    browser.get(stage.started["verification_uri_complete"])
    if 'name="decision"' in browser.page.text:
        browser.submit(decision="approve")
    return stage.poll() is not Answer.PENDING


def opening_approves(stage: Stage) -> bool:
    browser = stage.browser()
    browser.get(stage.started["verification_uri"] + "/sign-in")
    stage.sign_in(browser)
    browser.get(stage.started["verification_uri_complete"])
    return stage.poll() is Answer.TOKEN


def loses_a_refusal(stage: Stage) -> bool:
    stage.decide("deny")
    return stage.poll() is Answer.PENDING


def two_instant_polls_both_buy(stage: Stage) -> bool:
    stage.decide()
    both = [stage.poll(), stage.poll()] == [Answer.TOKEN] * 2
    stage.clock.sleep(5)
    return both and stage.poll() is Answer.INVALID_GRANT


def guesses_for_ever(stage: Stage) -> bool:
    browser = stage.browser()
    url = stage.started["verification_uri"]
    return {browser.post(url, {"user_code": "BBBBBBBBB"}).status for _ in range(40)} == {400}


def serves_a_stranger(stage: Stage) -> bool:
    return stage.start().status == 200 and stage.start(client_id="nobody").status == 200


def loses_scope_with_charset(stage: Stage) -> bool:
    body = b"client_id=tv&scope=openid"
    kind = ("content-type", f"{FORM}; charset=UTF-8")
    url = stage.url("device_authorization_endpoint")
    stage.started = stage.server(Request("POST", url, (kind,), body)).json() or {}
    stage.decide()
    return bool((stage.poll_response().json() or {})["scope"] == "profile")


def hides_a_reduction(stage: Stage) -> bool:
    stage.started = stage.ask(scope=f"{SCOPE} made-up")
    stage.decide()
    return "scope" not in (stage.poll_response().json() or {})


def answers_200_and_nothing(stage: Stage) -> bool:
    answer = stage.start(client_id="nobody")
    return answer.status == 200 and answer.json() == {}


def widens(stage: Stage) -> bool:
    stage.decide()
    body = stage.poll_response(scope="dashboard:write").json() or {}
    return "dashboard:write" in body["scope"]


def stumbles_over_a_plus(stage: Stage) -> bool:
    codes = [stage.ask()["device_code"] for _ in range(30)]
    answers = {stage.poll(device_code=code) for code in codes}
    return answers == {Answer.PENDING, Answer.INVALID_GRANT}


CASES: list[tuple[str, Callable[..., Any], Story]] = [
    ("may_decide", lambda *_: True, approved_by_a_strange_session),
    ("form_is_genuine", lambda *_: True, approved_without_our_form),
    ("keeps_code_over_sign_in", lambda _: False, forgets_the_link),
    ("page_expired", lambda *_: False, takes_a_late_code),
    ("must_sign_in", lambda *_: False, decides_without_a_person),
    ("approves_on_open", lambda _: True, opening_approves),
    ("records_denial", lambda _: False, loses_a_refusal),
    ("guess_keys", lambda *_: (), guesses_for_ever),
    (
        "client_named",
        lambda _self, _endpoint, client_id, clients: clients.get(client_id, clients["tv"]),
        serves_a_stranger,
    ),
    (
        "is_used",
        lambda _self, grant, now: grant.redeemed_at is not None and now - grant.redeemed_at > 0.05,
        two_instant_polls_both_buy,
    ),
    (
        "parameters",
        lambda _self, request, content_type, _endpoint: [
            field for field in request.fields if ";" not in content_type or field[0] != "scope"
        ],
        loses_scope_with_charset,
    ),
    (
        "device_error",
        lambda _self, response: replace(response, status=200, body=b"{}"),
        answers_200_and_nothing,
    ),
    (
        "token_scope",
        lambda _self, grant, _client, wanted: (*grant.scope, *wanted),
        widens,
    ),
    (
        "grant_for_unknown_code",
        lambda self, _text: self.kept,
        shows_consent_for_no_code,
    ),
]


@pytest.mark.parametrize(("method", "wrong", "story"), CASES)
def test_one_method_is_one_wrong_behaviour(
    method: str, wrong: Callable[..., Any], story: Story
) -> None:
    rules = type("Wrong", (Rules,), {method: wrong})()
    stage, honest = Stage(rules=rules), Stage()
    rules.kept = stage.server.realm.store.find(stage.started["device_code"])

    assert hasattr(Rules, method)
    assert story(stage)
    assert not story(honest)


def test_a_pinned_choice_lets_a_wrong_rule_show() -> None:
    class HidesReduction(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"drops_unknown_scope": True}

        def announces_scope(self, asked: object, given: object) -> bool:
            return False

    class DecodesTwice(Rules):
        pinned: ClassVar[Mapping[str, object]] = {"device_code_format": "base64"}

        def read_device_code(self, text: str) -> str:
            return text.replace("+", " ")

    assert hides_a_reduction(Stage(rules=HidesReduction()))
    assert stumbles_over_a_plus(Stage(rules=DecodesTwice()))


def test_the_rules_of_an_honest_server_have_no_gap() -> None:
    stage = Stage()
    stage.decide()

    assert stage.poll() is Answer.TOKEN and stage.server.last_fault is None
