"""The stage of one scenario: target, clock, transport, consent and transcript.

The laws of this file: whatever is sent is written down, also what failed; whoever acts is a
generator that yields how long to pause (seconds), and one loop interleaves all of them.
"""

from __future__ import annotations

import heapq
import itertools
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness.administration import Administrator
from harness.clock import Clock
from harness.consent import Browser, Consent
from harness.target import Target
from harness.transcript import Door, Exchange, Manner, Transcript
from harness.wire import NoAnswer, Request, Response, Transport

Behaviour: TypeAlias = Generator[float, None, None]
"""Act, yield how many seconds to pause, act again."""


@dataclass(slots=True)
class World:
    """Everything that a scenario plays in.

    `connect` makes a transport of its own for whoever acts at the same time as others.
    `administrator` may change people's accounts, if somebody can.  Where it is not `thorough`,
    scenarios that repeat something many times do so less often: the museum plays all of them for
    every mutant.
    """

    target: Target
    clock: Clock
    connect: Callable[[], Transport]
    consent: Consent
    transcript: Transcript = field(default_factory=Transcript)
    administrator: Administrator | None = None
    thorough: bool = True
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
        try:
            result = transport(request)
        except NoAnswer as problem:
            result = problem
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

        The first exception that an act raised is raised again when all have ended.
        """
        start = threading.Barrier(len(acts))
        results: list[Any] = [None] * len(acts)
        problems: list[BaseException] = []

        def play(index: int, act: Callable[[], object]) -> None:
            try:
                start.wait()
                results[index] = act()
            except BaseException as problem:  # noqa: BLE001 -- handed on to the caller below
                problems.append(problem)

        threads = [
            threading.Thread(target=play, args=(index, act), daemon=True)
            for index, act in enumerate(acts)
        ]
        with _quick_turns(self.clock.virtual):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if problems:
            raise problems[0]
        return results

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


@contextmanager
def _quick_turns(wanted: bool) -> Generator[None, None, None]:  # noqa: FBT001 -- one word says it
    """Let threads take turns often: a server in this process answers within one usual turn."""
    usual = sys.getswitchinterval()
    if wanted:
        sys.setswitchinterval(usual / 50)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
