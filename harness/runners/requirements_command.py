"""`devicegrant requirements`: the catalogue with its coverage, or all about one rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TextIO

from harness.proofs import ON_A_SOCKET
from harness.requirements import Requirement, catalogue
from harness.runners import engine
from harness.runners.choosing import requirement_named, select
from harness.runners.engine import Play
from harness.target import Target
from reports.failures import heading
from reports.lines import BLANK, Line, line, paragraph, table
from reports.report import counted, section, specification
from reports.terminal import Terminal
from simulators.mutants import MUTANTS, Mutant

_OUTCOMES = {
    "fail": "a violation fails the run",
    "warn": "a violation is a warning; --strict makes it a failure",
    "info": "a deviation is noted, never held against the target",
}
_NEEDS = {
    "yes": "requests only",
    "needs-user-agent": "somebody who approves: [users.…] and [consent]",
    "needs-time": "a wait, see --patience",
    "needs-second-client": "another client in the target file",
    "no": "cannot be decided from outside",
}


def show_requirements(
    id_: str | None,
    *,
    profiles: Iterable[str] = (),
    untested: bool = False,
    plain: bool = False,
    stream: TextIO | None = None,
) -> int:
    """Print the catalogue, all rules with a prefix, or all about one; returns the exit code.

    Raises `TargetError` for what matches nothing.
    """
    terminal = Terminal(stream, plain=plain)
    profiles = tuple(profiles)
    select(_NOBODY, profiles=profiles)
    found = requirement_named(id_) if id_ else list(catalogue().values())
    if len(found) == 1:
        terminal.print(_all_about(found[0], terminal.width))
        return 0
    found = [
        entry
        for entry in found
        if (not profiles or entry.profile in profiles) and (not untested or entry.untested)
    ]
    terminal.print(_listing(found, terminal.width))
    return 0


_NOBODY = Target("", "", "", {})


def scenarios_of(requirement: str) -> list[Play]:
    """The scenarios that are evidence for a requirement."""
    return _by_requirement().get(requirement, [])


@cache
def _by_requirement() -> dict[str, list[Play]]:
    found: dict[str, list[Play]] = {}
    for play in engine.plays():
        for requirement in play.mark.requirements:
            found.setdefault(requirement, []).append(play)
    return found


def mutants_of(requirement: str) -> list[Mutant]:
    """The mutants that break a requirement."""
    return [mutant for mutant in MUTANTS.values() if requirement == mutant.breaks]


def cited(mutant: Mutant) -> str:
    """Where the bug behind a mutant was seen, and whether somebody has looked it up."""
    return mutant.bug if mutant.verified else f"{mutant.bug} (not verified)"


def _listing(found: list[Requirement], width: int) -> Iterator[Line]:
    groups: dict[str, list[Requirement]] = {}
    for entry in found:
        groups.setdefault(specification(entry.source), []).append(entry)
    longest = max((len(entry.id) for entry in found), default=0)
    for name in sorted(groups, key=lambda name: (name != "RFC 8628", name)):
        yield line((name, "bold"))
        for entry in groups[name]:
            yield _row(entry, longest)
        yield BLANK
    yield from _counts(found, width)


def _row(entry: Requirement, longest: int) -> Line:
    coverage = counted(len(scenarios_of(entry.id)), "scenario")
    mutants = counted(len(mutants_of(entry.id)), "mutant")
    if not entry.judges_server:
        coverage = "binds clients"
    elif entry.untested or entry.needs == "no":
        coverage = "untested"
    told = f"  {entry.id.ljust(longest)}  {entry.level:10}  {section(entry.source):8}"
    return line(told, (f"{entry.profile:16}", "dim"), f"{coverage:13} ", (mutants, "dim"))


def _counts(found: list[Requirement], width: int) -> Iterator[Line]:
    server = [entry for entry in found if entry.judges_server]
    tested = [entry for entry in server if scenarios_of(entry.id)]
    caught = [entry for entry in tested if mutants_of(entry.id)]
    wired = [entry for entry in tested if entry.id in ON_A_SOCKET]
    text = (
        f"{counted(len(found), 'requirement')}, {len(server)} of them bind the server's side; "
        f"{len(tested)} have a scenario, {len(caught)} of those a mutant that proves it, "
        f"{len(wired)} a wrong server on a socket. "
        "More about one: devicegrant requirements ID"
    )
    yield from paragraph(text, width, style="dim")


def _all_about(entry: Requirement, width: int) -> Iterator[Line]:
    yield line((entry.id, "bold"), f"  {entry.level}  {entry.source}")
    yield from paragraph(entry.rule, width, indent=2)
    yield BLANK
    yield from table(_facts(entry), width)
    plays, mutants = scenarios_of(entry.id), mutants_of(entry.id)
    if plays:
        yield BLANK
        yield from heading("Scenarios", width)
        for play in plays:
            yield from paragraph(play.title, width, indent=2)
            yield line((f"    scenarios/{play.id.replace('::', '.py::')}", "dim"))
    if mutants:
        yield BLANK
        yield from heading("Mutants that break it, and the bugs that they repeat", width)
        for mutant in mutants:
            yield from paragraph(f"{mutant.name}: {mutant.says}", width, indent=2)
            yield from paragraph(cited(mutant), width, indent=4, style="dim")
    if entry.id in ON_A_SOCKET:
        yield BLANK
        yield from heading("The test in which a wrong server on a socket breaks it", width)
        yield line((f"  {ON_A_SOCKET[entry.id]}", "dim"))
    yield BLANK
    if plays:
        yield line(("judge it alone: ", "dim"), f"devicegrant check TARGET --only {entry.id}")


def _facts(entry: Requirement) -> Iterator[tuple[str, str]]:
    yield "decided", entry.decided
    if entry.caution:
        yield "caution", entry.caution
    yield "outcome", _OUTCOMES[entry.on_violation]
    yield "needs", _NEEDS.get(entry.needs, entry.needs)
    yield "binds", entry.actor.replace("_", " ")
    yield "profile", entry.profile
    if entry.untested:
        yield "untested", entry.untested
