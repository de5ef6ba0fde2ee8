"""Servers that are lawful and out of the ordinary: short-lived codes, slow lines, lossy ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.runners import engine, venues
from harness.runners.stage import Inside
from harness.wire import Transport
from harness.world import World
from simulators import faults
from simulators.server import Config, Rules, Server
from simulators.server.config import drawn_issuer_path

SEED = 8628
ARGUABLE = ("RFC8628-5.4-lifetime", "RFC8628-3.2-interval-sane")
"""What the catalogue itself calls too short or too long."""

Line = Callable[[Transport, World], Transport]


class Behind(Inside):
    """The embedded server behind a line that is not a good one."""

    line: Line

    def world(self) -> World:
        world = Inside.world(self)
        connect = world.connect
        world.connect = lambda: self.line(connect(), world)
        return world


def blamed(venue: Inside) -> Iterator[str]:
    for played in engine.run(engine.plays(), venue, virtual=True):
        for one in played.judgements:
            wrong = one.verdict.value in {"fail", "warn", "error"}
            if wrong and not one.requirement.startswith(ARGUABLE):
                yield f"{played.play.id} {one.requirement}: {one.verdict.value} {one.message}"


@pytest.mark.parametrize(
    ("lifetime", "interval"), [(12, 1), (12, 10), (20, 5), (30, 10), (45, 15), (60, 5), (300, 15)]
)
def test_codes_that_live_briefly_are_no_fault(lifetime: int, interval: int) -> None:
    issuer = f"https://reference.example{drawn_issuer_path(SEED)}"
    config = replace(Config.demo(issuer, seed=SEED), lifetime=lifetime, interval=interval)
    target = venues.target_of(Server(config, VirtualClock(), seed=SEED))

    def serve(clock: VirtualClock) -> Server:
        return Server(config, clock, Rules(), seed=SEED)

    venue = Inside(target, consent_from("forms"), serve, thorough=False, seed=SEED)
    assert list(blamed(venue)) == []


def slow(transport: Transport, world: World) -> Transport:
    return faults.delays(transport, world.clock.sleep, 0.5, 1.5, seed=SEED)


def very_slow(transport: Transport, world: World) -> Transport:
    return faults.delays(transport, world.clock.sleep, 1.0, 4.0, seed=SEED)


def lossy(transport: Transport, _: World) -> Transport:
    lost = faults.loses_requests(transport, 0.02, seed=1)
    return faults.resets(faults.loses_answers(lost, 0.02, seed=2), 0.01, seed=3)


@pytest.mark.parametrize("line", [slow, very_slow, lossy])
def test_a_bad_line_is_not_the_servers_fault(line: Line) -> None:
    inside = venues.embedded(seed=SEED, thorough=False)
    venue = Behind(inside.target, inside.consent, inside.serve, thorough=False, seed=SEED)
    venue.line = line
    assert list(blamed(venue)) == []
