"""What a target was seen to do is reported as it was, and nothing is made up."""

from __future__ import annotations

import pytest

from harness.policy import observed
from harness.transcript import Transcript
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
