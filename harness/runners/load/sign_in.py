"""One sign-in under load: a display polls while a person decides, and each exchange is judged.

The laws of this file: whoever acts is a generator that yields how long to pause (seconds), so that
one household runs alike by itself and among a hundred thousand; the display never waits for the
person; what cannot be judged before the person is done is judged then; closing neither waits nor
raises, because it may be what is left of a flow that was stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harness.consent import Wish
from harness.runners.load.invariants import WHOSE, broken_in, owner_of, story
from harness.runners.load.judging import opinion
from harness.runners.load.lean import LeanDevice, LeanTranscript, LeanWorld
from harness.runners.load.people import visits
from harness.runners.load.profile import Fate
from harness.runners.load.roles import Line, Stage
from harness.transcript import Exchange
from harness.transports import READ_TIMEOUT
from harness.verdict import Inconclusive
from harness.wire import Answer
from harness.world import Behaviour

MOST_TROUBLE = 4
"""Requests in a row without an answer after which a device gives up."""
STARVED = 3
"""Polls answered after an approval by which a device must have its token."""
_NO_TOKEN = {Answer.PENDING, Answer.SLOW_DOWN, Answer.BUSY, Answer.BROKEN}


class SignIn:
    """One household's flow, with a transcript of its own that the oracle reads."""

    __slots__ = (
        "_acts",
        "_has_codes",
        "_hungry",
        "_later",
        "_line",
        "_pair",
        "_trouble",
        "approved_at",
        "deciding",
        "device",
        "due",
        "ended",
        "fate",
        "hindered",
        "over",
        "stage",
        "transcript",
    )

    def __init__(self, stage: Stage, fate: Fate) -> None:
        self.stage = stage
        self.due = 0.0
        """When it is its turn, for whoever keeps an agenda; seconds on the clock."""
        self.fate = fate
        self.transcript = LeanTranscript()
        self.ended = ""
        self._line = stage.line()
        client = stage.tally.venue.target.clients["public"]
        together = self._pairs if fate.doubled else None
        self.device = LeanDevice(self.world(self._line), client, together)
        self.deciding: tuple[float, int] | None = None
        """When the person opened the page, and after how many events; None while nobody does."""
        self.approved_at: float | None = None
        self._has_codes = False
        self.over = False
        self._hungry = 0
        """Polls that were answered after the approval, and brought no token."""
        self._trouble = 0
        """Attempts in a row that were not answered, or put off; two polls at once are one."""
        self._acts: Behaviour | None = self._asks()
        self.hindered = False
        """Whether a page was not shown for reasons that are nobody's unlawful doing."""
        self._later: tuple[Exchange, ...] = ()
        """What can be judged only when the person's decision is written down."""
        self._pair: int | None = None
        """Where in it begin the polls of a pair that is under way."""
        stage.tally.begins()  # who was stopped before the first turn has come, too

    def __lt__(self, other: SignIn) -> bool:
        """Whoever is due first goes first."""
        return self.due < other.due

    def turn(self) -> float | None:
        """Take the next step; returns how many seconds to pause, None when all is over."""
        while self._acts is not None:
            try:
                pause = next(self._acts, None)
            except Inconclusive:
                pause = self._was_not_answered()
            if pause is None or self._is_switched_off(pause):
                self._acts = self._next()
                continue
            if self._is_polling:
                self.stage.tally.wants(pause)
            return pause
        return None

    def _next(self) -> Behaviour | None:
        """What comes next; a hundred thousand households keep nothing but that."""
        if self.over or not self.device.response:
            return None
        if not self._has_codes:
            self._waits()
            return self._hurries() if self.fate.disobedient else self.device.polls_politely()
        self.over = True
        return self._ends()

    @property
    def _is_polling(self) -> bool:
        return self._has_codes and not self.over

    def _waits(self) -> None:
        tally = self.stage.tally
        self._has_codes = True
        tally.waits(self.device.interval)
        if self.fate.wish is not None:
            self.stage.later(self.fate.decides_after, partial(visits, self))

    def _ends(self) -> Behaviour:
        """Let the person come to an end, and judge what could not be judged before."""
        clock = self.stage.tally.clock
        patience = clock.now() + READ_TIMEOUT
        while self.deciding is not None and clock.now() < patience:
            yield 0.1
        self._settle()
        if not self.ended:
            self.ended = self._how_it_ended()

    def close(self) -> None:
        """Count the flow, also if it was stopped in the middle of it; nobody waits here."""
        tally = self.stage.tally
        try:
            self._settle()
            self._count_flow()
            self._line.close()
            self.device.lets_go()
        except Exception as problem:  # noqa: BLE001 -- would keep a stopped run alive
            tally.broke(problem)

    def world(self, line: Line) -> LeanWorld:
        """A world on this line, whose exchanges this flow judges."""
        return LeanWorld(self.stage.tally.common, line, self.transcript, self)

    # --- the device ------------------------------------------------------------------------------

    def _asks(self) -> Behaviour:
        """Ask for codes, and again if the server is busy or away."""
        for trouble in range(1, MOST_TROUBLE + 1):
            try:
                self.device.begin()
            except Inconclusive:
                latest = self.transcript.exchanges[-1]
                away = latest.response is None or latest.answer is Answer.BUSY
                if not away or trouble == MOST_TROUBLE:
                    self.ended = "no codes"
                    return
                yield self.device.backs_off(latest, trouble)
            else:
                return

    def _was_not_answered(self) -> float | None:
        """Poll on after a while (RFC 8628 section 3.5), or give up; returns the while."""
        device = self.device
        self._trouble += 1
        if self._trouble == MOST_TROUBLE:
            return None
        self._acts = device.polls_politely()
        next(self._acts)  # it waits before it polls; that is done here
        return device.backs_off(device.polls[-1], self._trouble)

    def _hurries(self) -> Behaviour:
        """Poll as fast as one likes, whatever the server says."""
        device, pause = self.device, self.stage.tally.crowd.profile.hurry
        trouble = 0
        while trouble < MOST_TROUBLE and device.age <= device.expires_in + pause:
            yield pause
            answer = device.poll().answer
            if answer is not None and answer.is_final:
                return
            trouble = 0 if answer is not None else trouble + 1

    def _is_switched_off(self, pause: float) -> bool:
        """Whether nobody will wait so many seconds more, because nobody is there."""
        if self.fate.wish is not None or not self._is_polling:
            return False
        if self.device.age + pause <= self.fate.off_after:
            return False
        self.ended = "abandoned"
        return True

    # --- judging ---------------------------------------------------------------------------------

    def hears(self, exchange: Exchange) -> None:
        """Judge one exchange, now or when the person's decision is written down."""
        if exchange.door == "token" and exchange.answer not in {None, Answer.BUSY}:
            self._trouble = 0
        deciding = self.deciding is not None
        early = deciding and exchange.answer not in {Answer.PENDING, None}
        # Of two polls at once each can explain the answer to the other.
        if exchange.door == "token" and (early or self.fate.doubled):
            self._later = (*self._later, exchange)
        else:
            self._judges(exchange)

    def _pairs(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        """Send two polls at once, and judge them when both are answered."""
        self._pair = len(self._later)
        self.stage.together(one, other)
        self._pair = None
        if self.deciding is None:
            self._judges_all()

    def _judges(self, exchange: Exchange) -> None:
        wish = self.fate.wish.value if self.fate.wish is not None else "nobody"
        lives = self.device.surely_lives(exchange.ended)
        found = opinion(self.transcript, exchange, wish=wish, lives=lives)
        approved = self.approved_at is not None and exchange.began > self.approved_at
        hungry = exchange.door == "token" and approved and exchange.answer in _NO_TOKEN
        if hungry and not found.injected:
            self._hungry += 1
            if self._hungry == STARVED and self.fate.obedient:
                self.stage.tally.starved()
        if exchange.door == "page":
            self.hindered |= found.busy or bool(found.injected) or exchange.failure is not None
        self.stage.tally.counts(exchange, found, obedient=self.fate.obedient)
        if found.requirement:
            self.stage.tally.shows(found.requirement, found.wrong, self._story())

    def _settle(self) -> None:
        if self._pair is not None:
            # Nobody will know what the other poll of the pair came to, which explains this one.
            half, self._later = self._later[self._pair :], self._later[: self._pair]
            self._pair = None
            self.transcript.events[:] = [one for one in self.transcript.events if one not in half]
        if self._later and self.deciding is not None:
            # Stopped in the middle of a visit: nobody will write down what it came to.
            began, after = self.deciding
            self.transcript.decision(
                "person",
                self.device.user_code,
                approved=self.fate.wish is Wish.APPROVE,
                done=None,
                began=began,
                ended=self.stage.tally.clock.now(),
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
        tally, device = self.stage.tally, self.device
        token = next(poll for poll in device.polls if poll.answer is Answer.TOKEN)
        if self.approved_at is not None:
            tally.token_after(max(0.0, token.ended - self.approved_at))
        users = tally.venue.target.users
        person = users[self.fate.person].username if self.fate.wish is not None else ""
        approver = person if self.fate.wish is Wish.APPROVE else ""
        if tally.memory.sold_before(device.access_token, approver):
            tally.violates(WHOSE, "two codes bought the same token", self._story())
        if self.fate.wish is not Wish.APPROVE:
            return
        found = owner_of(device)
        if found is not None:
            says = tally.memory.contradicts(person, found)
            if says:
                tally.violates(WHOSE, says, self._story())

    def _story(self) -> list[str]:
        return story(self.transcript, self.device.device_code)

    def _count_flow(self) -> None:
        tally, device = self.stage.tally, self.device
        now = tally.clock.now()
        if self._has_codes:
            for broken in broken_in(self.transcript, device.device_code):
                tally.violates(broken.requirement, broken.says, broken.timeline)
        if self.ended and self._has_codes:
            used_up = self.ended in {Answer.TOKEN.value, Answer.DENIED.value, Answer.EXPIRED.value}
            tally.ceases(device.age, device.expires_in, used_up=used_up)
            tally.figures.polls_per_sign_in[device.polled] += 1
        if self.ended:
            tally.figures.flows[self.ended] += 1
        elif self.approved_at is not None:
            tally.figures.unfinished["approved, no token yet"] += 1
            tally.figures.still_waiting[round(1000 * (now - self.approved_at))] += 1
        else:
            tally.figures.unfinished["nobody has decided yet"] += 1
