"""The oracle: which answers a past allows, which it tolerates, and whose rule another one breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.oracle import Expectation, allowed, expiry_slack
from harness.tests.histories import CODE, TOKEN, TOKEN_ENDPOINT, History, answered
from harness.transcript import Exchange
from harness.wire import Answer, NoAnswer, Request

PENDING, SLOW, TOKENS, DENIED = Answer.PENDING, Answer.SLOW_DOWN, Answer.TOKEN, Answer.DENIED
EXPIRED, INVALID = Answer.EXPIRED, Answer.INVALID_GRANT
LOST = NoAnswer("reset", "the connection was closed")


def expected(history: History, poll: Exchange) -> Expectation:
    found = allowed(history.transcript, poll)
    assert found is not None
    return found


def after(*acts: Callable[[History], object], at: float) -> Expectation:
    """What a poll at `at` may hear after these acts."""
    history = History()
    history.issue()
    for act in acts:
        act(history)
    return expected(history, history.poll(at))


def polled(
    at: float, answer: str | NoAnswer = "authorization_pending"
) -> Callable[[History], object]:
    return lambda history: history.poll(at, answer)


def approved(at: float) -> Callable[[History], object]:
    return lambda history: history.decide(at)


def denied(at: float) -> Callable[[History], object]:
    return lambda history: history.decide(at, approved=False)


TABLE = [
    ("a first poll, nobody decided", [], 5, {PENDING}, set(), "RFC8628-3.5-pending"),
    ("a first poll at once", [], 0.2, {PENDING}, set(), "RFC8628-3.5-pending"),
    ("a second poll in time", [polled(5)], 10.4, {PENDING}, set(), "RFC8628-3.5-pending"),
    ("a second poll too early", [polled(5)], 9, {PENDING, SLOW}, set(), "RFC8628-3.5-pending"),
    ("approved", [approved(3)], 20, {TOKENS}, set(), "RFC8628-3.5-success"),
    ("approved just now", [approved(19)], 20, {TOKENS}, {PENDING}, "RFC8628-3.5-success"),
    ("denied", [denied(3)], 20, {DENIED}, set(), "RFC8628-3.5-access_denied"),
    ("denied just now", [denied(19)], 20, {DENIED}, {PENDING}, "RFC8628-3.5-access_denied"),
    (
        "denied and told so",
        [denied(3), polled(10, "access_denied")],
        20,
        {DENIED, INVALID, EXPIRED},
        set(),
        "RFC8628-3.5-access_denied-repeat",
    ),
    (
        "redeemed",
        [approved(3), polled(10, "token")],
        20,
        {INVALID},
        {EXPIRED, DENIED},
        "RFC8628-3.5-single-use",
    ),
    (
        "redeemed, and denied later",
        [approved(3), polled(10, "token"), denied(15)],
        20,
        {INVALID},
        {EXPIRED, DENIED},
        "RFC8628-3.5-single-use",
    ),
    (
        "the first decision counts",
        [denied(3), approved(4)],
        20,
        {DENIED},
        set(),
        "RFC8628-3.5-access_denied",
    ),
    ("long before expiry", [], 530, {PENDING}, set(), "RFC8628-3.5-pending"),
    ("shortly before expiry", [], 545, {PENDING, EXPIRED, INVALID}, set(), "RFC8628-3.5-pending"),
    ("shortly after expiry", [], 655, {PENDING, EXPIRED, INVALID}, set(), "RFC8628-3.5-pending"),
    ("expired", [], 665, {EXPIRED, INVALID}, set(), "RFC8628-3.5-expired_token"),
    ("expired long ago", [], 1000, {EXPIRED, INVALID}, set(), "RFC8628-3.5-expired_token"),
    (
        "expired, approved in time",
        [approved(300)],
        1000,
        {EXPIRED, INVALID},
        {DENIED},
        "RFC8628-3.5-expired_token",
    ),
    (
        "expired and told so",
        [polled(662, "expired_token")],
        668,
        {EXPIRED, INVALID},
        set(),
        "RFC8628-3.5-expired_token",
    ),
    (
        "expired, polled too fast",
        [polled(664)],
        665,
        {EXPIRED, INVALID},
        {SLOW},
        "RFC8628-3.5-expired_token",
    ),
]


@pytest.mark.parametrize(
    ("acts", "at", "lawful", "arguable", "requirement"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_what_the_past_allows(
    acts: list[Callable[[History], object]],
    at: float,
    lawful: set[Answer],
    arguable: set[Answer],
    requirement: str,
) -> None:
    found = after(*acts, at=at)
    assert found.allowed == lawful
    # An expired code that a server has forgotten within a minute is arguable wherever it occurs.
    assert found.tolerated - {INVALID} == arguable
    assert found.requirement == requirement


@pytest.mark.parametrize(
    ("acts", "at", "answer", "requirement"),
    [
        ([], 5, TOKENS, "RFC8628-3.3-choice"),
        ([], 5, EXPIRED, "RFC8628-3.2-expires_in-shared"),
        ([], 5, SLOW, "RFC8628-3.5-first-poll-immediate"),
        ([polled(5)], 10.4, SLOW, "RFC8628-3.5-slow_down-exact-interval"),
        ([denied(3)], 20, TOKENS, "RFC8628-3.3-deny-final"),
        ([denied(3)], 20, PENDING, "RFC8628-3.3-deny-recorded"),
        ([approved(3)], 1000, TOKENS, "RFC8628-3.5-expired-approved"),
        ([approved(3), polled(10, "token")], 1000, TOKENS, "RFC8628-3.5-single-use"),
        ([polled(664)], 665, SLOW, "RFC8628-3.5-expired-over-throttle"),
    ],
)
def test_a_wrong_answer_breaks_the_rule_that_it_is_about(
    acts: list[Callable[[History], object]], at: float, answer: Answer, requirement: str
) -> None:
    found = after(*acts, at=at)
    assert answer not in found.allowed
    assert found.instead[answer] == requirement


@pytest.mark.parametrize(
    ("slow_downs", "gap", "early"),
    [
        (0, 5.0, True),
        (0, 5.2, True),
        (0, 5.25, False),
        (1, 10.2, True),
        (1, 10.25, False),
        (3, 20.2, True),
        (3, 20.25, False),
    ],
)
def test_each_slow_down_adds_five_seconds(slow_downs: int, gap: float, early: bool) -> None:
    history = History(took=0)
    history.issue()
    history.poll(10)
    for _ in range(slow_downs):
        history.poll(10, "slow_down")
    assert (SLOW in expected(history, history.poll(10 + gap)).allowed) is early


def test_the_interval_runs_from_the_end_of_an_answer() -> None:
    history = History(took=3)
    history.issue()
    history.poll(10)
    assert SLOW in expected(history, history.poll(16)).allowed
    assert SLOW not in expected(history, history.poll(25)).allowed


def test_one_late_slow_down_is_arguable_and_a_second_is_not() -> None:
    history = History(took=0)
    history.issue()
    history.poll(10)
    history.poll(11, "slow_down")
    once = expected(history, history.poll(22, "slow_down"))
    assert SLOW in once.tolerated
    assert once.instead[SLOW] == "RFC8628-3.5-slow_down-no-livelock"
    twice = expected(history, history.poll(40, "slow_down"))
    assert SLOW not in twice.tolerated | twice.allowed
    assert twice.instead[SLOW] == "RFC8628-3.5-slow_down-no-livelock"


@pytest.mark.parametrize("interval", [None, 0, -3, "soon", True, [5], "nan"])
def test_without_a_sound_interval_five_seconds_hold(interval: object) -> None:
    history = History(took=0)
    history.issue(interval=interval)
    history.poll(10)
    assert SLOW in expected(history, history.poll(15)).allowed
    assert SLOW not in expected(history, history.poll(20.25)).allowed


@pytest.mark.parametrize("expires_in", ["600", 600.0])
def test_a_lifetime_in_a_string_counts(expires_in: object) -> None:
    history = History()
    history.issue(expires_in=expires_in)
    assert expected(history, history.poll(1000)).requirement == "RFC8628-3.5-expired_token"


@pytest.mark.parametrize("expires_in", [None, 0, -1, "soon", True, [600], {}, "nan"])
def test_without_a_lifetime_nothing_is_decided(expires_in: object) -> None:
    history = History()
    history.issue(expires_in=expires_in)
    assert allowed(history.transcript, history.poll(5)) is None


def test_slack_is_a_tenth_and_five_seconds_at_least() -> None:
    assert expiry_slack(10) == 5.0
    assert expiry_slack(1800) == 180.0


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
