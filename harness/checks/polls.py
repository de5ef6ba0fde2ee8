"""Holds every ordinary poll to the oracle (RFC 8628 section 3.5)."""

from __future__ import annotations

from harness.oracle import Oracle
from harness.transcript import Transcript
from harness.verdict import Judge, describe
from harness.wire import Answer


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every ordinary poll of a transcript by what the past allows."""
    oracle = Oracle(transcript)
    for poll in transcript.at("token"):
        expectation = oracle.allowed(poll)
        if expectation is None or poll.answer in {None, Answer.BUSY}:
            continue
        answer = poll.answer
        assert answer is not None
        if answer in expectation.allowed:
            judge.holds(expectation.requirement, condition=True, evidence=(poll,))
            continue
        if answer in expectation.unclear:
            continue
        requirement = expectation.instead.get(answer, expectation.requirement)
        lawful = " or ".join(sorted(one.value for one in expectation.allowed))
        judge.holds(
            requirement,
            condition=False,
            expected=f"{lawful}, because {expectation.why}",
            received=describe(poll),
            tolerated=answer in expectation.tolerated,
            evidence=(poll,),
        )
