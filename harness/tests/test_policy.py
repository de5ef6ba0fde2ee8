"""What a target was seen to do is reported as it was, and nothing is made up."""

from __future__ import annotations

import pytest

from harness.policy import observed
from harness.tests.histories import History
from harness.transcript import Transcript
from reports.policy_card import card as card_of
from reports.policy_card import card_lines
from reports.tests.scenes import Scene


def test_nothing_seen_says_nothing() -> None:
    assert observed([Transcript()]) == {}


def test_what_was_announced_is_reported() -> None:
    scene = Scene()
    scene.issued()
    assert observed([scene.transcript]) == {
        "expires_in": 600,
        "interval": 5,
        "interval_announced": True,
        "sends_verification_uri_complete": False,
        "user_code_characters": 2,
    }


def test_an_early_poll_that_is_tolerated_sets_the_tolerance() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    scene.polled(0.1, "authorization_pending")
    scene.polled(4.9, "authorization_pending")
    scene.polled(9.0, "slow_down")
    scene.polled(16.0, "slow_down")
    facts = observed([scene.transcript])
    assert facts["early_tolerance_ms"] == 200
    assert facts["says_slow_down"] is True
    assert facts["first_poll_counts"] is False


@pytest.mark.parametrize(
    ("error", "counts"), [("slow_down", True), ("authorization_pending", False)]
)
def test_a_first_poll_that_counts_is_seen(error: str, *, counts: bool) -> None:
    scene = Scene()
    scene.issued(at=0.0)
    scene.polled(0.2, error)
    assert observed([scene.transcript])["first_poll_counts"] is counts


def test_tokens_tell_what_comes_with_them() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    scene.polled(5.2)
    facts = observed([scene.transcript])
    assert facts["issues_refresh_token"] is False
    assert "access_token_expires_in" not in facts


def test_the_edge_is_what_the_server_may_have_seen() -> None:
    story = History(took=0.2)
    story.issue()
    story.poll(5.5)
    story.poll(10.4)
    story.poll(15.0, "slow_down")
    facts = observed([story.transcript])
    assert facts["smallest_gap_taken"] == 5.1
    assert facts["largest_gap_refused"] == 4.4
    assert facts["early_tolerance_ms"] == 0
    assert facts["safe_gap"] == 5.0


@pytest.mark.parametrize(
    ("answers", "escalation"),
    [
        (["pending"], "none"),
        (["slow_down"], "rises"),
        (["slow_down", "pending", "slow_down"], "kept"),
        (["slow_down", "pending", "pending"], "reset"),
    ],
)
def test_what_slow_down_changes(answers: list[str], escalation: str) -> None:
    story = History(took=0.0)
    story.issue()
    story.poll(5.5)
    story.poll(6.0, "slow_down")
    for at, answer in zip((11.5, 27.0, 32.5), answers, strict=False):
        story.poll(at, answer if answer == "slow_down" else "authorization_pending")
    assert observed([story.transcript])["escalation"] == escalation


@pytest.mark.parametrize(
    ("answers", "locked"),
    [(["slow_down", "slow_down"], True), (["slow_down", "pending"], False), (["pending"], False)],
)
def test_who_obeys_and_is_refused_twice_running_is_locked_out(
    answers: list[str], *, locked: bool
) -> None:
    story = History(took=0.0)
    story.issue()
    story.poll(5.5)
    story.poll(6.0, "slow_down")
    for at, answer in zip((16.5, 32.0), answers, strict=False):
        story.poll(at, answer if answer == "slow_down" else "authorization_pending")
    facts = observed([story.transcript])
    assert facts["obedient_device_locked_out"] is locked
    assert facts["obedient_polls_slowed_down"] == answers.count("slow_down")


def test_who_disobeys_is_not_locked_out() -> None:
    story = History(took=0.0)
    story.issue()
    for turn in range(5):
        story.poll(5.5 + 5.5 * turn, "slow_down" if turn else "authorization_pending")
    assert "obedient_device_locked_out" not in observed([story.transcript])


@pytest.mark.parametrize(
    ("approved", "answer", "fact"),
    [
        (True, "token", ("granted_before_throttle", True)),
        (True, "slow_down", ("granted_before_throttle", False)),
        (False, "access_denied", ("denied_before_throttle", True)),
        (False, "slow_down", ("denied_before_throttle", False)),
    ],
)
def test_whether_haste_hides_a_decision(
    *, approved: bool, answer: str, fact: tuple[str, bool]
) -> None:
    story = History(took=0.0)
    story.issue()
    story.poll(5.5)
    story.poll(6.0, "slow_down")
    story.decide(6.2, approved=approved)
    story.poll(6.5, answer)
    facts = observed([story.transcript])
    assert facts[fact[0]] is fact[1]


def test_what_a_code_says_once_it_is_over() -> None:
    story = History()
    story.issue()
    story.poll(5.5, "access_denied")
    story.poll(10.8, "invalid_grant")
    story.poll(700.0, "expired_token")
    assert observed([story.transcript])["after_denial"] == "invalid_grant"


def test_the_card_says_it_in_words() -> None:
    story = History(took=0.0)
    story.issue()
    story.poll(5.5)
    story.poll(10.4)
    story.poll(12.0, "slow_down")
    story.poll(22.5)
    card = dict(card_of(observed([story.transcript])))
    assert card["gaps"].startswith("4.9 s taken, 1.6 s refused, up to 100 ms early")
    assert card["obedience"].endswith("a device that obeys was always served")
    text = "\n".join(one.text for one in card_lines(observed([story.transcript]), 80))
    assert "a client that leaves 5 s between polls was never refused" in text
    assert list(card_lines({}, 80)) == []


def test_in_a_burst_nobody_knows_which_poll_was_the_first() -> None:
    story = History(took=0.1)
    story.issue()
    story.poll(0.2, "slow_down", after=1)
    story.poll(0.2, after=1)
    assert "first_poll_counts" not in observed([story.transcript])
