"""What goes wrong between devices and server because a profile wants it so.

The laws of this file: whatever is put in between is marked as ours, so that nobody else is blamed;
when and whom it hits follows from the seed.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Protocol

from harness.clock import Clock
from harness.runners.load.judging import INJECTED, INJECTED_HEADER
from harness.target import TargetError
from harness.wire import NoAnswer, Request, Response

FORMS = (
    "SHARE 429",
    "SHARE 429 retry-after SECONDS",
    "SHARE 503",
    "SHARE 503 retry-after SECONDS",
    "SHARE 500",
    "SHARE reset",
    "SHARE lost (the answer only)",
    "outage at SECONDS for SECONDS",
)
_NUMBER = r"(\d+(?:\.\d+)?)"
_SHARE = re.compile(
    rf"{_NUMBER}\s*(%?)\s+(429|500|503|reset|lost)(?:\s+retry-after\s+{_NUMBER})?", re.IGNORECASE
)
_OUTAGE = re.compile(rf"outage\s+at\s+{_NUMBER}\s+for\s+{_NUMBER}", re.IGNORECASE)


class Line(Protocol):
    """What trouble can befall."""

    def __call__(self, request: Request) -> Response:
        """Send one request as soon as it may be sent; raises `NoAnswer`."""
        ...

    def ready(self) -> None:
        """Wait until a request may be sent."""
        ...

    def sends(self, request: Request) -> Response:
        """Send one request now; raises `NoAnswer`."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens to a share of the requests; `retry_after` is seconds."""

    share: float
    kind: str
    retry_after: float | None = None

    @property
    def name(self) -> str:
        """What it is called where it is counted."""
        return self.kind if self.retry_after is None else f"{self.kind} with Retry-After"


@dataclass(frozen=True, slots=True)
class Outage:
    """Nothing gets through from `at` until `at + lasting`, seconds of the run."""

    at: float
    lasting: float


class Trouble:
    """Lays faults round lines.  Outages count from when this was made."""

    def __init__(
        self, faults: tuple[Fault, ...], outages: tuple[Outage, ...], clock: Clock, seed: str
    ) -> None:
        self._faults = faults
        self._outages = outages
        self._clock = clock
        self._began = clock.now()
        self._rand = random.Random(f"{seed}/trouble")

    def befalls(self, line: Line) -> Line:
        """The line with trouble on it."""
        return _Troubled(line, self)

    def strikes(self) -> str | Fault | None:
        """What happens to a request that is sent now."""
        at = self._clock.now() - self._began
        if any(one.at <= at < one.at + one.lasting for one in self._outages):
            return "outage"
        dice = self._rand.random()
        for fault in self._faults:
            if dice < fault.share:
                return fault
            dice -= fault.share
        return None


def troubles(text: str) -> tuple[tuple[Fault, ...], tuple[Outage, ...]]:
    """The faults and outages that a text names, separated by commas; raises `TargetError`."""
    faults: list[Fault] = []
    outages: list[Outage] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        if found := _SHARE.fullmatch(part):
            share = float(found[1]) / (100 if found[2] else 1)
            kind = found[3].lower()
            if found[4] is not None and kind not in {"429", "503"}:
                raise TargetError(f"trouble {part!r}: Retry-After goes with 429 and 503")
            faults.append(Fault(share, kind, float(found[4]) if found[4] else None))
        elif found := _OUTAGE.fullmatch(part):
            outages.append(Outage(float(found[1]), float(found[2])))
        else:
            raise TargetError(f"trouble {part!r} is not understood; say one of: {'; '.join(FORMS)}")
    if sum(fault.share for fault in faults) > 1:
        raise TargetError(f"trouble {text!r}: the shares add up to more than 1")
    return tuple(faults), tuple(outages)


class _Troubled:
    """A line on which some requests meet a fault."""

    __slots__ = ("_line", "_trouble")

    def __init__(self, line: Line, trouble: Trouble) -> None:
        self._line = line
        self._trouble = trouble

    def __call__(self, request: Request) -> Response:
        self.ready()
        return self.sends(request)

    def ready(self) -> None:
        self._line.ready()

    def sends(self, request: Request) -> Response:
        fault = self._trouble.strikes()
        if fault is None:
            return self._line.sends(request)
        if isinstance(fault, str):
            raise NoAnswer("refused", INJECTED + fault)
        if fault.kind == "reset":
            raise NoAnswer("reset", INJECTED + fault.kind)
        if fault.kind == "lost":
            self._line.sends(request)
            raise NoAnswer("timeout", INJECTED + "lost answer")
        headers = [(INJECTED_HEADER, fault.name), ("content-type", "text/plain")]
        if fault.retry_after is not None:
            headers.append(("retry-after", f"{fault.retry_after:g}"))
        return Response(int(fault.kind), tuple(headers), b"injected")

    def close(self) -> None:
        self._line.close()
