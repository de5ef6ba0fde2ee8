"""`devicegrant mutants --markdown`: the museum as a page, docs/museum.md."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from itertools import groupby

from harness.runners.markdown import head, linked, page, row, safe
from reports.report import counted
from simulators.mutants import MUTANTS, Mutant

COMMAND = "devicegrant mutants --markdown > docs/museum.md"


def museum_page() -> str:
    """The page."""
    mutants = list(MUTANTS.values())
    known = [one for one in mutants if not one.bug.startswith("no report known")]
    lawful = [one for one in mutants if not one.caught]
    told = (
        (
            f"{counted(len(mutants), 'server')}, each wrong in one way, and each named after what "
            f"is wrong. {len(known)} repeat a bug that was seen in the wild, with its citation; "
            'where "not verified" stands, it was read in the source or told, not shown. '
            "The others exist because a check that never failed is no check."
        ),
        (
            f"{len(lawful)} of them only look wrong: they use a freedom that the "
            "specifications leave, so the requirement beside them must let them pass."
        ),
        (
            "See one caught: `devicegrant check mutant:NAME`. Judge them all: `devicegrant mutants "
            "--kill`. What each requirement says, and what else is evidence for it: "
            "[coverage](coverage.md)."
        ),
    )
    return page("The museum of wrong servers", COMMAND, told, _rooms(mutants))


def _rooms(mutants: list[Mutant]) -> Iterator[str]:
    for module, room in groupby(mutants, key=lambda one: one.rules.__module__):
        doc = inspect.getdoc(importlib.import_module(module)) or module
        yield f"## {safe(doc.splitlines()[0].rstrip('.'))}"
        yield ""
        yield from head("Mutant", "What is wrong with it", "Requirement", "The bug")
        for mutant in room:
            yield _exhibit(mutant)
        yield ""


def _exhibit(mutant: Mutant) -> str:
    requirement = f"[{mutant.breaks}](coverage.md#{mutant.breaks})"
    if not mutant.caught:
        requirement = f"lawful under {requirement}"
    bug = linked(mutant.bug) + ("" if mutant.verified else " (not verified)")
    return row(f"`{mutant.name}`", safe(mutant.says), requirement, bug)
