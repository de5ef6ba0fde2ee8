"""Manners towards servers of other people: how fast scenarios may start, and when it is enough.

The laws of this file: a scenario is held back before it starts and never between its requests: a
poll that we delayed would falsify a verdict on timing.  Nothing is limited on this machine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.clock import Clock, WallClock
from harness.target import Target
from harness.wire import Request, Response, Transport

if TYPE_CHECKING:
    from harness.runners.engine import Play
    from harness.world import World

UNLIMITED = float("inf")
FIRST_REQUESTS = 4
"""Requests that a scenario is taken to send at once: they are counted when it starts."""
LONGEST_REST = 120.0
"""Seconds that a Retry-After may hold back further scenarios."""
REST = 5.0
"""Seconds of rest after 429 or 503 without a usable Retry-After."""
STREAK = 12
"""Answers of 500 and above in a row after which nothing more is started."""
SLOWEST = 0.5
"""Requests a second below which the rate is not lowered."""


class Manners:
    """Decides when the next scenario may start; safe to use from several threads.

    `rate` is requests a second over the whole run.  With `polite` scenarios that can disturb others
    are left out, and a streak of server errors ends the run.
    """

    def __init__(
        self, rate: float = UNLIMITED, *, polite: bool = False, clock: Clock | None = None
    ) -> None:
        self.rate = rate
        self.polite = polite
        self._clock = clock or WallClock()
        self._free_at = 0.0
        self._errors = 0
        self._lock = threading.Lock()

    def pause(self) -> float:
        """Seconds until another scenario may start; 0 if it may now, and then it counts."""
        if self.rate == UNLIMITED:
            return 0.0
        with self._lock:
            now = self._clock.now()
            if now < self._free_at:
                return self._free_at - now
            self._free_at = now + FIRST_REQUESTS / self.rate
            return 0.0

    def refusal(self, play: Play) -> str:
        """Why a scenario is not played at all; "" if it may be."""
        return (
            "needs --intrusive: it could disturb others" if self.polite and play.mark.alone else ""
        )

    @property
    def enough(self) -> str:
        """Why nothing more is started; "" as long as all is well."""
        if self.polite and self._errors >= STREAK:
            return f"stopped after {STREAK} server errors in a row"
        return ""

    def watch(self, world: World) -> World:
        """The same world, whose requests and answers are counted."""
        if self.polite or self.rate != UNLIMITED:
            world.connect = _Counted(self, world.connect).connect
        return world

    def sent(self, *, beyond_first: bool) -> None:
        """Count one request; the first ones of a scenario were counted at its start."""
        if beyond_first and self.rate != UNLIMITED:
            with self._lock:
                self._free_at = max(self._free_at, self._clock.now()) + 1 / self.rate

    def heard(self, response: Response) -> None:
        """Take note of an answer: slow down when the target is busy."""
        with self._lock:
            self._errors = self._errors + 1 if response.status >= 500 else 0
            if response.status in {429, 503} and self.polite:
                until = self._clock.now() + _rest(response.header("retry-after"))
                self._free_at = max(self._free_at, until)
                self.rate = max(SLOWEST, self.rate / 2)


def manners_for(target: Target, *, rate: float, intrusive: bool) -> Manners:
    """What is due to a target: on this machine nothing, elsewhere `rate` requests a second."""
    if target.loopback:
        return Manners()
    return Manners(rate, polite=not intrusive)


@dataclass(slots=True)
class _Counted:
    """Counts the requests of one scenario, over all its connections."""

    manners: Manners
    inner: Callable[[], Transport]
    requests: int = 0

    def connect(self) -> Transport:
        return _CountedTransport(self, self.inner())


@dataclass(slots=True)
class _CountedTransport:
    counted: _Counted
    inner: Transport

    def __call__(self, request: Request) -> Response:
        self.counted.requests += 1
        manners = self.counted.manners
        manners.sent(beyond_first=self.counted.requests > FIRST_REQUESTS)
        response = self.inner(request)
        manners.heard(response)
        return response

    def close(self) -> None:
        close = getattr(self.inner, "close", None)
        if close is not None:
            close()


def _rest(retry_after: str | None) -> float:
    """Seconds out of a Retry-After; a date in it counts as no number."""
    text = (retry_after or "").strip()
    return min(float(text), LONGEST_REST) if text.isascii() and text.isdigit() else REST
