"""Bad histories are found, shown in the fewest events, and lawful ones are left alone."""

from __future__ import annotations

import pytest

from harness.histories import BadHistory, bad_histories, histories, shortest
from harness.tests.histories import CODE, TOKEN, History, answered
from harness.transcript import Transcript
from reports.lanes import lanes, worst_history
from reports.lines import Line


def bad(story: History) -> list[BadHistory]:
    return [one for history in histories(story.transcript) for one in bad_histories(history)]


def found(story: History) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(one.requirement, one.numbers, one.tolerated) for one in bad(story)]


def other_token() -> object:
    return answered(TOKEN | {"access_token": "another-token-altogether"})


def test_an_ordinary_life_is_lawful() -> None:
    story = History()
    story.issue()
    story.poll(5.2)
    story.decide(7.0, until=9.0)
    story.poll(10.4, "token")
    story.poll(15.6, "invalid_grant")
    assert bad(story) == []


def test_two_tokens_one_after_the_other() -> None:
    story = History()
    story.issue()
    story.decide(2.0)
    story.poll(5.2, "token")
    story.poll(5.9, "slow_down")
    story.poll(20.0, "token")
    assert found(story) == [("RFC8628-3.5-single-use", (2, 4), False)]


def test_two_tokens_at_once_are_told_apart_from_one_answer_that_came_twice() -> None:
    story = History()
    story.issue()
    story.decide(2.0)
    story.poll(5.2, "token", after=2)
    story.poll(5.2, other_token(), after=2)  # type: ignore[arg-type]
    story.poll(5.2, "token", after=2)
    assert found(story) == [
        ("RFC8628-3.5-parallel-single-use", (2, 3), False),
        ("RFC8628-3.5-parallel-single-use", (3, 4), False),
        ("RFC8628-3.5-parallel-single-use", (2, 4), True),
    ]


def test_a_token_after_the_denial() -> None:
    story = History()
    story.issue()
    story.decide(2.0, approved=False)
    story.decide(4.0, approved=True)
    story.poll(5.2, "token")
    assert found(story) == [("RFC8628-3.3-deny-final", (1, 3), False)]


@pytest.mark.parametrize("after", [1, 0])
def test_an_approval_that_may_have_come_first_excuses_the_token(after: int) -> None:
    story = History()
    story.issue()
    story.decide(1.0, approved=True, after=after)
    story.decide(2.0, approved=False, after=after)
    story.poll(5.2, "token")
    assert bad(story) == []


@pytest.mark.parametrize(
    ("over", "requirement"),
    [
        ("access_denied", "RFC8628-3.5-access_denied-repeat"),
        ("expired_token", "RFC8628-3.5-expired_token"),
        ("token", "RFC8628-3.5-single-use"),
    ],
)
def test_no_state_goes_back(over: str, requirement: str) -> None:
    story = History()
    story.issue()
    story.poll(5.2, over)
    story.poll(10.4, "slow_down")
    story.poll(20.6, "authorization_pending")
    assert found(story) == [(requirement, (1, 3), False)]


def test_answers_that_overlap_have_no_order() -> None:
    story = History()
    story.issue()
    story.poll(5.2, "access_denied", after=1)
    story.poll(5.2, "authorization_pending", after=1)
    assert bad(story) == []


def test_a_token_long_after_the_end() -> None:
    story = History()
    issued = story.issue(expires_in=100)
    story.decide(90.0)
    late = story.poll(111.0, "token")
    assert found(story) == [
        ("RFC8628-3.5-expired-approved", (issued.number, late.number), False),
    ]


def test_a_decision_that_a_poll_undoes_needs_three_events() -> None:
    story = History()
    story.issue()
    story.poll(5.2, after=1)
    story.decide(5.0, until=5.4, after=1)
    story.poll(9.0)
    story.poll(14.4)
    story.poll(19.6)
    assert found(story) == [("RFC8628-3.5-decision-not-lost", (1, 2, 4), False)]


def test_without_a_poll_beside_it_the_decision_itself_was_lost() -> None:
    story = History()
    story.issue()
    story.decide(5.0, approved=False)
    story.poll(12.0)
    assert found(story) == [("RFC8628-3.3-deny-recorded", (1, 2), False)]


def test_others_and_odd_requests_are_no_part_of_a_history() -> None:
    story = History()
    story.issue()
    story.poll(5.2, "token", client="radio")
    story.poll(6.0, "token", manner="malformed")
    story.poll(7.0, code="another-code")
    story.poll(8.0, "token")
    assert bad(story) == []


def test_the_shortest_history_is_bad_on_its_own_and_minimal() -> None:
    story = History()
    story.issue()
    story.poll(5.2, after=1)
    story.decide(5.0, until=5.4, after=1)
    for turn in range(6):
        story.poll(11.0 + 5.2 * turn)
    history = histories(story.transcript)[0]
    least = shortest(history, "RFC8628-3.5-decision-not-lost")
    assert least is not None

    def again(numbers: set[int]) -> bool:
        events = [e for e in story.transcript.events if e.number in numbers | {0}]
        return any(
            one.requirement == least.requirement
            for kept in histories(Transcript(events))
            for one in bad_histories(kept)
        )

    numbers = set(least.numbers)
    assert again(numbers)
    assert not any(again(numbers - {one}) for one in numbers)


def test_a_bad_history_is_printed_as_lanes() -> None:
    story = History()
    story.issue()
    story.decide(2.0)
    story.poll(5.2, "token", after=2)
    story.poll(5.2, other_token(), after=2)  # type: ignore[arg-type]
    story.poll(11.0, "token")
    told = worst_history(story.transcript, "RFC8628-3.5-parallel-single-use")
    assert told is not None
    lines = [line.text for line in lanes(story.transcript, told) if isinstance(line, Line)]
    assert lines == [
        "  the shortest bad history  two polls at once got a token",
        "    display polls  ├───┤····     5.10 – 5.20 s  token",
        "    display polls  ├───────┤     5.10 – 5.20 s  token",
    ]
    assert CODE not in "".join(lines)
