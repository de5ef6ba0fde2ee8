"""The oracle where things overlap, get lost, or come from somebody else: its sets are wide."""

from __future__ import annotations

import pytest

from harness.oracle import allowed
from harness.tests.histories import CODE, TOKEN, TOKEN_ENDPOINT, History, answered
from harness.tests.test_oracle import (
    DENIED,
    EXPIRED,
    INVALID,
    PENDING,
    SLOW,
    TOKENS,
    after,
    approved,
    expected,
    polled,
)
from harness.wire import NoAnswer, Request

LOST = NoAnswer("reset", "the connection was closed")


def test_a_decision_under_way_allows_both() -> None:
    history = History()
    history.issue()
    history.decide(4.0, until=6.0, after=1)
    poll = history.poll(5.0, after=1)
    assert expected(history, poll).allowed >= {PENDING, TOKENS}


def test_a_decision_that_began_after_the_poll_cannot_explain_a_token() -> None:
    history = History()
    history.issue()
    poll = history.poll(5.0, "token")
    history.decide(6.0)
    assert TOKENS not in expected(history, poll).allowed


@pytest.mark.parametrize("approves", [True, False])
def test_a_decision_that_nobody_saw_end_decides_nothing(approves: bool) -> None:
    history = History()
    history.issue()
    history.decide(4.0, approved=approves, done=None)
    found = expected(history, history.poll(20))
    assert PENDING in found.allowed
    assert {TOKENS, DENIED} <= found.allowed | found.unclear


def test_a_decision_that_the_pages_refused_is_none() -> None:
    history = History()
    history.issue()
    history.decide(4.0, done=False)
    assert expected(history, history.poll(20)).allowed == {PENDING}


def test_a_decision_on_another_code_is_none_of_ours() -> None:
    history = History()
    history.issue()
    history.decide(4.0, user_code="BBBB-CCCC")
    assert expected(history, history.poll(20)).allowed == {PENDING}


def test_a_lost_answer_may_have_been_the_token() -> None:
    found = after(approved(3), polled(10, LOST), at=20)
    assert {TOKENS, INVALID} <= found.allowed
    assert {EXPIRED, DENIED} <= found.tolerated
    assert found.instead[DENIED] == "RFC8628-3.5-single-use"


def test_a_lost_answer_counts_as_a_poll() -> None:
    assert SLOW in after(polled(10, LOST), at=12).allowed


def test_polls_that_overlap_may_be_answered_in_any_order() -> None:
    history = History()
    history.issue()
    history.decide(3)
    polls = [
        history.poll(10, answer, after=2) for answer in ("token", "invalid_grant", "slow_down")
    ]
    for poll in polls:
        assert poll.answer in expected(history, poll).allowed


def test_a_poll_that_ended_before_is_not_overlapping() -> None:
    history = History()
    history.issue()
    history.decide(3)
    history.poll(10, "token")
    again = history.poll(16, "token")
    assert TOKENS not in expected(history, again).allowed | expected(history, again).tolerated


def test_the_same_token_once_more_within_seconds_is_arguable() -> None:
    history = History()
    history.issue()
    history.decide(3)
    history.poll(10, "token")
    same = history.poll(12, "token")
    assert TOKENS in expected(history, same).tolerated
    history.poll(20, "token")
    other = history.poll(22, answered(TOKEN | {"access_token": "another"}))
    assert TOKENS not in expected(history, other).tolerated


def test_another_clients_poll_is_not_ordinary_and_excuses_what_follows() -> None:
    history = History()
    history.issue()
    foreign = history.poll(5, "invalid_grant", client="radio")
    assert allowed(history.transcript, foreign) is None
    assert {PENDING, SLOW, INVALID, DENIED} <= expected(history, history.poll(6)).allowed


def test_an_odd_poll_is_not_ordinary() -> None:
    history = History()
    history.issue()
    twice = history.poll(5, "invalid_request", plus=(("client_id", "tv"),))
    hostile = history.poll(6, "invalid_request", manner="hostile")
    unknown = history.poll(7, "invalid_grant", code="made-up")
    lost = history.poll(8, LOST)
    other = Request.form(TOKEN_ENDPOINT, [("grant_type", "password"), ("device_code", CODE)])
    refused = history.add("token", other, answered({"error": "invalid_grant"}, 400), 9)
    for poll in (twice, hostile, unknown, lost, refused):
        assert allowed(history.transcript, poll) is None


def test_polls_after_expiry_that_were_disturbed_may_find_nothing() -> None:
    history = History()
    history.issue()
    history.poll(5, "invalid_grant", client="radio")
    found = expected(history, history.poll(665))
    assert {EXPIRED, INVALID} <= found.allowed
    assert DENIED in found.tolerated


def test_a_code_that_has_just_expired_is_hardly_forgotten() -> None:
    history = History()
    history.issue(expires_in=100)
    found = expected(history, history.poll(120))
    assert found.allowed == {EXPIRED}
    assert found.tolerated == {INVALID}


def test_two_codes_do_not_mix() -> None:
    history = History()
    history.issue()
    history.issue(1, device_code="other-code", user_code="BBBB-CCCC")
    history.decide(3, user_code="BBBB-CCCC")
    assert expected(history, history.poll(20)).allowed == {PENDING}
    assert expected(history, history.poll(20, code="other-code")).allowed == {TOKENS}


def test_the_future_is_not_looked_at() -> None:
    history = History()
    history.issue()
    first = history.poll(5)
    before = expected(history, first)
    history.poll(20, "slow_down")
    history.decide(30)
    history.poll(40, "token")
    assert expected(history, first) == before
