"""A street of households in virtual time: whoever sleeps lets the others go on, as under gevent."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from greenlet import getcurrent, greenlet

from harness.clock import VirtualClock
from harness.consent import Wish, consent_from
from harness.runners.load.figures import Figures
from harness.runners.load.lean import lean
from harness.runners.load.plan import Ceiling
from harness.runners.load.profile import Crowd, Fate, Profile, shares_of
from harness.runners.load.sign_in import SignIn
from harness.runners.load.tally import Tally
from harness.runners.reference import reference_server, reference_target
from harness.runners.stage import Outside
from harness.wire import Request, Response, Transport

ISSUER = "https://reference.example"
LATENCY = 0.03
"""Seconds that a request or a response takes at most, so that what is sent together overlaps."""

YES = Fate(Wish.APPROVE, 6.0, 0.0, person=0)
NO = Fate(Wish.DENY, 6.0, 0.0, person=1)
GONE = Fate(None, 0.0, 17.0, person=0)
STAYS_ON = replace(GONE, off_after=1e9)


class Quick(Profile):
    """People who think for a second on each page."""

    thinks = (1.0, 1.0)


class Mixed(Profile):
    """A bit of everything."""

    mistype = 0.1
    disobedient = 0.1
    doubled = 0.2
    decides_after = (2.0, 30.0)
    switched_off_after = (10.0, 200.0)


class Town(VirtualClock):
    """Time that many share.  Exceptions of whoever acts come out of `passes`."""

    def __init__(self) -> None:
        super().__init__()
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._watch = getcurrent()

    def starts(self, act: Callable[[], object], after: float = 0.0) -> None:
        self._at(after, greenlet(act, self._watch).switch)

    def sleep(self, seconds: float) -> None:
        me = getcurrent()
        if me is self._watch:
            self.passes(self.now() + seconds)
        else:
            self._at(seconds, me.switch)
            self._watch.switch()

    def passes(self, until: float = math.inf) -> None:
        """Let everybody act, to the end of it or up to a moment."""
        while self._agenda and self._agenda[0][0] <= until:
            due, _, goes_on = heapq.heappop(self._agenda)
            super().sleep(due - self.now())
            goes_on()
        if until < math.inf:
            super().sleep(until - self.now())

    def _at(self, after: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (self.now() + max(0.0, after), next(self._order), act))


class Wire:
    """A line to a server in this process, on which everything takes a moment."""

    def __init__(self, street: Street, before: Callable[[], None], *, small: bool) -> None:
        self._street = street
        self._before = before
        self._small = small

    def __call__(self, request: Request) -> Response:
        self.ready()
        return self.sends(request)

    def ready(self) -> None:
        self._before()

    def sends(self, request: Request) -> Response:
        self._street.travels()
        response = self._street.server(request)
        self._street.travels()
        return lean(response) if self._small else response

    def close(self) -> None:
        self._street.closed += 1


class Street:
    """Where households live: `roles.Stage` without a socket."""

    def __init__(self, tally: Tally, town: Town, server: Transport) -> None:
        self.tally = tally
        self.town = town
        self.server = server
        self.opened = self.closed = 0
        self._rand = random.Random("latency")

    @property
    def figures(self) -> Figures:
        return self.tally.figures

    def travels(self) -> None:
        self.town.sleep(self._rand.uniform(0.0, LATENCY))

    def line(self) -> Wire:
        self.opened += 1
        return Wire(self, lambda: None, small=True)

    def opens(self, before: Callable[[], None]) -> Wire:
        self.opened += 1
        return Wire(self, before, small=False)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.town.starts(act, seconds)

    def together(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        done: list[object] = []
        self.town.starts(lambda: done.append(other()))
        one()
        while not done:
            self.town.sleep(0.001)

    def moves_in(self, *fates: Fate, apart: float = 0.0) -> list[SignIn]:
        """Let households begin, one after another; returns their first flows."""
        flows = [SignIn(self, fate) for fate in fates]
        for number, flow in enumerate(flows):
            self.town.starts(partial(self._lives, flow), apart * number)
        return flows

    def _lives(self, flow: SignIn) -> None:
        while (pause := flow.turn()) is not None:
            self.town.sleep(pause)
        flow.close()
        if self.tally.comes_again(flow.ended):
            self.town.sleep(self.tally.rests(flow.ended))
            self._lives(SignIn(self, flow.fate))


def street(
    profile: type[Profile] = Profile,
    *,
    mutant: str | None = None,
    lifetime: int = 600,
    between: Callable[[Transport], Transport] = lambda server: server,
) -> Street:
    """An empty street before the reference server or a mutant; `lifetime` is seconds.

    `between` may stand between the households and the server.
    """
    town = Town()
    server = reference_server(ISSUER, clock=town, lifetime=lifetime, mutant=mutant, seed=1)
    venue = Outside(reference_target(server), consent_from("forms"))
    shares = shares_of(profile, {})
    crowd = Crowd(profile, shares, len(venue.target.users), "seed", 0.0, 5.25)
    tally = Tally(venue, town, crowd, Ceiling(1e9, town), lambda *_: None)
    tally.rand.seed("thinks")
    return Street(tally, town, between(server))


def played(
    *fates: Fate, mutant: str | None = None, apart: float = 0.0, lifetime: int = 600
) -> Figures:
    """What was counted when everybody of a street had come to an end."""
    place = street(Quick, mutant=mutant, lifetime=lifetime)
    place.moves_in(*fates, apart=apart)
    place.town.passes()
    return place.figures


def crowd_of(place: Street, many: int) -> list[Fate]:
    return [place.tally.crowd.fate(number) for number in range(many)]


def is_lawful(figures: Figures) -> bool:
    """Whether nothing was found, neither in the target nor in the harness."""
    wrong = (figures.unexpected, figures.tolerated, figures.harness_errors, figures.violations)
    return not any(wrong)
