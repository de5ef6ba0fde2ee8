"""What --only and --profile choose."""

from __future__ import annotations

import pytest

from harness.runners import venues
from harness.runners.choosing import chosen_for, select, wanted_by
from harness.runners.engine import perform, plays
from harness.target import TargetError
from harness.verdict import Verdict
from simulators.mutants import MUTANTS

ROTATION = "RFC9700-2.2.2-rotation"


def test_good_practice_is_asked_for_by_its_profile() -> None:
    target = venues.embedded(seed=1).target
    wanted = wanted_by(select(target, only=[ROTATION], profiles=["bcp"]))
    assert list(wanted) == [ROTATION]
    with pytest.raises(TargetError, match="add --profile bcp"):
        select(target, only=[ROTATION])


def test_who_asks_for_it_is_told_a_failure() -> None:
    venue = venues.embedded(MUTANTS["no_rotation"], seed=1)
    wanted = wanted_by(select(venue.target, profiles=["bcp"]))
    [play] = [p for p in chosen_for(wanted, plays()) if ROTATION in p.mark.requirements]
    found = [j.verdict for j in perform(play, venue).judgements if j.requirement == ROTATION]
    assert found == [Verdict.FAIL]
