"""How a scenario ends: in judgements for every requirement that it names, whatever happens."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from harness.clock import OutOfPatience
from harness.consent import consent_from
from harness.requirements import verifies
from harness.runners import engine, venues
from harness.runners.engine import Played, play_of, plays
from harness.runners.stage import Inside, Outside, Venue
from harness.verdict import Inconclusive, Judge, NotApplicable, Verdict, given
from harness.wire import Request
from harness.world import World

JSON, STATUS = "RFC8628-3.2-json", "RFC8628-3.2-status"


def embedded() -> Inside:
    venue = venues.embedded(seed=1)
    assert isinstance(venue, Inside)
    return venue


def ended(body: Callable[..., Any], *requirements: str, **mark: bool) -> Played:
    """A scenario after it was played in the embedded server."""
    [played] = engine.run(
        [play_of("m", verifies(*(requirements or (JSON, STATUS)), **mark)(body))],
        embedded(),
        virtual=True,
    )
    return played


def verdicts(played: Played) -> dict[str, set[Verdict]]:
    found: dict[str, set[Verdict]] = {}
    for one in played.judgements:
        found.setdefault(one.requirement, set()).add(one.verdict)
    return found


def raising(problem: BaseException) -> Callable[[], None]:
    def body() -> None:
        """Something happens."""
        raise problem

    return body


def test_a_scenario_that_breaks_is_our_error_for_all_that_it_names() -> None:
    played = ended(raising(LookupError("no such member")))
    for requirement in (JSON, STATUS):
        [judgement] = [j for j in played.judgements if j.requirement == requirement]
        assert (judgement.verdict, judgement.blame) == (Verdict.ERROR, "harness")
        assert "LookupError: no such member" in judgement.message
        assert "test_engine_outcomes.py" in judgement.message


def test_an_error_outlives_what_was_judged_before_it() -> None:
    def body(judge: Judge) -> None:
        """Something is judged, and then something breaks."""
        judge.holds(JSON, condition=True)
        raise ZeroDivisionError

    assert verdicts(ended(body))[JSON] == {Verdict.PASS, Verdict.ERROR}


@pytest.mark.parametrize(
    ("problem", "verdict", "blame", "told"),
    [
        (Inconclusive("no codes"), Verdict.INCONCLUSIVE, "target", "no codes"),
        (Inconclusive("lost", "network"), Verdict.INCONCLUSIVE, "network", "lost"),
        (NotApplicable("needs bob"), Verdict.NOT_APPLICABLE, None, "needs bob"),
        (OutOfPatience(1805, 60), Verdict.INCONCLUSIVE, "patience", "--patience to at least 1805"),
    ],
)
def test_a_scenario_that_stops_says_why(
    problem: Exception, verdict: Verdict, blame: str | None, told: str
) -> None:
    played = ended(raising(problem), JSON)
    [judgement] = [j for j in played.judgements if j.requirement == JSON]
    assert (judgement.verdict, judgement.blame) == (verdict, blame)
    assert told in judgement.message
    assert told in played.ended


def test_what_was_judged_before_a_stop_stands() -> None:
    def body(judge: Judge) -> None:
        """One thing is judged, the other is not."""
        judge.holds(JSON, condition=False, received="a page")
        given(condition=False, reason="no more")

    found = verdicts(ended(body))
    assert found[JSON] == {Verdict.FAIL}
    assert found[STATUS] == {Verdict.INCONCLUSIVE}


def test_a_requirement_that_nobody_judged_is_not_green() -> None:
    def body(judge: Judge) -> None:
        """One thing is judged, the other is forgotten."""
        judge.holds(JSON, condition=True)

    played = ended(body)
    [forgotten] = [j for j in played.judgements if j.requirement == STATUS]
    assert forgotten.verdict is Verdict.INCONCLUSIVE
    assert "without putting it to the test" in forgotten.message


def test_a_requirement_that_was_not_promised_is_judged_all_the_same() -> None:
    def body(judge: Judge) -> None:
        """More is judged than was promised."""
        judge.holds(JSON, condition=True)
        judge.holds(STATUS, condition=False, received="201")

    assert verdicts(ended(body, JSON))[STATUS] == {Verdict.FAIL}


def test_an_id_that_nobody_knows_is_our_error() -> None:
    def body(judge: Judge) -> None:
        """A typing error."""
        judge.holds("RFC8628-3.2-jsno", condition=True)

    assert verdicts(ended(body, JSON))[JSON] == {Verdict.ERROR}


def test_an_actor_that_nobody_knows_is_our_error() -> None:
    def body(janitor: object) -> None:
        """Somebody comes who is not in the play."""

    assert verdicts(ended(body, JSON))[JSON] == {Verdict.ERROR}


def test_an_actor_whom_the_target_lacks_makes_it_not_applicable() -> None:
    def body(stranger: object) -> None:
        """A second client comes."""

    venue = embedded()
    public = {"public": venue.target.clients["public"]}
    venue.target = replace(venue.target, clients=public)
    played = engine.perform(play_of("m", verifies(JSON)(body)), venue)
    [judgement] = [j for j in played.judgements if j.requirement == JSON]
    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert "[clients.second]" in judgement.message


@pytest.mark.parametrize("virtual", [True, False])
@pytest.mark.parametrize("problem", [KeyError("x"), SystemExit(3), AssertionError("x")])
def test_nothing_that_a_scenario_raises_stops_the_run(
    problem: BaseException, virtual: bool
) -> None:
    def fine(judge: Judge) -> None:
        """All is well."""
        judge.holds(JSON, condition=True)

    bad = play_of("a", verifies(JSON)(raising(problem)))
    good = play_of("b", verifies(JSON)(fine))
    all_played = engine.run([bad, good], embedded(), virtual=virtual)
    assert [verdicts(one)[JSON] for one in all_played] == [{Verdict.ERROR}, {Verdict.PASS}]


def test_ctrl_c_keeps_what_there_is() -> None:
    def fine(judge: Judge) -> None:
        """All is well."""
        judge.holds(JSON, condition=True)

    first = play_of("a", verifies(JSON)(fine))
    stops = play_of("b", verifies(JSON)(raising(KeyboardInterrupt())))
    never = replace(first, id="c::never")
    done: list[str] = []
    all_played = engine.run(
        [first, stops, never],
        embedded(),
        virtual=True,
        done=lambda played: done.append(played.play.id),
    )
    assert [one.play.id for one in all_played] == done == ["a::fine"]


def test_results_stand_in_the_order_of_what_was_chosen() -> None:
    def fine(judge: Judge) -> None:
        """All is well."""
        judge.holds(JSON, condition=True)

    chosen = [replace(play_of("m", verifies(JSON)(fine)), id=f"m::{n}") for n in range(20)]
    all_played = engine.run(chosen, embedded(), virtual=False)
    assert [one.play.id for one in all_played] == [one.id for one in chosen]


def test_each_scenario_has_a_world_of_its_own() -> None:
    worlds: list[World] = []

    def body(world: World, judge: Judge) -> None:
        """It looks around."""
        worlds.append(world)
        judge.holds(JSON, len(world.transcript) == 0 and world.clock.now() == 0)
        world.wait(5)

    play = play_of("m", verifies(JSON)(body))
    all_played = engine.run([play, replace(play, id="again")], embedded(), virtual=True)
    assert len({id(world) for world in worlds}) == 2
    assert [one.seconds for one in all_played] == [5, 5]


@pytest.mark.parametrize(
    ("virtual", "verdict"), [(True, Verdict.PASS), (False, Verdict.NOT_APPLICABLE)]
)
def test_scenarios_that_need_virtual_time_do_not_play_on_the_wall(
    virtual: bool, verdict: Verdict
) -> None:
    def body(judge: Judge) -> None:
        """Half an hour passes."""
        judge.holds(JSON, condition=True)

    venue: Venue = embedded()
    if not virtual:
        venue = Outside(venue.target, consent_from("none"))
    played = engine.perform(play_of("m", verifies(JSON, virtual_only=True)(body)), venue)
    assert verdicts(played)[JSON] == {verdict}


def test_a_violation_that_repeats_is_told_once_with_its_evidence() -> None:
    def body(world: World, judge: Judge) -> None:
        """Something is wrong again and again."""
        del judge
        request = Request.form(world.target.device_authorization_endpoint, [])
        for _ in range(20):
            world.send(request, who="x", door="device_authorization")

    played = ended(body, JSON)
    told = [j for j in played.judgements if j.requirement == "RFC8628-3.2-error-format"]
    assert len(told) == 1
    assert 1 < len(told[0].evidence) <= 5


def test_plays_stand_in_the_order_of_files_and_lines() -> None:
    found = plays()
    modules = [play.id.partition("::")[0] for play in found]
    assert modules == sorted(modules)
    assert len({play.id for play in found}) == len(found)
    for before, play in pairwise(found):
        if before.body.__module__ == play.body.__module__:
            first, second = (inspect.getsourcelines(one.body)[1] for one in (before, play))
            assert first < second


def test_the_title_is_the_first_sentence_of_the_docstring() -> None:
    def body() -> None:
        """A display asks
        for codes.

        And more.
        """

    assert play_of("m", verifies(JSON)(body)).title == "A display asks for codes."
