"""What people read: stable without a terminal, safe from strangers, and never wider than asked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pytest

from harness.results import RequirementResult
from harness.transcript import Transcript
from reports.report import Report
from reports.summary import Opening
from reports.terminal import Terminal
from reports.tests.scenes import Scene, result, results

ESCAPE = "\x1b"


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(
    found: Iterable[RequirementResult],
    transcript: Transcript | None = None,
    *,
    stream: io.StringIO | None = None,
    width: int | None = None,
    quiet: bool = False,
    **members: object,
) -> str:
    stream = stream or io.StringIO()
    kept = {"test_x::test_a_device_waits": transcript} if transcript else {}
    report = Report(results(found, **members), kept)
    Terminal(stream, quiet=quiet, width=width).report(report)
    return stream.getvalue()


def test_one_line_for_each_requirement() -> None:
    text = printed([result("RFC8628-3.5-pending"), result("RFC8628-3.5-success", "fail")])
    assert re.search(
        r"^✓ pass   RFC8628-3.5-pending  MUST        §3.5 +12.3 s  a device waits$",
        text,
        re.MULTILINE,
    )
    assert re.search(r"^✗ FAIL   RFC8628-3.5-success  MUST        §3.5", text, re.MULTILINE)


def test_a_failure_says_rule_expectation_blame_and_how_to_repeat_it() -> None:
    scene = Scene()
    scene.issued(at=1.0)
    for turn in range(1, 9):
        scene.polled(1.0 + 5 * turn, "authorization_pending")
    scene.decided(42.0)
    poll = scene.polled(46.0, "authorization_pending")
    text = printed([result("R", "fail", evidence=[poll.number])], scene.transcript)
    block = text.partition("What failed")[2].partition("Summary")[0]
    assert "✗ FAIL  R  MUST  RFC 8628 §3.5" in block
    assert "the target's fault" in block
    assert "  The rule in our words.\n" in block
    assert "  expected  this\n  received  that\n" in block
    assert "        0.0  display asks for codes" in block
    assert "               … 6 × poll: pending\n" in block
    assert re.search(r"^  >      45.0  display polls +400 pending$", block, re.MULTILINE)
    assert "    curl -sS -i https://as.example/token -d grant_type=" in block


def test_evidence_is_printed_once() -> None:
    scene = Scene()
    scene.issued()
    poll = scene.polled(6.0, "slow_down")
    found = [result("R1", "fail", evidence=[1]), result("R2", "fail", evidence=[poll.number])]
    text = printed(found, scene.transcript)
    assert text.count("curl ") == 1
    assert "evidence  the same as for R1" in text


def test_plain_output_has_no_escape_sequence_whatever_a_target_sends() -> None:
    scene = Scene()
    scene.issued()
    scene.polled(6.0, "\x1b]0;owned\x07\x1b[2J\r[bold]x[/bold]")
    nasty = "\x1b[31mred\x1b[0m\r\n\u202egnirts [link=x]"
    bad = result("R", "fail", message=nasty, received=nasty, expected=nasty, evidence=[1])
    for stream in (io.StringIO(), Screen()):
        text = printed([bad], scene.transcript, stream=stream, width=100)
        without_colours = re.sub(r"\x1b\[[\d;]*m", "", text)
        assert "\\x1b[31mred" in without_colours
        assert "[bold]x[/bold]" in without_colours
        for control in (ESCAPE, "\r", "\x07", "\u202e"):
            assert control not in without_colours
    assert ESCAPE not in printed([bad], scene.transcript)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal_but_those_to_copy(width: int) -> None:
    scene = Scene()
    scene.issued()
    for turn in range(20):
        scene.polled(6.0 + turn, "slow_down" if turn % 2 else "authorization_pending")
    long = "a sentence that goes on " * 12
    found = [
        result("RFC8628-3.5-slow_down-not-sticky-and-long", "fail", rule=long, evidence=[5, 9]),
        result("RFC8628-3.1-x", "warn", message=long),
        result("RFC8628-3.2-x", "inconclusive", message=long),
        result("RFC8628-3.3-x", "not_applicable", message=long),
        result("RFC8628-3.4-x", "known", message=f"why — {long}"),
    ]
    painted = printed(found, scene.transcript, stream=Screen(), width=width)
    text = re.sub(r"\x1b\[[\d;]*m", "", painted)
    # One line for each requirement needs some room for its id.
    wide = [
        one
        for one in text.splitlines()
        if len(one) > max(width, 90) and not one.lstrip().startswith(("curl", "written"))
    ]
    assert wide == []


def test_gaps_are_grouped_by_reason_with_what_would_help() -> None:
    def impatient(id_: str, seconds: int) -> RequirementResult:
        text = f"needs {seconds} s on the clock, patience is 60 s: raise --patience"
        return result(id_, "inconclusive", message=text, blame="patience")

    absent = [result(f"N{n}", "not_applicable", message="needs [clients.second]") for n in range(8)]
    found = [impatient("A", 70), impatient("B", 75), impatient("C", 1802), *absent]
    text = printed(found)
    assert "? open  3 could not be put to the test" in text
    joined = " ".join(text.split())
    assert "--patience 80 is enough for half of them, --patience 1810 for all" in joined
    assert "    8  needs [clients.second]\n       N0, N1, N2, N3, N4, N5, and 2 more" in text


def test_the_end_says_what_it_means() -> None:
    assert "Nothing could be decided" in printed([])
    assert "The target holds 1 requirement. (exit code 0, 1.5 s)" in printed([result()])
    assert "fails: 1 requirement does not hold. (exit code 1" in printed([result("R", "fail")])
    assert "Undecided: 1 MUST" in printed([result(), result("R", "inconclusive")])
    assert "please report it" in printed([result("R", "error")])
    assert "Interrupted before the end." in printed([result()], interrupted=True)


def test_the_last_line_says_where_files_are() -> None:
    stream = io.StringIO()
    report = Report(results([result()]), {}, [("results", "out/r.json"), ("junit", "out/j.xml")])
    Terminal(stream).report(report)
    assert stream.getvalue().splitlines()[-1] == "written: results out/r.json · junit out/j.xml"
    assert printed([result()]).splitlines()[-1].startswith("nothing was written")


def test_quiet_says_failures_and_the_outcome_only() -> None:
    lines = printed(
        [result("A"), result("B", "fail"), result("C", "warn")], quiet=True
    ).splitlines()
    assert lines[0] == "✗ FAIL  B  expected this, received that"
    assert len(lines) == 2


def test_a_stream_without_unicode_gets_something_it_can_show() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stream).report(Report(results([result("R", "fail")])))
    stream.flush()
    assert b"x FAIL" in raw.getvalue()


def test_the_head_names_target_clock_seed_and_warnings() -> None:
    stream = io.StringIO()
    opening = Opening(
        tool="devicegrant 1",
        target="Example\x1b IdP",
        issuer="https://as.example",
        is_virtual=False,
        seed=None,
        scenarios=3,
        requirements=1,
        profiles=("core",),
        patience=60.0,
        warnings=("clients.public.client_secret stands in the file",),
    )
    Terminal(stream).opening(opening)
    assert stream.getvalue().splitlines() == [
        "devicegrant 1 judges Example\\x1b IdP at https://as.example",
        "3 scenarios for 1 requirement · profile core · real time, patience 60 s · no seed",
        "warning: clients.public.client_secret stands in the file",
        "",
    ]
