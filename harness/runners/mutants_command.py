"""`devicegrant mutants`: the museum of servers that are wrong in one way each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, TextIO

from harness.clock import WallClock
from harness.requirements import catalogue
from harness.runners.requirements_command import cited
from harness.runners.venues import mutant_named
from reports.clean import clean
from reports.lines import BLANK, Line, line, paragraph, table
from reports.report import counted, duration
from reports.terminal import Terminal
from simulators.mutants import MUTANTS, Mutant

if TYPE_CHECKING:
    from harness.runners.museum import Kill

SEED = 8628
"""The servers of the museum are the same in every run, unless another seed is wanted."""


def show_mutants(name: str | None, *, plain: bool = False, stream: TextIO | None = None) -> int:
    """Print all mutants or one; returns the exit code.

    Raises `TargetError` for a name that nobody has.
    """
    terminal = Terminal(stream, plain=plain)
    if name is None:
        terminal.print(_listing(terminal.width))
    else:
        terminal.print(_exhibit(mutant_named(name), terminal.width))
    return 0


def kill_mutants(
    name: str | None, *, seed: int = SEED, plain: bool = False, stream: TextIO | None = None
) -> int:
    """Judge one mutant or all; 0 if each is caught by the requirement that it breaks, else 1.

    With the same `seed` the matrix comes out the same.  Raises `TargetError` for a name that
    nobody has.
    """
    from harness.runners.museum import kill, kill_all

    terminal = Terminal(stream, plain=plain)
    names = [mutant_named(name).name] if name else list(MUTANTS)
    clock = WallClock()
    turn = count(1)

    def show(one: Kill) -> None:
        place = f"{next(turn):{len(str(len(names)))}}/{len(names)}  " if len(names) > 1 else ""
        terminal.print(_fate(one, place, terminal.width))

    if len(names) == 1:
        kills = [kill(names[0], seed)]
        show(kills[0])
    else:
        kills = kill_all(names, seed=seed, done=show)
    bad = [one for one in kills if not one.good]
    terminal.print([BLANK, *_score(kills, terminal.width)])
    if len(names) > 1:
        told = f"took {duration(clock.now())} (exit code {1 if bad else 0})"
        terminal.print(paragraph(told, terminal.width, style="dim"))
    return 1 if bad else 0


def _score(kills: list[Kill], width: int) -> Iterator[Line]:
    """How many were caught, and which were not judged as they should be."""
    wrong = [one for one in kills if MUTANTS[one.name].caught]
    caught = [one for one in wrong if one.as_expected]
    lawful = [one for one in kills if not MUTANTS[one.name].caught]
    spared = [one for one in lawful if one.as_expected]
    if wrong:
        share = 100 * len(caught) / len(wrong)
        told = f"kill score: {len(caught)} of {counted(len(wrong), 'wrong server')}, {share:.1f} %"
        good = len(caught) == len(wrong)
        yield from paragraph(told, width, style="bold green" if good else "bold red")
    if lawful:
        good = len(spared) == len(lawful)
        told = f"let pass, as they should be: {len(spared)} of {counted(len(lawful), 'lawful one')}"
        yield from paragraph(told, width, style="green" if good else "bold red")
    for title, names in (
        ("not caught, or not let pass", [k.name for k in kills if not k.as_expected]),
        ("with bystanders", [k.name for k in kills if k.bystanders]),
        ("on which devicegrant broke", [k.name for k in kills if k.error]),
    ):
        if names:
            yield from paragraph(f"{title}: {', '.join(names)}", width, style="bold red")


def _fate(kill: Kill, place: str, width: int) -> Iterator[Line]:
    mark, style = ("✓", "green") if kill.good else ("✗", "bold red")
    what = "caught" if MUTANTS[kill.name].caught else "let pass"
    if not kill.as_expected:
        what = "NOT " + what
    told = f"  {kill.name:34}  {kill.breaks}  {kill.verdict}"
    yield line((place, "dim"), (f"{mark} {what:10}", style), told)
    if kill.good:
        return
    if not kill.as_expected and kill.message:
        yield from paragraph(clean(kill.message, 400), width, indent=14)
    for requirement, message in kill.bystanders.items():
        yield from paragraph(clean(f"also {requirement}: {message}", 400), width, indent=14)
    if kill.error:
        yield from paragraph(clean(f"devicegrant broke: {kill.error}", 400), width, indent=14)


def _listing(width: int) -> Iterator[Line]:
    for mutant in MUTANTS.values():
        verb = "breaks" if mutant.caught else "is lawful under"
        yield line((mutant.name, "bold"), (f"  {verb} {mutant.breaks}", "dim"))
        yield from paragraph(mutant.says, width, indent=2)
    yield BLANK
    text = (
        f"{counted(len(MUTANTS), 'mutant')}. The bug behind one: devicegrant mutants NAME; see it "
        "caught: devicegrant check mutant:NAME; the whole matrix: devicegrant mutants --kill"
    )
    yield from paragraph(text, width, style="dim")


def _exhibit(mutant: Mutant, width: int) -> Iterator[Line]:
    yield line((mutant.name, "bold"))
    yield from paragraph(mutant.says, width, indent=2)
    yield BLANK
    entry = catalogue()[mutant.breaks]
    facts = [("bug", cited(mutant))]
    if mutant.caught:
        facts.append(("breaks", f"{entry.id} ({entry.level}): {entry.rule}"))
    else:
        facts.append(("lawful", f"{entry.id} ({entry.level}) must not be held against it"))
    if mutant.also:
        facts.append(("and maybe", ", ".join(mutant.also)))
    yield from table(facts, width)
    yield BLANK
    yield line(("see it caught: ", "dim"), f"devicegrant check mutant:{mutant.name}")
