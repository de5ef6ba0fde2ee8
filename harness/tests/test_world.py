"""The world: whatever is sent is written down, and one loop interleaves whoever acts."""

from __future__ import annotations

import threading
from collections.abc import Generator
from functools import partial

import pytest

from harness.clock import OutOfPatience, VirtualClock, WallClock
from harness.consent import consent_from
from harness.tests.histories import TARGET
from harness.turns import Turns
from harness.wire import NoAnswer, Request, Response, Transport
from harness.world import World

GET = Request("GET", "https://as.example/")


def world(transport: Transport | None = None) -> World:
    answer = transport or (lambda _: Response(200))
    return World(TARGET, VirtualClock(), lambda: answer, consent_from("none"))


def test_whatever_is_sent_is_written_down() -> None:
    stage = world()
    sent = stage.send(GET, who="display", door="token", manner="malformed", note="why")
    assert stage.transcript.events == [sent]
    assert (sent.who, sent.door, sent.manner, sent.note) == ("display", "token", "malformed", "why")
    assert (sent.request, sent.status, sent.after) == (GET, 200, 0)


def test_what_failed_is_written_down_too() -> None:
    def fails(_: Request) -> Response:
        raise NoAnswer("refused", "nobody listens")

    sent = world(fails).send(GET, who="display", door="token")
    assert sent.response is None
    assert sent.failure is not None
    assert sent.failure.detail == "nobody listens"


def test_time_is_measured_around_a_request() -> None:
    stage = world()

    def slow(_: Request) -> Response:
        stage.clock.sleep(3)
        return Response(200)

    stage.connect = lambda: slow
    stage.wait(10)
    sent = stage.send(GET, who="display", door="token")
    assert (sent.began, sent.ended) == (10, 13)


def test_nothing_is_sent_once_patience_is_over() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(200)

    stage = World(TARGET, WallClock(patience=-1), lambda: answer, consent_from("none"))
    with pytest.raises(OutOfPatience):
        stage.send(GET, who="display", door="token")
    assert asked == []


def test_whoever_is_due_first_acts_first() -> None:
    stage = world()
    acts: list[tuple[str, float]] = []

    def acts_every(name: str, pause: float, times: int) -> Generator[float, None, None]:
        for _ in range(times):
            yield pause
            acts.append((name, stage.clock.now()))

    stage.run(acts_every("slow", 5, 2), acts_every("fast", 2, 4))
    expected = [("fast", 2), ("fast", 4), ("slow", 5), ("fast", 6), ("fast", 8), ("slow", 10)]
    assert acts == expected


def test_who_is_due_at_the_same_time_acts_in_turn() -> None:
    stage = world()
    acts: list[str] = []

    def acts_twice(name: str) -> Generator[float, None, None]:
        for _ in range(2):
            yield 1
            acts.append(name)

    stage.run(acts_twice("first"), acts_twice("second"))
    assert acts == ["first", "second", "first", "second"]


def test_nobody_and_nothing_to_do_ends_at_once() -> None:
    stage = world()
    stage.run()
    stage.run(iter(()))  # type: ignore[arg-type]
    assert stage.clock.now() == 0


def test_acts_together_overlap_and_each_has_its_own_connection() -> None:
    meeting = threading.Barrier(4, timeout=5)
    connections: list[object] = []

    def connect() -> Transport:
        def answer(_: Request) -> Response:
            meeting.wait()
            return Response(200)

        connections.append(answer)
        return answer

    stage = World(TARGET, WallClock(), connect, consent_from("none"))
    sent = stage.together(*[lambda: stage.send(GET, who="x", door="token")] * 4)
    assert len(connections) == 4
    assert {one.after for one in sent} == {0}
    assert sorted(one.number for one in sent) == [0, 1, 2, 3]


def _order_of_a_race(seed: int) -> list[tuple[str, int]]:
    stage = World(
        TARGET,
        VirtualClock(),
        lambda: lambda _: Response(200),
        consent_from("none"),
        turns=Turns(seed),
    )

    def acts(who: str) -> None:
        for _ in range(3):
            stage.send(GET, who=who, door="token")

    stage.together(*[partial(acts, who) for who in "abc"])
    return [(one.who, one.after) for one in stage.transcript.exchanges]


def test_in_virtual_time_a_race_follows_from_the_seed() -> None:
    races = {seed: _order_of_a_race(seed) for seed in range(20)}
    assert all(_order_of_a_race(seed) == race for seed, race in races.items())
    assert len({tuple(race) for race in races.values()}) > 10
    overlaps = [number - after for race in races.values() for number, (_, after) in enumerate(race)]
    assert max(overlaps) >= 2, "calls overlap"
    assert min(overlaps) == 0, "and some do not"


def test_a_problem_in_one_act_is_raised_when_all_have_ended() -> None:
    ended: list[int] = []

    def fails() -> None:
        raise LookupError("no such display")

    with pytest.raises(LookupError, match="no such display"):
        world().together(fails, lambda: ended.append(1), lambda: ended.append(2))
    assert sorted(ended) == [1, 2]


def test_closing_closes_every_connection() -> None:
    class Connection:
        closed = 0

        def __call__(self, _: Request) -> Response:
            return Response(200)

        def close(self) -> None:
            Connection.closed += 1

    stage = World(TARGET, VirtualClock(), Connection, consent_from("none"))
    stage.send(GET, who="x", door="token")
    stage.together(*[lambda: stage.send(GET, who="x", door="token")] * 2)
    stage.close()
    stage.close()
    assert Connection.closed == 3


def test_cookies_of_two_people_never_mix() -> None:
    cookies: dict[str, list[str | None]] = {"alice": [], "bob": []}
    now = "alice"

    def answer(request: Request) -> Response:
        cookies[now].append(request.header("cookie"))
        return Response(200, (("set-cookie", f"sid={now}; path=/"),))

    stage = world(answer)
    browsers = {name: stage.browser(name) for name in cookies}
    for _ in range(2):
        for now, browser in browsers.items():  # noqa: B007 -- the server reads it
            browser.get("https://as.example/device")
    assert cookies == {"alice": [None, "sid=alice"], "bob": [None, "sid=bob"]}
    assert [one.who for one in stage.transcript.exchanges] == ["alice", "bob"] * 2


def test_a_page_that_does_not_answer_is_written_down_and_raised() -> None:
    def fails(_: Request) -> Response:
        raise NoAnswer("reset", "gone")

    stage = world(fails)
    with pytest.raises(NoAnswer, match="gone"):
        stage.browser("alice").get("https://as.example/device")
    assert [one.door for one in stage.transcript.exchanges] == ["page"]
