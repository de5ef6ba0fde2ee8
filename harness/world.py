"""The stage of one scenario: target, clock, transport, consent and transcript.

The laws of this file: whatever is sent is written down, also what failed; whoever acts is a
generator that yields how long to pause (seconds), and one loop interleaves all of them.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness.administration import Administrator
from harness.clock import Clock
from harness.consent import Browser, Consent
from harness.target import Target
from harness.transcript import Door, Exchange, Manner, Transcript
from harness.turns import Turns
from harness.wire import NoAnswer, Request, Response, Transport

Behaviour: TypeAlias = Generator[float, None, None]
"""Act, yield how many seconds to pause, act again."""


@dataclass(slots=True)
class World:
    """Everything that a scenario plays in.

    `connect` makes a transport of its own for whoever acts at the same time as others.
    `administrator` may change people's accounts, if somebody can.  Where it is not `thorough`,
    scenarios that repeat something many times do so less often: the museum plays all of them for
    every mutant.  `turns` say what overlaps in virtual time.
    """

    target: Target
    clock: Clock
    connect: Callable[[], Transport]
    consent: Consent
    transcript: Transcript = field(default_factory=Transcript)
    administrator: Administrator | None = None
    thorough: bool = True
    turns: Turns | None = field(default=None, repr=False)
    _transports: threading.local = field(default_factory=threading.local, repr=False)
    _opened: list[Transport] = field(default_factory=list, repr=False)

    def send(
        self, request: Request, *, who: str, door: Door, manner: Manner = "lawful", note: str = ""
    ) -> Exchange:
        """Send one request and write down what came of it.

        Raises `OutOfPatience` if the time of the scenario is up already, and nothing else.
        """
        self.clock.sleep(0)
        transport = self._transport()
        after, began = len(self.transcript), self.clock.now()
        result: Response | NoAnswer
        if self.turns is not None:
            self.turns.give_way()  # the request is on its way
        try:
            result = transport(request)
        except NoAnswer as problem:
            result = problem
        if self.turns is not None:
            self.turns.give_way()  # the response is on its way
        return self.transcript.exchange(
            who,
            door,
            request,
            result,
            began=began,
            ended=self.clock.now(),
            after=after,
            manner=manner,
            note=note,
        )

    def browser(self, who: str) -> Browser:
        """A new browser with a cookie jar of its own, whose requests are written down."""

        def send(request: Request) -> Response:
            exchange = self.send(request, who=who, door="page")
            if exchange.response is None:
                assert exchange.failure is not None
                raise exchange.failure
            return exchange.response

        return Browser(send, now=self.clock.unix)

    def run(self, *behaviours: Behaviour) -> None:
        """Let everybody act in turn until all are done; whoever is due first acts first."""
        order = itertools.count()
        now = self.clock.now()
        agenda = [(now, next(order), behaviour) for behaviour in behaviours]
        heapq.heapify(agenda)
        while agenda:
            due, _, behaviour = heapq.heappop(agenda)
            self.clock.sleep(max(0.0, due - self.clock.now()))
            pause = next(behaviour, None)
            if pause is not None:
                heapq.heappush(agenda, (self.clock.now() + pause, next(order), behaviour))

    def wait(self, seconds: float) -> None:
        """Let time pass while nobody does anything."""
        self.clock.sleep(seconds)

    def together(self, *acts: Callable[[], object]) -> list[Any]:
        """Do all acts at the same time, each on a connection of its own; return their results.

        In virtual time they take turns at every exchange.  The first exception that an act raised
        is raised again when all have ended.
        """
        results: list[Any] = [None] * len(acts)
        problems: list[BaseException] = []

        def one(index: int, act: Callable[[], object]) -> Callable[[], None]:
            def play() -> None:
                try:
                    results[index] = act()
                except BaseException as problem:  # noqa: BLE001 -- handed on to the caller below
                    problems.append(problem)

            return play

        plays = [one(index, act) for index, act in enumerate(acts)]
        if self.clock.virtual:
            self.turns = self.turns or Turns()
            self.turns.play(plays)
        else:
            self._at_once(plays)
        if problems:
            raise problems[0]
        return results

    def _at_once(self, plays: list[Callable[[], None]]) -> None:
        start = threading.Barrier(len(plays))

        def begin(play: Callable[[], None]) -> None:
            with suppress(Exception):  # the act itself will meet it
                self._transport()  # making one takes longer than a server needs to answer
            start.wait()
            play()

        threads = [threading.Thread(target=begin, args=(play,), daemon=True) for play in plays]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _transport(self) -> Transport:
        mine: Transport | None = getattr(self._transports, "mine", None)
        if mine is None:
            mine = self._transports.mine = self.connect()
            self._opened.append(mine)
        return mine

    def close(self) -> None:
        """Close the connections that were opened."""
        for transport in self._opened:
            close = getattr(transport, "close", None)
            if close is not None:
                close()
        self._opened.clear()
