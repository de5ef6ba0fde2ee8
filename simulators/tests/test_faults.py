from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.clock import VirtualClock
from harness.wire import Answer, NoAnswer, Request, Response, Transport, answer_of
from simulators import faults

POLL = Request.form("https://as.example/token", [("device_code", "x")])
PAGE = Request("GET", "https://as.example/device")
PENDING = Response(
    400, (("content-type", "application/json"),), b'{"error":"authorization_pending"}'
)


class Line:
    def __init__(self) -> None:
        self.arrived: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.arrived.append(request)
        return PENDING


def outcomes(transport: Transport, times: int = 200) -> list[str]:
    heard = []
    for _ in range(times):
        try:
            heard.append(answer_of(transport(POLL)).value)
        except NoAnswer as problem:
            heard.append(problem.reason)
    return heard


def is_poll(request: Request) -> bool:
    return request.method == "POST"


Fault = Callable[..., Transport]
ALL: list[Fault] = [
    faults.loses_requests,
    faults.loses_answers,
    faults.repeats_requests,
    faults.garbles,
    faults.resets,
]


def test_a_lost_request_never_arrives() -> None:
    line = Line()

    heard = outcomes(faults.loses_requests(line, 0.25))

    assert len(line.arrived) == heard.count("authorization_pending")
    assert 20 < heard.count("timeout") < 80


def test_a_lost_answer_is_heard_by_nobody_although_the_request_arrived() -> None:
    line = Line()

    heard = outcomes(faults.loses_answers(line, 0.25))

    assert len(line.arrived) == 200
    assert 20 < heard.count("timeout") < 80


def test_a_repeated_request_arrives_twice_and_is_answered_once() -> None:
    line = Line()

    heard = outcomes(faults.repeats_requests(line, 0.25))

    assert len(heard) == 200
    assert 220 < len(line.arrived) < 280


def test_a_delay_takes_the_clock_s_time_on_both_ways() -> None:
    clock = VirtualClock()

    faults.delays(Line(), clock.sleep, 1.0, 1.0)(POLL)

    assert clock.now() == 2.0


def test_a_delay_passes_also_when_nothing_comes_back() -> None:
    clock = VirtualClock()
    broken = faults.delays(faults.loses_requests(Line(), 1.0), clock.sleep, 1.0, 1.0)

    with pytest.raises(NoAnswer):
        broken(POLL)

    assert clock.now() == 2.0


def test_a_garbled_answer_is_no_oauth_answer() -> None:
    heard = set(outcomes(faults.garbles(Line(), 1.0)))

    assert heard == {Answer.GARBLED.value, Answer.BROKEN.value}


def test_a_reset_may_come_before_or_after_the_request_arrived() -> None:
    line = Line()

    heard = outcomes(faults.resets(line, 1.0))

    assert set(heard) == {"reset"}
    assert 50 < len(line.arrived) < 150


@pytest.mark.parametrize("fault", ALL)
def test_the_same_seed_hits_the_same_requests(fault: Fault) -> None:
    first, again, other = Line(), Line(), Line()

    same = outcomes(fault(first, 0.3, 7)) == outcomes(fault(again, 0.3, 7))
    outcomes(fault(other, 0.3, 8))

    assert same and len(first.arrived) == len(again.arrived)


@pytest.mark.parametrize("fault", ALL)
def test_nothing_happens_to_what_is_not_meant(fault: Fault) -> None:
    line = Line()
    transport = fault(line, 1.0, hits=is_poll)

    assert transport(PAGE) == PENDING
    assert line.arrived == [PAGE]


@pytest.mark.parametrize("fault", ALL)
def test_a_share_outside_0_to_1_is_refused(fault: Fault) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        fault(Line(), 1.5)


def test_a_delay_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        faults.delays(Line(), VirtualClock().sleep, 2.0, 1.0)
