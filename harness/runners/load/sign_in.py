"""One sign-in under load: a display polls while a person decides, and each exchange is judged.

The laws of this file: the display never waits for the person; what cannot be judged before the
person is done is judged then; closing neither waits nor raises, because it may be what is left of a
flow that was killed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeAlias

from harness.consent import Outcome, Wish
from harness.runners.load.figures import milliseconds
from harness.runners.load.judging import REUSED, Opinion, opinion
from harness.runners.load.run import Run
from harness.transcript import Exchange, Transcript
from harness.transports import READ_TIMEOUT
from harness.verdict import Inconclusive
from harness.wire import Answer, Request, Response
from harness.world import Behaviour, World
from simulators.device import MARGIN, Device
from simulators.user import User

MOST_TROUBLE = 4
"""Requests in a row without an answer after which a device gives up."""

Row: TypeAlias = Callable[[str, str], None]
"""Closes a row of the statistics with its name and with what was wrong (empty: nothing)."""


class Line(Protocol):
    """A transport whose rows are closed later; `fresh` as in `load.judging.opinion`."""

    fresh: bool

    def __call__(self, request: Request) -> Response:
        """Send one request; raises `NoAnswer`."""
        ...

    def row(self) -> Row:
        """What closes the row of the latest request."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Home(Protocol):
    """The household that signs in; ranges are seconds."""

    run_: Run
    number: int
    rand: random.Random
    line: Line
    scans: ClassVar[float]
    decides_after: ClassVar[tuple[float, float]]
    thinks: ClassVar[tuple[float, float]]
    switched_off_after: ClassVar[tuple[float, float]]

    def opens(self, before: Callable[[], None]) -> Line:
        """A connection of the person's own."""
        ...

    def spawns(self, act: Callable[[], None]) -> Any:
        """Let somebody act at the same time."""
        ...


class SignIn:
    """One household's flow, with a transcript of its own that the oracle reads."""

    def __init__(self, home: Home, wish: Wish | None) -> None:
        self.home = home
        self.run = home.run_
        self.wish = wish
        self.transcript = Transcript()
        client = self.run.venue.target.clients["public"]
        self.device = Device(self._world(home.line), client, f"display {home.number}")
        self.ended = ""
        self._person: Any = None
        self._deciding: tuple[float, int] | None = None
        """When the person opened the page, and after how many events; None while nobody does."""
        self._approved_at: float | None = None
        self._over = False
        self._later: list[Callable[[], None]] = []

    def plays(self) -> None:
        """Ask for codes, let the person decide beside it, poll to the end."""
        figures, clock = self.run.figures, self.run.clock
        figures.flows["begun"] += 1
        try:
            self.device.begin()
        except Inconclusive:
            self.ended = "no codes"
            return
        figures.intervals[round(self.device.interval)] += 1
        off = self.home.rand.uniform(*self.home.switched_off_after)
        if self.wish is not None:
            self._person = self.home.spawns(self._visits)
        for pause in self._polls():
            if self.wish is None and self.device.age + pause > off:
                self.ended = "abandoned"
                return
            due = clock.now() + pause
            clock.sleep(pause)
            figures.late[milliseconds(clock.now() - due)] += 1
        self._over = True
        if self._deciding is not None:
            self._person.join(READ_TIMEOUT)
        self._settle()
        self.ended = self._how_it_ended()

    def close(self) -> None:
        """Count the flow, also if it was stopped in the middle of it; nobody waits here."""
        try:
            if self._person is not None:
                self._person.kill(block=False)
            self._settle()
            self._count_flow()
        except Exception as problem:  # noqa: BLE001 -- would keep a killed household alive
            self._broke(problem)

    def _world(self, line: Line) -> World:
        venue = self.run.venue
        world = _Judged(venue.target, self.run.clock, lambda: line, venue.consent, self.transcript)
        world.hears = lambda exchange: self._judged(exchange, line)
        return world

    def _polls(self) -> Behaviour:
        """Poll politely; without an answer wait twice as long (RFC 8628 section 3.5)."""
        trouble = 0
        while trouble < MOST_TROUBLE:
            heard = len(self.device.answers)
            try:
                yield from self.device.polls_politely()
            except Inconclusive:
                trouble = 1 if len(self.device.answers) > heard + 1 else trouble + 1
                yield (self.device.pause + MARGIN) * (2**trouble - 1)
            else:
                return

    # --- the person ------------------------------------------------------------------------------

    def _visits(self) -> None:
        try:
            self.run.clock.sleep(self.home.rand.uniform(*self.home.decides_after))
            if not self._over:
                self._decides()
        except Exception as problem:  # noqa: BLE001 -- nobody else would hear of it
            self._broke(problem)

    def _decides(self) -> None:
        assert self.wish is not None
        clock, rand = self.run.clock, self.home.rand
        began = clock.now()
        line = self.home.opens(self._thinks)
        self._deciding = (began, len(self.transcript))
        problem = ""
        try:
            person = User(self._world(line), rand.choice(self.run.venue.target.users))
            linked = self.device.codes.verification_uri_complete is not None
            by_link = linked and rand.random() < self.home.scans
            visit = person.decides(self.wish, self.device, by_link=by_link)
            if visit.outcome is not Outcome.DECIDED:
                problem = f"{visit.outcome.value}: {visit.message}"
        except Inconclusive as trouble:
            problem = trouble.reason
        finally:
            line.close()
        self._deciding = None
        name = f"consent: {self.wish.value}"
        if problem:
            problem = f"{name}: {problem}"
            self.run.figures.wrong(problem)
        elif self.wish is Wish.APPROVE:
            self._approved_at = clock.now()
        self.run.fires("FLOW", name, clock.now() - began, problem)

    def _thinks(self) -> None:
        """Read the page first; what follows a redirect is the browser's doing, nobody's thought."""
        pages = (one for one in reversed(self.transcript.exchanges) if one.door == "page")
        latest = next(pages, None)
        if latest is None or 300 <= latest.status < 400:
            return
        self.run.clock.sleep(self.home.rand.uniform(*self.home.thinks))

    # --- judging ---------------------------------------------------------------------------------

    def _judged(self, exchange: Exchange, line: Line) -> None:
        """Close the row of one exchange, now or when the person's decision is written down."""
        row, fresh = line.row(), line.fresh
        wish = self.wish.value if self.wish is not None else "nobody"

        def close() -> None:
            found = opinion(self.transcript, exchange, fresh=fresh, wish=wish)
            self._count(exchange, found)
            row(found.row, found.wrong)

        early = exchange.door == "token" and exchange.answer not in {Answer.PENDING, None}
        if early and self._deciding is not None:
            self._later.append(close)
        else:
            close()

    def _settle(self) -> None:
        if self._later and self._deciding is not None:
            # Stopped in the middle of a visit: nobody will write down what it came to.
            began, after = self._deciding
            self.transcript.decision(
                "person",
                self.device.user_code,
                approved=self.wish is Wish.APPROVE,
                done=None,
                began=began,
                ended=self.run.clock.now(),
                after=after,
            )
        later, self._later = self._later, []
        for close in later:
            close()

    def _count(self, exchange: Exchange, found: Opinion) -> None:
        figures = self.run.figures
        if exchange.door == "token":
            figures.polls_at[int(self.run.clock.unix())] += 1
            if exchange.answer is not None:
                figures.answers[exchange.answer.value] += 1
        if found.row.endswith(REUSED):
            figures.network[REUSED] += 1
        elif exchange.failure is not None:
            figures.network[exchange.failure.reason] += 1
        if found.wrong:
            figures.wrong(found.wrong)
        if found.tolerated:
            figures.tolerated[found.tolerated] += 1

    def _how_it_ended(self) -> str:
        answer = self.device.answers[-1] if self.device.answers else None
        if answer is Answer.TOKEN:
            if self._approved_at is not None:
                took = max(0.0, self.device.polls[-1].ended - self._approved_at)
                self.run.figures.approval_to_token[milliseconds(took)] += 1
                self.run.fires("FLOW", "approval to token", took)
            target = self.run.venue.target
            if target.userinfo_endpoint and "openid" in target.scope.split():
                self.device.reads(target.userinfo_endpoint, self.device.access_token)
        return answer.value if answer is not None and answer.is_final else "gave up"

    def _count_flow(self) -> None:
        figures = self.run.figures
        if self.ended:
            figures.flows[self.ended] += 1
        elif self._approved_at is not None:
            figures.unfinished["approved, no token yet"] += 1
            waited = self.run.clock.now() - self._approved_at
            figures.still_waiting[milliseconds(waited)] += 1
        else:
            figures.unfinished["nobody has decided yet"] += 1

    def _broke(self, problem: Exception) -> None:
        self.run.figures.harness_errors[f"{type(problem).__name__}: {problem}"[:200]] += 1


class _Judged(World):
    """A world whose every exchange is judged as soon as it is written down."""

    hears: Callable[[Exchange], None]

    def send(self, *args: Any, **kwargs: Any) -> Exchange:
        """Send one request, write it down, and have it judged."""
        exchange = World.send(self, *args, **kwargs)
        self.hears(exchange)
        return exchange
