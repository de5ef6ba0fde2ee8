"""Who may decide over a grant, and how often one may guess."""

from harness.wire import Answer
from simulators.tests.browsing import Browser, Stage


def test_nobody_decides_without_signing_in() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri"])
    browser.submit(user_code=stage.started["user_code"])
    form = {"ref": stage.started["user_code"].replace("-", ""), "decision": "approve"}
    browser.post(stage.started["verification_uri"] + "/confirm", form)

    assert stage.poll() is Answer.PENDING


def test_a_forged_decision_is_refused() -> None:
    stage = Stage()
    browser = stage.consent()
    form = {**browser.hidden(), "decision": "approve"}
    for proof in ("", "0" * 64, "\u00e9"):
        assert browser.post(browser.url, {**form, "proof": proof}).status == 403

    assert stage.poll() is Answer.PENDING


def test_the_proof_is_for_one_session_and_one_grant() -> None:
    stage = Stage()
    mine, theirs = stage.consent("alice"), stage.browser()
    stage.started = stage.ask()
    stage.consent("bob", theirs)
    stolen = {**theirs.hidden(), "decision": "approve"}

    assert mine.post(mine.url, stolen).status == 403
    assert mine.post(mine.url, {**mine.hidden(), "ref": stolen["ref"]}).status == 403
    assert stage.poll() is Answer.PENDING


def test_only_the_session_that_entered_the_code_decides() -> None:
    stage = Stage()
    first = stage.consent("alice")
    other = stage.browser()
    other.get(stage.started["verification_uri"] + "/sign-in")
    stage.sign_in(other, "bob")
    other.post(first.url, {**first.hidden(), "decision": "approve"})

    assert other.page.status == 403 and stage.poll() is Answer.PENDING


def test_the_tokens_are_of_the_person_who_approved() -> None:
    stage = Stage()
    stage.consent("alice")
    stage.decide(username="bob")
    token = (stage.poll_response().json() or {})["access_token"]
    claims = stage.use("GET", stage.url("userinfo_endpoint"), token).json() or {}

    assert claims["sub"] == stage.config.account("bob").sub


def guess(browser: Browser, stage: Stage, times: int) -> list[int]:
    url = stage.started["verification_uri"]
    return [browser.post(url, {"user_code": "BBB-BBB-BBB"}).status for _ in range(times)]


def test_guessing_stops_and_a_new_session_does_not_help() -> None:
    stage = Stage()

    assert guess(stage.browser(), stage, 20) == [400] * 15 + [429] * 5
    assert guess(stage.browser(), stage, 1) == [429]
    blocked = stage.browser()
    blocked.post(stage.started["verification_uri"], {"user_code": stage.started["user_code"]})
    assert blocked.page.status == 429 and blocked.page.header("retry-after") == "60"


def test_guesses_are_counted_for_the_account_too() -> None:
    stage = Stage()
    browser = stage.consent()
    guess(browser, stage, 15)
    browser.peer = "another place"

    assert guess(browser, stage, 1) == [429]


def test_a_right_code_of_ones_own_does_not_reset_the_count() -> None:
    stage = Stage()
    browser = stage.browser()
    guess(browser, stage, 14)
    stage.decide()

    assert guess(browser, stage, 2) == [400, 429]


def test_nobody_is_shut_out_for_ever_nor_by_others_far_away() -> None:
    stage = Stage()
    guess(stage.browser("there"), stage, 20)
    assert guess(stage.browser("here"), stage, 1) == [400]
    stage.clock.sleep(61)

    assert guess(stage.browser("there"), stage, 2) == [400, 429]


def test_passwords_are_limited_too() -> None:
    stage = Stage()
    browser = stage.browser()
    browser.get(stage.started["verification_uri"] + "/sign-in")
    statuses = [browser.submit(username="alice", password="no").status for _ in range(15)]
    browser.get(browser.url)

    assert set(statuses) == {400} and stage.sign_in(browser).status == 429
    stage.clock.sleep(21)
    browser.get(stage.started["verification_uri"] + "/sign-in")
    assert stage.sign_in(browser).status == 200
