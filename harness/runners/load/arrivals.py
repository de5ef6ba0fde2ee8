"""When devices come: an open model, which does not wait for anybody's answer.

The laws of this file: no clock and no sockets; a schedule follows from its text, the number of
devices, the length of the run and a seed, so that every process of a run can work it out and take
its share.  Times are seconds from the start of the run.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, takewhile
from pathlib import Path

from harness.target import TargetError

MOST = 2_000_000
"""Arrivals of one run, beyond which a schedule is refused."""
FORMS = (
    "steady (as many as keep --devices waiting; RATE may be a multiple of it, such as 3x)",
    "constant RATE",
    "poisson RATE",
    "ramp RATE to RATE",
    "spike RATE to RATE at SECONDS for SECONDS",
    "day RATE to RATE (one day, squeezed into the run)",
    "at once [within SECONDS]",
    "replay FILE",
)
_NUMBER = r"(\d+(?:\.\d+)?)"
_RATE = r"(\d+(?:\.\d+)?x?)(?:\s*/\s*s)?"
_TIME = r"(\d+(?:\.\d+)?%?)(?:\s*s)?"


@dataclass(frozen=True, slots=True)
class Load:
    """What a schedule is made for.

    `devices` shall be waiting, the run lasts `seconds`, a sign-in takes `sign_in` seconds on
    average, and two polls are `interval` seconds apart.
    """

    devices: int
    seconds: float
    sign_in: float
    interval: float = 5.0

    @property
    def steady(self) -> float:
        """Arrivals per second that keep so many devices waiting: Little's law."""
        return self.devices / self.sign_in


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A schedule: `text` says what it is, `rate` is the mean of arrivals per second.

    `residents` devices are in the middle of their sign-in when the run begins.
    """

    text: str
    rate: float
    times: Callable[[random.Random], Iterator[float]]
    residents: int = 0


def arrivals(text: str, load: Load) -> Arrivals:
    """The schedule that a text describes; raises `TargetError` with what can be said."""
    for form, make in _FORMS:
        found = re.fullmatch(form, text.strip(), re.IGNORECASE)
        if found:
            made = make(load, *found.groups())
            if made.rate * load.seconds > MOST:
                raise TargetError(
                    f"arrivals {text!r}: {made.rate * load.seconds:,.0f} devices would come; "
                    f"at most {MOST:,} are possible in one run"
                )
            return made
    raise TargetError(f"arrivals {text!r} are not understood; say one of: {'; '.join(FORMS)}")


def _steady(load: Load) -> Arrivals:
    rate = _rate("1x", load)

    def times(rand: random.Random) -> Iterator[float]:
        # One in each turn, at any moment of it: chance alone shall not make a crowd.
        moments = ((turn + rand.random()) / rate for turn in count())
        yield from takewhile(lambda at: at < load.seconds, moments)

    # Residents come when their next poll is due; whose next is the last is replaced by a newcomer.
    residents = max(0, round(load.devices - rate * load.interval))
    return Arrivals(f"steady {rate:.4g}/s", rate, times, residents)


def _constant(load: Load, word: str) -> Arrivals:
    rate = _rate(word, load)

    def times(_: random.Random) -> Iterator[float]:
        yield from takewhile(lambda at: at < load.seconds, (turn / rate for turn in count()))

    return Arrivals(f"constant {rate:.4g}/s", rate, times)


def _poisson(load: Load, word: str) -> Arrivals:
    rate = _rate(word, load)
    return Arrivals(f"poisson {rate:.4g}/s", rate, _thinned(lambda _: rate, rate, load.seconds))


def _ramp(load: Load, first: str, last: str) -> Arrivals:
    low, high = _rate(first, load, zero=True), _rate(last, load)
    curve = _thinned(
        lambda at: low + (high - low) * at / load.seconds, max(low, high), load.seconds
    )
    return Arrivals(f"ramp {low:.4g}/s to {high:.4g}/s", (low + high) / 2, curve)


def _spike(load: Load, base: str, peak: str, at: str, lasting: str) -> Arrivals:
    low, high = _rate(base, load, zero=True), _rate(peak, load)
    begin, length = _seconds(at, load), _seconds(lasting, load)
    if begin >= load.seconds:
        raise TargetError(f"a spike at {begin:g} s comes after the end ({load.seconds:g} s)")
    inside = min(length, load.seconds - begin)
    mean = low + (high - low) * inside / load.seconds
    curve = _thinned(
        lambda t: high if begin <= t < begin + length else low, max(low, high), load.seconds
    )
    return Arrivals(
        f"spike {low:.4g}/s to {high:.4g}/s at {begin:g} s for {length:g} s", mean, curve
    )


def _day(load: Load, night: str, evening: str) -> Arrivals:
    low, high = _rate(night, load, zero=True), _rate(evening, load)

    def rate(at: float) -> float:
        # A day begins at its quietest hour.
        return low + (high - low) * (1 - math.cos(2 * math.pi * at / load.seconds)) / 2

    curve = _thinned(rate, max(low, high), load.seconds)
    return Arrivals(f"day {low:.4g}/s to {high:.4g}/s", (low + high) / 2, curve)


def _at_once(load: Load, within: str | None) -> Arrivals:
    jitter = float(within or 0.0)
    if not math.isfinite(jitter):
        raise TargetError("arrivals at once within a time that never ends")

    def times(rand: random.Random) -> Iterator[float]:
        yield from sorted(rand.uniform(0.0, jitter) for _ in range(load.devices))

    told = f"all {load.devices} at once" + (f" within {jitter:g} s" if jitter else "")
    return Arrivals(told, load.devices / load.seconds, times)


def _replay(load: Load, name: str) -> Arrivals:
    moments = replayed(Path(name.strip()))
    kept = [moment for moment in moments if moment < load.seconds]

    def times(_: random.Random) -> Iterator[float]:
        yield from kept

    told = f"replay of {len(kept)} of {len(moments)} arrivals in {name.strip()}"
    return Arrivals(told, len(kept) / load.seconds, times)


def replayed(path: Path) -> list[float]:
    """Seconds since the first of the moments in a file: one a line, a number or ISO 8601.

    Empty lines and those that begin with # are left out.  Raises `TargetError`.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as problem:
        raise TargetError(f"{path}: {problem}") from None
    moments = []
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        moment = _moment(word)
        if moment is None or not math.isfinite(moment):
            raise TargetError(f"{path}, line {number}: {word[:40]!r} is neither seconds nor a date")
        moments.append(moment)
    if not moments:
        raise TargetError(f"{path}: no moments of arrival in it")
    first = min(moments)
    return sorted(moment - first for moment in moments)


def _moment(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        try:
            return datetime.fromisoformat(word).timestamp()
        except (ValueError, OverflowError, OSError):
            return None


def _thinned(
    rate: Callable[[float], float], most: float, seconds: float
) -> Callable[[random.Random], Iterator[float]]:
    """A Poisson process whose rate changes: one of the highest rate, of which some are left out."""

    def times(rand: random.Random) -> Iterator[float]:
        at = 0.0
        while (at := at + rand.expovariate(most)) < seconds:
            if rand.random() * most < rate(at):
                yield at

    return times


def _rate(word: str, load: Load, *, zero: bool = False) -> float:
    rate = float(word[:-1]) * load.steady if word[-1] in "xX" else float(word)
    if not math.isfinite(rate) or rate < 0 or (rate == 0 and not zero):
        raise TargetError(f"{word} is no rate of arrivals: it is more than 0 per second")
    return rate


def _seconds(word: str, load: Load) -> float:
    return float(word[:-1]) / 100 * load.seconds if word.endswith("%") else float(word)


_SPIKE = rf"spike\s+{_RATE}\s+to\s+{_RATE}\s+at\s+{_TIME}\s+for\s+{_TIME}"
_FORMS: tuple[tuple[str, Callable[..., Arrivals]], ...] = (
    (r"steady", _steady),
    (rf"constant\s+{_RATE}", _constant),
    (rf"poisson\s+{_RATE}", _poisson),
    (rf"ramp\s+{_RATE}\s+to\s+{_RATE}", _ramp),
    (_SPIKE, _spike),
    (rf"day\s+{_RATE}\s+to\s+{_RATE}", _day),
    (rf"at once(?:\s+within\s+{_NUMBER}(?:\s*s)?)?", _at_once),
    (r"replay\s+(.+)", _replay),
)
