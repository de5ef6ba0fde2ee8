"""What all households of one process share: the crowd, the clock, and where things are counted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.clock import Clock
from harness.consent import Wish
from harness.runners.load.figures import Figures, coarse, milliseconds
from harness.runners.load.invariants import Memory
from harness.runners.load.judging import EXHAUSTED, REUSED, Exhausted, Opinion
from harness.runners.load.plan import Ceiling
from harness.runners.load.profile import Crowd
from harness.runners.load.quoting import quoted_blindly
from harness.runners.stage import Outside
from harness.transcript import Exchange
from harness.wire import Answer, Transport
from harness.world import World


@dataclass(slots=True)
class Tally:
    """Counts what happens.  `rows` puts a row into Locust's own statistics.

    Its arguments are kind, name, seconds, and what was wrong (empty: nothing).
    """

    venue: Outside
    clock: Clock
    crowd: Crowd
    ceiling: Ceiling
    rows: Callable[[str, str, float, str], None]
    figures: Figures = field(default_factory=Figures)
    memory: Memory = field(default_factory=Memory)
    rand: random.Random = field(default_factory=random.Random)
    permitted: bool = True
    """Whether people may be sent to other machines."""
    common: World = field(init=False)
    """What the worlds of all households have in common."""
    connections: int = 0
    most_connections: int = 0

    def __post_init__(self) -> None:
        def nowhere() -> Transport:
            raise AssertionError("each household has a line of its own")

        self.common = World(self.venue.target, self.clock, nowhere, self.venue.consent)

    def begins(self) -> None:
        """A device has been switched on."""
        self.figures.flows["begun"] += 1
        self.figures.arrivals_at[self._second()] += 1

    def opens(self, more: int) -> None:
        """A connection was opened (1) or closed (-1)."""
        self.connections += more
        self.most_connections = max(self.most_connections, self.connections)

    def waits(self, interval: float) -> None:
        """A device has its codes and begins to wait."""
        figures, second = self.figures, self._second()
        figures.intervals[round(interval)] += 1
        figures.totals["codes"] += 1
        figures.waiting_at[second] += 1
        figures.codes_at[second] += 1

    def ceases(self, age: float, expires_in: float, *, used_up: bool) -> None:
        """A device has ceased to wait; its code lives on, unless it is used up or expired."""
        second = self._second()
        self.figures.waiting_at[second] -= 1
        rest = 0.0 if used_up else max(0.0, expires_in - age)
        self.figures.codes_at[second + round(min(rest, 1e9))] -= 1

    def wants(self, pause: float) -> None:
        """A poll will be due after so many seconds."""
        self.figures.wanted_at[int(self.clock.unix() + pause)] += 1

    def late(self, seconds: float) -> None:
        """A poll left so much later than it was due."""
        ms = milliseconds(seconds)
        self.figures.lag[ms] += 1
        self.figures.lag_at[f"{self._second()} {coarse(ms)}"] += 1

    def thinks(self, share: float = 1.0) -> None:
        """A person reads a page, or the rest of it."""
        self.clock.sleep(share * self.rand.uniform(*self.crowd.profile.thinks))

    def decided(self, wish: Wish, seconds: float, problem: str, *, excused: bool) -> None:
        """A person has been through the pages; an excused problem is nobody's fault."""
        name = f"consent: {wish.value}"
        self.figures.totals["visits"] += 1
        if problem and excused:
            self.figures.totals["hindered visits"] += 1
        elif problem:
            self.figures.wrong(f"{name}: {problem}")
        self.rows("FLOW", name, seconds, problem.partition(":")[0])

    def token_after(self, seconds: float) -> None:
        """A device has its token so long after the approval."""
        ms = milliseconds(seconds)
        self.figures.approval_to_token[ms] += 1
        self.figures.token_at[f"{self._second()} {coarse(ms)}"] += 1
        self.rows("FLOW", "approval to token", seconds, "")

    def counts(self, exchange: Exchange, found: Opinion, *, obedient: bool) -> None:
        """An exchange was judged."""
        figures = self.figures
        figures.totals["requests"] += 1
        if exchange.door == "token":
            self._counts_poll(exchange, found, obedient=obedient)
        if found.injected:
            figures.injected[found.injected] += 1
        elif found.busy:
            figures.busy[exchange.door] += 1
        elif isinstance(exchange.failure, Exhausted):
            figures.harness_errors[EXHAUSTED] += 1
        elif found.row.endswith(REUSED):
            figures.network[REUSED] += 1
        elif exchange.failure is not None:
            figures.network[exchange.failure.reason] += 1
        self.rows("HTTP", found.row, exchange.ended - exchange.began, found.told)
        if found.wrong:
            figures.wrong(found.wrong)
        if found.tolerated:
            figures.arguable(found.tolerated)

    def _counts_poll(self, exchange: Exchange, found: Opinion, *, obedient: bool) -> None:
        figures, second, answer = self.figures, self._second(), exchange.answer
        slow = exchange.failure is not None and exchange.failure.reason == "too_slow"
        if found.injected or (answer is None and not slow):
            return
        figures.response[milliseconds(exchange.ended - exchange.began)] += 1
        if answer is None:
            return
        figures.polls_at[second] += 1
        if obedient and (answer is Answer.SLOW_DOWN or found.busy):
            figures.harmed_at[second] += 1
        figures.answers[answer.value] += 1
        figures.answers_at[f"{second} {answer.value}"] += 1
        if answer in {Answer.PENDING, Answer.SLOW_DOWN}:
            figures.totals["wasted"] += 1
        if answer is Answer.SLOW_DOWN and obedient:
            figures.totals["slow_down to obedient"] += 1

    def shows(self, requirement: str, says: str, timeline: list[str]) -> None:
        """How an answer came about that was counted as wrong already."""
        self.figures.shows(requirement, says, timeline)

    def starved(self) -> None:
        """An approved device has polled often enough to have its token, and has none."""
        self.figures.totals["starved"] += 1

    def violates(self, requirement: str, says: str, timeline: list[str]) -> None:
        """An invariant does not hold."""
        self.figures.violates(requirement, says, timeline)

    def broke(self, problem: BaseException) -> None:
        """Something of ours broke."""
        self.figures.broke(quoted_blindly(f"{type(problem).__name__}: {problem}"))

    @property
    def tries_wrong_codes(self) -> bool:
        """Whether somebody does, on purpose or not, from the one address that all have."""
        return self.crowd.shares.mistype > 0 or self.crowd.profile.guesses > 0

    def comes_again(self, ended: str) -> bool:
        """Whether a device asks for new codes after its flow has ended so."""
        over = {Answer.TOKEN.value, Answer.DENIED.value, "abandoned"}
        return self.crowd.profile.again and ended not in over

    def rests(self, ended: str) -> float:
        """Seconds until a device asks for new codes; one that got nowhere does not hammer."""
        return self.crowd.interval if ended in {"no codes", "gave up"} else 0.0

    def held(self, seconds: float) -> None:
        """A request waited so long for the ceiling on requests per second, or not at all."""
        self.figures.held[milliseconds(seconds)] += 1

    def queued(self, seconds: float) -> None:
        """A poll waited for a connection, while the ceiling or the target kept all of them busy."""
        if seconds and self.ceiling.is_behind:
            self.held(seconds)
        else:
            self.figures.queued[milliseconds(seconds)] += 1

    def _second(self) -> int:
        return int(self.clock.unix())


def row_of(request_event: Any) -> Callable[[str, str, float, str], None]:
    """Puts rows into Locust's statistics through its event."""

    def fires(kind: str, name: str, seconds: float, problem: str = "") -> None:
        request_event.fire(
            request_type=kind,
            name=name,
            response_time=seconds * 1000,
            response_length=0,
            exception=AssertionError(problem) if problem else None,
            context={},
        )

    return fires
