"""Ctrl-C in the middle of a run.

The laws of this file: an interruption must not turn up as an exception wherever the process happens
to be, where it would be taken for a fault of the target; workers go when their master says so, with
their last figures.
"""

from __future__ import annotations

import signal
from types import FrameType

ALONE = 90
"""Seconds after which a worker that was interrupted, and whose master says nothing, is gone."""


class Interruption:
    """Hears the first Ctrl-C; the second one is as rude as ever."""

    def __init__(self) -> None:
        self.asked = False
        """Whether somebody wants the run to end."""

    def listens(self, *, worker: bool) -> None:
        """From now on Ctrl-C is a wish.  A worker leaves it to its master to hear that."""
        signal.signal(signal.SIGINT, self._lets_master_decide if worker else self._hears)

    def _hears(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _lets_master_decide(self, _number: int, _frame: FrameType | None) -> None:
        signal.alarm(ALONE)
