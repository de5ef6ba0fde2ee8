"""Decisions that are taken by a program, by hand, or by nobody."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.consent import Browser, Codes, Outcome, Wish, consent_from
from harness.consent.command import Command
from harness.tests.consent_sites import ALICE
from harness.wire import Request, Response

CODES = Codes("WDJB-MJHT", "http://idp.test/device", "http://idp.test/device?c=1")


def no_web(request: Request) -> Response:
    raise AssertionError(request.url)


BROWSER = Browser(no_web)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_is_told_everything(tmp_path: Path) -> None:
    told = tmp_path / "told"
    argv = python(f"import sys; open({str(told)!r}, 'w').write('|'.join(sys.argv[1:]))")

    found = consent_from("command", argv).decide(CODES, Wish.DENY, ALICE, BROWSER)

    assert told.read_text() == "http://idp.test/device|WDJB-MJHT|deny|alice"
    assert (found.outcome, found.code_sent) == (Outcome.DECIDED, True)


def test_no_shell_reads_what_the_server_says(tmp_path: Path) -> None:
    told = tmp_path / "told"
    argv = python(f"import sys; open({str(told)!r}, 'w').write(sys.argv[2])")
    codes = Codes("$(touch hacked); `id`", "http://idp.test/")

    consent_from("command", argv).decide(codes, Wish.APPROVE, ALICE, BROWSER)

    assert told.read_text() == codes.user_code


def test_a_command_that_fails_is_quoted() -> None:
    argv = python("import sys; print('first', file=sys.stderr); sys.exit('no such user')")

    found = consent_from("command", argv).decide(CODES, Wish.APPROVE, ALICE, BROWSER)

    assert found.outcome is Outcome.STUCK
    assert found.message.endswith("ended with exit code 1: no such user")


def test_a_command_that_does_not_end_is_ended() -> None:
    found = Command(python("import time; time.sleep(60)"), timeout=0.2).decide(
        CODES, Wish.APPROVE, ALICE, BROWSER
    )

    assert found.outcome is Outcome.STUCK
    assert "longer than" in found.message


def test_a_command_that_is_not_there_is_named() -> None:
    found = consent_from("command", ["/no/such/program"]).decide(
        CODES, Wish.APPROVE, ALICE, BROWSER
    )

    assert found.outcome is Outcome.STUCK
    assert "/no/such/program" in found.message


@pytest.mark.parametrize("kind", ["command", "hand"])
@pytest.mark.parametrize(("wish", "typed"), [(Wish.APPROVE, "X"), (Wish.LOOK, None)])
def test_single_steps_need_pages(kind: str, wish: Wish, typed: str | None) -> None:
    consent = consent_from(kind, ["false"], tell=lambda text: None, ask=lambda text: "")

    found = consent.decide(CODES, wish, ALICE, BROWSER, typed=typed)

    assert not consent.pages
    assert found.outcome is Outcome.STUCK
    assert 'kind = "forms"' in found.message


@pytest.mark.parametrize(("by_link", "wanted"), [(False, "/device"), (True, "/device?c=1")])
def test_a_person_is_told_what_to_do(by_link: bool, wanted: str) -> None:
    told: list[str] = []

    def ask(question: str) -> str:
        told.append(question)
        return ""

    found = consent_from("hand", tell=told.append, ask=ask).decide(
        CODES, Wish.DENY, ALICE, BROWSER, by_link=by_link
    )

    text = "\n".join(told)
    assert f"http://idp.test{wanted}\n" in text
    assert "WDJB-MJHT" in text and "say no" in text and "alice" in text
    assert ALICE.password not in text
    assert told[-1].startswith("Press Enter")
    assert found.outcome is Outcome.DECIDED


def test_nobody_waits_where_nobody_is() -> None:
    def ask(question: str) -> str:
        raise EOFError

    found = consent_from("hand", tell=lambda text: None, ask=ask).decide(
        CODES, Wish.APPROVE, ALICE, BROWSER
    )

    assert found.outcome is Outcome.STUCK


def test_without_consent_everything_is_stuck() -> None:
    consent = consent_from("none")

    found = consent.decide(CODES, Wish.APPROVE, ALICE, BROWSER)

    assert (found.outcome, consent.pages) == (Outcome.STUCK, False)
    assert "[consent] kind" in found.message


@pytest.mark.parametrize(("kind", "reason"), [("telepathy", "known are"), ("command", "needs")])
def test_a_way_that_cannot_be_is_an_error(kind: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        consent_from(kind)
