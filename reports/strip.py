"""The poll strip: one device_code's life on one line, in seconds since it was issued."""

from __future__ import annotations

from dataclasses import dataclass

from harness.transcript import Decision, Event, Exchange, Transcript
from harness.wire import Answer
from reports.clean import clean

_WORDS = {
    Answer.PENDING: "pending",
    Answer.DENIED: "denied",
    Answer.EXPIRED: "expired",
    Answer.GARBLED: "no OAuth answer",
}
SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a code; `at` is seconds since it was issued."""

    at: float
    word: str
    number: int


def strip(transcript: Transcript, code: str | None = None, *, most: int = 14) -> str:
    """The strip of `code`, or of the first code that was polled; "" if there is none.

    Long runs of the same word are folded, so that at most about `most` steps remain.
    """
    steps = steps_of(transcript, code)
    if len(steps) > most:
        return SEPARATOR.join(_folded(steps))
    return SEPARATOR.join(map(_told, steps))


def steps_of(transcript: Transcript, code: str | None = None) -> list[Step]:
    """Everything that happened to one code, in order."""
    code = code or first_code(transcript)
    issued = issue_of(transcript, code)
    if code is None or issued is None:
        return []
    body = (issued.response.json() if issued.response else None) or {}
    owner, user_code = issued.who, body.get("user_code")
    steps = [Step(0.0, "code", issued.number)]
    for event in transcript.events:
        word = _word(event, code, user_code, owner)
        if word:
            steps.append(Step(event.began - issued.ended, word, event.number))
    return steps


def first_code(transcript: Transcript) -> str | None:
    """The first device_code that was issued and polled; else the first that was issued."""
    issued = []
    for exchange in transcript.at("device_authorization"):
        code = ((exchange.response and exchange.response.json()) or {}).get("device_code")
        if isinstance(code, str) and code:
            issued.append(code)
    polled = {e.request.field("device_code") for e in transcript.exchanges if e.door == "token"}
    return next((code for code in issued if code in polled), issued[0] if issued else None)


def issue_of(transcript: Transcript, code: str | None) -> Exchange | None:
    """The exchange in which `code` was issued."""
    for exchange in transcript.at("device_authorization"):
        body = (exchange.response.json() if exchange.response else None) or {}
        if code is not None and body.get("device_code") == code:
            return exchange
    return None


def answer_word(exchange: Exchange) -> str:
    """What came back to a poll, in one short word."""
    if exchange.failure is not None:
        return f"no response ({exchange.failure.reason})"
    answer = exchange.answer
    if answer is None:
        return "no response"
    if answer in {Answer.BUSY, Answer.BROKEN}:
        return str(exchange.status)
    if answer is Answer.OTHER and exchange.response is not None:
        return clean(exchange.response.error or "?", 30)
    return _WORDS.get(answer) or str(answer.value)


def _word(event: Event, code: str, user_code: object, owner: str) -> str:
    if isinstance(event, Decision):
        if event.user_code != user_code:
            return ""
        word = "approved" if event.approved else "denied by the user"
        return word + {True: "", False: " (refused)", None: " (unclear)"}[event.done]
    if event.door != "token" or event.request.field("device_code") != code:
        return ""
    word = answer_word(event)
    if event.manner != "lawful":
        word += f" ({event.manner})"
    return word if event.who == owner else f"{word} ({clean(event.who, 20)})"


def _told(step: Step) -> str:
    return f"{step.at:.1f} {step.word}"


def _folded(steps: list[Step]) -> list[str]:
    """The steps with runs of one word shown by their first and last, and a count between."""
    told: list[str] = []
    run: list[Step] = []
    for step in [*steps, None]:
        if run and (step is None or step.word != run[0].word):
            told.append(_told(run[0]))
            if len(run) > 2:
                told.append(f"… {len(run) - 2} more …")
            if len(run) > 1:
                told.append(_told(run[-1]))
            run = []
        if step is not None:
            run.append(step)
    return told
