"""Selects scenarios, plays them, and merges what they found: the one engine behind all runners.

The laws of this file: a scenario ends in judgements whatever happens in it; a requirement that a
scenario names and does not judge gets a reason; nothing is printed here.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import pkgutil
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from harness import checks
from harness.checks import transport
from harness.clock import Clock, OutOfPatience, WallClock
from harness.requirements import Scenario, catalogue, on_violation
from harness.runners.manners import Manners
from harness.runners.stage import Stage, Venue
from harness.target import Target
from harness.transcript import Transcript
from harness.verdict import Inconclusive, Judge, Judgement, NotApplicable, Verdict
from harness.world import World

A_MOMENT = 2.0
"""Seconds before a request that broke the target is sent once more."""


ENOUGH = 5
"""Events that are kept as evidence of what the standing checks found."""


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario that can be played: `id` is module and function, `title` its first sentence."""

    id: str
    title: str
    body: Callable[..., Any]
    mark: Scenario


@dataclass(slots=True)
class Played:
    """One scenario after it was played; `seconds` is on its own clock."""

    play: Play
    judgements: list[Judgement]
    seconds: float
    transcript: Transcript = field(default_factory=Transcript)
    ended: str = ""
    """Why it ended early, if it did."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which requirements are wanted: by id prefix, by level, by profile (empty: all that apply)."""

    only: tuple[str, ...] = ()
    level: str = "may"
    profiles: frozenset[str] = frozenset({"core"})

    def wants(self, requirement: str) -> bool:
        """Whether a requirement is in scope."""
        entry = catalogue()[requirement]
        levels = {"must": ("MUST",), "should": ("MUST", "SHOULD"), "may": ("MUST", "SHOULD", "MAY")}
        return (
            entry.judges_server
            and (not self.only or requirement.startswith(self.only))
            and entry.level.removesuffix(" NOT") in levels[self.level]
            and entry.profile in self.profiles
        )


def plays() -> list[Play]:
    """Every scenario in the package `scenarios`, in the order of its files and lines."""
    found: list[Play] = []
    package = importlib.import_module("scenarios")
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        if module_info.name.startswith("test_"):
            module = importlib.import_module(f"scenarios.{module_info.name}")
            found += plays_of(module)
    return found


def plays_of(module: Any) -> list[Play]:
    """The scenarios of one module, in the order of its lines."""
    name = module.__name__.rpartition(".")[2]
    return [
        play_of(name, body)
        for key, body in vars(module).items()
        if key.startswith("test_") and hasattr(body, "scenario")
    ]


def play_of(module: str, body: Callable[..., Any]) -> Play:
    """The scenario behind one function that `@verifies` marked."""
    mark: Scenario = body.scenario  # type: ignore[attr-defined]
    title = (inspect.getdoc(body) or body.__name__).split("\n\n")[0].replace("\n", " ")
    return Play(f"{module}::{body.__name__}", title, body, mark)


def perform(play: Play, venue: Venue) -> Played:
    """Play one scenario in a world of its own and judge its transcript.  Raises nothing.

    KeyboardInterrupt excepted.
    """
    world = venue.world()
    judge = Judge(on_violation)
    outcome: Judgement | None = None
    ended = ""
    with contextlib.closing(world):
        try:
            stage = Stage(world, judge, venue.world)
            _refuse_wrong_clock(play, world.clock)
            play.body(**stage.cast(play.body))
        except Inconclusive as reason:
            ended = reason.reason
            outcome = Judgement("", Verdict.INCONCLUSIVE, ended, blame=reason.blame)
        except NotApplicable as reason:
            ended = reason.needs
            outcome = Judgement("", Verdict.NOT_APPLICABLE, ended)
        except OutOfPatience as reason:
            ended = f"{reason}: raise --patience to at least {reason.needed:.0f}"
            outcome = Judgement("", Verdict.INCONCLUSIVE, ended, blame="patience")
        except (Exception, SystemExit) as problem:  # noqa: BLE001 -- no result may be lost
            ended = f"{type(problem).__name__}: {problem} ({_where(problem)})"
            outcome = Judgement("", Verdict.ERROR, f"the harness broke: {ended}", blame="harness")
        _try_again(world)
    always = standing(world.transcript, world.target)
    judgements = judge.judgements + always
    judged = {judgement.requirement for judgement in judgements}
    # A standing check that broke must show up, whatever requirements are wanted.
    outcome = next((one for one in always if one.verdict is Verdict.ERROR), outcome)
    outcome = outcome or Judgement(
        "", Verdict.INCONCLUSIVE, "the scenario ended without putting it to the test"
    )
    broke = outcome.verdict is Verdict.ERROR
    for requirement in play.mark.requirements:
        if requirement not in judged or broke:
            judgements.append(replace(outcome, requirement=requirement))
    return Played(play, judgements, world.clock.now(), world.transcript, ended)


def _try_again(world: World) -> None:
    """Send once more what ended in a 5xx, so that an accident is not taken for a fault."""
    with contextlib.suppress(OutOfPatience):
        for one in {one.door: one for one in transport.accidents(world.transcript)}.values():
            world.wait(A_MOMENT)
            world.send(
                one.request, who=one.who, door=one.door, manner=one.manner, note="a second try"
            )


def _refuse_wrong_clock(play: Play, clock: Clock) -> None:
    if play.mark.virtual_only and not clock.virtual:
        raise NotApplicable("plays in virtual time only")


def standing(transcript: Transcript, target: Target) -> list[Judgement]:
    """The standing checks' judgements, each distinct violation once, and one pass for the rest."""
    judge = Judge(on_violation, enough=ENOUGH)
    try:
        checks.judge(transcript, target, judge)
    except Exception as problem:  # noqa: BLE001 -- see perform
        text = f"the harness broke in a standing check: {type(problem).__name__}: {problem}"
        where = _where(problem)
        judge.judgements.append(
            Judgement("HTTP-5xx", Verdict.ERROR, f"{text} ({where})", blame="harness")
        )
    distinct: dict[tuple[str, str, str], tuple[Judgement, list[int]]] = {}
    for judgement in judge.judgements:
        key = (judgement.requirement, judgement.verdict.value, judgement.message)
        _, evidence = distinct.setdefault(key, (judgement, []))
        if len(evidence) < ENOUGH:
            evidence += judgement.evidence
    return [
        first if len(all_) == len(first.evidence) else replace(first, evidence=tuple(all_))
        for first, all_ in distinct.values()
    ]


def _where(problem: BaseException) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} in {code.co_name}"


def run(
    chosen: Iterable[Play],
    venue: Venue,
    *,
    virtual: bool,
    begun: Callable[[Play], None] = lambda _: None,
    done: Callable[[Played], None] = lambda _: None,
    manners: Manners | None = None,
) -> list[Played]:
    """Play all scenarios; results in the order of `chosen`, which KeyboardInterrupt cuts short.

    In virtual time one after another; in real time all in flight together, those that can disturb
    others, or need a person's hands, one by one after the rest.  `manners` holds back or refuses
    scenarios; none by default.
    """
    chosen = list(chosen)
    manners = manners or Manners()
    results: dict[str, Played] = {}

    def one(play: Play) -> Played:
        try:
            begun(play)
            return perform(play, venue)
        except Exception as problem:  # noqa: BLE001 -- a thread that dies would be waited for
            text = f"the harness broke: {type(problem).__name__}: {problem} ({_where(problem)})"
            return _not_played(play, Judgement("", Verdict.ERROR, text, blame="harness"))

    def keep(played: Played) -> None:
        results[played.play.id] = played
        done(played)

    # Transcripts live until the end; looking through them for garbage costs a sixth of the run.
    usual = gc.get_threshold()
    if virtual:
        gc.set_threshold(50_000, 20, 100)
    in_turn = _in_turn(venue.target, virtual=virtual)
    crowd = [play for play in chosen if not in_turn(play)]
    rest = [play for play in chosen if in_turn(play)]
    try:
        _all_together(crowd, one, keep, manners)
        for play in rest:
            reason = manners.refusal(play)
            if reason:
                keep(_not_played(play, Judgement("", Verdict.NOT_APPLICABLE, reason)))
            elif manners.enough:
                keep(_not_played(play, _stopped(manners)))
            else:
                keep(one(play))
    except KeyboardInterrupt:
        pass
    finally:
        gc.set_threshold(*usual)
    return [results[play.id] for play in chosen if play.id in results]


def _in_turn(target: Target, *, virtual: bool) -> Callable[[Play], bool]:
    """Which scenarios play one after another, after those that play together."""
    if virtual:
        return lambda _: True
    # Whoever approves by hand has two of them, and the clock runs while others are served.
    by_hand = target.consent == "hand"
    people = {"user", "other_user"}
    return lambda play: (
        play.mark.alone
        or (by_hand and not people.isdisjoint(inspect.signature(play.body).parameters))
    )


def _all_together(
    crowd: list[Play],
    one: Callable[[Play], Played],
    keep: Callable[[Played], None],
    manners: Manners,
) -> None:
    """Start every scenario in a thread as soon as manners allow, and keep what comes back."""
    waiting = deque(crowd)
    finished: queue.SimpleQueue[Played] = queue.SimpleQueue()
    flying = 0
    while waiting or flying:
        if waiting and manners.enough:
            while waiting:
                keep(_not_played(waiting.popleft(), _stopped(manners)))
            continue
        pause = manners.pause() if waiting else None
        if pause == 0:
            play = waiting.popleft()
            # Daemons: after Ctrl-C nobody waits for scenarios that sleep.
            threading.Thread(
                target=lambda play=play: finished.put(one(play)), name=play.id, daemon=True
            ).start()
            flying += 1
            continue
        with contextlib.suppress(queue.Empty):
            keep(finished.get(timeout=pause))
            flying -= 1


def _stopped(manners: Manners) -> Judgement:
    return Judgement("", Verdict.INCONCLUSIVE, manners.enough, blame="target")


def _not_played(play: Play, outcome: Judgement) -> Played:
    """A scenario that was left out, with the reason for each of its requirements."""
    judgements = [replace(outcome, requirement=one) for one in play.mark.requirements]
    return Played(play, judgements, 0.0, ended=outcome.message)


def stopwatch() -> Callable[[], float]:
    """Seconds since now."""
    return WallClock().now
