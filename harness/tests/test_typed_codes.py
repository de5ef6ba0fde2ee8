"""What people type proves something only if there was something to type."""

from __future__ import annotations

import pytest

from harness.runners import venues
from harness.runners.engine import Play, perform, plays
from harness.verdict import Verdict
from simulators.mutants import MUTANTS

SPELLINGS = [play for play in plays() if play.id.startswith("test_6_1_user_code::")]


@pytest.mark.parametrize("play", SPELLINGS, ids=lambda play: play.id.partition("::")[2])
def test_an_address_that_brings_the_code_along_decides_nothing(play: Play) -> None:
    # Seed 8628: letters of which some have a look-alike, with separators.
    played = perform(play, venues.embedded(MUTANTS["user_code_in_uri"], seed=8628))

    [verdict] = {
        one.verdict for one in played.judgements if one.requirement in play.mark.requirements
    }
    assert verdict is Verdict.INCONCLUSIVE, played.ended
    assert "brings it along" in played.ended
