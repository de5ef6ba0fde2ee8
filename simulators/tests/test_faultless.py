"""The reference server is faultless, whatever it does where the RFC leaves it free.

`DEVICEGRANT_SEEDS` is how many servers are judged: a dozen by default, 200 by hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from harness.requirements import catalogue
from harness.results import merge
from harness.runners import engine, venues

SEEDS = range(int(os.environ.get("DEVICEGRANT_SEEDS", "12")))
BAD = {"fail", "warn", "inconclusive", "error"}


def blemishes(seed: int) -> list[str]:
    """Everything but passes and what does not apply, of one reference server."""
    played = engine.run(engine.plays(), venues.embedded(seed=seed), virtual=True)
    pairs = [(one.play.id, judgement) for one in played for judgement in one.judgements]
    wanted = {id_: entry for id_, entry in catalogue().items() if entry.judges_server}
    return [
        f"{one.id} is {one.verdict} in {one.decided_by}: {one.message}"
        for one in merge(pairs, wanted, known={}, strict=False)
        if one.verdict in BAD
    ]


@pytest.fixture(scope="module")
def judged() -> Iterator[dict[int, list[str]]]:
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield dict(zip(SEEDS, pool.map(blemishes, SEEDS), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lawful_server_is_found_faultless(seed: int, judged: dict[int, list[str]]) -> None:
    assert judged[seed] == []


def test_every_requirement_that_is_named_is_put_to_the_test() -> None:
    played = engine.run(engine.plays(), venues.embedded(seed=1), virtual=True)
    evaded = [
        (one.play.id, judgement.requirement)
        for one in played
        for judgement in one.judgements
        if "ended without putting it to the test" in judgement.message
    ]
    assert evaded == []
