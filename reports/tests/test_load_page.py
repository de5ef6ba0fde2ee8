"""The page of a load run stands alone, says what is known, and survives whatever it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports.load_page import load_page
from reports.tests.load_documents import storm
from reports.tests.test_html import Page

NASTY = "<script>alert(1)</script>\"'&\x1b[31m\u202e<img src=x onerror=alert(1)>"
ODD: tuple[Any, ...] = (None, True, -1, float("nan"), 10**5000, NASTY, [None], {"": 1})


class LoadPage(Page):
    """A page in which an element of SVG may end where it begins."""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        left_open = len(self._open)
        super().handle_startendtag(tag, attrs)
        del self._open[left_open:]


def words(text: str) -> str:
    """What a reader sees, on one line."""
    return " ".join(
        LoadPage(
            re.sub(r"<style>.*?</style>|(?=<td)|(?=<dd)", " ", text, flags=re.DOTALL)
        ).seen.split()
    )


def pictures(text: str) -> Iterator[ET.Element]:
    """Every outer SVG of a page, parsed as the XML that it has to be."""
    depth, start = 0, 0
    for found in re.finditer(r"<(/?)svg\b", text):
        if not found[1]:
            start = start if depth else found.start()
            depth += 1
            continue
        depth -= 1
        if not depth:
            yield ET.fromstring(text[start : found.end() + 1])


def without(document: Mapping[str, Any], value: Any) -> Iterator[dict[str, Any]]:
    """The document with each member, and each member of a member, replaced."""
    for name, member in document.items():
        yield {**document, name: value}
        if isinstance(member, dict):
            for inner in member:
                yield {**document, name: {**member, inner: value}}
        if isinstance(member, list):
            yield {**document, name: [value]}


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    text = load_page(storm())
    page = LoadPage(text)
    assert page.wrong == []
    assert page.left_open == []
    assert page.links == []
    assert "script" not in page.tags
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert not re.search(
        r"https?://(?!www\.w3\.org/2000/svg|127\.0\.0\.1)|@import|http-equiv=.ref", text
    )
    assert all(one.startswith("url(#") for one in re.findall(r"url\([^)]{0,5}", text))


def test_every_picture_is_valid_and_has_words() -> None:
    text = load_page(storm())
    found = [one for one in pictures(text) if one.get("role") == "img"]
    assert len(found) == 8
    assert all(len(one[0].text or "") > 3 and len(one[1].text or "") > 10 for one in found)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count("<figcaption>") == 8
    assert text.count("<details>") == 7


def test_the_verdict_stands_first_in_words_and_colour() -> None:
    text = load_page(storm())
    assert '<header class="fail">' in text
    assert "✗ FAIL One code bought two tokens, and 1 of 4 thresholds is broken" in words(text)
    for code, kind, word in (
        (0, "pass", "pass"),
        (2, "fail", "SETTINGS"),
        (3, "inconclusive", "open"),
        (4, "fail", "ERROR"),
        (None, "inconclusive", "open"),
        (99, "inconclusive", "open"),
    ):
        other = load_page({**storm(60), "exit_code": code})
        assert f'<header class="{kind}">' in other
        assert re.match(rf"devicegrant load: Example IdP Example IdP \S {word} One", words(other))


def test_figures_stand_beside_what_was_planned_and_what_is_possible() -> None:
    seen = words(load_page(storm()))
    for text in (
        "planned 12.8, measured 1.6 % less",
        "by Little's law from the devices that waited: 12.7",
        "server's ceiling 8,000, 0.16 % of it used",
        "server's ceiling: about 40,000 at 5 s",
        "2.6 s / 8.1 s",
        "floor of the mean 2.5 s: half an interval",
        "2 held, 1 broken, 1 not measured",
        "unexpected answers: 1, violations of a requirement: 1",
        "the run is valid",
        "✗ BROKEN approval_to_token_ms.p95 <= 8000 8,120 ms",
        "9.9 approved by alice",
        "reset on a reused connection 11",
        "503 with Retry-After 20",
        "nobody has decided yet 48",
        "Requests in all 19,204",
        "refused 40",
        "0b6f7b0e-5b0e-4f0e-9d7a-2f1f4c1f8a11",
        "boot_storm",
        "2.46.6",
    ):
        assert text in seen, text
    assert "ceiling" not in load_page({**storm(60), "server": None})


@pytest.mark.parametrize("document", [{}, {"exit_code": 0, "verdict": None, "timeline": None}])
def test_an_empty_run_says_so_and_is_never_green(document: dict[str, Any]) -> None:
    text = load_page(document)
    assert "Nothing was measured: no device came, and no poll was answered." in text
    assert '<header class="inconclusive">' in text
    assert "<figure" not in text
    assert "✓" not in text
    assert LoadPage(text).wrong == []


def test_a_chart_without_values_says_that_it_was_not_measured() -> None:
    document = storm(60)
    document["timeline"].update(lag_ms_p99=[None] * 60, polls_wanted=None, server_memory_mb=None)
    text = load_page(document)
    assert "<h3>Scheduler lag, 99th percentile</h3><p class=note>Not measured in this run." in text
    assert "Memory of the server" not in text
    assert "done: least" not in text and "</svg> done" in text
    assert LoadPage(text).wrong == []


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_nothing_raises_whatever_is_missing_or_odd(value: Any) -> None:
    for document in without(storm(4), value):
        page = LoadPage(load_page(document))
        assert page.wrong == []
        assert page.left_open == []
        assert "script" not in page.tags and "img" not in page.tags


def test_whatever_comes_is_escaped() -> None:
    text = load_page(_hostile(storm(20)))
    page = LoadPage(text)
    assert page.wrong == []
    assert "script" not in page.tags and "img" not in page.tags
    assert "\x1b" not in text and "\u202e" not in text
    assert "&lt;script&gt;" in text


def _hostile(value: Any) -> Any:
    """Every text, and every name of a counter, replaced by something nasty."""
    if isinstance(value, dict):
        counters = {
            "unexpected",
            "network",
            "injected",
            "answers",
            "flows",
            "settings",
            "by_answer",
        }
        return {
            name: {NASTY + one: _hostile(inner) for one, inner in member.items()}
            if name in counters
            else _hostile(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_hostile(one) for one in value]
    return NASTY if isinstance(value, str) else value


def test_secrets_are_left_out_a_second_time() -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlc2lnbmF0dXJl"
    document = storm(20)
    document["settings"]["more"] = {"password": "do-not-show-me-either"}
    document["violations"][0]["timeline"].append(f"12.0 token {jwt}")
    document["target"]["issuer"] = "https://joe:hidden-word@127.0.0.1/?client_secret=hidden-too"
    document["unexpected"] = {f"poll: {jwt}": 1}
    text = load_page(document)
    for secret in ("do-not-show-me", jwt, "hidden-word", "hidden-too"):
        assert secret not in text


def test_an_hour_fits_into_200_kilobytes() -> None:
    assert len(load_page(storm(3600, 20_000)).encode()) < 200_000


def test_a_flood_of_violations_and_messages_does_not_make_the_page_long() -> None:
    document = storm(20)
    one = {**document["violations"][0], "timeline": [f"{step}.0 pending" for step in range(500)]}
    document["violations"] = [one] * 400
    document["unexpected"] = {f"{number} {'x' * 5000}": 1 for number in range(400)}
    text = load_page(document)
    assert "460 steps left out" in text
    assert "375 more violations" in text
    assert "and 340 more" in text
    assert len(text.encode()) < 200_000


def test_seven_answers_become_six_layers() -> None:
    document = storm(400)
    answers = document["timeline"]["answers"]
    answers.update(invalid_grant=[1] * 60, temporarily_unavailable=[2] * 60)
    text = load_page(document)
    assert "2 other answers" in text
    assert "expired_token: least" not in text
