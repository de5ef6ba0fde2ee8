"""Somebody who tries codes at the verification page (RFC 8628 section 5.1); only when asked."""

from __future__ import annotations

from harness.runners.load.people import guess
from harness.runners.load.roles import Line, Stage
from harness.transcript import Transcript
from harness.verdict import Inconclusive, NotApplicable
from harness.world import World
from simulators.device import Device
from simulators.user import User

BROWSERS = 10
"""Sessions that the guesser has; each is a person's, in turn."""


def guesses(stage: Stage, rate: float) -> None:
    """Try `rate` codes a second for as long as the run goes on; 0 is nobody."""
    if rate <= 0 or not stage.tally.venue.target.users:
        return
    for number in range(BROWSERS):
        stage.later(number / rate, _Guesser(stage, number, BROWSERS / rate).tries)


class _Guesser:
    def __init__(self, stage: Stage, number: int, pause: float) -> None:
        self._stage = stage
        self._number = number
        self._pause = pause

    def tries(self) -> None:
        """Guess for as long as the run goes on; what breaks is counted, since nobody would hear."""
        tally = self._stage.tally
        line = self._stage.opens(lambda: None)
        try:
            self._tries(line)
        except NotApplicable:
            tally.figures.guesses["no page to guess at"] += 1
        except Exception as problem:  # noqa: BLE001 -- see above
            tally.broke(problem)
        finally:
            line.close()

    def _tries(self, line: Line) -> None:
        """Ask for a code to see what one looks like, and try others of its kind."""
        tally = self._stage.tally
        target = tally.venue.target
        world = World(target, tally.clock, lambda: line, tally.venue.consent)
        device = Device(world, target.clients["public"], "guesser")
        try:
            device.begin()
        except Inconclusive:
            tally.figures.guesses["no code to look at"] += 1
            return
        user = User(world, target.users[self._number % len(target.users)])
        while True:
            world.transcript = Transcript()
            due = tally.clock.now() + self._pause
            tally.figures.guesses[guess(user, device)] += 1
            tally.clock.sleep(max(0.0, due - tally.clock.now()))
