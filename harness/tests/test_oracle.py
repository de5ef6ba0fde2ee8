"""The oracle: which answers a past allows, which it tolerates, and whose rule others break."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.oracle import Expectation, allowed, expiry_slack
from harness.tests.histories import History
from harness.transcript import Exchange
from harness.wire import Answer, NoAnswer

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
