"""The page stands alone, escapes whatever comes, and says it without colours or scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from reports.html import html
from reports.report import Report
from reports.tests.scenes import Scene, result, results
from reports.timeline import timeline

_VOID = {"meta", "input", "line", "path"}
_OPTIONAL = {"td", "th", "dt", "dd", "p", "li"}


class Page(HTMLParser):
    """Collects what a page loads, shows and leaves open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.seen = ""
        self._open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "action"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.add(value or "")
            if name.startswith("on"):
                self.wrong.append(name)
        if tag not in _VOID | _OPTIONAL:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _OPTIONAL:
            return
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.seen += data

    @property
    def left_open(self) -> list[str]:
        return self._open


def page_of_a_failure(**members: object) -> str:
    scene = Scene()
    scene.issued(at=0.0)
    for turn in range(1, 40):
        scene.polled(5.0 * turn, "authorization_pending" if turn % 7 else "slow_down")
    scene.decided(197.0)
    poll = scene.polled(200.0, "authorization_pending")
    bad = result("R-1", "fail", evidence=[poll.number], **members)
    found = [bad, result("R-2", "warn"), result("R-3", "inconclusive"), result("R-4")]
    return html(Report(results(found), {"test_x::test_a_device_waits": scene.transcript}))


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    text = page_of_a_failure()
    page = Page(text)
    assert page.wrong == []
    assert page.left_open == []
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import|http-equiv=.refresh", text)


def test_words_say_what_colours_say() -> None:
    seen = Page(page_of_a_failure()).seen
    for text in ("FAIL", "warn", "open", "Expected", "Received", "the target's fault", "curl -sS"):
        assert text in seen
    assert "The target fails: 1 requirement does not hold." in seen


def test_whatever_comes_is_escaped() -> None:
    nasty = "<script>alert(1)</script>\"'&\x1b[31m\u202e"
    text = page_of_a_failure(message=nasty, received=nasty, rule=nasty, source=f"RFC {nasty}")
    page = Page(text)
    assert page.tags.count("script") == 1
    assert page.wrong == []
    assert "\x1b" not in text and "\u202e" not in text


def test_a_timeline_has_its_text_beside_it() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    assert timeline(scene.transcript) == ""
    scene.polled(5.0, "slow_down")
    picture = timeline(scene.transcript)
    assert "<title>0.0 code | 5.0 slow_down</title>" in picture
    assert picture.count("<path") == 2


def test_the_poll_policy_stands_on_a_card() -> None:
    policy = {"interval": 5, "interval_announced": True, "gaps_measured": 3}
    page = Page(html(Report(results([result()], policy=policy))))
    assert "Poll policy, as observed" in page.seen
    assert "5 s announced" in page.seen
    assert "gaps measured" in page.seen
    assert "Poll policy" not in Page(html(Report(results([result()])))).seen
