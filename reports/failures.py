"""The block that explains one requirement which did not hold.

First the rule in plain words, then expected beside received, then the wire, then how to repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.results import RequirementResult
from harness.transcript import Transcript
from reports.clean import clean
from reports.curl import curl_line
from reports.excerpt import Entry, excerpt
from reports.lanes import lanes, worst_history
from reports.lines import BLANK, Line, copied, cut, line, paragraph, table
from reports.report import BLAMED, MARKS, Report, decisive
from reports.strip import SEPARATOR, strip


def failure_block(
    report: Report, result: RequirementResult, width: int, shown: dict[tuple[str, int], str]
) -> Iterator[Line]:
    """Everything about one failure.

    `shown` remembers which evidence was printed under which id, so that it is printed once.
    """
    yield from _head(result, width)
    yield from paragraph(clean(result.rule), width, indent=2)
    yield from table(_facts(report, result), width)
    transcript = report.transcript(result)
    exchange = decisive(transcript, result.evidence)
    if transcript is None or not transcript.events:
        return
    key = (result.decided_by, exchange.number if exchange else -1)
    if key in shown:
        yield from table([("evidence", f"the same as for {shown[key]}")], width)
        return
    shown[key] = result.id
    code = exchange.request.field("device_code") if exchange and exchange.door == "token" else None
    polls = strip(transcript, code)
    if polls:
        yield from _strip_lines(clean(polls), width)
    bad = worst_history(transcript, result.id)
    if bad is not None:
        yield from lanes(transcript, bad)
    yield line(("  transcript", "dim"), "  (seconds since the code was issued)")
    yield from excerpt_lines(transcript, result, width)
    if exchange is not None:
        yield line(("  repeat it", "dim"))
        yield copied("    ", (curl_line(exchange), "cyan"))


def brief_block(report: Report, result: RequirementResult, width: int) -> Iterator[Line]:
    """The same in few lines, for what is no failure."""
    yield from _head(result, width)
    yield from paragraph(clean(result.rule), width, indent=2)
    yield from table(_facts(report, result), width)


def _head(result: RequirementResult, width: int) -> Iterator[Line]:
    mark, word, style = MARKS[result.verdict]
    blamed = BLAMED.get(result.blame or "", "")
    told = f"{result.level}  {clean(result.source)}"
    left = f"{mark} {word}  {result.id}"
    if len(left) + len(told) + len(blamed) + 6 <= width:
        gap = width - len(left) - len(told) - len(blamed) - 2
        yield line((left, style), f"  {told}{' ' * gap}", (blamed, "italic"))
        return
    yield line((left, style))
    yield line(f"  {told}", (f"  {blamed}" if blamed else "", "italic"))


def _strip_lines(polls: str, width: int) -> Iterator[Line]:
    """The strip, wrapped between its steps only."""
    # A no-break space keeps each step together while textwrap looks for a place.
    joined = SEPARATOR.join(step.replace(" ", "\xa0") for step in polls.split(SEPARATOR))
    for wrapped in table([("poll strip", joined)], width):
        yield line(*((text.replace("\xa0", " "), style) for text, style in wrapped.segments))


def _facts(report: Report, result: RequirementResult) -> Iterator[tuple[str, str]]:
    if result.expected:
        yield "expected", clean(result.expected, 400)
        yield "received", clean(result.received or "nothing", 400)
        if result.verdict == "known":
            yield "admitted", clean(result.message.partition(" — ")[0], 400)
    else:
        yield "found", clean(result.message, 600)
    for other in result.others:
        if not (result.received and other.endswith(f"received {result.received}")):
            yield "also", clean(other, 300)
    if result.decided_by:
        yield "scenario", report.title(result.decided_by)


def excerpt_lines(transcript: Transcript, result: RequirementResult, width: int) -> Iterator[Line]:
    """The excerpt of a transcript as a table: when, who did what, what came back."""
    entries = excerpt(transcript, result.evidence)
    acts = [f"{entry.who} {entry.did}" for entry in entries if entry.at is not None]
    room = min(max(map(len, acts), default=0), max(24, width - 46))
    for entry in entries:
        yield from _entry(entry, room, width)


def _entry(entry: Entry, room: int, width: int) -> Iterator[Line]:
    if entry.at is None:
        yield from paragraph(entry.did, width, indent=15, style="dim")
        return
    pointer, style = ("  > ", "bold") if entry.is_decisive else ("    ", "")
    act = cut(f"{entry.who} {entry.did}", room).ljust(room)
    heard = cut(entry.heard, max(12, width - room - 18))
    yield line((pointer, "bold red"), f"{entry.at:9.1f}  ", (f"{act}  ", style), (heard, style))
    for more in entry.more:
        yield from paragraph(more, width, indent=15, style="dim")


def blocks(report: Report, width: int) -> Iterator[Line]:
    """All failures in full and everything else that is worth a look in brief."""
    shown: dict[tuple[str, int], str] = {}
    order = [("fail", "What failed"), ("error", "What devicegrant itself got wrong")]
    for verdict, title in order:
        for number, result in enumerate(_with(report, verdict)):
            if not number:
                yield from heading(title, width)
            yield from failure_block(report, result, width, shown)
            yield BLANK
    for verdict, title in (("warn", "Warnings"), ("known", "Admitted failures")):
        for number, result in enumerate(_with(report, verdict)):
            if not number:
                yield from heading(title, width)
            yield from brief_block(report, result, width)
            yield BLANK


def heading(title: str, width: int) -> Iterator[Line]:
    """A title with a rule behind it."""
    yield line((f"── {title} ", "bold"), ("─" * max(3, width - len(title) - 4), "dim"))


def _with(report: Report, verdict: str) -> list[RequirementResult]:
    found = [result for result in report.results.requirements if result.verdict == verdict]
    return sorted(found, key=lambda result: not result.level.startswith("MUST"))
