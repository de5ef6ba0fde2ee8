"""Requirement, scenario, mutant: the triangle is shut on all three sides.

What is static stands here.  That every mutant is caught by its own requirement, and by nothing
unrelated, and that every scenario catches somebody is played in simulators/tests/test_museum.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

from harness.proofs import ON_A_SOCKET
from harness.requirements import Requirement, catalogue
from harness.runners import engine
from simulators.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
MOST_UNTESTED = 12
"""Server-side rules that nobody outside can decide; whoever adds one more has to think again."""

SERVER_SIDE = [entry for entry in catalogue().values() if entry.judges_server]
DECLARED = {one for play in engine.plays() for one in play.mark.requirements}
CAUGHT = {one.breaks for one in MUTANTS.values() if one.caught}


def ids(entries: list[Requirement]) -> list[str]:
    return [entry.id for entry in entries]


def test_every_requirement_has_a_scenario_or_a_written_reason() -> None:
    neither = [e for e in SERVER_SIDE if e.id not in DECLARED and not e.untested.strip()]
    assert ids(neither) == []


def test_no_requirement_has_both() -> None:
    both = [entry for entry in SERVER_SIDE if entry.id in DECLARED and entry.untested]
    assert ids(both) == []


def test_reasons_are_few_and_whole_sentences() -> None:
    untested = [entry for entry in SERVER_SIDE if entry.untested]
    assert len(untested) <= MOST_UNTESTED, ids(untested)
    for entry in untested:
        assert entry.untested.endswith(".") and len(entry.untested.split()) > 5, entry.id


def test_only_what_judges_the_server_says_that_it_is_untested() -> None:
    assert [e.id for e in catalogue().values() if e.untested and not e.judges_server] == []


def test_every_decided_requirement_has_a_mutant_of_its_own_or_a_proof_on_a_socket() -> None:
    # A deviation that is mere information is lawful: a mutant that must be let pass shows it, too.
    noted = {id_ for id_, entry in catalogue().items() if entry.on_violation == "info"}
    shown = CAUGHT | {one.breaks for one in MUTANTS.values()} & noted
    assert sorted(DECLARED - shown - ON_A_SOCKET.keys()) == []


def test_a_proof_on_a_socket_is_for_what_no_mutant_can_break() -> None:
    assert ON_A_SOCKET.keys() <= DECLARED
    assert sorted(ON_A_SOCKET.keys() & CAUGHT) == []


def test_every_proof_on_a_socket_exists() -> None:
    for requirement, proof in ON_A_SOCKET.items():
        file, _, name = proof.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions, requirement


def test_every_scenario_is_evidence_against_some_mutant() -> None:
    broken = {one for mutant in MUTANTS.values() for one in (mutant.breaks, *mutant.also)}
    shown = broken | ON_A_SOCKET.keys()
    idle = [play.id for play in engine.plays() if shown.isdisjoint(play.mark.requirements)]
    assert idle == []
