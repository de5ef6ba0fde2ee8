"""Recordings: transcripts as redacted JSON lines, one event a line, and back.

The laws of this file: nothing is written unredacted; what is read back equals what was written,
byte for byte; whatever is wrong with a line is a `RecordingError` that names the line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.redaction import Redactor
from harness.sightings import bytes_of, text_of
from harness.target import Target
from harness.transcript import Decision, Door, Event, Exchange, Manner, Transcript
from harness.wire import NoAnswer, Reason, Request, Response

SCHEMA = "devicegrant/transcript/1"

BLIND = frozenset({"RFC8628-5.2-independent", "RFC8628-3.2-verification_uri-short"})
"""Standing checks that look into secret values, or at their length: a recording cannot tell."""


class RecordingError(Exception):
    """A recording cannot be read; the message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of a recording: what was judged, as far as a judge needs to know it."""

    name: str
    issuer: str | None
    device_authorization_endpoint: str
    token_endpoint: str
    virtual: bool
    scope: str = ""
    tool: str = ""
    started: str = ""

    def target(self) -> Target:
        """A target to judge against; it has no clients, because nothing is sent to it."""
        return Target(
            name=self.name,
            issuer=self.issuer,
            device_authorization_endpoint=self.device_authorization_endpoint,
            token_endpoint=self.token_endpoint,
            clients={},
            scope=self.scope,
            virtual=self.virtual,
        )


def heading_line(target: Target, *, tool: str, started: str) -> str:
    """The first line of a recording of `target`."""
    heading = {
        "event": "run",
        "schema": SCHEMA,
        "tool": tool,
        "started": started,
        "name": target.name,
        "issuer": target.issuer,
        "device_authorization_endpoint": target.device_authorization_endpoint,
        "token_endpoint": target.token_endpoint,
        "virtual": target.virtual,
        "scope": target.scope,
    }
    return json.dumps(heading)


def to_lines(transcript: Transcript, redactor: Redactor, scenario: str) -> Iterator[str]:
    """One line, without its line break, for every event of the transcript."""
    return redacted_lines(redactor.transcript(transcript), scenario)


def redacted_lines(redacted: Transcript, scenario: str) -> Iterator[str]:
    """The same for a transcript that is free of secrets already."""
    for event in redacted.events:
        yield json.dumps({"event": _kind(event), "scenario": scenario, **_members(event)})


def from_lines(lines: Iterable[str]) -> dict[str, Transcript]:
    """The transcripts by scenario.  Raises `RecordingError`."""
    found: dict[str, Transcript] = {}
    for number, tree in _trees(lines):
        if tree.get("event") == "run":
            continue
        line = _convert(tree, _AnyLine, number)
        transcript = found.setdefault(line.scenario, Transcript())
        if line.number != len(transcript.events):
            raise RecordingError(
                f"line {number}: event {line.number} of {line.scenario} comes out of order, "
                f"{len(transcript.events)} was expected"
            )
        transcript.events.append(line.event())
    return found


def heading_of(lines: Iterable[str]) -> Heading | None:
    """The heading, if the recording has one.  Raises `RecordingError`."""
    for number, tree in _trees(lines):
        if tree.get("event") != "run":
            return None
        schema = tree.get("schema")
        if schema != SCHEMA:
            raise RecordingError(
                f"line {number}: schema is {schema!r}, only {SCHEMA} is understood"
            )
        wanted = {name: tree[name] for name in Heading.__dataclass_fields__ if name in tree}
        heading: Heading = _convert(wanted, Heading, number)
        return heading
    return None


class _Sent(msgspec.Struct):
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: str


class _Got(msgspec.Struct):
    status: int
    headers: list[tuple[str, str]]
    body: str


class _Failed(msgspec.Struct):
    reason: Reason
    detail: str


class _ExchangeLine(msgspec.Struct, tag_field="event", tag="exchange"):
    scenario: str
    number: int
    who: str
    door: Door
    began: float
    ended: float
    after: int
    request: _Sent
    response: _Got | None = None
    failure: _Failed | None = None
    manner: Manner = "lawful"
    note: str = ""

    def event(self) -> Exchange:
        sent, got, failed = self.request, self.response, self.failure
        return Exchange(
            number=self.number,
            who=self.who,
            door=self.door,
            request=Request(sent.method, sent.url, tuple(sent.headers), bytes_of(sent.body)),
            response=None
            if got is None
            else Response(got.status, tuple(got.headers), bytes_of(got.body)),
            failure=None if failed is None else NoAnswer(failed.reason, failed.detail),
            began=self.began,
            ended=self.ended,
            after=self.after,
            manner=self.manner,
            note=self.note,
        )


class _DecisionLine(msgspec.Struct, tag_field="event", tag="decision"):
    scenario: str
    number: int
    who: str
    user_code: str
    approved: bool
    done: bool | None
    began: float
    ended: float
    after: int

    def event(self) -> Decision:
        return Decision(
            number=self.number,
            who=self.who,
            user_code=self.user_code,
            approved=self.approved,
            done=self.done,
            began=self.began,
            ended=self.ended,
            after=self.after,
        )


_AnyLine = _ExchangeLine | _DecisionLine


def _kind(event: Event) -> str:
    return "exchange" if isinstance(event, Exchange) else "decision"


def _members(event: Event) -> dict[str, Any]:
    common = {
        "number": event.number,
        "who": event.who,
        "began": event.began,
        "ended": event.ended,
        "after": event.after,
    }
    if isinstance(event, Decision):
        return common | {
            "user_code": event.user_code,
            "approved": event.approved,
            "done": event.done,
        }
    request, response, failure = event.request, event.response, event.failure
    return common | {
        "door": event.door,
        "manner": event.manner,
        "note": event.note,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": request.headers,
            "body": text_of(request.body),
        },
        "response": response
        and {
            "status": response.status,
            "headers": response.headers,
            "body": text_of(response.body),
        },
        "failure": failure and {"reason": failure.reason, "detail": failure.detail},
    }


def _trees(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            tree = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise RecordingError(f"line {number}: no valid JSON ({problem})") from None
        if not isinstance(tree, dict):
            raise RecordingError(f"line {number}: no JSON object")
        yield number, tree


def _convert(tree: dict[str, Any], kind: Any, number: int) -> Any:
    try:
        found = msgspec.convert(tree, kind)
    except (msgspec.ValidationError, UnicodeError) as problem:
        raise RecordingError(f"line {number}: {problem}") from None
    if isinstance(found, _ExchangeLine) and (found.response is None) == (found.failure is None):
        raise RecordingError(f"line {number}: an exchange has either a response or a failure")
    return found
