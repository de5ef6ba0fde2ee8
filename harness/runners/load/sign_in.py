"""One sign-in under load: a display polls while a person decides, and each exchange is judged.

The laws of this file: whoever acts is a generator that yields how long to pause (seconds), so that
one household runs alike by itself and among a hundred thousand; the display never waits for the
person; what cannot be judged before the person is done is judged then; closing neither waits nor
raises, because it may be what is left of a flow that was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.consent import Outcome, Wish
from harness.oracle import expiry_slack
from harness.runners.load.invariants import WHOSE, broken_in, story
from harness.runners.load.judging import opinion
from harness.runners.load.lean import LeanDevice, LeanTranscript, LeanWorld
from harness.runners.load.people import visit_of
from harness.runners.load.profile import Fate
from harness.runners.load.tally import Tally
from harness.transcript import Exchange
from harness.transports import READ_TIMEOUT
from harness.verdict import Inconclusive
from harness.wire import Answer, Request, Response, number_of
from harness.world import Behaviour
from scenarios.claims import subject
from simulators.device import MARGIN
from simulators.user import User

MOST_TROUBLE = 4
"""Requests in a row without an answer after which a device gives up."""
LONGEST_WAIT = 120.0
"""Seconds that a device waits at most because a server asks it to come later."""
STARVED = 3
"""Polls after an approval by which a device must have its token."""


class Line(Protocol):
    """A transport that is closed when nobody needs it any more."""

    def __call__(self, request: Request) -> Response:
        """Send one request; raises `NoAnswer`."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Stage(Protocol):
    """Where households live: connections for them, and ways to do things at the same time."""

    tally: Tally

    def line(self) -> Line:
        """A line for a device."""
        ...

    def opens(self, before: Callable[[], None]) -> Line:
        """A connection of a person's own; `before` runs before each of its requests."""
        ...

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Let somebody act beside the device after so many seconds."""
        ...

    def together(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        """Do two things at the same time; returns when both are done."""
        ...


class SignIn:
    """One household's flow, with a transcript of its own that the oracle reads."""

    __slots__ = (
        "_approved_at",
        "_began",
        "_deciding",
        "_hindered",
        "_later",
        "_line",
        "_over",
        "_stage",
        "_waits_since",
        "device",
        "ended",
        "fate",
        "number",
        "transcript",
    )

    def __init__(self, stage: Stage, number: int, fate: Fate) -> None:
        self._stage = stage
        self.number = number
        self.fate = fate
        self.transcript = LeanTranscript()
        self.ended = ""
        self._line = stage.line()
        client = stage.tally.venue.target.clients["public"]
        together = self._pairs if fate.doubled else None
        self.device = LeanDevice(self._world(self._line), client, f"display {number}", together)
        self._deciding: tuple[float, int] | None = None
        """When the person opened the page, and after how many events; None while nobody does."""
        self._approved_at: float | None = None
        self._waits_since: float | None = None
        self._over = False
        self._hindered = False
        """Whether a page was not shown for reasons that are nobody's unlawful doing."""
        self._later: tuple[Exchange, ...] = ()
        """What can be judged only when the person's decision is written down."""

    def plays(self) -> Behaviour:
        """Ask for codes, let the person decide beside it, poll to the end."""
        tally, clock = self._stage.tally, self._stage.tally.clock
        tally.begins()
        yield from self._asks()
        if not self.device.response:
            self.ended = "no codes"
            return
        self._waits_since = clock.now()
        tally.waits(self.device.interval, self.device.expires_in)
        if self.fate.wish is not None:
            self._stage.later(self.fate.decides_after, self._visits)
        yield from self._polls()
        self._over = True
        patience = clock.now() + READ_TIMEOUT
        while self._deciding is not None and clock.now() < patience:
            yield 0.1
        self._settle()
        if not self.ended:
            self.ended = self._how_it_ended()

    def close(self) -> None:
        """Count the flow, also if it was stopped in the middle of it; nobody waits here."""
        tally = self._stage.tally
        try:
            self._settle()
            self._count_flow()
            self._line.close()
        except Exception as problem:  # noqa: BLE001 -- would keep a stopped run alive
            tally.broke(problem)

    def _world(self, line: Line) -> LeanWorld:
        tally = self._stage.tally
        venue = tally.venue
        return LeanWorld(
            venue.target,
            tally.clock,
            venue.consent,
            line,
            self.transcript,
            self._judged,
        )

    # --- the device ------------------------------------------------------------------------------

    def _asks(self) -> Behaviour:
        """Ask for codes, and again if the server is busy or away."""
        for trouble in range(1, MOST_TROUBLE + 1):
            try:
                self.device.begin()
            except Inconclusive:
                latest = self.transcript.exchanges[-1]
                if latest.response is not None and latest.answer is not Answer.BUSY:
                    return
                if trouble < MOST_TROUBLE:
                    yield self._backs_off(latest, trouble)
            else:
                return

    def _polls(self) -> Behaviour:
        """Poll until it is known, or until the device is switched off."""
        polls = self._hurries() if self.fate.disobedient else self._polls_politely()
        walks_away = self.fate.wish is None
        for pause in polls:
            if walks_away and self.device.age + pause > self.fate.off_after:
                self.ended = "abandoned"
                return
            self._stage.tally.wants(pause)
            yield pause

    def _polls_politely(self) -> Behaviour:
        """Keep to the interval; without an answer wait longer (RFC 8628 section 3.5)."""
        trouble = 0
        while trouble < MOST_TROUBLE:
            polled = self.device.polled
            try:
                yield from self.device.polls_politely()
            except Inconclusive:
                trouble = 1 if self.device.polled > polled + 1 else trouble + 1
                yield self._backs_off(self.device.polls[-1], trouble)
            else:
                return

    def _hurries(self) -> Behaviour:
        """Poll as fast as one likes, whatever the server says."""
        pause = self._stage.tally.crowd.profile.hurry
        trouble = 0
        while trouble < MOST_TROUBLE and self.device.age <= self.device.expires_in + pause:
            yield pause
            answer = self.device.poll().answer
            if answer is not None and answer.is_final:
                return
            trouble = 0 if answer is not None else trouble + 1

    def _backs_off(self, exchange: Exchange, trouble: int) -> float:
        """Seconds to wait: as the server asks (RFC 9110 section 10.2.3), else twice as long."""
        interval: float = self.device.pause + MARGIN
        asked = exchange.response.header("retry-after") if exchange.response else None
        seconds = number_of(asked)
        if seconds is not None and seconds >= 0:
            return max(interval, min(seconds, LONGEST_WAIT))
        return float(min(interval * 2**trouble, LONGEST_WAIT))

    # --- the person ------------------------------------------------------------------------------

    def _visits(self) -> None:
        try:
            if not self._over:
                self._decides()
        except Exception as problem:  # noqa: BLE001 -- nobody else would hear of it
            self._stage.tally.broke(problem)

    def _decides(self) -> None:
        wish, tally = self.fate.wish, self._stage.tally
        assert wish is not None
        began = tally.clock.now()
        line = self._stage.opens(self._thinks)
        self._deciding = (began, len(self.transcript))
        self._hindered = False
        problem = ""
        try:
            user = User(self._world(line), tally.venue.target.users[self.fate.person])
            visit = visit_of(user, wish, self.device, self.fate)
            if visit.outcome is not Outcome.DECIDED:
                problem = f"{visit.outcome.value}: {visit.message}"
        except Inconclusive as trouble:
            problem = trouble.reason
        finally:
            line.close()
            self._deciding = None
        if not problem and wish is Wish.APPROVE:
            self._approved_at = tally.clock.now()
        device = self.device
        too_late = device.age > device.expires_in - expiry_slack(device.expires_in)
        excused = self._hindered or too_late
        tally.decided(wish, tally.clock.now() - began, problem, excused=excused)

    def _thinks(self) -> None:
        """Read the page first; what follows a redirect is the browser's doing, nobody's thought."""
        pages = (one for one in reversed(self.transcript.exchanges) if one.door == "page")
        latest = next(pages, None)
        if latest is None or 300 <= latest.status < 400:
            return
        self._stage.tally.thinks()

    # --- judging ---------------------------------------------------------------------------------

    def _judged(self, exchange: Exchange) -> None:
        """Judge one exchange, now or when the person's decision is written down."""
        deciding = self._deciding is not None
        early = deciding and exchange.answer not in {Answer.PENDING, None}
        # Of two polls at once each can explain the answer to the other.
        if exchange.door == "token" and (early or self.fate.doubled):
            self._later = (*self._later, exchange)
        else:
            self._judges(exchange)

    def _pairs(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        """Send two polls at once, and judge them when both are answered."""
        self._stage.together(one, other)
        if self._deciding is None:
            self._judges_all()

    def _judges(self, exchange: Exchange) -> None:
        wish = self.fate.wish.value if self.fate.wish is not None else "nobody"
        found = opinion(self.transcript, exchange, wish=wish)
        if exchange.door == "page":
            self._hindered |= found.busy or bool(found.injected) or exchange.failure is not None
        self._stage.tally.counts(exchange, found, obedient=self.fate.obedient)

    def _settle(self) -> None:
        if self._later and self._deciding is not None:
            # Stopped in the middle of a visit: nobody will write down what it came to.
            began, after = self._deciding
            self.transcript.decision(
                "person",
                self.device.user_code,
                approved=self.fate.wish is Wish.APPROVE,
                done=None,
                began=began,
                ended=self._stage.tally.clock.now(),
                after=after,
            )
        self._judges_all()

    def _judges_all(self) -> None:
        later, self._later = self._later, ()
        for exchange in later:
            self._judges(exchange)

    def _how_it_ended(self) -> str:
        answers = self.device.answers
        if Answer.TOKEN in answers:
            self._has_token()
            return Answer.TOKEN.value
        answer = answers[-1] if answers else None
        return answer.value if answer is not None and answer.is_final else "gave up"

    def _has_token(self) -> None:
        tally, device = self._stage.tally, self.device
        token = next(poll for poll in device.polls if poll.answer is Answer.TOKEN)
        if self._approved_at is not None:
            tally.token_after(max(0.0, token.ended - self._approved_at))
        if tally.memory.knows_token(device.access_token):
            tally.violates(WHOSE, "two codes bought the same token", self._story())
        if self.fate.wish is not Wish.APPROVE:
            return
        found = subject(device) if "openid" in tally.venue.target.scope.split() else None
        if found is not None:
            person = tally.venue.target.users[self.fate.person].username
            says = tally.memory.contradicts(person, found)
            if says:
                tally.violates(WHOSE, says, self._story())

    def _story(self) -> list[str]:
        return story(self.transcript, self.device.device_code)

    def _count_flow(self) -> None:
        tally, device = self._stage.tally, self.device
        now = tally.clock.now()
        if self._waits_since is not None:
            for broken in broken_in(self.transcript, device.device_code):
                tally.violates(broken.requirement, broken.says, broken.timeline)
            used_up = self.ended in {Answer.TOKEN.value, Answer.DENIED.value, Answer.EXPIRED.value}
            tally.ceases(device.age, device.expires_in, used_up=used_up)
            tally.figures.polls_per_sign_in[device.polled] += bool(self.ended)
        if self.ended:
            tally.figures.flows[self.ended] += 1
        elif self._approved_at is not None:
            tally.figures.unfinished["approved, no token yet"] += 1
            tally.figures.still_waiting[round(1000 * (now - self._approved_at))] += 1
        else:
            tally.figures.unfinished["nobody has decided yet"] += 1
        if self._approved_at is not None and self.ended != Answer.TOKEN.value:
            hungry = now - self._approved_at > STARVED * (device.pause + MARGIN)
            tally.figures.totals["starved"] += hungry
