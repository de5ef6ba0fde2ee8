from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from statistics import fmean

import pytest

from harness.consent import Wish
from harness.runners.load.arrivals import Load, arrivals
from harness.runners.load.profile import Crowd, Fate, Profile, shares_of
from harness.target import TargetError


class LivingRoom(Profile):
    """The figures of steady_state, some more of what can happen, and people who read."""

    approve, deny, abandon = 0.75, 0.10, 0.15
    mistype = 0.1
    scans = 0.5
    decides_after = (2.0, 20.0)
    thinks = (0.5, 3.0)
    switched_off_after = (20.0, 60.0)
    disobedient = 0.05
    doubled = 0.02


THOUGHTS = 3
"""On how many pages people stop to think."""
PAGES = 0.25
"""Seconds that the pages take without that."""
INTERVAL = 5.25


def crowd(
    profile: type[Profile] = LivingRoom, *, seed: str = "seed", people: int = 50, **given: float
) -> Crowd:
    visit = THOUGHTS * sum(profile.thinks) / 2 + PAGES
    return Crowd(profile, shares_of(profile, {**given}), people, seed, visit, INTERVAL)


# --- fates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("resident", [False, True])
def test_a_fate_follows_from_seed_and_number_whoever_asks_first(resident: bool) -> None:
    one, other = crowd(), crowd()
    numbers = list(range(200))
    forwards = [one.fate(number, resident=resident) for number in numbers]
    random.Random(1).shuffle(numbers)
    shuffled = {number: other.fate(number, resident=resident) for number in numbers}

    assert forwards == [shuffled[number] for number in range(200)]
    assert len(set(forwards)) == 200
    assert forwards != [crowd(seed="x").fate(n, resident=resident) for n in range(200)]


def near(count: int, share: float, of: int) -> bool:
    """Whether a count is less than four standard deviations from its share."""
    return abs(count - share * of) < 4 * math.sqrt(of * share * (1 - share))


def test_people_and_devices_do_what_the_shares_say() -> None:
    many = 4000
    fates = [crowd().fate(number) for number in range(many)]
    wishes = Counter(fate.wish for fate in fates)

    assert near(wishes[Wish.APPROVE], 0.75, many)
    assert near(wishes[Wish.DENY], 0.10, many)
    assert near(wishes[None], 0.15, many)
    for name in ("mistypes", "scans", "disobedient", "doubled"):
        share = {"mistypes": 0.1, "scans": 0.5, "disobedient": 0.05, "doubled": 0.02}[name]
        assert near(sum(getattr(fate, name) for fate in fates), share, many), name
    assert {fate.person for fate in fates} == set(range(50))
    assert all(2 <= fate.decides_after <= 20 for fate in fates if fate.wish is not None)
    assert all(20 <= fate.off_after <= 60 for fate in fates if fate.wish is None)
    assert sum(not fate.obedient for fate in fates) == sum(
        fate.disobedient or fate.doubled for fate in fates
    )


def test_without_people_everybody_walks_away() -> None:
    lonely = crowd(people=0)

    assert {lonely.fate(number).wish for number in range(50)} == {None}
    assert all(lonely.fate(number, resident=True).off_after > 0 for number in range(50))
    assert lonely.seconds() == pytest.approx(40 - INTERVAL / 2)


# --- Little's law --------------------------------------------------------------------------------


def stays(fate: Fate, rand: random.Random) -> float:
    """How long a polite device polls: until the first poll after the decision, or till it is off.

    Nothing of this is the crowd's own reckoning.
    """
    polls = 0
    if fate.wish is None:
        while (polls + 1) * INTERVAL <= fate.off_after:
            polls += 1
        return polls * INTERVAL
    thoughts = sum(fate.to_read * rand.uniform(*LivingRoom.thinks) for _ in range(THOUGHTS))
    decided = fate.decides_after + thoughts + PAGES * fate.to_read
    while polls * INTERVAL < decided:
        polls += 1
    return polls * INTERVAL


def comers(seed: str, devices: int, seconds: float) -> Iterator[tuple[float, Fate]]:
    """When everybody comes in a run, and who that is, as `locust_user` deals them out."""
    everybody = crowd(seed=seed)
    load = Load(devices, seconds, everybody.seconds(), INTERVAL)
    plan, rand = arrivals("steady", load), random.Random(seed)
    first = sorted(rand.uniform(0.0, INTERVAL) for _ in range(plan.residents))
    for number, at in enumerate(first):
        yield at, everybody.fate(number, resident=True)
    for number, at in enumerate(plan.times(rand), len(first)):
        yield at, everybody.fate(number)


def waiting(seed: str, devices: int, seconds: int) -> list[int]:
    """How many devices wait at the end of each second."""
    changes: Counter[int] = Counter()
    rand = random.Random(f"{seed}/visits")
    for at, fate in comers(seed, devices, float(seconds)):
        changes[math.ceil(at)] += 1
        changes[math.ceil(at + stays(fate, rand))] -= 1
    level, levels = 0, []
    for second in range(1, seconds + 1):
        level += changes[second]
        levels.append(level)
    return levels


def test_as_many_devices_wait_as_were_asked_for_from_the_first_interval_on() -> None:
    devices, runs = 1000, [waiting(str(seed), 1000, 60) for seed in range(8)]
    mean = [fmean(levels) for levels in zip(*runs, strict=True)]
    settled = mean[math.ceil(INTERVAL) :]

    assert fmean(settled) == pytest.approx(devices, rel=0.02)
    # No wave at the beginning, either: the mean of eight runs has a deviation of 1 %.
    assert min(settled) > 0.95 * devices
    assert max(settled) < 1.05 * devices
    # Until then they come evenly, so that polls are spread over the interval.
    assert mean[1] == pytest.approx(devices * 2 / INTERVAL, rel=0.1)


def test_a_sign_in_takes_as_long_as_was_foretold() -> None:
    everybody, rand = crowd(), random.Random(1)
    took = fmean(stays(everybody.fate(number), rand) for number in range(4000))

    assert took == pytest.approx(everybody.seconds(), rel=0.02)


def test_residents_have_less_before_them_than_newcomers() -> None:
    everybody = crowd()
    old = [everybody.fate(number, resident=True) for number in range(1000)]
    new = [everybody.fate(number) for number in range(1000)]
    decided = fmean(fate.decides_after for fate in old if fate.wish is not None)

    assert decided < 0.6 * fmean(fate.decides_after for fate in new if fate.wish is not None)
    # Who stays longer is found more often, and a device that polls on for nobody stays longest.
    assert sum(fate.wish is None for fate in old) > 1.5 * sum(fate.wish is None for fate in new)
    assert all(0 <= fate.to_read <= 1 for fate in old)
    assert any(fate.to_read < 1 for fate in old)
    assert all(fate.to_read == 1 for fate in new)


def test_a_resident_is_found_even_where_nobody_stays() -> None:
    class Hasty(Profile):
        decides_after = (0.0, 0.1)
        switched_off_after = (0.1, 0.2)
        thinks = (0.0, 0.0)

    assert crowd(Hasty).fate(1, resident=True).decides_after <= 0.1


# --- shares --------------------------------------------------------------------------------------


def test_shares_are_the_profiles_unless_somebody_names_others() -> None:
    usual = shares_of(LivingRoom, {})
    assert (usual.approve, usual.deny, usual.abandon, usual.mistype) == (0.75, 0.1, 0.15, 0.1)

    only_no = shares_of(LivingRoom, {"deny": 1.0, "approve": None, "doubled": 0.5})
    assert (only_no.approve, only_no.deny, only_no.abandon) == (0.0, 1.0, 0.0)
    assert (only_no.doubled, only_no.mistype) == (0.5, 0.1)

    # They need not add up to one: three to one.
    fates = [crowd(approve=3.0, deny=1.0).fate(number) for number in range(2000)]
    assert near(sum(fate.wish is Wish.DENY for fate in fates), 0.25, 2000)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"approve": -0.1}, "--approve"),
        ({"deny": float("nan")}, "--deny"),
        ({"abandon": float("inf")}, "--abandon"),
        ({"mistype": 1.5}, "--mistype is a share: between 0 and 1"),
        ({"disobedient": -1.0}, "--disobedient"),
        ({"doubled": 2.0}, "--doubled"),
        ({"approve": 0.0}, "one is more than 0"),
        ({"approve": 0.0, "deny": 0.0, "abandon": 0.0}, "one is more than 0"),
    ],
)
def test_shares_that_are_none_are_refused(given: dict[str, float | None], told: str) -> None:
    with pytest.raises(TargetError, match=told):
        shares_of(LivingRoom, given)
