"""The part of a transcript that explains a failure; times are relative to the issue of the code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.transcript import Decision, Event, Exchange, Transcript
from harness.wire import FORM, Response
from reports.clean import clean
from reports.strip import answer_word, first_code, issue_of

AROUND = 2
"""Events shown before a decisive one."""
MOST = 16
"""Events shown at most."""
_DOORS = {
    "token": "polls",
    "userinfo": "reads its profile",
    "resource": "reads the resource",
    "metadata": "asks for metadata",
    "jwks": "asks for keys",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an excerpt; `at` is None for a fold, `seconds` else; `who` may be ""."""

    at: float | None
    who: str
    did: str
    heard: str = ""
    is_decisive: bool = False
    more: tuple[str, ...] = ()


def excerpt(transcript: Transcript, evidence: Sequence[int]) -> list[Entry]:
    """The events that matter for `evidence`, the rest folded into counts."""
    events = transcript.events
    proof = sorted({number for number in evidence if 0 <= number < len(events)})[-5:]
    zero = _zero(transcript, proof)
    shown = _chosen(events, proof)
    entries: list[Entry] = []
    skipped: list[Event] = []
    for event in events[: (max(proof) if proof else len(events) - 1) + 1]:
        if event.number not in shown:
            skipped.append(event)
            continue
        entries += _fold(skipped)
        skipped = []
        is_last = bool(proof) and event.number == proof[-1]
        entries.append(_entry(event, zero, is_decisive=event.number in proof, in_full=is_last))
    return entries + _fold(skipped)


def _zero(transcript: Transcript, proof: Sequence[int]) -> float:
    """The moment on the transcript's clock at which the code in question was received."""
    code = None
    for number in reversed(proof):
        event = transcript.events[number]
        if isinstance(event, Exchange) and event.door == "token":
            code = event.request.field("device_code")
            break
    issued = issue_of(transcript, code) or issue_of(transcript, first_code(transcript))
    return issued.ended if issued else 0.0


def _chosen(events: Sequence[Event], proof: Sequence[int]) -> set[int]:
    chosen = set(proof)
    for number in proof:
        chosen |= set(range(max(0, number - AROUND), number))
    # The end is what a reader needs if there is no proof.
    last = max(proof) if proof else len(events) - 1
    begun = [e.number for e in events if isinstance(e, Exchange) and _issues(e) and e.number < last]
    decided = [e.number for e in events if isinstance(e, Decision) and e.number < last]
    telling = [*begun[:2], *decided, *reversed(_turns(events[:last]))]
    for number in telling if proof else [*telling, *range(last, -1, -1)]:
        if len(chosen) >= MOST:
            break
        chosen.add(number)
    return chosen


def _turns(events: Sequence[Event]) -> list[int]:
    """The polls that were answered otherwise than the poll before with the same code."""
    turns: list[int] = []
    heard: dict[str | None, str] = {}
    for event in events:
        if isinstance(event, Exchange) and event.door == "token":
            code, word = event.request.field("device_code"), answer_word(event)
            if heard.get(code) != word:
                turns.append(event.number)
            heard[code] = word
    return turns


def _issues(exchange: Exchange) -> bool:
    return exchange.door == "device_authorization"


def _fold(skipped: Sequence[Event]) -> list[Entry]:
    if not skipped:
        return []
    counts: dict[str, int] = {}
    for event in skipped:
        counts[_in_brief(event)] = counts.get(_in_brief(event), 0) + 1
    told = ", ".join(f"{count} × {what}" if count > 1 else what for what, count in counts.items())
    return [Entry(None, "", f"… {told}")]


def _in_brief(event: Event) -> str:
    if isinstance(event, Decision):
        return "decision"
    if event.door == "token":
        return f"poll: {answer_word(event)}"
    names = {"page": "page", "device_authorization": "request for codes"}
    return names.get(event.door, f"{event.door} request")


def _entry(event: Event, zero: float, *, is_decisive: bool, in_full: bool) -> Entry:
    who = clean(event.who, 20)
    if isinstance(event, Decision):
        did = "approves" if event.approved else "denies"
        told = {True: "accepted", False: "not accepted", None: "unknown what came of it"}
        return Entry(event.began - zero, who, did, told[event.done], is_decisive)
    more = tuple(_in_full(event)) if in_full else ()
    return Entry(event.began - zero, who, _did(event), _heard(event), is_decisive, more)


def _did(exchange: Exchange) -> str:
    note = f" ({clean(exchange.note, 50)})" if exchange.note else ""
    if exchange.manner == "hostile" and not note:
        note = " (odd on purpose)"
    if exchange.door == "device_authorization":
        return f"asks for codes{note}"
    if exchange.door == "page":
        verb = "opens" if exchange.request.method == "GET" else "sends"
        return f"{verb} {clean(exchange.request.path, 40)}{note}"
    grant = exchange.request.field("grant_type") or ""
    if exchange.door == "token" and grant and "device_code" not in grant:
        return f"asks for a token with {clean(grant, 30)}{note}"
    return f"{_DOORS.get(exchange.door, exchange.door)}{note}"


def _heard(exchange: Exchange) -> str:
    response = exchange.response
    if response is None:
        return answer_word(exchange)
    if exchange.door == "token":
        return f"{response.status} {answer_word(exchange)}"
    body = response.json() or {}
    if exchange.door == "device_authorization" and "device_code" in body:
        times = [
            f"{name} {body[name]!r:.12}" for name in ("expires_in", "interval") if name in body
        ]
        return clean(f"{response.status} {', '.join(times)}")
    if response.error is not None:
        return f"{response.status} {clean(response.error, 40)}"
    location = response.header("location")
    if location and 300 <= response.status < 400:
        return f"{response.status} to {clean(location.partition('?')[0], 40)}"
    return str(response.status)


def _in_full(exchange: Exchange) -> Iterator[str]:
    """The request and the response of the decisive exchange, shortened."""
    request, response = exchange.request, exchange.response
    yield clean(f"{request.method} {request.url}", 300)
    for name, value in request.headers:
        if name.lower() not in {"content-type", "accept", "user-agent"}:
            yield clean(f"{name}: {value}", 200)
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if kind == FORM and request.fields:
        yield clean("  ".join(f"{name}={value}" for name, value in request.fields), 400)
    elif request.body:
        yield clean(f"{kind or 'no content-type'}: {request.body.decode('utf-8', 'replace')}", 400)
    if response is None:
        yield f"no response: {clean(str(exchange.failure), 200)}"
        return
    told = [
        ("content-type", ""),
        ("cache-control", "cache-control: "),
        ("retry-after", "retry-after: "),
    ]
    told += [("www-authenticate", "www-authenticate: "), ("location", "location: ")]
    headers = [f"{say}{value}" for name, say in told for value in response.all_headers(name)]
    yield clean(f"{response.status}  {'  '.join(headers)}", 300)
    if response.body:
        yield clean(_body(response), 600 if response.json() is not None else 200)


def _body(response: Response) -> str:
    """A body to be read: JSON with spaces, at which a line can be wrapped."""
    tree = response.json()
    if tree is None or response.repeated_members():
        return response.text
    return json.dumps(tree, ensure_ascii=False)
