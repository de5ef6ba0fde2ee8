"""`devicegrant check`: judges an authorization server, shows the outcome, leaves files behind."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from harness.clock import WallClock
from harness.policy import observed
from harness.requirements import Requirement
from harness.results import Results, read_results, to_json
from harness.runners import engine, outputs
from harness.runners.choosing import chosen_for, select, wanted_by
from harness.runners.engine import Play, Played, Selection
from harness.runners.judging import Redacted, deciding, results_of
from harness.runners.manners import manners_for
from harness.runners.stage import Venue
from harness.runners.venues import Wanted, venue_for
from harness.runners.version import NAME, version
from harness.runners.watching import Watched
from harness.transcript import Transcript
from harness.verdict import Verdict
from reports.progress import News, Progress
from reports.report import Report
from reports.summary import Opening
from reports.terminal import Terminal
from reports.turns import Turns


@dataclass(frozen=True, slots=True)
class Check:
    """What `check` was asked for; `patience` in seconds, `rate` in requests a second."""

    target: str | None = None
    client_id: str | None = None
    scope: str | None = None
    patience: float = 60.0
    only: tuple[str, ...] = ()
    level: str = "may"
    profiles: tuple[str, ...] = ()
    strict: bool = False
    seed: int | None = None
    rate: float = 10.0
    intrusive: bool = False
    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    transcript: Path | None = None
    plain: bool = False
    quiet: bool = False


def run_check(check: Check, stream: TextIO | None = None) -> int:
    """Judge, print, write; returns the exit code.

    Raises `TargetError` for wrong settings, before anything is sent where that is possible.
    """
    for option in ("json", "junit", "html", "transcript"):
        outputs.writable(f"--{option}", getattr(check, option))
    terminal = Terminal(stream, plain=check.plain, quiet=check.quiet)
    run = prepare(check, terminal)
    terminal.opening(run.opening())
    run.play()
    results, redacted = run.results()
    files = written_files(check, run, results, redacted)
    terminal.report(
        Report(results, _kept(run.played, redacted, deciding(results, "fail", "error")), files)
    )
    return results.exit_code


def prepare(check: Check, terminal: Terminal) -> Run:
    """Find the target and choose the scenarios.  Raises `TargetError`."""
    seed = check.seed
    if seed is None and (check.target is None or check.target.startswith("mutant:")):
        # Printed, so that a surprise can be repeated.
        seed = secrets.randbelow(1_000_000)
    turns = Turns(terminal)
    wanted = Wanted(
        seed=seed,
        patience=check.patience,
        client_id=check.client_id,
        scope=check.scope,
        tell=turns.tell,
        ask=turns.ask,
        interactive=sys.stdin.isatty() and not terminal.plain,
    )
    venue = venue_for(check.target, wanted)
    selection = select(venue.target, only=check.only, level=check.level, profiles=check.profiles)
    scope = wanted_by(selection)
    chosen = chosen_for(scope, engine.plays())
    return Run(check, terminal, venue, selection, scope, chosen, seed, turns)


class Run:
    """One run of `check`: what is to be played, and what was."""

    def __init__(
        self,
        check: Check,
        terminal: Terminal,
        venue: Venue,
        selection: Selection,
        wanted: Mapping[str, Requirement],
        chosen: list[Play],
        seed: int | None,
        turns: Turns,
    ) -> None:
        self.check = check
        self.terminal = terminal
        self.venue = venue
        self.target = venue.target
        self.selection = selection
        self.wanted = wanted
        self.chosen = chosen
        self.seed = seed
        self.played: list[Played] = []
        manners = manners_for(self.target, rate=check.rate, intrusive=check.intrusive)
        self._manners = manners
        self._venue = Watched(venue, manners)
        self._turns = turns
        self._clock = WallClock()
        self.started = self._clock.unix()
        self.seconds = 0.0

    def opening(self) -> Opening:
        """What is known before anything is played."""
        return Opening(
            tool=f"{NAME} {version()}",
            target=self.target.name,
            issuer=self.target.issuer,
            is_virtual=self.target.virtual,
            seed=self.seed,
            scenarios=len(self.chosen),
            requirements=len(self.wanted),
            profiles=tuple(sorted(self.selection.profiles)),
            patience=self.check.patience,
            known=len(self.target.known),
            warnings=self.target.warnings,
        )

    def play(self) -> None:
        """Play what was chosen; Ctrl-C cuts it short."""
        under_way: dict[str, Play] = {}
        progress = Progress(self.terminal, len(self.chosen), lambda: self._news(under_way))

        self._turns.pausing = progress.paused

        def begun(play: Play) -> None:
            under_way[play.id] = play

        def done(played: Played) -> None:
            under_way.pop(played.play.id, None)
            progress.finished(failed=self._failed(played))

        def go() -> None:
            self.played = engine.run(
                self.chosen,
                self._venue,
                virtual=self.target.virtual,
                begun=begun,
                done=done,
                manners=self._manners,
            )

        if self.target.virtual:
            # Over before anybody could read a status.
            go()
        else:
            with progress.shown():
                go()
        self.seconds = self._clock.now()

    def results(self) -> tuple[Results, Redacted]:
        """What was found, and the redactors behind it."""
        redacted = Redacted(self.target)
        results = results_of(
            self.played,
            self.chosen,
            self.wanted,
            self.target,
            redacted,
            seed=self.seed,
            strict=self.check.strict,
            started=self.started,
            seconds=self.seconds,
            warnings=self.target.warnings,
            policy=observed(played.transcript for played in self.played),
        )
        return results, redacted

    def _failed(self, played: Played) -> bool:
        bad = {Verdict.FAIL, Verdict.ERROR}
        return any(j.verdict in bad and j.requirement in self.wanted for j in played.judgements)

    def _news(self, under_way: Mapping[str, Play]) -> list[News]:
        told = [
            News(play.title, self._venue.seconds(play.id), self._venue.news(play.id))
            for play in list(under_way.values())
        ]
        return sorted(told, key=lambda one: -one.seconds)


def written_files(
    check: Check, run: Run, results: Results, redacted: Redacted
) -> list[tuple[str, str]]:
    """Write what was asked for; what and where.  Raises `TargetError` if a disk is full."""
    written = []
    if check.json is not None:
        text = to_json(results)
        read_results(text)
        outputs.write(check.json, [text])
        written.append(("results", str(check.json)))
    if check.transcript is not None:
        outputs.write(check.transcript, _recording(run, results, redacted))
        written.append(("transcript", str(check.transcript)))
    if check.junit is not None:
        from reports.junit import junit

        outputs.write(check.junit, [junit(Report(results))])
        written.append(("junit", str(check.junit)))
    if check.html is not None:
        from reports.html import html

        explained = deciding(results, "fail", "error", "warn", "known", "inconclusive")
        kept = _kept(run.played, redacted, explained)
        outputs.write(check.html, [html(Report(results, kept))])
        written.append(("page", str(check.html)))
    return written


def _recording(run: Run, results: Results, redacted: Redacted) -> Iterator[str]:
    from harness.recording import heading_line, redacted_lines

    tool = f"{results.tool.name} {results.tool.version}"
    yield heading_line(run.target, tool=tool, started=results.started) + "\n"
    for played in run.played:
        for line in redacted_lines(redacted.transcript(played), played.play.id):
            yield line + "\n"


def _kept(all_played: list[Played], redacted: Redacted, wanted: set[str]) -> dict[str, Transcript]:
    return {
        played.play.id: redacted.transcript(played)
        for played in all_played
        if played.play.id in wanted
    }
