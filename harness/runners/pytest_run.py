"""Scenarios as pytest items: how they are played, when they start, and what is said about them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest

from harness.requirements import catalogue
from harness.results import RequirementResult, Results
from harness.runners import engine
from harness.runners.choosing import select, wanted_by
from harness.runners.engine import Play, Played
from harness.runners.judging import Redacted, results_of
from harness.runners.manners import Manners, manners_for
from harness.runners.stage import Venue
from harness.runners.venues import Wanted, venue_for
from harness.runners.watching import Watched
from harness.target import TargetError
from harness.verdict import Verdict, worst
from reports.failures import brief_block, failure_block
from reports.report import Report

WIDTH = 100


class ScenarioFailed(Exception):
    """A scenario failed; the text is what people read."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one scenario said, ready to be printed and to be sent through xdist."""

    seconds: float
    verdicts: dict[str, str]
    reason: str
    failure: str
    notices: list[str]

    @property
    def verdict(self) -> str:
        """The worst of all verdicts."""
        return worst(Verdict(one) for one in self.verdicts.values()).value

    def as_data(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {"verdict": self.verdict, "verdicts": self.verdicts, "lines": self.notices}


class ScenarioItem(pytest.Item):
    """One scenario; it needs no fixtures, the engine casts its actors."""

    play: Play
    told: Told | None = None

    @classmethod
    def of(cls, module: pytest.Module, name: str, body: Callable[..., Any]) -> ScenarioItem:
        """The item for a function that `@verifies` marked."""
        item: ScenarioItem = cls.from_parent(module, name=name)
        item.play = engine.play_of(module.path.stem, body)
        mark = item.play.mark
        item.add_marker("scenario")
        for flag in ("alone", "virtual_only"):
            if getattr(mark, flag):
                item.add_marker(flag)
        item.extra_keyword_matches.update(mark.requirements)
        item.user_properties.append(("requirements", " ".join(mark.requirements)))
        return item

    def runtest(self) -> None:
        """Play the scenario, or wait for it, and fail or skip as its verdicts say."""
        run = self.config.stash[RUN]
        self.told = run.tell(run.played(self.play))
        if self.told.failure:
            raise ScenarioFailed(self.told.failure)
        if self.told.verdict in {"inconclusive", "not_applicable"}:
            word = self.told.verdict.replace("_", " ")
            pytest.skip(f"{word}: {self.told.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The same block that `devicegrant check` prints."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Where the scenario stands."""
        return self.path, self.play.body.__code__.co_firstlineno - 1, self.name


class PytestRun:
    """The venue of a session and the scenarios that play there."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.getoption
        word, seed = option("target"), option("seed")
        if seed is None and (word is None or word.startswith("mutant:")):
            seed = secrets.randbelow(1_000_000)
        self.seed: int | None = seed
        wanted = Wanted(
            seed=seed,
            patience=option("patience"),
            client_id=option("client_id"),
            scope=option("scope"),
        )
        venue = venue_for(word, wanted)
        self.target = venue.target
        self.strict = is_strict(config)
        selection = select(
            venue.target, only=option("only"), level=option("level"), profiles=option("profile")
        )
        self.wanted = wanted_by(selection)
        rate = option("rate")
        if not rate > 0:
            raise TargetError(f"--rate must be above 0, it is {rate}")
        self._manners: Manners = manners_for(venue.target, rate=rate, intrusive=option("intrusive"))
        self._venue: Venue = Watched(venue, self._manners)
        self._redacted = Redacted(venue.target)
        self._flying: dict[str, Future[Played]] = {}

    def wants(self, play: Play) -> bool:
        """Whether a scenario is evidence for a requirement in scope."""
        return any(requirement in self.wanted for requirement in play.mark.requirements)

    def start(self, items: Iterable[pytest.Item]) -> None:
        """In real time start all scenarios together, as `check` does."""
        if self.target.virtual:
            return
        chosen = [item.play for item in items if isinstance(item, ScenarioItem)]
        self._flying = {play.id: Future() for play in chosen}

        def done(played: Played) -> None:
            self._flying[played.play.id].set_result(played)

        def fly() -> None:
            try:
                engine.run(chosen, self._venue, virtual=False, done=done, manners=self._manners)
            except BaseException as problem:  # noqa: BLE001 -- else items would wait for ever
                for future in self._flying.values():
                    if not future.done():
                        future.set_exception(problem)

        # A daemon: after -x or Ctrl-C nobody waits for scenarios that sleep.
        threading.Thread(target=fly, name="scenarios", daemon=True).start()

    def played(self, play: Play) -> Played:
        """The scenario after it was played."""
        future = self._flying.get(play.id)
        return future.result() if future else engine.perform(play, self._venue)

    def tell(self, played: Played) -> Told:
        """What one scenario says about the requirements in scope."""
        results = self._results(played)
        bad = [one for one in results.requirements if one.verdict in {"fail", "error"}]
        kept = {played.play.id: self._redacted.transcript(played)} if bad else {}
        report = Report(results, kept)
        shown: dict[tuple[str, int], str] = {}
        blocks = ["\n".join(_block(report, one, shown)) for one in bad]
        warned = [one for one in results.requirements if one.verdict == "warn"]
        notices = ["\n".join(line.text for line in brief_block(report, w, WIDTH)) for w in warned]
        reason = results.scenarios[0].message
        verdicts = {one.id: one.verdict for one in results.requirements}
        return Told(played.seconds, verdicts, reason, "\n\n".join(blocks), notices)

    def _results(self, played: Played) -> Results:
        bad = {Verdict.FAIL, Verdict.WARN}
        failed = {one.requirement for one in played.judgements if one.verdict in bad}
        # Another scenario may show the admitted failure: a stale line is looked for at the end.
        known = {id_: reason for id_, reason in self.target.known.items() if id_ in failed}
        return results_of(
            [played],
            [played.play],
            self.wanted,
            self.target,
            self._redacted,
            known=known,
            seed=self.seed,
            strict=self.strict,
            started=0.0,
            seconds=played.seconds,
        )


RUN = pytest.StashKey[PytestRun]()


def prepared(config: pytest.Config) -> PytestRun:
    """The run of a session, made when first needed; wrong settings end the session."""
    run = config.stash.get(RUN, None)
    if run is None:
        try:
            run = config.stash[RUN] = PytestRun(config)
        except TargetError as problem:
            raise pytest.UsageError(str(problem)) from None
    return run


def is_strict(config: pytest.Config) -> bool:
    """Whether `--strict` was given: pytest's own option, which makes SHOULDs binding, too."""
    return "--strict" in config.invocation_params.args


def stale(config: pytest.Config, verdicts: Mapping[str, list[str]]) -> list[str]:
    """A sentence for every line under [known] that is no longer true."""
    run = config.stash.get(RUN, None)
    known = run.target.known if run is not None else {}
    return [
        f"{id_} is listed under [known] ({known[id_]}) but did not fail: remove that line"
        for id_ in known
        if id_ in verdicts and worst(Verdict(one) for one in verdicts[id_]) is Verdict.PASS
    ]


def undecided(verdicts: Mapping[str, list[str]]) -> list[str]:
    """The binding requirements that were not decided."""
    return [
        id_
        for id_, found in verdicts.items()
        if catalogue()[id_].binding and worst(Verdict(one) for one in found) is Verdict.INCONCLUSIVE
    ]


def summary(
    config: pytest.Config, verdicts: Mapping[str, list[str]], notices: Iterable[str]
) -> Iterator[str]:
    """What is worth knowing beside passed and failed."""
    for notice in dict.fromkeys(notices):
        yield from notice.split("\n")
        yield ""
    counts: dict[str, int] = {}
    for found in verdicts.values():
        word = worst(Verdict(one) for one in found).value.replace("_", " ")
        counts[word] = counts.get(word, 0) + 1
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    yield f"{len(verdicts)} requirements: {told}"
    left = undecided(verdicts)
    if left:
        yield f"undecided MUST: {', '.join(left)}"
    run = config.stash.get(RUN, None)
    if run is not None and run.seed is not None:
        yield f"repeat with --seed {run.seed}"


def _block(
    report: Report, result: RequirementResult, shown: dict[tuple[str, int], str]
) -> Iterator[str]:
    for line in failure_block(report, result, WIDTH, shown):
        yield line.text
