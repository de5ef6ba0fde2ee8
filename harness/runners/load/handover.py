"""The last figures of workers: a run is over when all of them have told theirs.

The laws of this file: it speaks through Locust's messages and does not import Locust; whoever is
lost is not waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.clock import Clock
from harness.runners.load.figures import Figures

WITHIN = 60.0
"""Seconds that workers may take to count what a hundred thousand households were in the middle of.

Locust itself waits for half a second.
"""
_LAST = "devicegrant: the last figures"


def hands_over(runner: Any, last: Callable[[], dict[str, Any]]) -> None:
    """A worker stops its users when its master asks for the last figures, and sends them."""

    def hears(**_: Any) -> None:
        runner.stop()
        runner.send_message(_LAST, last())

    runner.register_message(_LAST, hears)


class Awaited:
    """The workers of a master, and who of them has told everything."""

    def __init__(self, runner: Any, figures: Figures, clock: Clock) -> None:
        self._runner = runner
        self._figures = figures
        self._clock = clock
        self._heard: set[str] = set()
        runner.register_message(_LAST, self._hears)

    def waits(self) -> None:
        """Ask all workers for their last figures, and wait for those that are alive."""
        self._heard.clear()
        self._runner.send_message(_LAST)
        until = self._clock.now() + WITHIN
        while self._clock.now() < until and not self._alive <= self._heard:
            self._clock.sleep(0.05)

    def _hears(self, msg: Any, **_: Any) -> None:
        self._heard.add(msg.node_id)
        self._figures.add(msg.data)

    @property
    def _alive(self) -> set[str]:
        clients = self._runner.clients
        return {one.id for one in clients.all} - {one.id for one in clients.missing}
