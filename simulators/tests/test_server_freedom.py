"""The free choices: the same for the same seed, others for others, and all of them lawful."""

from math import log2

import pytest

from harness.wire import Answer, Request
from simulators.server import Freedom
from simulators.server.freedom import CODE_SHAPES
from simulators.tests.browsing import Stage

LOOK_ALIKES = ("0O", "1I", "1L", "IL", "2Z", "5S", "8B")


def story(seed: int) -> list[object]:
    stage = Stage(seed=seed)
    first = stage.poll_response()
    browser = stage.decide()
    stage.clock.sleep(5)
    jwks = stage.server(Request("GET", stage.url("jwks_uri")))
    return [stage.started, first, browser.page, stage.poll_response(), stage.server.metadata, jwks]


def test_a_seed_makes_everything_predictable() -> None:
    assert story(1) == story(1)


def test_another_seed_makes_another_server() -> None:
    one, two = Stage(seed=1), Stage(seed=2)

    assert one.started["device_code"] != two.started["device_code"]
    assert one.server.freedom != two.server.freedom


def test_without_a_seed_codes_are_unpredictable_and_choices_the_documented_ones() -> None:
    one, two = Stage(), Stage()

    assert one.server.freedom == two.server.freedom == Freedom()
    assert one.started["device_code"] != two.started["device_code"]


def test_the_seeds_reach_every_choice() -> None:
    drawn = [Freedom.drawn(seed).described() for seed in range(200)]

    for name in Freedom().described():
        values = {str(choices[name]) for choices in drawn}
        assert (len(values) > 1) == (name != "drops_unknown_scope"), name


@pytest.mark.parametrize("seed", range(40))
def test_under_every_seed_the_grant_works(seed: int) -> None:
    stage = Stage(seed=seed)
    pending = stage.poll()
    stage.decide()
    stage.clock.sleep(5)
    answer = stage.poll_response()
    body = answer.json() or {}
    extra = ("x_served_by" in body) == stage.server.freedom.sends_extras

    assert pending is Answer.PENDING and answer.status == 200 and extra
    assert stage.poll() is Answer.INVALID_GRANT
    assert stage.use("GET", stage.url("userinfo_endpoint"), body["access_token"]).status == 200


@pytest.mark.parametrize("seed", range(40))
def test_under_every_seed_patience_is_rewarded(seed: int) -> None:
    stage = Stage(seed=seed)
    stage.poll()
    for refusals in range(1, 5):
        assert stage.poll() is Answer.SLOW_DOWN
        stage.clock.sleep(5 + 5 * refusals)
        assert stage.poll() is Answer.PENDING
    stage.decide()
    assert stage.poll() is Answer.TOKEN


@pytest.mark.parametrize("shape", CODE_SHAPES)
def test_every_kind_of_user_code_is_typable_and_hard_to_guess(
    shape: tuple[str, tuple[int], str],
) -> None:
    alphabet, groups, _ = shape

    assert len(set(alphabet)) == len(alphabet)
    assert sum(groups) * log2(len(alphabet)) > 38
    for pair in LOOK_ALIKES:
        assert not set(pair) <= set(alphabet)
