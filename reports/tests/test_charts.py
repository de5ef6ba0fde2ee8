"""Charts are valid, small, and honest about gaps; they say the same without colours."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest

from reports.chart_frame import LAYERS, Mark, Picture, Series, swatch
from reports.chart_scale import (
    HUGE,
    brief,
    fold,
    moment,
    number,
    tick_of_time,
    ticks,
    time_ticks,
    told,
)
from reports.chart_words import ROWS, sentence, table, trend
from reports.charts import COLUMNS, bars, line_chart, stacked_chart
from reports.load_style import DARK, LIGHT

NASTY = "<script>alert(1)</script>\"'&\x1b[31m\u202e]]>"
PICTURE = Picture("polls", "Polls", "What it says.", "per second")
SVG = "{http://www.w3.org/2000/svg}"
AWKWARD: list[list[float | None]] = [
    [],
    [None],
    [3.0],
    [None, None],
    [0.0, 0.0, 0.0],
    [1.0, None, 2.0],
    [HUGE, 0.0],
    [1e-11, 2e-11],
    [-4.0, 4.0],
    [5.0] * 3601,
]


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def paths(svg: str, kind: str) -> list[str]:
    return re.findall(rf'class="{kind} s\d" d="([^"]*)"', svg)


def upto(values: list[float | None]) -> list[float]:
    return [float(second) for second in range(len(values))]


@pytest.mark.parametrize("values", AWKWARD, ids=lambda values: f"{len(values)} values")
def test_every_chart_is_valid_whatever_the_values(values: list[float | None]) -> None:
    series = [Series("one", values), Series("two", values[:1])]
    rows = [(str(place), value) for place, value in enumerate(values[:9])]
    for picture in (
        line_chart(PICTURE, upto(values), series, [Mark(1.0, "planned 1")]),
        stacked_chart(PICTURE, upto(values), series),
        bars(PICTURE, rows, Mark(2.0, "floor")),
    ):
        root = parsed(picture)
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
        assert not re.search(r"\b(nan|inf)\b", picture)
    assert sentence(upto(values), series, "ms").endswith(".")
    assert "".join(table(upto(values), series, "ms")).count("<tr>") <= ROWS + 1


def test_a_picture_is_described_by_its_own_words() -> None:
    root = parsed(line_chart(PICTURE, [0, 1], [Series("wanted", [1, 2])]))
    ids = {element.get("id"): element.text for element in root if element.get("id")}
    named = (root.get("aria-labelledby") or "").split()
    assert [ids[one] for one in named] == ["Polls", "What it says."]


def test_a_gap_is_not_bridged_and_a_lone_value_is_a_dot() -> None:
    drawn = line_chart(PICTURE, [0, 1, 2, 3, 4], [Series("wanted", [1, 2, None, 4, None])])
    (line,) = paths(drawn, "line")
    assert line.count("M") == 1 and line.count("L") == 1
    assert len(paths(drawn, "dot")) == 1


def test_a_gap_in_all_layers_parts_the_areas() -> None:
    drawn = stacked_chart(PICTURE, [0, 1, 2, 3, 4], [Series("token", [1, 2, None, 4, 5])])
    assert paths(drawn, "area")[0].count("Z") == 2
    half = [Series("a", [1, None, 3]), Series("b", [1, 1, 1])]
    assert paths(stacked_chart(PICTURE, [0, 1, 2], half), "area")[0].count("Z") == 1


def test_layers_stand_one_upon_the_other() -> None:
    drawn = stacked_chart(PICTURE, [0, 1], [Series("low", [30, 30]), Series("high", [20, 20])])
    low, high = paths(drawn, "edge")
    heights = [float(path.split(",")[1].split("L")[0]) for path in (low, high)]
    # The axis ends at 60: 180 pixels high, 30 are 90 from below and 50 are 150.
    assert heights == [90.0, 30.0]


def test_an_hour_takes_no_more_columns_than_the_plot_has_and_keeps_its_spike() -> None:
    values: list[float | None] = [float(second % 7) for second in range(3600)]
    values[1800] = 900.0
    drawn = line_chart(PICTURE, upto(values), [Series("wanted", values)])
    assert paths(drawn, "line")[0].count("L") < COLUMNS
    assert "1,000" in texts(drawn)
    highest = min(float(y) for y in re.findall(r",([\d.]+)", paths(drawn, "band")[0]))
    assert highest == pytest.approx(18.0)
    assert len(drawn) < 15_000


def test_the_worst_of_a_column_can_be_the_line() -> None:
    values: list[float | None] = [0.0] * 2400
    values[600] = 1000.0
    drawn = line_chart(PICTURE, upto(values), [Series("lag", values, worst=True)])
    assert min(float(y) for y in re.findall(r",([\d.]+)", paths(drawn, "line")[0])) == 0.0


def test_lines_have_names_dashes_and_places_of_their_own() -> None:
    both = [Series("wanted", [3, 3]), Series("done", [3, 3])]
    drawn = line_chart(PICTURE, [0, 1], both)
    names = [e for e in parsed(drawn).iter(f"{SVG}text") if "name" in (e.get("class") or "")]
    assert [name.text for name in names] == ["wanted", "done"]
    heights = [float(name.get("y") or 0) for name in names]
    assert abs(heights[0] - heights[1]) >= 12
    assert len(set(re.findall(r'class="line (s\d)"', drawn))) == 2
    assert "wanted" not in texts(line_chart(PICTURE, [0, 1], both[:1]))


def test_many_names_stay_within_the_picture() -> None:
    drawn = line_chart(PICTURE, [0, 1], [Series(f"n{place}", [0, 0]) for place in range(9)])
    heights = [float(y) for y in re.findall(r'class="name s\d"[^>]* y="([\d.-]+)"', drawn)]
    assert len(heights) == 9 and max(heights) <= 185 and len(set(heights)) == 9


def test_layers_differ_in_more_than_their_colour() -> None:
    hatches = {re.sub(r'id="[^"]*"|s\d', "", swatch(place, "a")) for place in range(LAYERS)}
    series = [Series(f"answer {place}", [5, 5]) for place in range(LAYERS)]
    drawn = stacked_chart(PICTURE, [0, 1], series)
    patterns = re.findall(r'<pattern id="polls-(\d)".*?d="([^"]*)"', drawn)
    assert len({path for _, path in patterns}) == LAYERS - 1
    assert len(hatches) == LAYERS


def test_a_thick_layer_bears_its_name_and_a_thin_one_does_not() -> None:
    values: list[float | None] = [90.0] * 100
    drawn = stacked_chart(
        PICTURE, upto(values), [Series("pending", values), Series("token", [1.0] * 100)]
    )
    assert "pending" in texts(drawn) and "token" not in texts(drawn)


def test_whatever_comes_is_escaped() -> None:
    picture = Picture("polls", NASTY, NASTY, NASTY)
    long = Series(NASTY, [50.0] * 400)
    for drawn in (
        line_chart(picture, upto(list(long.values)), [long, long], [Mark(1, NASTY)]),
        stacked_chart(picture, upto(list(long.values)), [long]),
        bars(picture, [(NASTY, 1), (NASTY, None)], Mark(1, NASTY)),
        "".join(table([0, 1], [Series(NASTY, [1, 2]), Series(NASTY, [1, 2])], NASTY)),
    ):
        assert "<script" not in drawn
        assert "\x1b" not in drawn and "\u202e" not in drawn


@pytest.mark.parametrize(
    ("least", "most", "wanted"),
    [
        (0, 0, [0, 1]),
        (0, 1, [0, 0.5, 1]),
        (0, 7, [0, 2, 4, 6, 8]),
        (3, 38.1, [0, 10, 20, 30, 40]),
        (0, 100, [0, 50, 100]),
        (-4, 4, [-4, -2, 0, 2, 4]),
    ],
)
def test_ticks_are_round_and_reach_beyond_the_values(
    least: float, most: float, wanted: list[float]
) -> None:
    assert ticks(least, most) == pytest.approx(wanted)


@pytest.mark.parametrize("size", [1e-11, 0.37, 1.0, 9.99, 12345.0, 1e15, HUGE])
def test_there_are_few_ticks_at_any_size(size: float) -> None:
    found = ticks(0, size)
    assert 2 <= len(found) <= 7 and found[-1] >= size * 0.999
    moments = time_ticks(0, size)
    assert 1 <= len(moments) <= 7 and moments[-1] <= size * 1.001


def test_moments_have_the_unit_of_their_distance() -> None:
    assert time_ticks(0, 599) == [0, 120, 240, 360, 480]
    assert [tick_of_time(one, 120) for one in (0, 120)] == ["0", "2 min"]
    assert tick_of_time(30, 10) == "30 s"
    assert tick_of_time(7200, 3600) == "2 h"
    assert tick_of_time(172800, 86400) == "2 d"
    assert moment(75) == "1:15" and moment(3675) == "1:01:15"


def test_numbers_are_short_and_never_zero_by_rounding() -> None:
    assert [brief(value) for value in (0, 0.5, 7500, 12500, 3.4e6, 2e9)] == [
        "0", "0.5", "7,500", "12.5k", "3.4M", "2G",
    ]  # fmt: skip
    assert [told(value) for value in (None, 3, 1234.5, 38.12, 0.004)] == [
        "not measured", "3", "1,234", "38.1", "0.004",
    ]  # fmt: skip


def test_what_is_no_number_is_a_gap() -> None:
    odd: tuple[object, ...] = (None, True, "7", math.nan, math.inf, -math.inf, 10**400, [], {})
    assert [number(value) for value in odd] == [None] * len(odd)
    assert number(7) == 7.0 and number(1e-13) == 0.0


def test_columns_are_equally_long_and_lose_nothing() -> None:
    values: list[float | None] = [1.0, 3.0, None, 5.0, None, None, 9.0]
    found = list(fold(upto(values), values, 4))
    assert [(one.least, one.mean, one.most) for one in found] == [
        (1, 2, 3), (5, 5, 5), (None, None, None), (9, 9, 9),
    ]  # fmt: skip
    assert [(one.began, one.ended) for one in found] == [(0, 1), (2, 3), (4, 5), (6, 6)]


def test_a_sentence_says_least_most_mean_and_trend() -> None:
    values: list[float | None] = [2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 6.0, 6.0, 9.0, None]
    assert sentence(upto(values), [Series("lag", values)], "ms") == (
        "Least 2, most 9 at 0:08, mean 4.33 ms, rising from 2 in the first third to 7 in the last; "
        "no value at 1 of 10 moments."
    )
    assert sentence([0, 1], [Series("lag", [0, 0])], "ms") == "Zero all the time."
    assert sentence([0], [Series("a", [None]), Series("b", [1])], "") == (
        "a: never measured; b: least 1, most 1 at 0:00, mean 1, too few values for a trend."
    )
    assert sentence([], [], "ms") == "Nothing was measured."
    assert trend([5.0] * 9) == "level from beginning to end"


def test_a_table_of_an_hour_is_short() -> None:
    values: list[float | None] = [float(second) for second in range(3600)]
    text = "".join(table(upto(values), [Series("waiting", values)], ""))
    assert text.count("<tr><th scope=row>") == ROWS
    assert "<th scope=row>2:00<td>120<td>180<td>239" in text


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_read_as_text(scheme: dict[str, str]) -> None:
    for name, colour in scheme.items():
        if name != "back":
            assert _contrast(colour, scheme["back"]) >= 4.5, name


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
