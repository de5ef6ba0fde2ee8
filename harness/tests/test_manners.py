"""Manners: fast here, slow elsewhere, and never between the requests of a scenario."""

from __future__ import annotations

import threading

import pytest

from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.requirements import verifies
from harness.runners import engine, venues
from harness.runners.engine import Play, play_of
from harness.runners.manners import FIRST_REQUESTS, STREAK, Manners, manners_for
from harness.runners.stage import Inside
from harness.runners.watching import Watched
from harness.target import Client, Target
from harness.verdict import Judge
from harness.wire import Request, Response
from harness.world import World

ELSEWHERE = Target(
    "x", "https://as.example/da", "https://as.example/token", {"public": Client("tv")}
)


@verifies("RFC8628-3.2-json")
def quiet(world: World, judge: Judge) -> None:
    for _ in range(10):
        world.send(Request("GET", "https://as.example/"), who="x", door="page")
    judge.holds("RFC8628-3.2-json", condition=True)


@verifies("RFC8628-3.2-status", alone=True)
def loud(judge: Judge) -> None:
    judge.holds("RFC8628-3.2-status", condition=True)


QUIET, LOUD = play_of("m", quiet), play_of("m", loud)


def venue() -> Inside:
    return Inside(ELSEWHERE, consent_from("forms"), lambda _: lambda _request: Response(200))


def test_nothing_is_held_back_on_this_machine() -> None:
    manners = manners_for(venues.embedded(seed=1).target, rate=10, intrusive=False)
    assert [manners.pause() for _ in range(5)] == [0.0] * 5
    assert manners.refusal(LOUD) == ""


def test_starts_are_spread_over_time() -> None:
    clock = VirtualClock()
    manners = Manners(10.0, polite=True, clock=clock)
    assert manners.pause() == 0.0
    assert manners.pause() == pytest.approx(FIRST_REQUESTS / 10)
    clock.sleep(FIRST_REQUESTS / 10)
    assert manners.pause() == 0.0


def test_requests_are_counted_but_never_delayed() -> None:
    clock = VirtualClock()
    manners = Manners(10.0, polite=True, clock=clock)
    assert manners.pause() == 0.0
    engine.perform(QUIET, Watched(venue(), manners))
    assert clock.now() == 0.0
    beyond = 10 - FIRST_REQUESTS
    assert manners.pause() == pytest.approx((FIRST_REQUESTS + beyond) / 10)


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30.0), ("99999", 120.0), ("soon", 5.0), ("-1", 5.0), ("", 5.0)]
)
def test_a_busy_target_gets_its_rest(header: str, seconds: float) -> None:
    clock = VirtualClock()
    manners = Manners(10.0, polite=True, clock=clock)
    manners.heard(Response(429, (("retry-after", header),)))
    assert manners.pause() == pytest.approx(seconds)
    assert manners.rate == 5.0


def test_disturbing_scenarios_need_permission() -> None:
    polite = manners_for(ELSEWHERE, rate=1000, intrusive=False)
    played = engine.run([LOUD], venue(), virtual=False, manners=polite)
    assert [(j.verdict.value, j.message) for j in played[0].judgements] == [
        ("not_applicable", "needs --intrusive: it could disturb others")
    ]
    allowed = manners_for(ELSEWHERE, rate=1000, intrusive=True)
    played = engine.run([LOUD], venue(), virtual=False, manners=allowed)
    assert played[0].judgements[0].verdict.value == "pass"


def test_a_streak_of_server_errors_ends_the_run() -> None:
    manners = Manners(100_000.0, polite=True)
    for _ in range(STREAK - 1):
        manners.heard(Response(500))
    manners.heard(Response(200))
    assert manners.enough == ""
    for _ in range(STREAK):
        manners.heard(Response(502))
    plays = [Play(f"p{n}", "t", QUIET.body, QUIET.mark) for n in range(3)]
    played = engine.run(plays, venue(), virtual=False, manners=manners)
    assert len(played) == 3
    outcome = played[0].judgements[0]
    assert (outcome.verdict.value, outcome.blame) == ("inconclusive", "target")
    assert "server errors in a row" in outcome.message


def test_news_tell_who_waits_for_what() -> None:
    watched = Watched(venue())
    world = watched.world()
    name = threading.current_thread().name
    assert watched.news(name) == "about to begin"
    world.send(Request("POST", "https://as.example/token"), who="display", door="token")
    world.clock.sleep(4)
    assert watched.news(name) == "display polled 4 s ago: 200 without a media type"
    assert watched.seconds(name) == 4.0
    assert watched.news("somebody else") == ""
