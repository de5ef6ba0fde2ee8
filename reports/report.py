"""What reporters are given: results, redacted transcripts, and the words that all of them share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.results import RequirementResult, Results
from harness.transcript import Exchange, Transcript
from reports.clean import clean

MARKS = {
    "pass": ("✓", "pass", "green"),
    "fail": ("✗", "FAIL", "bold red"),
    "warn": ("!", "warn", "yellow"),
    "inconclusive": ("?", "open", "magenta"),
    "not_applicable": ("-", "n/a", "dim"),
    "known": ("~", "known", "cyan"),
    "error": ("#", "ERROR", "bold red"),
}
"""Mark, word and style of each verdict: a colour never says anything alone."""

BLAMED = {
    "target": "the target's fault",
    "settings": "the settings' fault",
    "network": "the network's fault",
    "person": "nobody could play the person",
    "harness": "devicegrant's fault: please report it",
    "specification": "an open point of the specification",
    "patience": "patience ran out",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One finished run; `transcripts` are redacted, by scenario; `files` are (what, path)."""

    results: Results
    transcripts: Mapping[str, Transcript] = field(default_factory=dict)
    files: Sequence[tuple[str, str]] = ()

    def transcript(self, result: RequirementResult) -> Transcript | None:
        """The transcript that decided a requirement, if it was kept."""
        return self.transcripts.get(result.decided_by)

    def seconds(self, result: RequirementResult) -> float | None:
        """How long the deciding scenario took (seconds on its own clock)."""
        for scenario in self.results.scenarios:
            if scenario.id == result.decided_by:
                return scenario.seconds
        return None

    def title(self, scenario: str) -> str:
        """The sentence that a scenario is."""
        for one in self.results.scenarios:
            if one.id == scenario:
                return clean(one.title)
        return scenario


def decisive(transcript: Transcript | None, evidence: Sequence[int]) -> Exchange | None:
    """The exchange that a failure is about: the last one in evidence."""
    if transcript is None:
        return None
    found = [e for e in transcript.exchanges if e.number in set(evidence)]
    return found[-1] if found else None


def section(source: str) -> str:
    """The section of a source: "§3.5" of "RFC 8628 §3.5 with RFC 6749 §5.2"."""
    found = re.search(r"§[\w.]*\w", source)
    return found[0] if found else ""


def specification(source: str) -> str:
    """The specification of a source, without its section."""
    return re.split(r" with | by |§", source, maxsplit=1)[0].strip(" ,(") or source


def sentence_of(scenario: str) -> str:
    """The name of a scenario's function, read as a sentence."""
    return scenario.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def counted(number: int, noun: str) -> str:
    """A number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
