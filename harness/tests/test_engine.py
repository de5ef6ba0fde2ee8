"""No scenario is lost, whatever breaks, and what breaks is never the target's fault."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from harness import checks
from harness.clock import VirtualClock
from harness.requirements import verifies
from harness.runners import engine, venues
from harness.runners.engine import Play, play_of
from harness.runners.stage import Inside
from harness.verdict import Judge, Verdict
from harness.world import World


@verifies("RFC8628-3.2-json")
def holds(world: World, judge: Judge) -> None:
    judge.holds("RFC8628-3.2-json", world is not None)


PLAY = play_of("m", holds)


def embedded() -> Inside:
    venue = venues.embedded(seed=1)
    assert isinstance(venue, Inside)
    return venue


def verdicts(play: Play, venue: Inside) -> set[tuple[str, Verdict, str | None]]:
    [played] = engine.run([play], venue, virtual=False)
    return {(one.requirement, one.verdict, one.blame) for one in played.judgements}


def test_a_world_that_cannot_be_made_is_no_endless_wait() -> None:
    def refuses(_: VirtualClock) -> object:
        raise RuntimeError("no server today")

    venue = embedded()
    venue.serve = refuses
    assert verdicts(PLAY, venue) == {("RFC8628-3.2-json", Verdict.ERROR, "harness")}


def test_a_standing_check_that_breaks_shows_in_every_selection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise LookupError("odd transcript")

    monkeypatch.setattr(checks, "judge", breaks)
    found = verdicts(PLAY, embedded())
    assert ("RFC8628-3.2-json", Verdict.ERROR, "harness") in found


@pytest.mark.parametrize(("consent", "in_turn"), [("hand", True), ("forms", False)])
def test_whoever_approves_by_hand_is_asked_one_thing_at_a_time(
    consent: str, *, in_turn: bool
) -> None:
    threads: list[threading.Thread] = []

    def by_hand(user: object, judge: Judge) -> None:
        threads.append(threading.current_thread())
        judge.holds("RFC8628-3.2-json", user is not None)

    venue = embedded()
    venue.target = replace(venue.target, consent=consent)  # type: ignore[arg-type]
    plays = [Play(f"s{n}", "", by_hand, PLAY.mark) for n in range(3)]
    assert len(engine.run(plays, venue, virtual=False)) == 3
    assert [thread is threading.main_thread() for thread in threads] == [in_turn] * 3
