"""The transcript is the only evidence: actors write it, judges read it.

The laws of this file: one ordered list, and order is by position, never by timestamp; an event is
never changed once it is written.  Times are seconds on the world's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from harness.wire import Answer, NoAnswer, Request, Response, answer_of

Door: TypeAlias = Literal[
    "device_authorization",
    "token",
    "userinfo",
    "resource",
    "metadata",
    "jwks",
    "introspection",
    "revocation",
    "registration",
    "page",
]
"""Which endpoint a request went to; a redirect while a person browses is a "page", too."""

Manner: TypeAlias = Literal["lawful", "malformed", "hostile"]
"""How a request was meant: by the book; wrong on purpose in a way that the specifications define an
answer for; or so odd that a gateway in front of the target may refuse it in words of its own."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, its response, who sent it, and when (seconds on the world's clock).

    Exactly one of `response` and `failure` is set.  `after` counts the events that were written
    when the request was sent: an event with a lower number surely came before.
    """

    number: int
    who: str
    door: Door
    request: Request
    response: Response | None
    failure: NoAnswer | None
    began: float
    ended: float
    after: int
    manner: Manner = "lawful"
    note: str = ""

    @property
    def answer(self) -> Answer | None:
        """What a token endpoint said, or None if nothing came back."""
        return None if self.response is None else answer_of(self.response)

    @property
    def issued(self) -> bool:
        """Whether a device authorization response brought a device_code."""
        body = self.response.json() if self.response else None
        return self.status // 100 == 2 and bool(body and body.get("device_code"))

    @property
    def status(self) -> int:
        """The HTTP status, 0 if nothing came back."""
        return 0 if self.response is None else self.response.status


@dataclass(frozen=True, slots=True)
class Decision:
    """A person approved or denied the flow of `user_code`.

    `done` tells whether the target's pages took the decision; False if they refused it, None if
    that could not be seen.  It took effect at some moment between `began`, before the pages were
    opened, and `ended` (seconds on the world's clock); `after` counts the events before `began`.
    """

    number: int
    who: str
    user_code: str
    approved: bool
    done: bool | None
    began: float
    ended: float
    after: int


Event: TypeAlias = Exchange | Decision


def precedes(first: Event, second: Event) -> bool:
    """Whether `first` had surely ended before `second` began; by position, never by timestamp."""
    return first.number < second.after


@dataclass(slots=True)
class Transcript:
    """Everything that happened in one scenario, in order; safe to write from several threads."""

    events: list[Event] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def exchange(
        self,
        who: str,
        door: Door,
        request: Request,
        result: Response | NoAnswer,
        *,
        began: float,
        ended: float,
        after: int,
        manner: Manner = "lawful",
        note: str = "",
    ) -> Exchange:
        """Write down one exchange and return it."""
        response = result if isinstance(result, Response) else None
        failure = result if isinstance(result, NoAnswer) else None
        with self._lock:
            number = len(self.events)
            event = Exchange(
                number, who, door, request, response, failure, began, ended, after, manner, note
            )
            self.events.append(event)
        return event

    def decision(
        self,
        who: str,
        user_code: str,
        *,
        approved: bool,
        done: bool | None,
        began: float,
        ended: float,
        after: int,
    ) -> Decision:
        """Write down one decision and return it."""
        with self._lock:
            number = len(self.events)
            event = Decision(number, who, user_code, approved, done, began, ended, after)
            self.events.append(event)
        return event

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges, in order."""
        return [event for event in self.events if isinstance(event, Exchange)]

    @property
    def decisions(self) -> list[Decision]:
        """All decisions, in order."""
        return [event for event in self.events if isinstance(event, Decision)]

    def at(self, door: Door) -> Iterator[Exchange]:
        """The exchanges at one endpoint that got a response, in order."""
        return (
            event for event in self.exchanges if event.door == door and event.response is not None
        )

    def __len__(self) -> int:
        return len(self.events)
