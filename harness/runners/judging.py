"""From scenarios that were played to results: redacted, merged, and complete.

Both runners, the command line and pytest, come to their verdicts through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from harness.redaction import Redactor
from harness.requirements import Requirement
from harness.results import (
    SCHEMA,
    Results,
    ScenarioResult,
    TargetInfo,
    Tool,
    exit_code,
    merge,
    summarise,
)
from harness.runners.engine import Play, Played
from harness.runners.version import NAME, version
from harness.target import Target
from harness.transcript import Transcript
from harness.verdict import Judgement, Verdict, worst

INTERRUPTED = "interrupted before its scenario had ended"


@dataclass(slots=True)
class Redacted:
    """Played scenarios without secrets; one redactor for each, so that names stay the same."""

    target: Target
    _redactors: dict[str, Redactor] = field(default_factory=dict)
    _transcripts: dict[str, Transcript] = field(default_factory=dict)
    _settings: Redactor = field(init=False)

    def __post_init__(self) -> None:
        self._settings = Redactor(self.target.secrets)

    def redactor(self, played: Played) -> Redactor:
        """The redactor that knows every secret of one scenario."""
        found = self._redactors.get(played.play.id)
        if found is None:
            found = Redactor(self.target.secrets).see_all(played.transcript)
            self._redactors[played.play.id] = found
        return found

    def judgement(self, played: Played, judgement: Judgement) -> Judgement:
        """A judgement whose texts have no secrets."""
        if not (judgement.message or judgement.received or judgement.expected):
            return judgement
        # What does not apply is said in words of the settings; learning a scenario costs time.
        told = judgement.verdict is not Verdict.NOT_APPLICABLE
        text = (self.redactor(played) if told else self._settings).text
        return replace(
            judgement,
            message=text(judgement.message),
            expected=text(judgement.expected),
            received=text(judgement.received),
        )

    def transcript(self, played: Played) -> Transcript:
        """A transcript without secrets."""
        found = self._transcripts.get(played.play.id)
        if found is None:
            found = self.redactor(played).transcript(played.transcript)
            self._transcripts[played.play.id] = found
        return found


def results_of(
    all_played: list[Played],
    chosen: Iterable[Play],
    wanted: Mapping[str, Requirement],
    target: Target,
    redacted: Redacted,
    *,
    seed: int | None,
    strict: bool,
    started: float,
    seconds: float,
    known: Mapping[str, str] | None = None,
    warnings: Iterable[str] = (),
    policy: Mapping[str, object] | None = None,
) -> Results:
    """The results of a run; scenarios of `chosen` that were not played were interrupted.

    `started` is seconds since 1970.  `known` takes the place of what the target file admits.
    """
    pairs = [
        (played.play.id, redacted.judgement(played, judgement))
        for played in all_played
        for judgement in played.judgements
        if judgement.requirement in wanted
    ]
    ended = {played.play.id for played in all_played}
    missing = [play for play in chosen if play.id not in ended]
    pairs += [
        (play.id, Judgement(one, Verdict.INCONCLUSIVE, INTERRUPTED))
        for play in missing
        for one in play.mark.requirements
    ]
    admitted = target.known if known is None else known
    requirements = merge(pairs, wanted, known=admitted, strict=strict)
    return Results(
        schema=SCHEMA,
        tool=Tool(NAME, version()),
        target=TargetInfo(target.name, target.issuer, "virtual" if target.virtual else "wall"),
        seed=seed,
        started=datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        exit_code=exit_code(requirements, interrupted=bool(missing)),
        summary=summarise(requirements),
        requirements=requirements,
        scenarios=[scenario_result(played, wanted, redacted) for played in all_played],
        policy=dict(policy or {}),
        warnings=list(warnings),
        interrupted=bool(missing),
    )


def scenario_result(
    played: Played, wanted: Mapping[str, Requirement], redacted: Redacted
) -> ScenarioResult:
    """The outcome of one scenario: the worst of what it says about what is wanted."""
    judged = [one for one in played.judgements if one.requirement in wanted]
    verdict = worst(one.verdict for one in judged)
    message = next((one.message for one in judged if one.verdict is verdict and one.message), "")
    return ScenarioResult(
        id=played.play.id,
        title=played.play.title,
        verdict=verdict.value,
        seconds=round(played.seconds, 3),
        requirements=[one for one in played.play.mark.requirements if one in wanted],
        message=redacted.redactor(played).text(played.ended or message)
        if played.ended or message
        else "",
    )


def deciding(results: Results, *verdicts: str) -> set[str]:
    """The scenarios behind the requirements with one of these verdicts."""
    return {one.decided_by for one in results.requirements if one.verdict in verdicts}
