"""The museum: every wrong server is caught by its own requirement, and by nothing unrelated.

`DEVICEGRANT_SEED` chooses what the wrong servers are like where the RFC leaves them free.  Of the
scenarios that are no evidence for what a mutant breaks, one in `DEVICEGRANT_ONE_IN` is played, to
find bystanders: 1 plays the whole matrix.
"""

from __future__ import annotations

import os

import pytest

from harness.requirements import catalogue
from harness.runners import engine
from harness.runners.museum import Kill, kill_all
from simulators.mutants import MUTANTS

SEED = int(os.environ.get("DEVICEGRANT_SEED", "8628"))
ONE_IN = int(os.environ.get("DEVICEGRANT_ONE_IN", "6"))


@pytest.fixture(scope="module")
def kills() -> dict[str, Kill]:
    return {kill.name: kill for kill in kill_all(MUTANTS, seed=SEED, one_in=ONE_IN)}


@pytest.mark.parametrize("name", [one.name for one in MUTANTS.values() if one.caught])
def test_a_wrong_server_is_caught_for_the_right_reason(name: str, kills: dict[str, Kill]) -> None:
    kill = kills[name]
    assert kill.error == ""
    assert kill.as_expected, f"{kill.breaks} is {kill.verdict}: {kill.message}"
    assert kill.bystanders == {}


@pytest.mark.parametrize("name", [one.name for one in MUTANTS.values() if not one.caught])
def test_an_odd_but_lawful_server_passes(name: str, kills: dict[str, Kill]) -> None:
    kill = kills[name]
    assert (kill.verdict, kill.error, kill.bystanders) == ("pass", "", {})
    assert kill.message, "what is odd about it is worth a note"


CATCHES_NOBODY = {
    "test_tls::test_the_server_speaks_todays_tls": "no TLS in virtual time: see harness/proofs.py",
    "test_best_current_practice::test_what_becomes_of_pkce": "it notes a fact and judges nothing",
}
"""Scenarios without a mutant, and why."""


def test_every_scenario_catches_somebody(kills: dict[str, Kill]) -> None:
    seen = {scenario for kill in kills.values() for scenario in kill.seen_by}
    blind = {play.id for play in engine.plays()} - seen
    assert blind == CATCHES_NOBODY.keys()


def test_every_mutant_has_a_story() -> None:
    for mutant in MUTANTS.values():
        assert mutant.says.endswith("."), mutant.name
        assert mutant.bug, mutant.name
        assert {mutant.breaks, *mutant.also} <= catalogue().keys(), mutant.name
        assert mutant.breaks not in mutant.also, mutant.name
