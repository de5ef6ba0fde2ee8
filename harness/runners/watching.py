"""A venue that is watched: its requests are counted, and its worlds tell who waits for what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.runners.manners import Manners
from harness.runners.stage import Venue
from harness.target import Target
from harness.transcript import Decision
from harness.verdict import describe
from harness.world import World


@dataclass(slots=True)
class Watched:
    """Makes the worlds of another venue and keeps an eye on them; safe to use from threads."""

    venue: Venue
    manners: Manners = field(default_factory=Manners)
    _worlds: dict[str, World] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """The target of the venue that is watched."""
        return self.venue.target

    @target.setter
    def target(self, target: Target) -> None:
        self.venue.target = target

    def world(self) -> World:
        """A fresh world; while a crowd plays, each thread is named after its scenario."""
        world = self.manners.watch(self.venue.world())
        self._worlds[threading.current_thread().name] = world
        return world

    def news(self, scenario: str) -> str:
        """What a scenario under way last did, and how long ago; "" if nothing is known."""
        world = self._worlds.get(scenario)
        if world is None:
            return ""
        events = world.transcript.events
        if not events:
            return "about to begin"
        last = events[-1]
        ago = world.clock.now() - last.ended
        if isinstance(last, Decision):
            return f"{last.who} {'approved' if last.approved else 'denied'} {ago:.0f} s ago"
        did = {"token": "polled", "page": "visited a page", "device_authorization": "got codes"}
        return f"{last.who} {did.get(last.door, last.door)} {ago:.0f} s ago: {describe(last)}"

    def seconds(self, scenario: str) -> float:
        """How long a scenario has been under way."""
        world = self._worlds.get(scenario)
        return world.clock.now() if world is not None else 0.0

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._worlds))
