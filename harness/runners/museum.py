"""The kill matrix: every mutant is judged, and must be caught for the right reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from zlib import crc32

from harness.requirements import catalogue
from harness.results import RequirementResult, merge
from harness.runners import engine, venues
from harness.transcript import Transcript

_CAUGHT = {"fail": "fail", "warn": "warn", "info": "pass"}
"""The verdict that a violated requirement gets, by its `on_violation`."""


@dataclass(frozen=True, slots=True)
class Kill:
    """How one mutant fared.

    `verdict` is that of the requirement that must catch it.  `bystanders` are requirements that
    were violated though they do not depend on the broken rule, with their messages; `idle` are
    those that the mutant names as dependent and that held.  `seen_by` are the scenarios that saw
    one of their own requirements violated.  `error` is ours, not the mutant's.
    """

    name: str
    breaks: str
    verdict: str
    message: str
    as_expected: bool
    bystanders: dict[str, str]
    idle: tuple[str, ...]
    seen_by: tuple[str, ...] = ()
    error: str = ""

    @property
    def good(self) -> bool:
        """Whether the mutant was caught by the right requirement and by nothing unrelated."""
        return self.as_expected and not self.bystanders and not self.error


def kill(name: str, seed: int | None = None, one_in: int = 1) -> Kill:
    """Judge one mutant; KeyError for an unknown name.

    Of the scenarios that are no evidence for what it breaks, one in `one_in` looks for bystanders.
    """
    from simulators.mutants import MUTANTS

    mutant = MUTANTS[name]
    chosen = _chosen(name, {mutant.breaks, *mutant.also}, one_in)
    venue = venues.embedded(mutant, seed=seed, thorough=False)
    played = engine.run(chosen, venue, virtual=True, done=_forget_transcript)
    selection = engine.Selection(profiles=frozenset(one.profile for one in catalogue().values()))
    wanted = {key: entry for key, entry in catalogue().items() if selection.wants(key)}
    found = [(one.play.id, judgement) for one in played for judgement in one.judgements]
    results = {result.id: result for result in merge(found, wanted, known={}, strict=False)}
    main = results.get(mutant.breaks)
    errors = [one.ended for one in played if _broke(one)]
    # A server that falls over is also caught for that, whatever else is wrong with it.
    excused = {mutant.breaks, *mutant.also, "HTTP-5xx"}
    return Kill(
        name=name,
        breaks=mutant.breaks,
        verdict=main.verdict if main else "not judged",
        message=main.message if main else "",
        as_expected=main is not None and _as_expected(main, caught=mutant.caught),
        bystanders={
            key: f"{result.verdict}: {result.message} ({result.decided_by})"
            for key, result in results.items()
            if result.verdict in {"fail", "warn"} and key not in excused
        },
        idle=tuple(key for key in mutant.also if key not in results or not _violated(results[key])),
        seen_by=tuple(one.play.id for one in played if _saw(one, {mutant.breaks, *mutant.also})),
        error="; ".join(errors),
    )


def _forget_transcript(played: engine.Played) -> None:
    """Only judgements are looked at; looking through all the rest for garbage takes time."""
    played.transcript = Transcript()


def _chosen(name: str, broken: set[str], one_in: int) -> list[engine.Play]:
    plays = engine.plays()
    evidence = {play.id for play in plays if not broken.isdisjoint(play.mark.requirements)}
    if one_in == 1 or not evidence:
        return plays
    # Not the same ones for every mutant, and the same ones in every run.
    turn = crc32(name.encode()) % one_in
    return [p for at, p in enumerate(plays) if p.id in evidence or at % one_in == turn]


def kill_all(
    names: Iterable[str],
    *,
    seed: int | None = None,
    one_in: int = 1,
    done: Callable[[Kill], None] = lambda _: None,
) -> list[Kill]:
    """Judge many mutants, on all cores; results in the order of `names`."""
    names = list(names)
    kills = []
    with ProcessPoolExecutor(max_workers=min(len(names), os.cpu_count() or 1) or 1) as pool:
        for result in pool.map(kill, names, repeat(seed), repeat(one_in)):
            kills.append(result)
            done(result)
    return kills


def _as_expected(result: RequirementResult, *, caught: bool) -> bool:
    if not caught:
        return result.verdict == "pass"
    if result.verdict == "fail":
        return True
    if not _violated(result):
        return False
    return result.verdict == _CAUGHT[catalogue()[result.id].on_violation] or (
        result.verdict == "warn" and catalogue()[result.id].on_violation == "fail"
    )


def _violated(result: RequirementResult) -> bool:
    return result.verdict in {"fail", "warn"} or bool(result.message)


def _saw(played: engine.Played, broken: set[str]) -> bool:
    """Whether a scenario saw the fault; what is mere information says so of lawful servers, too."""
    return any(
        judgement.verdict.value in {"fail", "warn"}
        or (judgement.received and judgement.requirement in broken)
        for judgement in played.judgements
        if judgement.requirement in played.play.mark.requirements
    )


def _broke(played: engine.Played) -> bool:
    return any(judgement.verdict.value == "error" for judgement in played.judgements)
