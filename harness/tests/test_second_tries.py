"""What broke the target is sent once more, so that an accident is told from a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.clock import OutOfPatience, VirtualClock
from harness.consent import consent_from
from harness.requirements import verifies
from harness.runners import engine
from harness.runners.engine import Played, play_of
from harness.target import Client, Target
from harness.transcript import Manner
from harness.verdict import Verdict
from harness.wire import Request, Response
from harness.world import World

RULE = "HTTP-5xx"
TARGET = Target(
    "t", "https://as.example/da", "https://as.example/token", {"public": Client("tv")}, virtual=True
)


class Venue:
    """A target that answers with these statuses, the last of them for ever."""

    def __init__(self, *statuses: int) -> None:
        self.target = TARGET
        self.statuses = list(statuses)
        self.heard: list[tuple[float, Request]] = []
        self.clock = VirtualClock()

    def world(self) -> World:
        return World(self.target, self.clock, lambda: self.answer, consent_from("none"))

    def answer(self, request: Request) -> Response:
        self.heard.append((self.clock.now(), request))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(status)


def played(venue: Venue, manner: Manner = "lawful") -> Played:
    def body(world: World) -> None:
        """Something is asked."""
        request = Request.form(TARGET.token_endpoint, [("grant_type", "odd")])
        world.send(request, who="display", door="token", manner=manner)

    return engine.perform(play_of("m", verifies(RULE)(body)), venue)


def verdicts(one: Played) -> list[Verdict]:
    return [judgement.verdict for judgement in one.judgements if judgement.requirement == RULE]


def test_what_works_is_not_asked_again() -> None:
    venue = Venue(400)
    assert verdicts(played(venue)) == [Verdict.PASS]
    assert len(venue.heard) == 1


def test_a_server_that_breaks_again_fails() -> None:
    venue = Venue(500)
    assert verdicts(played(venue)) == [Verdict.FAIL]
    [(first, once), (second, again)] = venue.heard
    assert once == again
    assert second - first >= engine.A_MOMENT


def test_a_server_that_has_recovered_is_warned() -> None:
    one = played(Venue(502, 400))
    assert set(verdicts(one)) == {Verdict.WARN, Verdict.PASS}
    assert one.transcript.exchanges[-1].note == "a second try"


@pytest.mark.parametrize(
    ("venue", "manner"), [(lambda: Venue(501), "hostile"), (lambda: Venue(429), "lawful")]
)
def test_refusals_are_left_alone(venue: Callable[[], Venue], manner: Manner) -> None:
    there = venue()
    played(there, manner)
    assert len(there.heard) == 1


def test_no_patience_no_second_try() -> None:
    class Hurried(VirtualClock):
        def sleep(self, seconds: float) -> None:
            if seconds > 0:
                raise OutOfPatience(seconds, 0)
            super().sleep(seconds)

    venue = Venue(500)
    venue.clock = Hurried()
    assert verdicts(played(venue)) == [Verdict.WARN]
