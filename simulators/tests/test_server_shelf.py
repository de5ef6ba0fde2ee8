"""Shelves: what is kept comes to its end, and a sweep looks at nothing else."""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.clock import VirtualClock
from harness.wire import Answer, Request
from simulators.server import Config, Server
from simulators.server.database import Database
from simulators.server.memory import Memory
from simulators.server.realm import AT_A_TIME
from simulators.server.shelf import Shelf, Shelves
from simulators.tests.browsing import Stage

Place = Callable[[], Shelves]


@pytest.fixture(params=["memory", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "memory":
        return Memory
    return lambda: Database(tmp_path / "store")


def test_a_shelf_keeps_and_drops_by_name(place: Place) -> None:
    shelves = place()
    shelf: Shelf[list[int]] = shelves.shelf("things")
    with shelves.turn:
        shelf.keep("a", [1])
        shelf.keep("b", [2])
    with shelves.turn:
        found = shelf.get("a") or []
        found.append(3)
        shelf.drop("b")
    with shelves.turn:
        assert shelf.get("a") == [1, 3]
        assert shelf.get("b") is None and shelf.get("c") is None
        assert list(shelf.values()) == [[1, 3]] and len(shelf) == 1


def test_what_has_expired_goes_a_few_at_a_time(place: Place) -> None:
    shelves = place()
    shelf: Shelf[float] = shelves.shelf("things", float)
    with shelves.turn:
        for number in range(30):
            shelf.keep(str(number), 10.0 * number)
    with shelves.turn:
        assert sorted(shelf.expired(100, 4)) == [0, 10, 20, 30]
        assert shelf.is_due(100)
        assert sorted(shelf.expired(100, 50)) == [40, 50, 60, 70, 80, 90, 100]
        assert not shelf.is_due(100) and shelf.expired(100, 50) == []
    with shelves.turn:
        assert len(shelf) == 19


def test_whoever_is_given_more_time_stays(place: Place) -> None:
    shelves = place()
    shelf: Shelf[list[int]] = shelves.shelf("things", lambda thing: float(thing[0]))
    with shelves.turn:
        shelf.keep("late", thing := [10])
        shelf.keep("early", [10])
        thing[0] = 50
    with shelves.turn:
        assert shelf.expired(20, 5) == [[10]]
    with shelves.turn:
        assert shelf.get("late") == [50]
        assert shelf.expired(50, 5) == [[50]]


def test_a_shelf_that_is_too_full_loses_what_would_end_first(place: Place) -> None:
    shelves = place()
    shelf: Shelf[float] = shelves.shelf("things", float, 3)
    with shelves.turn:
        for end in (700, 100, 900, 300, 500):
            shelf.keep(str(end), float(end))
    with shelves.turn:
        shelf.expired(0, 1)
        shelf.expired(0, 1)
    with shelves.turn:
        assert sorted(shelf.values()) == [500, 700, 900]


def test_a_sweep_looks_only_at_what_has_expired() -> None:
    looked_at: list[float] = []

    def end(thing: float) -> float:
        looked_at.append(thing)
        return thing

    shelf = Memory().shelf("things", end)
    for number in range(5000):
        shelf.keep(str(number), 1000.0 + number)
    for number in range(7):
        shelf.keep(f"old {number}", float(number))
    looked_at.clear()

    assert len(shelf.expired(500, 5000)) == 7
    assert sorted(looked_at) == [0, 1, 2, 3, 4, 5, 6]


def test_a_thing_that_was_dropped_leaves_nothing_behind() -> None:
    shelf: Any = Memory().shelf("things", float)
    for number in range(100):
        shelf.keep(str(number), 50.0)
        shelf.drop(str(number))
    shelf.expired(50, 100)

    assert not shelf.is_due(1e9) and not shelf._pages


def test_no_request_waits_for_all_that_has_expired(place: Place) -> None:
    clock = VirtualClock()
    server = Server(Config.demo(lifetime=60), clock, shelves=place())
    for _ in range(5 * AT_A_TIME):
        ask(server)
    clock.sleep(1000)
    kept = []
    for _ in range(8):
        server(Request("GET", server.config.issuer))
        kept.append(grants(server))

    assert kept == [AT_A_TIME * number for number in (4, 3, 2, 1, 0, 0, 0, 0)]


def test_memory_is_flat_however_many_codes_come(place: Place) -> None:
    clock = VirtualClock()
    server = Server(Config.demo(lifetime=10), clock, shelves=place())
    sizes = []
    for _ in range(12):
        for _ in range(60):
            ask(server)
        clock.sleep(10)
        sizes.append(grants(server))

    assert max(sizes[6:]) <= sizes[5] <= 60 * 5


def test_the_garbage_collector_has_no_business_with_pending_codes() -> None:
    stage = Stage()
    grant = stage.server.realm.store.find(stage.started["device_code"])

    assert grant is not None and not gc.is_tracked(grant)
    assert stage.started["device_code"] not in repr(grant)
    assert stage.started["user_code"] not in repr(grant)


def test_two_devices_share_what_they_ask_for() -> None:
    stage = Stage()
    one, other = (
        stage.server.realm.store.find(started["device_code"])
        for started in (stage.started, stage.ask())
    )

    assert one is not None and other is not None and one is not other
    assert one.scope is other.scope and one.asked is other.asked


def test_what_strangers_send_is_not_kept_whole() -> None:
    stage = Stage()
    for letter in "ab":
        stage.token(client_id=letter * 50_000, client_secret="x", grant_type="y")
    limiter: Any = stage.server.realm.secrets

    assert len(limiter) == 2
    assert max(map(len, limiter._buckets._things)) <= 200


def test_a_late_poll_is_told_for_as_long_as_before(place: Place) -> None:
    stage = Stage()
    stage.server = Server(stage.config, stage.clock, shelves=place())
    stage.started = stage.ask()
    stage.clock.sleep(3 * 1800 - 1)
    assert stage.poll() is Answer.EXPIRED
    stage.clock.sleep(20)
    assert stage.poll() is Answer.INVALID_GRANT


def ask(server: Server) -> None:
    url = str(server.metadata["device_authorization_endpoint"])
    assert server(Request.form(url, [("client_id", "tv")])).status == 200


def grants(server: Server) -> int:
    with server._turn:
        return len(server.realm.store)
