"""Standing checks: pure functions over a transcript, applied to every scenario.

One exchange, many judgements: whatever a scenario is about, each response in its transcript is
held to the rules for responses of that kind.
"""

from __future__ import annotations

from harness.checks import (
    challenges,
    codes,
    errors,
    keys,
    metadata,
    pages,
    polls,
    tokens,
    transport,
)
from harness.target import Target
from harness.transcript import Transcript
from harness.verdict import Judge


def judge(transcript: Transcript, target: Target, judge: Judge) -> None:
    """Apply all standing checks; judgements are collected in `judge`."""
    for check in (codes.check, errors.check, tokens.check, polls.check, pages.check):
        check(transcript, judge)
    for check in (challenges.check, keys.check):
        check(transcript, judge)
    transport.check(transcript, target, judge)
    metadata.check(transcript, target, judge)
