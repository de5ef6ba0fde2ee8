"""`devicegrant judge`: applies today's standing checks to a recorded run, without any request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from harness.clock import WallClock
from harness.recording import BLIND, Heading, RecordingError, from_lines, heading_of
from harness.requirements import Scenario, catalogue
from harness.results import to_json
from harness.runners import engine, outputs
from harness.runners.choosing import select, wanted_by
from harness.runners.engine import Play, Played
from harness.runners.judging import Redacted, deciding, results_of
from harness.target import Target, TargetError
from harness.transcript import Transcript
from reports.clean import clean
from reports.lines import BLANK, Line, line, paragraph
from reports.report import Report, counted
from reports.terminal import Terminal


def judge_recording(
    path: Path,
    *,
    only: Iterable[str] = (),
    strict: bool = False,
    json: Path | None = None,
    plain: bool = False,
    quiet: bool = False,
    stream: TextIO | None = None,
) -> int:
    """Judge a recording, print, write; returns the exit code.

    Raises `TargetError` or `RecordingError` for what cannot be read or written.
    """
    outputs.writable("--json", json)
    heading, transcripts = _read(path)
    target = heading.target()
    terminal = Terminal(stream, plain=plain, quiet=quiet)
    profiles = {entry.profile for entry in catalogue().values() if entry.judges_server}
    wanted = wanted_by(select(target, only=only, profiles=profiles))
    wanted = {id_: entry for id_, entry in wanted.items() if id_ not in BLIND}
    clock = WallClock()
    all_played = [_judged(id_, transcript, target) for id_, transcript in transcripts.items()]
    redacted = Redacted(target)
    results = results_of(
        all_played,
        [],
        wanted,
        target,
        redacted,
        seed=None,
        strict=strict,
        started=clock.unix(),
        seconds=clock.now(),
    )
    if not quiet:
        events = sum(map(len, transcripts.values()))
        terminal.print(_opening(heading, path, len(transcripts), events, terminal.width))
    files = []
    if json is not None:
        outputs.write(json, [to_json(results)])
        files.append(("results", str(json)))
    kept = {id_: transcripts[id_] for id_ in deciding(results, "fail", "error") if id_}
    terminal.report(Report(results, kept, files))
    return results.exit_code


def _read(path: Path) -> tuple[Heading, dict[str, Transcript]]:
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise TargetError(f"cannot read the recording {path}: {problem}") from None
    try:
        heading, transcripts = heading_of(lines), from_lines(lines)
    except RecordingError as problem:
        raise RecordingError(f"{path}, {problem}") from None
    if heading is None:
        raise RecordingError(f"{path}, line 1: this is no recording, it has no heading")
    if not transcripts:
        raise RecordingError(f"{path} holds no event: there is nothing to judge")
    return heading, transcripts


def _judged(scenario: str, transcript: Transcript, target: Target) -> Played:
    judgements = engine.standing(transcript, target)
    last = transcript.events[-1].ended if transcript.events else 0.0
    found = [play for play in engine.plays() if play.id == scenario]
    # A scenario that exists no longer is still evidence.
    play = found[0] if found else Play(scenario, scenario, judge_recording, Scenario(()))
    return Played(play, judgements, last, transcript)


def _opening(
    heading: Heading, path: Path, scenarios: int, events: int, width: int
) -> Iterator[Line]:
    yield line(("devicegrant", "bold"), f" judges the recording {path} of {clean(heading.name)}")
    text = (
        f"{counted(events, 'event')} of {counted(scenarios, 'scenario')}, recorded by "
        f"{clean(heading.tool)} on {clean(heading.started)}; standing checks only, and without "
        f"{len(BLIND)} that look into secret values"
    )
    yield from paragraph(text, width, style="dim")
    yield BLANK
