"""What was recorded comes back as it was, and is judged as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.recording import (
    BLIND,
    RecordingError,
    from_lines,
    heading_line,
    heading_of,
    to_lines,
)
from harness.redaction import Redactor
from harness.runners import engine, venues
from harness.transcript import Exchange, Transcript
from harness.verdict import Judgement
from harness.wire import NoAnswer, Request, Response


@pytest.fixture
def transcript() -> Transcript:
    written = Transcript()
    odd = Request(
        "POST", "https://as.example/token", (("x-é", "ü"),), b"\xff\xfe\x00\r\n\xe2\x80\xa8"
    )
    written.exchange("a", "token", odd, Response(418, (), b"\x80"), began=0.1, ended=0.2, after=0)
    lost = NoAnswer("reset", "gone \N{LINE SEPARATOR} away")
    written.exchange("b", "page", odd, lost, began=0.3, ended=0.4, after=1, manner="hostile")
    written.decision("c", "", approved=False, done=None, began=0.5, ended=0.6, after=2)
    return written


def told(transcript: Transcript) -> list[str]:
    return [repr(event) for event in transcript.events]


def test_what_is_read_back_equals_what_was_written(transcript: Transcript) -> None:
    lines = list(to_lines(transcript, Redactor(), "one"))
    assert len(lines) == 3
    assert all("\n" not in line and line.isascii() for line in lines)
    back = from_lines(line + "\n" for line in lines)
    assert list(back) == ["one"]
    assert told(back["one"]) == told(transcript)
    first = back["one"].events[0]
    assert isinstance(first, Exchange)
    assert first.request.body == b"\xff\xfe\x00\r\n\xe2\x80\xa8"


def test_scenarios_are_kept_apart(transcript: Transcript) -> None:
    lines = [*to_lines(transcript, Redactor(), "one"), *to_lines(transcript, Redactor(), "two")]
    assert {name: len(found) for name, found in from_lines(lines).items()} == {"one": 3, "two": 3}


def _change(**members: object) -> str:
    transcript = Transcript()
    request = Request("GET", "https://as.example/")
    transcript.exchange("a", "page", request, Response(200), began=0, ended=0, after=0)
    tree = json.loads(next(to_lines(transcript, Redactor(), "one")))
    return json.dumps(tree | members)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: no valid JSON"),
        ("[]", "line 2: no JSON object"),
        ("{}", "line 2: Object missing required field `event`"),
        (_change(event="party"), "line 2: Invalid value 'party'"),
        (_change(door="window"), "line 2: Invalid enum value 'window'"),
        (_change(number=7), "line 2: event 7 of one comes out of order, 0 was expected"),
        (_change(response=None), "line 2: an exchange has either a response or a failure"),
        (_change(began="soon"), "line 2: Expected `float`, got `str` - at `$.began`"),
    ],
)
def test_an_error_names_its_line(line: str, complaint: str) -> None:
    with pytest.raises(RecordingError, match=r"^line 2: ") as raised:
        from_lines(["", line])
    assert complaint in str(raised.value)


def test_the_heading_carries_what_judging_needs() -> None:
    target = venues.embedded(seed=1).target
    line = heading_line(target, tool="devicegrant 9", started="2026-01-01")
    heading = heading_of([line])
    assert heading is not None
    assert heading.target().token_endpoint == target.token_endpoint
    assert heading.target().loopback
    assert from_lines([line]) == {}


def test_a_heading_of_another_time_is_refused() -> None:
    line = json.dumps({"event": "run", "schema": "devicegrant/transcript/99"})
    with pytest.raises(RecordingError, match="line 1: schema"):
        heading_of([line])


MUTANTS = (
    None,
    "approved_reusable",
    "device_code_on_page",
    "sequential_codes",
    "link_approves",
    "expired_stays_pending",
)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_recording_is_judged_as_the_run_was(mutant: str | None) -> None:
    wrong = venues.mutant_named(mutant) if mutant else None
    venue = venues.embedded(wrong, seed=4)
    for play in engine.plays():
        transcript = engine.perform(play, venue).transcript
        if len(transcript) > 150:
            continue
        lines = to_lines(transcript, Redactor(venue.target.secrets), play.id)
        again = from_lines(lines).get(play.id, Transcript())
        live = list(_seeing(engine.standing(transcript, venue.target)))
        replayed = list(_seeing(engine.standing(again, venue.target)))
        assert replayed == live, play.id


def _seeing(judgements: list[Judgement]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for judgement in judgements:
        if judgement.requirement not in BLIND:
            yield judgement.requirement, judgement.verdict.value, judgement.evidence


def test_nothing_secret_is_in_a_whole_run() -> None:
    venue = venues.embedded(seed=5)
    for play in engine.plays():
        transcript = engine.perform(play, venue).transcript
        if len(transcript) > 150:
            continue
        text = "\n".join(to_lines(transcript, Redactor(venue.target.secrets), play.id))
        for secret in {*_issued(transcript), *(value for _, value in venue.target.secrets)}:
            assert secret not in text, play.id


def _issued(transcript: Transcript) -> Iterator[str]:
    for exchange in transcript.exchanges:
        body = (exchange.response.json() if exchange.response else None) or {}
        for name in ("device_code", "user_code", "access_token", "refresh_token", "id_token"):
            if isinstance(body.get(name), str) and body[name]:
                yield body[name]
        for cookie in exchange.response.all_headers("set-cookie") if exchange.response else []:
            value = cookie.partition(";")[0].partition("=")[2]
            if len(value) > 8:
                yield value
