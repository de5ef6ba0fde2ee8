"""World, transcript and device of one household among a hundred thousand.

The laws of this file: they are those of the scenarios and differ in nothing but size; of a run of
polls that all hear authorization_pending only the last is kept, and one that ran beside a decision,
because no judgement on what comes after looks at the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from harness.clock import Clock
from harness.consent import Browser, Consent
from harness.target import Client, Target
from harness.transcript import Decision, Event, Exchange, Transcript, precedes
from harness.wire import Answer, Request, Response, Transport, number_of
from harness.world import World
from simulators.announced import interval_of, lifetime_of
from simulators.device import MARGIN, Device

if TYPE_CHECKING:
    from harness.runners.load.roles import Line

Together = Callable[[Callable[[], object], Callable[[], object]], None]
"""Does two things at the same time."""

T = TypeVar("T")

SMALL = 160
"""Bytes of a body that many responses may have in common; one with codes is longer."""
UNCHANGING = frozenset({"none", "client_secret_post", "client_secret_basic"})
"""Ways of a client to show who it is that are the same in every request."""
LONGEST_WAIT = 120.0
"""Seconds that a device waits at most because a server asks it to come later."""
KEPT = frozenset({"content-type", "retry-after", "location", "x-devicegrant-injected"})
"""Headers of a response that anybody looks at under load."""


class LeanTranscript(Transcript):
    """A transcript in which a poll that learnt nothing replaces the one before it."""

    __slots__ = ("written",)

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.written = 0

    def __len__(self) -> int:
        return self.written

    def exchange(self, *args: Any, **kwargs: Any) -> Exchange:
        """Write down one exchange and return it."""
        who, door, request, result = args
        response = result if isinstance(result, Response) else None
        failure = None if response is not None else result
        event = Exchange(self.written, who, door, request, response, failure, **kwargs)
        events = self.events
        if events and _idle(event) and _idle(events[-1]) and not _beside_a_decision(events):
            events.pop()
        self.written += 1
        self.events = [*events, event]  # a list that grows keeps room for more
        return event

    def decision(self, *args: Any, **kwargs: Any) -> Decision:
        """Write down one decision and return it."""
        event = Decision(self.written, *args, **kwargs)
        self.written += 1
        # The pages of the visit have done their part.
        self.events[:] = [one for one in self.events if _lasts(one)]
        self.events.append(event)
        return event


def _idle(event: Event) -> bool:
    """Whether it is a poll that was answered, and learnt nothing."""
    return isinstance(event, Exchange) and event.door == "token" and event.answer is Answer.PENDING


def _beside_a_decision(events: list[Event]) -> bool:
    """Whether the latest poll had been sent before the decision that stands before it was taken."""
    decision = events[-2] if len(events) > 1 else None
    return isinstance(decision, Decision) and not precedes(decision, events[-1])


def _lasts(event: Event) -> bool:
    return isinstance(event, Decision) or event.door != "page"


class Hearer(Protocol):
    """Whoever judges what was sent."""

    def hears(self, exchange: Exchange) -> None:
        """An exchange has been written down."""
        ...


class _Nobody:
    def hears(self, exchange: Exchange) -> None:
        """It is not judged any more."""


NOBODY: Hearer = _Nobody()
"""Who hears what is said after the end."""


class LeanWorld:
    """What is a household's own of a world: its line, its transcript, and who judges.

    Everything else is that of `common`, a world that all households of a run share.  Every exchange
    is judged as soon as it is written down.
    """

    __slots__ = ("common", "judge", "line", "transcript")

    turns = None

    def __init__(self, common: World, line: Line, transcript: Transcript, judge: Hearer) -> None:
        self.common = common
        self.line = line
        self.transcript = transcript
        self.judge = judge

    @property
    def target(self) -> Target:
        """Who is under test."""
        return self.common.target

    @property
    def clock(self) -> Clock:
        """The clock of the run."""
        return self.common.clock

    @property
    def consent(self) -> Consent:
        """How people get to a decision."""
        return self.common.consent

    @property
    def whole(self) -> World:
        """This world, for those who ask for nothing that it lacks."""
        return cast("World", self)

    def browser(self, who: str) -> Browser:
        """A new browser with a cookie jar of its own, whose requests are written down."""
        return World.browser(self.whole, who)

    def send(self, *args: Any, **kwargs: Any) -> Exchange:
        """Send one request, write it down, and have it judged.

        Nobody's thinking and no ceiling stand in the times that are written down.
        """
        self.line.ready()
        exchange = World.send(self.whole, *args, **kwargs)
        self.judge.hears(exchange)
        return exchange

    def _transport(self) -> Transport:
        return self.line.sends


class LeanDevice(Device):
    """A device that keeps only its latest poll of those that learnt nothing.

    `polled` counts them all.  With `together` every poll is sent twice at the same time: one
    attempt, which has failed if neither was answered.
    """

    __slots__ = ("_expires_in", "_interval", "_request", "_together", "polled")

    def __init__(self, world: LeanWorld, client: Client, together: Together | None = None) -> None:
        super().__init__(world.whole, client)
        self.polled = 0
        self._together = together
        self._request: Request | None = None

    def lets_go(self) -> None:
        """Forget whoever listens; a flow and its device would keep each other alive."""
        cast("LeanWorld", self.world).judge = NOBODY
        self._together = None

    @property
    def response(self) -> dict[str, Any]:
        """The device authorization response, read again rather than kept twice."""
        issued = self.issued.response if self.issued is not None else None
        return (issued.json() if issued is not None else None) or {}

    @response.setter
    def response(self, body: dict[str, Any]) -> None:
        self._request = None
        self._interval, self._expires_in = _same((interval_of(body), lifetime_of(body)))

    @property
    def interval(self) -> float:
        """Seconds between polls as announced."""
        return self._interval

    @property
    def expires_in(self) -> float:
        """Seconds for which both codes live, as announced."""
        return self._expires_in

    def surely_lives(self, at: float) -> bool:
        """Whether no reading of the past lets the code be expired at that moment."""
        return self.issued is not None and at - self.issued.began < 0.5 * self._expires_in

    @property
    def polls(self) -> list[Exchange]:
        """The polls since the codes were issued, as far as the transcript has kept them."""
        return [one for one in self.world.transcript.exchanges if one.door == "token"]

    @polls.setter
    def polls(self, _: list[Exchange]) -> None:
        """They are written down already."""

    def device_authorization_request(self, **kwargs: Any) -> Request:
        """The request for codes; all devices share one."""
        return _same(super().device_authorization_request(**kwargs))

    def token_request(self, **kwargs: Any) -> Request:
        """The request that polls, made once, unless it has to be signed anew."""
        if kwargs or self.client.auth not in UNCHANGING:
            return super().token_request(**kwargs)
        if self._request is None:
            made = super().token_request()
            self._request = replace(made, headers=_same(made.headers))
        return self._request

    def poll(self) -> Exchange:
        """Poll once, whatever comes of it."""
        if self._together is None:
            return self._polls(super().poll)
        both: list[Exchange] = []

        def once() -> None:
            both.append(self._polls(super(LeanDevice, self).poll))

        self._together(once, once)
        heard = [one for one in both if one.answer not in {None, Answer.BUSY}]
        return next((one for one in both if one.answer is Answer.TOKEN), (heard or both)[-1])

    def backs_off(self, exchange: Exchange, trouble: int) -> float:
        """Seconds to wait: as the server asks (RFC 9110 section 10.2.3), else twice as long."""
        interval = self.pause + MARGIN
        asked = exchange.response.header("retry-after") if exchange.response else None
        seconds = number_of(asked)
        if seconds is not None and seconds >= 0:
            return max(interval, min(seconds, LONGEST_WAIT))
        return float(min(interval * 2**trouble, LONGEST_WAIT))

    def _polls(self, poll: Callable[[], Exchange]) -> Exchange:
        exchange = poll()
        self.polled += 1
        return exchange


def lean(response: Response) -> Response:
    """A response without the headers that nobody looks at; equal ones are one."""
    kept = tuple(header for header in response.headers if header[0] in KEPT)
    if len(response.body) > SMALL:
        return Response(response.status, _same(kept), response.body)
    return _same(Response(response.status, kept, response.body))


@lru_cache(maxsize=1024)
def _remembered(value: Any) -> Any:
    return value


def _same(value: T) -> T:
    """The first of all equal values."""
    same: T = _remembered(value)
    return same
