"""`devicegrant plan`: what a check would cost, before it is run.

The figures are measured: every scenario is played against the embedded server, in virtual time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from harness.runners import engine
from harness.runners.check_command import Check, Run, prepare
from harness.runners.engine import Play
from harness.runners.manners import FIRST_REQUESTS, UNLIMITED, manners_for
from harness.runners.stage import Stage, Venue
from harness.runners.venues import embedded
from harness.verdict import NotApplicable
from reports.clean import clean
from reports.lines import BLANK, Line, cut, line, paragraph
from reports.report import counted, duration
from reports.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Cost:
    """What one scenario takes; `obstacle` is why it will not be played, or not to its end."""

    play: Play
    requests: int
    seconds: float
    acts: int
    obstacle: str = ""


def show_plan(target: str | None, *, stream: TextIO | None = None, **options: Any) -> int:
    """Print the plan of a check with the same options; returns the exit code.

    Raises `TargetError` as `check` does.
    """
    check = Check(target=target, **options)
    terminal = Terminal(stream, plain=check.plain)
    run = prepare(check, terminal)
    terminal.opening(run.opening())
    terminal.print(_lines(costs_of(run), run, terminal.width))
    return 0


def costs_of(run: Run) -> list[Cost]:
    """What each scenario of a run takes, measured on the embedded server."""
    reference = embedded(seed=1)
    manners = manners_for(run.target, rate=run.check.rate, intrusive=run.check.intrusive)
    return [
        _cost(play, reference, run, manners.refusal(play) or _missing(play, run.venue))
        for play in run.chosen
    ]


def _cost(play: Play, reference: Venue, run: Run, obstacle: str) -> Cost:
    if obstacle:
        return Cost(play, 0, 0.0, 0, obstacle)
    played = engine.perform(play, reference)
    requests = len(played.transcript.exchanges)
    acts = len(played.transcript.decisions)
    patience = run.check.patience
    if not run.target.virtual and played.seconds > patience:
        obstacle = f"about {duration(played.seconds)}, more than --patience {patience:g}"
    return Cost(play, requests, played.seconds, acts, obstacle)


def _missing(play: Play, venue: Venue) -> str:
    """Why the target cannot stage a scenario; nothing is sent."""
    world = venue.world()
    try:
        if play.mark.virtual_only and not world.clock.virtual:
            return "plays in virtual time only"
        Stage(world).cast(play.body)
    except NotApplicable as problem:
        return problem.needs
    finally:
        world.close()
    return ""


def _lines(costs: list[Cost], run: Run, width: int) -> Iterator[Line]:
    played = [cost for cost in costs if not cost.obstacle]
    room = max(30, width - 36)
    yield line((f"{'requests':>8} {'time':>9} {'human acts':>11}  scenario", "dim"))
    for cost in played:
        alone = " (alone)" if cost.play.mark.alone else ""
        figures = f"{cost.requests:8} {duration(cost.seconds):>9} {cost.acts:11}  "
        yield line(figures, cut(clean(cost.play.title), room - len(alone)), (alone, "dim"))
    yield BLANK
    reasons: dict[str, int] = {}
    for cost in costs:
        if cost.obstacle:
            reasons[cost.obstacle] = reasons.get(cost.obstacle, 0) + 1
    if reasons:
        yield line(("not played, or not to the end", "bold"))
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            yield from paragraph(clean(reason), width, lead=(f"{count:5}  ", "bold"))
        yield BLANK
    yield from paragraph(_total(played, run), width, style="bold")


def _total(played: list[Cost], run: Run) -> str:
    requests, acts = sum(c.requests for c in played), sum(c.acts for c in played)
    told = f"{counted(len(played), 'scenario')}, about {counted(requests, 'request')}"
    who = {"hand": "by you", "none": "by nobody"}.get(run.target.consent, "simulated")
    told += f", {counted(acts, 'decision')} {who}"
    if run.target.virtual:
        return f"{told}; in virtual time a matter of seconds"
    crowd = [cost.seconds for cost in played if not cost.play.mark.alone]
    alone = sum(cost.seconds for cost in played if cost.play.mark.alone)
    rate = manners_for(run.target, rate=run.check.rate, intrusive=True).rate
    start = 0.0 if rate == UNLIMITED else len(crowd) * FIRST_REQUESTS / rate
    wall = start + max(crowd, default=0.0) + alone
    return f"{told}; about {duration(wall)}, if codes live and are polled as on the embedded server"
