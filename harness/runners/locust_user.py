"""Locust plays households: a display that polls, and a person who approves, refuses or walks away.

The laws of this file: device, person, oracle and page reader are those of the scenarios, only the
sockets and the sleeping are gevent's; a 400 is no failure, an unlawful answer is one; nothing that
breaks in here can end in exit code 0.
"""

from __future__ import annotations

import locust  # isort: skip -- it replaces parts of the standard library, so it comes before them

import gc
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from harness.runners.load.fleet import Fleet
from harness.runners.load.guessing import guesses
from harness.runners.load.profile import Profile
from harness.runners.load.run import Run, begin, plug_in
from harness.runners.load.sign_in import SignIn
from harness.runners.load.stages import Stage

plug_in(locust.events)


class Household(Profile, locust.User):  # type: ignore[misc]
    """Devices and their people; a profile is a subclass with other figures.

    Played as `users`, each Locust user is one device with a connection of its own, that signs in
    again as soon as it is done: a closed model.  Played as a `fleet`, one Locust user in each
    process drives its share of all devices, which come by the profile's schedule: an open model.
    """

    abstract = True
    tasks: ClassVar[list[Callable[[Household], None]]] = []

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.run_: Run = begin(environment)
        self.number = next(self.run_.numbers)
        self._open: list[Any] = []

    def on_stop(self) -> None:
        """Count what is under way; Locust calls this also when it stops a user in the middle."""
        while self._open:
            self._open.pop().close()

    def plays_device(self) -> None:
        """One device after another, until Locust stops."""
        index, many = self.run_.share(self.environment)
        tally = self.run_.tally
        rand = random.Random(f"{tally.crowd.seed}/stagger/{index}/{self.number}")
        tally.clock.sleep(rand.uniform(0, self.staggered))
        options = self.environment.parsed_options
        stage = Stage(
            tally,
            shared=False,
            keep=not options.new_connections,
            trouble=self.run_.troubles(),
        )
        self._open.append(stage)
        if self.number == 0:
            guesses(stage, self.guesses / many)
        for turn in itertools.count():
            household = (self.number * 100_000 + turn) * many + index
            flow = SignIn(stage, tally.crowd.fate(household))
            self._open.append(flow)
            while (pause := flow.turn()) is not None:
                due = tally.clock.now() + pause
                tally.clock.sleep(pause)
                tally.late(tally.clock.now() - due)
            self._open.pop().close()
            tally.clock.sleep(tally.rests(flow.ended))

    def plays_fleet(self) -> None:
        """This process's share of all devices; a second user in a process has nothing to do."""
        index, many = self.run_.share(self.environment)
        tally, options = self.run_.tally, self.environment.parsed_options
        stage = Stage(
            tally,
            shared=True,
            keep=not options.new_connections,
            trouble=self.run_.troubles(),
        )
        fleet = Fleet(stage, options.connections)
        _looks_for_garbage_rarely()
        self._open += [stage, fleet]
        if self.number == 0:
            guesses(stage, self.guesses / many)
            fleet.plays(self._comers(stage, index, many))
        while True:
            tally.clock.sleep(60.0)

    def _comers(
        self, stage: Stage, index: int, many: int
    ) -> Iterator[tuple[float, Callable[[], SignIn]]]:
        """When each device of this process comes (seconds on the clock), and how it is made."""
        plan, crowd = self.run_.arrivals, self.run_.tally.crowd
        begins = self.run_.tally.clock.now()
        rand = random.Random(f"{crowd.seed}/arrivals")
        first = sorted(rand.uniform(0.0, crowd.interval) for _ in range(plan.residents))
        coming = _merged(first, plan.times(rand))
        for number, (at, resident) in enumerate(coming):
            if number % many == index:
                yield begins + at, partial(_household, stage, number, resident)


def _looks_for_garbage_rarely() -> None:
    """Looking through a hundred thousand households would hold up all of them.

    What ends is freed without it, because a flow leaves no cycle behind.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def _merged(first: list[float], later: Iterator[float]) -> Iterator[tuple[float, bool]]:
    """Those who are there at the beginning, and those who come later, in the order of time."""
    return heapq.merge(((at, True) for at in first), ((at, False) for at in later))


def _household(stage: Stage, number: int, resident: bool) -> SignIn:  # noqa: FBT001
    return SignIn(stage, stage.tally.crowd.fate(number, resident=resident))


def _plays(user: Household) -> None:
    if user.environment.parsed_options.played_as == "fleet":
        user.plays_fleet()
    else:
        user.plays_device()


Household.tasks = [_plays]
