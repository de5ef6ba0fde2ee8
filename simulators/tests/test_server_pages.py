"""What a person sees and does."""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar
from urllib.parse import quote

import pytest

from harness.wire import Answer, Request
from simulators.server import Client, Config, Rules
from simulators.tests.browsing import Stage


class SignInFirst(Rules):
    """A lawful server that wants to know people before codes."""

    pinned: ClassVar[Mapping[str, object]] = {"sign_in_first": True, "complete_is_opaque": True}


@pytest.mark.parametrize("rules", [None, SignInFirst()])
def test_a_person_types_the_code_signs_in_and_approves(rules: Rules | None) -> None:
    stage = Stage(rules=rules)
    browser = stage.decide()

    assert "go back to your device" in browser.page.text
    assert stage.poll() is Answer.TOKEN


@pytest.mark.parametrize("rules", [None, SignInFirst()])
def test_the_complete_link_leads_to_the_same_question_but_never_approves(
    rules: Rules | None,
) -> None:
    stage = Stage(rules=rules)
    browser = stage.browser()
    browser.get(stage.started["verification_uri_complete"])
    stage.sign_in(browser)
    asked = browser.page.text
    browser.get(stage.started["verification_uri_complete"])

    assert stage.started["user_code"] in asked and 'name="decision"' in browser.page.text
    assert stage.poll() is Answer.PENDING
    browser.submit(decision="approve")
    assert stage.poll() is Answer.TOKEN


def test_the_question_says_who_asks_for_what() -> None:
    text = Stage().consent().page.text

    for expected in ("Living Room TV", "Look at your dashboard", "dashboard:read", "Alice", "poss"):
        assert expected in text
    assert text.count("<button") == 2 and "autofocus" not in text


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}. ",
        lambda code: "_".join(code),
        lambda code: code.replace("-", "\u2013"),
    ],
)
def test_case_and_punctuation_do_not_matter(change: Callable[[str], str]) -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code=change(stage.started["user_code"]))

    assert 'name="username"' in browser.page.text


@pytest.mark.parametrize("typed", ["BBB-BBB-BBB", "", "   ", "x" * 300, "<b>\x00", "\udcff"])
def test_a_code_that_does_not_exist_leads_nowhere(typed: str) -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.post(browser.url, {"user_code": typed.encode("utf-8", "replace").decode()})

    assert browser.page.status == 400 and 'role="alert"' in browser.page.text
    assert 'name="user_code"' in browser.page.text and "<b>" not in browser.page.text
    assert not stage.server.last_fault


def test_the_device_code_is_no_user_code() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code=stage.started["device_code"])

    assert browser.page.status == 400 and stage.started["device_code"] not in browser.page.text


def test_a_wrong_code_can_be_mended_where_it_stands() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.config.issuer)
    browser.submit(user_code='bbb"bbb')

    assert 'value="bbb&quot;bbb"' in browser.page.text


@pytest.mark.parametrize("event", ["approve", "deny", None])
def test_a_code_works_once_and_only_in_time(event: str | None) -> None:
    stage = Stage()
    if event is None:
        stage.clock.sleep(1800)
    else:
        stage.decide(event)
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code=stage.started["user_code"])

    assert browser.page.status == 400
    assert ("expired" if event is None else "used") in browser.page.text


def test_a_code_that_turns_up_in_a_third_browser_is_refused_there() -> None:
    stage = Stage()
    browsers = [stage.browser() for _ in range(3)]
    for browser in (*browsers, browsers[0]):
        browser.get(stage.started["verification_uri"])
        browser.submit(user_code=stage.started["user_code"])

    assert [browser.page.status for browser in browsers] == [200, 200, 400]
    assert "too often" in browsers[2].page.text


def test_a_second_decision_changes_nothing() -> None:
    stage = Stage()
    browser = stage.consent()
    url, form = browser.url, browser.hidden()
    browser.submit(decision="deny")
    again = browser.post(url, {**form, "decision": "approve"})

    assert again.status == 400 and stage.poll() is Answer.DENIED


def test_a_decision_after_expiry_is_refused() -> None:
    stage = Stage()
    browser = stage.consent()
    stage.clock.sleep(1800)
    browser.submit(decision="approve")

    assert "expired" in browser.page.text and stage.poll() is Answer.EXPIRED


def test_a_wrong_password_is_no_sign_in() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri_complete"])
    browser.submit(username="alice", password="wrong")
    assert browser.page.status == 400 and "wrong" in browser.page.text
    stage.server.disable("alice")
    stage.sign_in(browser)

    assert 'name="decision"' not in browser.page.text


def test_a_sign_in_form_of_another_session_is_refused() -> None:
    stage = Stage()
    ours, theirs = stage.browser(), stage.browser()
    for browser in (ours, theirs):
        browser.get(stage.started["verification_uri"] + "/sign-in")
    bob = stage.config.account("bob")
    form = {**theirs.hidden(), "username": "bob", "password": bob.password}

    assert ours.post(ours.url, form).status == 403


def test_the_session_gets_a_new_name_at_sign_in() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri_complete"])
    before = dict(browser.cookies)
    stage.sign_in(browser)

    assert before and browser.cookies != before and before.keys() == browser.cookies.keys()


def test_the_device_code_is_nowhere_in_the_browser() -> None:
    stage = Stage()
    browser = stage.decide()
    device_code = stage.started["device_code"]

    assert len(browser.seen) > 5
    assert not any(device_code in repr(exchange) for exchange in browser.seen)


def test_every_page_is_protected() -> None:
    stage = Stage()
    browser = stage.decide()
    pages = [page for _, page in browser.seen if page.status == 200]

    assert len(pages) == 4
    for page in pages:
        policy = page.header("content-security-policy") or ""
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        assert page.header("referrer-policy") == "no-referrer"
        assert page.header("cache-control") == "no-store"
        assert "<script" not in page.text and '<html lang="en">' in page.text
        labelled = set(re.findall(r'<label for="(\w+)"', page.text))
        assert labelled == set(re.findall(r'<input[^>]* id="(\w+)"', page.text))


def test_the_cookie_is_for_this_server_only() -> None:
    stage = Stage()
    cookies = [page.header("set-cookie") for _, page in stage.decide().seen]
    given = [cookie for cookie in cookies if cookie]

    assert len(given) == 2
    for cookie in given:
        assert cookie.startswith("__Host-session=")
        assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_names_are_escaped() -> None:
    clients = (Client("tv", "<img src=x>\"'&"),)
    demo = Config.demo(seed="tests")
    stage = Stage(Config(clients=clients, accounts=demo.accounts))
    browser = stage.consent()

    assert "<img" not in browser.page.text and "&lt;img src=x&gt;&quot;&#x27;&amp;" in (
        browser.page.text
    )
    browser.get(stage.started["verification_uri"] + "/sign-in")
    browser.submit(username='"><script>', password="x")
    assert "<script>" not in browser.page.text


def test_a_person_can_change_the_account() -> None:
    stage = Stage()
    browser = stage.consent("alice")
    browser.get(stage.started["verification_uri"] + "/sign-in")
    stage.sign_in(browser, "bob")

    assert "Bob Brightwater" in browser.page.text and 'name="decision"' in browser.page.text


def test_a_policy_of_the_account_is_kept() -> None:
    demo = Config.demo(seed="tests")
    alice = demo.account("alice")
    barred = type(alice)("alice", alice.password, alice.claims, clients=frozenset({"radio"}))
    stage = Stage(Config(clients=demo.clients, accounts=(barred,)))
    browser = stage.decide("approve")

    assert "Access was denied" in browser.page.text and stage.poll() is Answer.DENIED


def test_a_link_is_read_whatever_is_in_it() -> None:
    stage = Stage()
    for text in ("%00", "%ff", quote("<script>"), "a" * 5000, "&&&", "x=%"):
        page = stage.server(Request("GET", f"{stage.started['verification_uri']}?user_code={text}"))
        assert page.status in {200, 400} and "<script" not in page.text
