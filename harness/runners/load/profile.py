"""What a crowd is like: the habits of a profile, and what each of its households will do.

The laws of this file: no clock, no sockets, no Locust; a household's fate follows from the seed and
its number alone, so that a run comes out the same over one process or many.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import ClassVar

from harness.consent import Wish
from harness.target import TargetError

_TRIES = 10_000
"""Households that are drawn before one is taken for a resident that is in the middle of nothing."""


class Profile:
    """The figures of a load profile; a subclass has others.

    Times are seconds, ranges are drawn from evenly.  `approve`, `deny` and `abandon` are shares of
    the sign-ins; somebody who abandons leaves the display polling until it is switched off.
    """

    arrivals: ClassVar[str] = "steady"
    """When devices come, in the words of `harness.runners.load.arrivals`."""
    approve: ClassVar[float] = 0.7
    deny: ClassVar[float] = 0.1
    abandon: ClassVar[float] = 0.2
    mistype: ClassVar[float] = 0.0
    """The share of people who type the code wrong at first, of those who type it.  All people of a
    run share an address, so that a server which limits wrong codes by address locks all of them."""
    scans: ClassVar[float] = 0.5
    """The share of people who open verification_uri_complete instead of typing."""
    decides_after: ClassVar[tuple[float, float]] = (2.0, 20.0)
    thinks: ClassVar[tuple[float, float]] = (0.5, 3.0)
    """Between two pages."""
    switched_off_after: ClassVar[tuple[float, float]] = (20.0, 60.0)
    again: ClassVar[bool] = False
    """Whether a device comes again after expiry, after giving up, or if it got no codes."""
    disobedient: ClassVar[float] = 0.0
    """The share of devices that ignore the interval and slow_down."""
    hurry: ClassVar[float] = 1.0
    """Seconds between two polls of a disobedient device."""
    doubled: ClassVar[float] = 0.02
    """The share of devices whose polls reach the server twice at once, as after a retry."""
    trouble: ClassVar[str] = ""
    """What happens between devices and server, in the words of `harness.runners.load.trouble`."""
    guesses: ClassVar[float] = 0.0
    """Codes a second that somebody tries at the verification page."""
    thresholds: ClassVar[tuple[str, ...]] = (
        "busy_share <= 0.01",
        "network_share <= 0.01",
        "starved <= 0",
    )
    """What must hold at the end, unless the command line says otherwise."""
    staggered: ClassVar[float] = 5.0
    """A Locust user for each device: they are switched on within so many seconds of spawning."""


_RANGES = ("decides_after", "thinks", "switched_off_after")
_NUMBERS = (
    *("approve", "deny", "abandon", "mistype", "scans", "disobedient", "doubled"),
    *("hurry", "guesses", "staggered"),
)
_WORDS = ("arrivals", "trouble")


def check_profile(profile: type[Profile]) -> None:
    """Raises `TargetError` if a figure of a profile is none, with what it must be."""
    for name in (*_RANGES, *_NUMBERS, *_WORDS, "thresholds"):
        value = getattr(profile, name)
        if name in _RANGES:
            wanted = "two numbers of seconds, the smaller first"
            good = (
                isinstance(value, tuple | list)
                and len(value) == 2
                and all(map(_is_amount, value))
                and value[0] <= value[1]
            )
        elif name in _NUMBERS:
            wanted, good = "a number that is not negative", _is_amount(value)
        elif name in _WORDS:
            wanted, good = "a text", isinstance(value, str)
        else:
            wanted = "a tuple of texts"
            good = isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)
        if not good:
            raise TargetError(f"profile {profile.__name__}: {name} is {value!r}, not {wanted}")
    if profile.disobedient and not profile.hurry:
        raise TargetError(f"profile {profile.__name__}: hurry is 0, which is no pause at all")


def _is_amount(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    )


@dataclass(frozen=True, slots=True)
class Shares:
    """What people do, as shares that need not add up to one."""

    approve: float
    deny: float
    abandon: float
    mistype: float
    disobedient: float
    doubled: float


def shares_of(profile: type[Profile], given: dict[str, float | None]) -> Shares:
    """The profile's shares, or those of the command line; raises `TargetError`.

    Who names one of approve, deny and abandon sets all three: the others are nobody.
    """
    decisions = ("approve", "deny", "abandon")
    named = any(given.get(name) is not None for name in decisions)
    found: dict[str, float] = {}
    for name in Shares.__slots__:
        value = given.get(name)
        usual = 0.0 if named and name in decisions else float(getattr(profile, name))
        found[name] = usual if value is None else value
        if not 0 <= found[name] < float("inf"):
            raise TargetError(f"--{name} is a share: not negative")
        if name not in decisions and found[name] > 1:
            raise TargetError(f"--{name} is a share: between 0 and 1")
    if sum(found[name] for name in decisions) <= 0:
        raise TargetError("--approve, --deny and --abandon are shares: one is more than 0")
    return Shares(**found)


@dataclass(frozen=True, slots=True)
class Fate:
    """What one household will do.  Times are seconds after the codes are shown."""

    wish: Wish | None
    """None is to walk away."""
    decides_after: float
    off_after: float
    person: int
    scans: bool = False
    mistypes: bool = False
    disobedient: bool = False
    doubled: bool = False
    to_read: float = 1.0
    """The share of its thinking on the pages that a person has still before it."""

    @property
    def obedient(self) -> bool:
        """Whether the server has no reason to slow this device down."""
        return not (self.disobedient or self.doubled)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody of a run; `visit` is the mean of seconds that people spend on the pages."""

    profile: type[Profile]
    shares: Shares
    people: int
    seed: str
    visit: float = 0.0
    interval: float = 5.0

    def fate(self, number: int, *, resident: bool = False) -> Fate:
        """The fate of one household; a resident is somewhere in the middle of it already.

        It comes when its next poll is due: within the first interval, wherever in it.
        """
        rand = random.Random(f"{self.seed}/{number}")
        return self._resident(rand) if resident else self._drawn(rand)

    def seconds(self) -> float:
        """How long a device waits on average, by the profile's own figures."""
        profile, shares = self.profile, self.shares
        decided = _middle(profile.decides_after) + self.visit + self.interval / 2
        gone = max(self.interval / 2, _middle(profile.switched_off_after) - self.interval / 2)
        total = shares.approve + shares.deny + shares.abandon
        stays = shares.approve + shares.deny if self.people else 0.0
        return (stays * decided + (total - stays) * gone) / total

    def _drawn(self, rand: random.Random) -> Fate:
        profile, shares = self.profile, self.shares
        weights = (shares.approve, shares.deny, shares.abandon)
        wish = rand.choices((Wish.APPROVE, Wish.DENY, None), weights)[0]
        wish = wish if self.people else None
        decides_after = rand.uniform(*profile.decides_after)
        off_after = rand.uniform(*profile.switched_off_after)
        return Fate(
            wish,
            decides_after if wish is not None else 0.0,
            off_after if wish is None else 0.0,
            rand.randrange(self.people) if self.people else 0,
            scans=rand.random() < profile.scans,
            mistypes=rand.random() < shares.mistype,
            disobedient=rand.random() < shares.disobedient,
            doubled=rand.random() < shares.doubled,
        )

    def _resident(self, rand: random.Random) -> Fate:
        for _ in range(_TRIES):
            fate = self._drawn(rand)
            polls = self._polls(fate)
            # Who waits longer is more likely to be found waiting; the last poll is nobody's next.
            if rand.random() * self._most_polls < polls - 1:
                return self._after(fate, rand.randint(1, polls - 1) * self.interval)
        return self._drawn(rand)

    def _after(self, fate: Fate, seconds: float) -> Fate:
        """What is left of a fate after so many seconds."""
        if fate.wish is None:
            return replace(fate, off_after=fate.off_after - seconds)
        left = fate.decides_after - seconds
        if left >= 0 or not self.visit:
            return replace(fate, decides_after=max(0.0, left))
        return replace(fate, decides_after=0.0, to_read=1 + left / self.visit)

    def _polls(self, fate: Fate) -> int:
        """How often a polite device polls until it knows, or is switched off."""
        if fate.wish is None:
            return math.floor(fate.off_after / self.interval)
        return math.ceil((fate.decides_after + self.visit) / self.interval)

    @property
    def _most_polls(self) -> float:
        profile = self.profile
        longest = max(profile.switched_off_after[1], profile.decides_after[1] + self.visit)
        return longest / self.interval


def _middle(between: tuple[float, float]) -> float:
    return sum(between) / 2
