"""What the network does to requests is seen by nobody but the transcript."""

from __future__ import annotations

from functools import partial

import pytest

from harness.clock import VirtualClock
from harness.consent.hand import Nobody
from harness.target import Client, Target
from harness.transcript import Exchange
from harness.wire import DEVICE_CODE_GRANT, Answer, Request, Response
from harness.world import World
from simulators.faults import garbles, loses_answers, loses_requests, repeats_requests
from simulators.weather import THE_NETWORK, Weather

AS = "https://as.example"
POLL = Request.form(
    f"{AS}/token", [("grant_type", DEVICE_CODE_GRANT), ("device_code", "abc"), ("client_id", "tv")]
)


class Server:
    """Says how often it was asked, and can be closed."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False

    def __call__(self, request: Request) -> Response:
        self.asked += 1
        body = b'{"access_token": "t%d"}' % self.asked
        return Response(200, (("content-type", "application/json"),), body)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def world(server: Server) -> World:
    target = Target("as", f"{AS}/da", f"{AS}/token", {"public": Client("tv")})
    return World(target, VirtualClock(), lambda: server, Nobody())


def polled(world: World) -> Exchange:
    return world.send(POLL, who="display", door="token")


def test_calm_weather_changes_nothing(world: World, server: Server) -> None:
    Weather(world)
    assert polled(world).answer is Answer.TOKEN
    assert len(world.transcript) == server.asked == 1


def test_a_lost_answer_is_written_down_as_heard_by_nobody(world: World) -> None:
    weather = Weather(world)
    with weather.strikes(partial(loses_answers, share=1.0)):
        assert polled(world).response is None
    unheard, heard = world.transcript.exchanges
    assert unheard.who == THE_NETWORK and unheard.answer is Answer.TOKEN
    assert heard.after <= unheard.number
    assert polled(world).answer is Answer.TOKEN


def test_a_lost_request_never_arrived(world: World, server: Server) -> None:
    weather = Weather(world)
    with weather.strikes(partial(loses_requests, share=1.0)):
        assert polled(world).failure is not None
    assert server.asked == 0 and len(world.transcript) == 1


def test_a_damaged_answer_is_no_answer_of_the_target(world: World) -> None:
    weather = Weather(world)
    with weather.strikes(partial(garbles, share=1.0)):
        failure = polled(world).failure
    assert failure is not None and failure.reason == "garbled"


def test_a_request_that_arrives_twice_leaves_two_answers(world: World, server: Server) -> None:
    weather = Weather(world)
    with weather.strikes(partial(repeats_requests, share=1.0)):
        delivered = polled(world)
    assert server.asked == 2
    first, second = world.transcript.exchanges
    assert (first.who, second) == (THE_NETWORK, delivered)
    assert first.response is not None and first.response.json() == {"access_token": "t1"}


def test_only_what_is_meant_is_struck(world: World) -> None:
    weather = Weather(world)
    with weather.strikes(partial(loses_answers, share=1.0), "device_authorization"):
        assert polled(world).answer is Answer.TOKEN
    with weather.strikes(partial(loses_answers, share=1.0)):
        page = world.send(Request("GET", f"{AS}/device"), who="alice", door="page")
    assert page.response is not None


def test_connections_below_are_closed(world: World, server: Server) -> None:
    Weather(world)
    polled(world)
    world.close()
    assert server.closed
