"""The transcript: one ordered list, safe to write from several threads."""

from __future__ import annotations

import threading

import pytest

from harness.tests.histories import CODES, TOKEN, History, answered
from harness.transcript import Transcript, precedes
from harness.wire import Answer, NoAnswer, Request, Response


def test_events_are_numbered_in_the_order_in_which_they_ended() -> None:
    history = History()
    history.issue()
    history.poll(5)
    history.decide(6)
    history.poll(7, NoAnswer("reset", "gone"))
    assert [event.number for event in history.transcript.events] == [0, 1, 2, 3]
    assert len(history.transcript) == 4
    assert len(history.transcript.exchanges) == 3
    assert len(history.transcript.decisions) == 1


def test_what_ended_before_precedes_and_what_overlapped_does_not() -> None:
    history = History()
    first = history.issue()
    early = history.poll(5)
    late = history.poll(6, after=1)
    assert precedes(first, early)
    assert precedes(first, late)
    assert not precedes(early, late)
    assert not precedes(late, early)


def test_an_exchange_has_a_response_or_a_failure() -> None:
    history = History()
    lost = history.poll(5, NoAnswer("timeout", "too slow"))
    heard = history.poll(6)
    assert (lost.response, lost.answer, lost.status) == (None, None, 0)
    assert lost.failure is not None
    assert lost.failure.reason == "timeout"
    assert (heard.failure, heard.answer, heard.status) == (None, Answer.PENDING, 400)


@pytest.mark.parametrize(
    ("response", "issued"),
    [
        (answered(CODES), True),
        (answered(CODES, 201), True),
        (answered(CODES, 400), False),
        (answered(TOKEN), False),
        (Response(200), False),
    ],
)
def test_codes_are_issued_by_a_success_that_has_one(response: Response, issued: bool) -> None:
    assert History().issue(response=response).issued is issued


def test_an_endpoint_shows_what_was_answered_there() -> None:
    history = History()
    history.issue()
    history.poll(5, NoAnswer("reset", "gone"))
    poll = history.poll(6)
    assert list(history.transcript.at("token")) == [poll]
    assert list(history.transcript.at("page")) == []


def test_many_threads_write_one_list() -> None:
    transcript = Transcript()

    def writes() -> None:
        for _ in range(200):
            transcript.exchange(
                "x", "token", Request("GET", "/"), Response(200), began=0, ended=0, after=0
            )

    threads = [threading.Thread(target=writes) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.number for event in transcript.events] == list(range(1000))
