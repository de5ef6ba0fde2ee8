from __future__ import annotations

import math
import random
from itertools import pairwise
from pathlib import Path

import pytest

from harness.runners.load.arrivals import FORMS, Load, arrivals, replayed
from harness.target import TargetError

LOAD = Load(devices=200, seconds=100.0, sign_in=20.0, interval=5.0)
"""Ten arrivals a second keep 200 devices waiting."""


def times(text: str, load: Load = LOAD, seed: str = "seed") -> list[float]:
    """When the devices of a schedule come."""
    return list(arrivals(text, load).times(random.Random(seed)))


def within(count: int, expected: float) -> bool:
    """Whether a Poisson count is less than four standard deviations from what is expected."""
    return abs(count - expected) < 4 * math.sqrt(expected)


# --- the forms of the words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rate", "told"),
    [
        ("steady", 10.0, "steady 10/s"),
        ("constant 4", 4.0, "constant 4/s"),
        ("  Constant 0.5/s ", 0.5, "constant 0.5/s"),
        ("poisson 12.5 / s", 12.5, "poisson 12.5/s"),
        ("poisson 3x", 30.0, "poisson 30/s"),
        ("poisson 0.5X/s", 5.0, "poisson 5/s"),
        ("ramp 0 to 8", 4.0, "ramp 0/s to 8/s"),
        ("ramp 2x to 1x", 15.0, "ramp 20/s to 10/s"),
        ("spike 2 to 22 at 50 for 10", 4.0, "spike 2/s to 22/s at 50 s for 10 s"),
        ("spike 2/s to 22/s at 50% for 10%", 4.0, "spike 2/s to 22/s at 50 s for 10 s"),
        ("spike 1x to 3x at 90s for 20s", 12.0, "spike 10/s to 30/s at 90 s for 20 s"),
        ("day 1 to 5", 3.0, "day 1/s to 5/s"),
        ("at once", 2.0, "all 200 at once"),
        ("at once within 30", 2.0, "all 200 at once within 30 s"),
    ],
)
def test_each_form_says_what_it_is_and_how_many_come(text: str, rate: float, told: str) -> None:
    plan = arrivals(text, LOAD)
    came = times(text)

    assert plan.text == told
    assert plan.rate == pytest.approx(rate)
    assert within(len(came), rate * LOAD.seconds)
    assert came == sorted(came)
    assert came[0] >= 0 and came[-1] < LOAD.seconds


@pytest.mark.parametrize("text", ["poisson 10", "ramp 0 to 9", "day 1 to 9", "at once within 50"])
def test_the_seed_alone_says_when(text: str) -> None:
    assert times(text, seed="a") == times(text, seed="a")
    assert times(text, seed="a") != times(text, seed="b")


def test_only_a_steady_crowd_is_there_from_the_beginning() -> None:
    # One interval's worth of them is about to hear the last answer, and newcomers take their place.
    assert arrivals("steady", LOAD).residents == 150
    assert arrivals("poisson 1x", LOAD).residents == 0
    hasty = Load(devices=200, seconds=10.0, sign_in=1.0, interval=1.25)
    assert arrivals("steady", hasty).residents == 0


def test_a_constant_rate_is_even_and_ends_before_the_run_does() -> None:
    # 1.1 * 10 is a little more than 11, as computers reckon.
    came = times("constant 1.1", Load(devices=1, seconds=10.0, sign_in=1.0))

    assert len(came) == 11
    assert {round(b - a, 6) for a, b in pairwise(came)} == {round(1 / 1.1, 6)}
    assert came[-1] < 10.0


def test_poisson_gaps_vary_as_those_of_strangers_do() -> None:
    gaps = [b - a for a, b in pairwise(times("poisson 20"))]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5

    assert deviation == pytest.approx(mean, rel=0.1)  # a constant rate would have 0


def test_a_ramp_climbs_and_may_fall() -> None:
    up, down = times("ramp 0 to 20"), times("ramp 20 to 1")

    # Of a triangle a quarter lies below the middle of its base.
    assert within(sum(at < 50 for at in up), 250)
    assert within(sum(at >= 50 for at in up), 750)
    assert sum(at < 50 for at in down) > 2 * sum(at >= 50 for at in down)


def test_a_spike_is_where_it_was_said_to_be() -> None:
    came = times("spike 1 to 41 at 30 for 10")

    assert within(sum(30 <= at < 40 for at in came), 410)
    assert within(sum(not 30 <= at < 40 for at in came), 90)


def test_a_spike_that_reaches_beyond_the_end_is_cut_there() -> None:
    plan = arrivals("spike 1 to 11 at 95 for 50", LOAD)

    assert plan.rate == pytest.approx(1.5)


def test_a_day_is_quiet_at_both_ends() -> None:
    came = times("day 1 to 21")
    night = sum(at < 20 or at >= 80 for at in came)

    assert night < sum(40 <= at < 60 for at in came)


def test_at_once_is_at_once() -> None:
    assert times("at once") == [0.0] * 200
    jittered = times("at once within 5")
    assert len(jittered) == 200
    assert jittered[0] >= 0 and 4 < jittered[-1] <= 5


# --- replay --------------------------------------------------------------------------------------


def written(tmp_path: Path, content: str | bytes) -> Path:
    file = tmp_path / "some arrivals.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_a_file_of_moments_is_replayed_from_its_first(tmp_path: Path) -> None:
    file = written(tmp_path, "# boots of Monday\n\n 107.5\n105\n  # between\n120.25\r\n300\n")

    assert replayed(file) == [0.0, 2.5, 15.25, 195.0]
    plan = arrivals(f"replay {file}", LOAD)
    assert list(plan.times(random.Random("x"))) == [0.0, 2.5, 15.25]
    assert plan.text.startswith("replay of 3 of 4 arrivals in ")
    assert plan.rate == pytest.approx(0.03)


def test_moments_may_be_dates_of_several_time_zones(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "2026-03-01T18:00:00Z\n2026-03-01 18:00:01.5+00:00\n2026-03-01T19:00:02+01:00\n",
    )

    assert replayed(file) == [0.0, 1.5, 2.0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("1\n2\nsoon\n", "line 3: 'soon' is neither seconds nor a date"),
        ("1\nnan\n", "line 2: 'nan'"),
        ("1e999\n", "line 1: '1e999'"),
        ("1;2\n", "line 1: '1;2'"),
        ("2026-02-30T00:00:00\n", "line 1"),
        ("", "no moments of arrival"),
        ("# nothing\n\n", "no moments of arrival"),
        (b"\xff\xfe1\n", "some arrivals.txt: "),
        ("x" * 5000, "'" + "x" * 40 + "' is"),
    ],
)
def test_a_file_that_is_none_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    with pytest.raises(TargetError) as refused:
        arrivals(f"replay {written(tmp_path, content)}", LOAD)

    assert told in str(refused.value)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("name", ["no_such_file.txt", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(TargetError, match=r"no_such_file|irectory|null"):
        arrivals(f"replay {tmp_path}/{name}", LOAD)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "steadily",
        "poisson",
        "poisson -1",
        "poisson ten",
        "poisson 1e3",
        "poisson 5/min",
        "constant 3y",
        "constant 1 2",
        "ramp 1",
        "ramp 1 to",
        "spike 1 to 2",
        "spike 1 to 2 at noon for 5",
        "day 5",
        "at once within",
        "at once within 10%",
        "replay",
        "poisson 1; constant 2",
        "poisson \N{ARABIC-INDIC DIGIT FIVE}x2",
    ],
)
def test_whatever_is_not_understood_is_answered_with_the_forms(nonsense: str) -> None:
    with pytest.raises(TargetError) as refused:
        arrivals(nonsense, LOAD)

    assert all(form in str(refused.value) for form in FORMS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("constant 0", "more than 0"),
        ("poisson 0x", "more than 0"),
        ("ramp 0 to 0", "more than 0"),
        ("day 3 to 0", "more than 0"),
        ("poisson " + "9" * 400, "more than 0"),
        ("at once within " + "9" * 400, "never ends"),
        ("spike 1 to 2 at 100 for 1", "after the end"),
        ("spike 1 to 2 at 120% for 1", "after the end"),
        ("spike 1 to 2 at " + "9" * 400 + " for 1", "after the end"),
    ],
)
def test_what_can_be_said_and_cannot_be_is_explained(text: str, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        arrivals(text, LOAD)


@pytest.mark.parametrize("text", ["poisson 20001", "ramp 0 to 50000", "poisson 3000x"])
def test_more_devices_than_any_machine_has_are_refused(text: str) -> None:
    with pytest.raises(TargetError, match="at most 2,000,000"):
        arrivals(text, LOAD)


def test_a_crowd_that_comes_at_once_can_be_too_large() -> None:
    with pytest.raises(TargetError, match="3,000,000 devices would come"):
        arrivals("at once", Load(devices=3_000_000, seconds=10.0, sign_in=1.0))
