"""How far apart polls came, and what was said to that: the measurements behind the poll policy.

The laws of this file: it reads events and nothing else; a gap is what the server may have seen, so
it has a least and a most, between which the network's share lies (seconds).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from harness.histories import History
from harness.oracle import STEP, expiry_slack
from harness.transcript import precedes
from harness.wire import Answer

OPEN = {Answer.PENDING, Answer.SLOW_DOWN}


@dataclass(frozen=True, slots=True)
class Pace:
    """One poll of an open code that had one before it; times in seconds.

    `sent` lies between the two sendings, which is what a device can keep to.  `slow_downs` counts
    those before this poll, `after_slow_down` tells whether the poll just before got one, and
    `since_taken` how long before an earlier poll was taken at least (None if none was).
    """

    least: float
    most: float
    sent: float
    interval: float
    slow_downs: int
    after_slow_down: bool
    since_taken: float | None
    refused: bool

    @property
    def obedient(self) -> bool:
        """Whether a device that adds 5 s for each slow_down would poll then."""
        return self.sent >= self.interval + STEP * self.slow_downs

    @property
    def raised(self) -> bool:
        """Whether the gap tells a raised demand from the announced interval."""
        wanted = self.interval + STEP * self.slow_downs
        return self.slow_downs > 0 and self.least >= self.interval and self.most < wanted


def paces(history: History) -> Iterator[Pace]:
    """The measured gaps of one code, in order; bursts and what follows a decision are left out."""
    slow_downs, taken = 0, None
    end = history.issued.began + history.expires_in - expiry_slack(history.expires_in)
    for before, poll in pairwise(history.polls):
        slow_downs += before.answer is Answer.SLOW_DOWN
        taken = before if before.answer is Answer.PENDING else taken
        decided = any(not precedes(poll, decision) for decision in history.decisions)
        still_open = {before.answer, poll.answer} <= OPEN and poll.ended < end
        if decided or not still_open or not precedes(before, poll):
            continue
        yield Pace(
            least=poll.began - before.ended,
            most=poll.ended - before.began,
            sent=poll.began - before.began,
            interval=history.interval,
            slow_downs=slow_downs,
            after_slow_down=before.answer is Answer.SLOW_DOWN,
            since_taken=None if taken is None else poll.began - taken.ended,
            refused=poll.answer is Answer.SLOW_DOWN,
        )


def locked_out(measured: Iterable[Pace]) -> bool | None:
    """Whether a device that obeyed was refused twice running; None if nobody was slowed down."""
    put_to_the_test = False
    was_refused = False
    for pace in measured:
        if pace.slow_downs and pace.obedient:
            put_to_the_test = True
            if pace.refused and was_refused:
                return True
        was_refused = pace.obedient and pace.refused
    return False if put_to_the_test else None
