"""A bad history as a timeline: one lane for each call, so that what overlapped can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.histories import BadHistory, histories, shortest
from harness.transcript import Decision, Event, Exchange, Transcript
from reports.clean import clean
from reports.lines import Line, line
from reports.strip import answer_word, issue_of

STEP = 4
"""Columns between two places at which a call begins or ends."""
_DONE = {True: "accepted", False: "not accepted", None: "unclear"}


def worst_history(transcript: Transcript, requirement: str) -> BadHistory | None:
    """The shortest history in a transcript that violates a requirement, if there is one."""
    found = [bad for one in histories(transcript) if (bad := shortest(one, requirement))]
    return min(found, key=lambda bad: (bad.tolerated, len(bad.events)), default=None)


def lanes(transcript: Transcript, bad: BadHistory) -> Iterator[Line]:
    """The timeline: what is wrong, then a lane for each event; seconds since the code's issue."""
    yield line(("  the shortest bad history", "dim"), f"  {clean(bad.says, 200)}")
    zero = _zero(transcript, bad.events)
    names = [_call(event) for event in bad.events]
    widest = max(map(len, names))
    spans = _spans(bad.events)
    columns = STEP * max(end for _, end in spans) + 1
    for event, name, (begin, end) in zip(bad.events, names, spans, strict=True):
        bar = "├" + "─" * (STEP * (end - begin) - 1) + "┤"
        lane = ("·" * (STEP * begin) + bar).ljust(columns, "·")
        when = f"{event.began - zero:9.2f} – {event.ended - zero:.2f} s"
        yield line(f"    {name.ljust(widest)}  ", (lane, "bold"), f"{when}  ", _heard(event))


def _zero(transcript: Transcript, events: Sequence[Event]) -> float:
    codes = (e.request.field("device_code") for e in events if isinstance(e, Exchange))
    issued = issue_of(transcript, next((code for code in codes if code), None))
    return issued.ended if issued else 0.0


def _spans(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Where each call begins and ends, as places in the order of all beginnings and ends."""
    # A call began after the events that were counted then, and before those written later.
    points = sorted({event.after - 0.5 for event in events} | {float(e.number) for e in events})
    return [(points.index(e.after - 0.5), points.index(float(e.number))) for e in events]


def _call(event: Event) -> str:
    who = clean(event.who, 20)
    if isinstance(event, Decision):
        return f"{who} {'approves' if event.approved else 'denies'}"
    return f"{who} {'polls' if event.door == 'token' else 'asks for codes'}"


def _heard(event: Event) -> str:
    if isinstance(event, Decision):
        return _DONE[event.done]
    return "codes" if event.door == "device_authorization" else answer_word(event)
