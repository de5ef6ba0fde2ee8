"""What a load run says when it is over: an exit code, some lines, and the files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.runners.load.judging import EXHAUSTED
from harness.runners.load.thresholds import said
from harness.runners.outputs import write
from harness.target import TargetError
from reports.load_page import load_page

if TYPE_CHECKING:
    from harness.runners.load.ran import Ran

FINE, UNLAWFUL, SETTINGS, UNDECIDED, BROKEN = range(5)
"""The exit codes of a load run; the same numbers as everywhere in devicegrant."""
LOST = "was lost, its figures with it"
"""What is said of a worker that nobody hears of any more."""
SURPLUS = "there are more workers than --expect-workers"
TOO_LATE = 500
"""Milliseconds: if one poll in a hundred left later than this, the generator was the limit."""


def exit_code(document: Mapping[str, Any]) -> int:
    """What the document means for the exit code; unlawful is unlawful, however it was measured."""
    if document["harness_errors"]:
        return BROKEN
    if document["unexpected_total"]:
        return UNLAWFUL
    if invalid(document):
        return UNDECIDED
    held = [one["held"] for one in document["thresholds"]]
    if False in held:
        return UNLAWFUL
    return UNDECIDED if None in held else FINE


def invalid(document: Mapping[str, Any]) -> str:
    """Why the run decides nothing, or an empty string."""
    if document.get("interrupted"):
        return f"it was interrupted after {document['seconds']:.0f} s"
    if not document["polls"]["total"]:
        return "no poll was ever answered"
    hindered, shares = document["hindered_visits"], document["settings"].get("shares", {})
    lost = hindered * 2 > document["visits"] and document["busy"] < hindered
    if lost and not document["guesses"] and not shares.get("mistype"):
        return "most people could not get to a decision: see devicegrant doctor for the pages"
    for name, why in (
        ("lag_ms", "polls left {} ms later than due: the load generator was the limit"),
        ("held_ms", "requests waited {} ms for --rate: the ceiling was the limit"),
    ):
        found = document[name].get("p99", 0)
        if found > TOO_LATE:
            return "one in a hundred " + why.format(found)
    return ""


def verdict(document: Mapping[str, Any], code: int) -> str:
    """The outcome in one sentence."""
    if code == BROKEN:
        if any(LOST in problem for problem in document["harness_errors"]):
            return "a worker was lost, and its figures with it: this run decides nothing"
        if any(SURPLUS in problem for problem in document["harness_errors"]):
            return f"{SURPLUS}: say how many there are to the master, and run it again"
        if EXHAUSTED in document["harness_errors"]:
            return EXHAUSTED
        return "the harness broke; please report this, the target is not to blame"
    if document["unexpected_total"]:
        return f"{document['unexpected_total']} unexpected answers"
    if code == UNDECIDED:
        why = invalid(document) or "a threshold was not measured"
        return f"this run decides nothing: {why}"
    if code == UNLAWFUL:
        broken = [one["text"] for one in document["thresholds"] if one["held"] is False]
        return f"lawful, but not within its thresholds: {'; '.join(broken)}"
    return "not one unexpected answer" + (
        ", and every threshold held" if document["thresholds"] else ""
    )


def write_results(ran: Ran, document: dict[str, Any]) -> None:
    """Print the outcome and write the files that were asked for; a file that fails is told."""
    code = exit_code(document)
    document |= {"exit_code": code, "verdict": verdict(document, code)}
    if not ran.quiet:
        print("\n".join(lines(document)), flush=True)
    try:
        if ran.summary is not None:
            write(Path(ran.summary), (json.dumps(document, indent=1), "\n"))
        if ran.page is not None:
            write(Path(ran.page), (load_page(document),))
    except TargetError as problem:
        document["exit_code"] = BROKEN
        print(f"devicegrant load: {problem}", file=sys.stderr, flush=True)


def lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The result for people."""
    polls, settings, waiting = document["polls"], document["settings"], document["waiting"]
    yield ""
    yield (
        f"run {document['run']}: {settings['profile']}, {settings['devices']:,} devices, "
        f"{document['seconds']:.0f} s, {settings['arrivals']}"
    )
    yield f"waiting devices    mean {waiting['mean']:,}, most {waiting['most']:,}"
    yield (
        f"polls per second   planned {_number(polls['planned_per_second'])}, "
        f"measured {_number(polls['measured_per_second'])}, "
        f"by Little's law {_number(polls['predicted_per_second'])}"
    )
    yield f"answers to polls   {_counts(polls['by_answer'])}"
    yield f"sign-ins           {_counts(document['flows'])}"
    yield f"unfinished         {_counts(document['unfinished'])}"
    yield (
        f"approval to token  {_times(document['approval_to_token_ms'])} "
        f"(half an interval is {document['approval_to_token_ms']['floor']})"
    )
    if document["still_waiting_ms"]["count"]:
        yield f"  still waiting    {_times(document['still_waiting_ms'])}"
    yield f"polls left late    {_times(document['lag_ms'])}"
    if document["queued_ms"].get("most"):
        yield f"  all lines busy   {_times(document['queued_ms'])}"
    yield from _trouble(document)
    for one in document["thresholds"]:
        mark = {True: "held  ", False: "BROKEN", None: "open  "}[one["held"]]
        yield f"threshold {mark}   {said(one)}"
    yield from _costs(document)
    yield from _wrong(document)
    yield f"{document['verdict']} (exit code {document['exit_code']})"


def _trouble(document: Mapping[str, Any]) -> Iterator[str]:
    for name, label in (
        ("network", "network"),
        ("injected", "injected by us"),
        ("guesses", "guessed codes"),
    ):
        if document[name]:
            yield f"{label:<18} {_counts(document[name])}"
    if document["busy"]:
        share = 100 * document["busy_share"]
        yield f"put off (429, 503) {document['busy']} requests, {share:.2f} %"
    if document["slow_down_to_obedient"] or document["starved"]:
        unfair = document["slow_down_to_obedient"]
        yield f"unfair             {unfair} slow_down to obedient devices"
        yield f"starved            {document['starved']} devices approved and not served"
    if document["polls"]["total"] and "unharmed_seconds" in document:
        unharmed = document["unharmed_seconds"]
        told = "the whole run" if unharmed is None else f"{unharmed:.0f} s"
        yield f"obedient devices   unharmed for {told}"
    if document["hindered_visits"]:
        yield f"hindered           {document['hindered_visits']} people, or they came too late"
    for message, count in document["tolerated"].items():
        yield f"arguable           {count} x {message}"


def _costs(document: Mapping[str, Any]) -> Iterator[str]:
    generator, server = document["generator"], document["server"]
    if generator["cpu_share"] is not None:
        yield (
            f"load generator     {100 * generator['cpu_share']:.0f} % of a core, "
            f"{generator['memory_mb']} MB, {generator['connections']} connections at most"
        )
    if server is not None and server["cpu_share"] is not None:
        ceiling = server["ceiling_polls_per_second"]
        told = f"; its ceiling at this mix is about {ceiling:,} polls/s" if ceiling else ""
        yield (
            f"reference server   {100 * server['cpu_share']:.0f} % of a core, "
            f"{server['memory_mb']} MB{told}"
        )


def _wrong(document: Mapping[str, Any]) -> Iterator[str]:
    for message, count in document["unexpected"].items():
        yield f"UNEXPECTED         {count} x {message}"
    for one in document["violations"][:3]:
        yield f"  {one['requirement']}: {one['says']}"
        yield from (f"    {step}" for step in one["timeline"][-12:])
    for message, count in document["harness_errors"].items():
        yield f"HARNESS ERROR      {count} x {message}"


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:,.1f}"


def _counts(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{key} {count:,}" for key, count in sorted(counter.items())) or "none"


def _times(found: Mapping[str, int]) -> str:
    if not found["count"]:
        return "none"
    shown = " ".join(f"{name} {found[name]}" for name in ("p50", "p95", "p99", "most"))
    return f"{found['count']:,} measured, ms: {shown}"
