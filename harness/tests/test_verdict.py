"""Judgements: level and outcome come from the catalogue, and the unclear never looks green."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest

from harness.requirements import on_violation
from harness.tests.histories import History, answered
from harness.verdict import (
    Inconclusive,
    Judge,
    NotApplicable,
    Verdict,
    Violation,
    describe,
    given,
    heard,
    unanswered,
    worst,
)
from harness.wire import Answer, NoAnswer, Response

MUST, SHOULD, INFO = "RFC8628-3.5-pending", "RFC8628-3.2-no-store", "RFC6749-5.2-no-cache-error"
FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS


def judged(
    requirement: str, *, condition: bool, tolerated: bool = False, grave: bool = False
) -> Verdict:
    judge = Judge(on_violation)
    assert judge.holds(requirement, condition, tolerated=tolerated, grave=grave) is condition
    return judge.judgements[0].verdict


@pytest.mark.parametrize(
    ("requirement", "tolerated", "grave", "verdict"),
    [
        (MUST, False, False, FAIL),
        (MUST, True, False, WARN),
        (MUST, False, True, FAIL),
        (MUST, True, True, WARN),
        (SHOULD, False, False, WARN),
        (SHOULD, True, False, WARN),
        (SHOULD, False, True, FAIL),
        (INFO, False, False, PASS),
        (INFO, True, False, PASS),
        (INFO, False, True, FAIL),
    ],
)
def test_the_catalogue_says_how_bad_a_violation_is(
    requirement: str, tolerated: bool, grave: bool, verdict: Verdict
) -> None:
    assert judged(requirement, condition=False, tolerated=tolerated, grave=grave) is verdict
    assert judged(requirement, condition=True, tolerated=tolerated, grave=grave) is PASS


def test_a_violation_says_what_was_expected_and_who_is_to_blame() -> None:
    history = History()
    poll = history.poll(5)
    judge = Judge(on_violation)
    judge.holds(MUST, 0, expected="this", received=200, evidence=(poll, None, 7))
    [found] = judge.judgements
    assert (found.message, found.expected, found.received) == (
        "expected this, received 200",
        "this",
        "200",
    )
    assert (found.evidence, found.blame) == ((0, 7), "target")


def test_what_holds_needs_no_words() -> None:
    judge = Judge(on_violation)
    judge.holds(MUST, 1, expected="this", received="that")
    assert (judge.judgements[0].message, judge.judgements[0].blame) == ("", None)


def test_an_unknown_requirement_is_refused() -> None:
    with pytest.raises(KeyError):
        Judge(on_violation).holds("RFC8628-9.9-none", condition=True)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("authorization_pending", PASS),
        ("slow_down", WARN),
        ("access_denied", FAIL),
    ],
)
def test_an_answer_is_lawful_tolerated_or_neither(answer: str, verdict: Verdict) -> None:
    judge = Judge(on_violation)
    poll = History().poll(5, answer)
    judge.answers(MUST, poll, {Answer.PENDING}, tolerated={Answer.SLOW_DOWN})
    assert judge.judgements[0].verdict is verdict


@pytest.mark.parametrize(
    ("nothing", "blame"),
    [(NoAnswer("reset", "gone"), "network"), (Response(429), "target"), (Response(503), "target")],
)
def test_no_answer_decides_nothing(nothing: NoAnswer | Response, blame: str) -> None:
    judge = Judge(on_violation)
    with pytest.raises(Inconclusive) as caught:
        judge.answers(MUST, History().poll(5, nothing), {Answer.PENDING})
    assert caught.value.blame == blame
    assert judge.judgements == []


def test_what_is_taken_for_granted_makes_inconclusive() -> None:
    given([1], "never raised")
    with pytest.raises(Inconclusive, match="no codes") as caught:
        given([], "no codes", "settings")
    assert caught.value.blame == "settings"
    assert unanswered(None).blame == "network"
    assert NotApplicable("needs a second client").needs == "needs a second client"


def test_notes_and_gaps_are_judgements_too() -> None:
    judge = Judge(on_violation)
    judge.note(MUST, "worth knowing", [History().poll(5), None])
    judge.undecided(SHOULD, "too slow", "patience")
    judge.not_applicable(INFO, "no such thing")
    assert [one.verdict for one in judge.judgements] == [
        PASS,
        Verdict.INCONCLUSIVE,
        Verdict.NOT_APPLICABLE,
    ]
    assert [one.blame for one in judge.judgements] == [None, "patience", None]


ORDER = [
    Verdict.NOT_APPLICABLE,
    PASS,
    Verdict.INCONCLUSIVE,
    WARN,
    Verdict.KNOWN,
    Verdict.ERROR,
    FAIL,
]


def test_the_worst_wins_whatever_the_order() -> None:
    assert set(ORDER) == set(Verdict)
    for better, worse in pairwise(ORDER):
        assert {worst(pair) for pair in permutations((better, worse))} == {worse}
    assert worst(ORDER) is FAIL
    assert worst([]) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("response", "phrase"),
    [
        (answered({"access_token": "s3cret"}), "200 with a token"),
        (answered({"device_code": "s3cret"}), "200 with codes"),
        (answered({"error": "slow_down"}, 429), "429 slow_down"),
        (answered({"error": "x" * 500}, 400), "400 " + "x" * 60),
        (answered({"a": "s3cret", "b": 1}), "200 with JSON members a, b"),
        (answered({}), "200 with JSON members -"),
        (Response(404, (("content-type", "text/html"),)), "404 text/html"),
        (Response(204), "204 without a media type"),
    ],
)
def test_an_answer_is_told_in_a_phrase_without_values(response: Response, phrase: str) -> None:
    assert describe(History().poll(5, response)) == phrase


def test_what_did_not_come_is_told_as_well() -> None:
    poll = History().poll(5, NoAnswer("reset", "the connection was closed"))
    assert describe(poll) == "no response (the connection was closed)"
    with pytest.raises(Inconclusive):
        heard(poll)


def test_a_violation_is_an_assertion_that_carries_its_judgement() -> None:
    judge = Judge(on_violation)
    judge.holds(MUST, condition=False, received="nothing")
    with pytest.raises(AssertionError, match="nothing") as caught:
        raise Violation(judge.judgements[0])
    assert caught.value.judgement is judge.judgements[0]  # type: ignore[attr-defined]
