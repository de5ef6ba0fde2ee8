"""`--find-limit`: one load run after the other, until it is known how many devices are carried.

The laws of this file: a trial counts only with the document that it wrote; what is known stands in
the file after each trial, for a search takes long and may be interrupted.
"""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from harness.runners.load.metrics import number
from harness.runners.load.search import GENERATOR, Outcome, Search
from harness.runners.load.thresholds import said
from harness.runners.outputs import write
from harness.target import TargetError
from reports.clean import clean

SCHEMA = "devicegrant/limit/1"
FINE, UNLAWFUL, SETTINGS, UNDECIDED, BROKEN = range(5)
INTERRUPTED = {130, 143, -2, -15}
"""How a process says that it was told to stop."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run with so many devices: its exit code, what that means here, and why.

    `thresholds` are the entries of its result, `violations` says how often the RFC was violated.
    """

    devices: int
    code: int
    outcome: Outcome
    why: str
    run: str | None = None
    thresholds: tuple[Mapping[str, Any], ...] = ()
    violations: int = 0

    def as_json(self) -> dict[str, Any]:
        """The trial as it stands in the file."""
        return {
            "devices": self.devices,
            "exit_code": self.code,
            "outcome": self.outcome.value,
            "why": self.why,
            "run": self.run,
            "violations": self.violations,
            "thresholds": [dict(one) for one in self.thresholds],
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """What is known: `holds` devices are carried, `breaks` are not, `None` where that is unknown.

    `code` is the exit code: 0 a limit was found or everything held, 1 nothing held or the RFC was
    violated, otherwise what ended the search.
    """

    holds: int | None
    breaks: int | None
    certainty: str
    trials: list[Trial] = field(default_factory=list)
    finished: bool = False

    @property
    def code(self) -> int:
        """The exit code of the whole search."""
        last = self.trials[-1] if self.trials else None
        if last is not None and last.outcome is Outcome.ENDED:
            return UNDECIDED if last.code in INTERRUPTED else last.code
        if any(trial.violations for trial in self.trials):
            return UNLAWFUL
        if not self.finished or last is None or last.outcome is Outcome.UNDECIDED:
            return UNDECIDED
        return UNLAWFUL if self.holds is None else FINE

    def lines(self) -> Iterator[str]:
        """The result for people."""
        yield ""
        holds = "no number of devices is known to hold" if self.holds is None else ""
        breaks = "none is known to break" if self.breaks is None else f"breaks with {self.breaks}"
        yield f"limit   {holds or f'holds with {self.holds} devices'}, {breaks}"
        yield f"        {self.certainty}"
        for why in dict.fromkeys(one.why for one in self.trials if one.outcome is Outcome.BROKE):
            yield f"        broke: {why}"

    def as_json(self, search: Search) -> dict[str, Any]:
        """The result for programs."""
        return {
            "schema": SCHEMA,
            "finished": self.finished,
            "exit_code": self.code,
            "holds": self.holds,
            "breaks": self.breaks,
            "certainty": self.certainty,
            "search": {
                "start": search.start,
                "most": search.most,
                "precision": search.precision,
            },
            "trials": [trial.as_json() for trial in self.trials],
        }


def find_limit(
    run: Callable[[int, Path], int],
    *,
    start: int,
    most: int,
    folder: Path,
    precision: float = 0.1,
    json: Path | None = None,
    say: Callable[[str], None] = print,
) -> Limit:
    """Play trials until the limit is known, and say each in one line.

    `run(devices, file)` plays one trial, writes its result to `file` (in `folder`) and returns its
    exit code.  `json` is written anew after each trial.  Raises `TargetError` for a search that
    cannot begin and for a file that cannot be written.
    """
    search = Search(start, most, precision)
    say(f"looking for the limit between 1 and {most} devices, in at most {search.longest} runs")
    trials: list[Trial] = []
    while (devices := search.devices) is not None:
        file = folder / f"trial-{len(trials) + 1}-{devices}-devices.json"
        trial = _played(run, devices, file)
        trials.append(trial)
        search.tell(trial.outcome, trial.why)
        say(f"trial {len(trials)}: {devices} devices {trial.outcome.value}: {trial.why}")
        if json is not None:
            document = _known(search, trials).as_json(search)
            write(json, [json_module.dumps(document, indent=2), "\n"])
    limit = _known(search, trials)
    for line in limit.lines():
        say(line)
    return limit


def _known(search: Search, trials: list[Trial]) -> Limit:
    over = search.devices is None
    return Limit(search.holds, search.breaks, search.certainty, list(trials), over)


def _played(run: Callable[[int, Path], int], devices: int, file: Path) -> Trial:
    try:
        file.unlink(missing_ok=True)
        code = run(devices, file)
    except TargetError as problem:
        return Trial(devices, SETTINGS, Outcome.ENDED, clean(str(problem), 300))
    except KeyboardInterrupt:
        return Trial(devices, 130, Outcome.ENDED, "interrupted")
    except OSError as problem:
        return Trial(devices, BROKEN, Outcome.ENDED, clean(str(problem), 300))
    document = _document(file)
    if code in {FINE, UNLAWFUL} and (document is None or document.get("exit_code") != code):
        # Python's own exit code after a crash is 1, too.
        why = f"exit code {code}, but no result that says so"
        return Trial(devices, BROKEN, Outcome.ENDED, why)
    return _read(devices, code, document or {})


def _read(devices: int, code: int, document: Mapping[str, Any]) -> Trial:
    thresholds = tuple(one for one in _list(document, "thresholds") if isinstance(one, dict))
    violations = _list(document, "violations")
    verdict = clean(str(document.get("verdict") or ""), 300)
    ended = "interrupted" if code in INTERRUPTED else f"exit code {code}"
    outcome, why = {
        FINE: (Outcome.HELD, _held(thresholds) or verdict),
        UNLAWFUL: (Outcome.BROKE, _broke(thresholds, violations, document) or verdict),
        UNDECIDED: (Outcome.UNDECIDED, _open(thresholds, document, verdict)),
    }.get(code, (Outcome.ENDED, verdict or ended))
    run = document.get("run")
    known = run if isinstance(run, str) else None
    known_code = code if code in range(5) or code in INTERRUPTED else BROKEN
    return Trial(devices, known_code, outcome, why, known, thresholds, len(violations))


def _held(thresholds: tuple[Mapping[str, Any], ...]) -> str:
    return clean(", ".join(said(one) for one in thresholds), 300)


def _broke(
    thresholds: tuple[Mapping[str, Any], ...], violations: list[Any], document: Mapping[str, Any]
) -> str:
    """Everything that broke: the RFC first, for no number of devices excuses that."""
    rules = [one.get("requirement") for one in violations if isinstance(one, dict)]
    parts = [f"{rule} violated" for rule in dict.fromkeys(map(str, rules))]
    parts += [said(one) for one in thresholds if one.get("held") is False]
    unexpected = number(document, "unexpected_total")
    parts += [f"{unexpected:.0f} unexpected answers"] if unexpected else []
    return clean(", ".join(parts), 300)


def _open(
    thresholds: tuple[Mapping[str, Any], ...], document: Mapping[str, Any], verdict: str
) -> str:
    """Why the run decides nothing: mostly because the generator could not do more."""
    if number(document, "polls.total") == 0:
        return "no poll was ever answered"
    unknown = [str(one.get("text")) for one in thresholds if one.get("held") is None]
    if unknown:
        return clean(f"not measured: {', '.join(unknown)}", 300)
    lag, waited = (number(document, f"{name}.p99") or 0 for name in ("lag_ms", "held_ms"))
    if waited > lag:
        return verdict or "--rate was the limit"
    return f"{GENERATOR} ({verdict})" if verdict else GENERATOR


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    found = document.get(key)
    return found if isinstance(found, list) else []


def _document(file: Path) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None
