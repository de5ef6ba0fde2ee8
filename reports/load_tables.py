"""The tables of a load run: thresholds, violations, sign-ins, faults, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from reports.chart_scale import told
from reports.load_facts import (
    counts,
    figure,
    items,
    member,
    milliseconds,
    part,
    said,
    setting,
    share,
    text,
    word,
)
from reports.report import counted

Document: TypeAlias = Mapping[str, Any]
MOST_VIOLATIONS, MOST_STEPS, MOST_ROWS = 25, 40, 60
"""What is shown of long lists; the rest is counted."""
_HELD = {
    True: ("pass", "✓", "held"),
    False: ("fail", "✗", "BROKEN"),
    None: ("inconclusive", "?", "not measured"),
}
_TIMES = (
    ("approval_to_token_ms", "approval to token"),
    ("still_waiting_ms", "approved, still waiting at the end"),
    ("lag_ms", "polls left late"),
    ("held_ms", "held back by the ceiling on requests"),
    ("response_ms", "answer to a poll"),
)


def thresholds(document: Document) -> Iterator[str]:
    """Every threshold beside what was measured."""
    found = items(document, "thresholds")
    if not found:
        return
    yield "<section><h2>Thresholds</h2><table class=rules><thead><tr>"
    yield "<th scope=col>Result<th scope=col>Threshold<th scope=col class=short>Measured"
    yield "</tr></thead><tbody>"
    for one in found[:MOST_ROWS]:
        held = member(one, "held")
        kind, mark, says = _HELD[held if isinstance(held, bool) else None]
        wanted = word(one, "text") or " ".join(
            filter(None, (word(one, "metric"), word(one, "relation"), word(one, "limit")))
        )
        yield (
            f'<tr class="{kind}"><td class=verdict><span class="mark {kind}">'
            f"<span aria-hidden=true>{mark}</span> {says}</span><td><code>{said(wanted)}</code>"
            f"<td class=short>{_measured(one)}</tr>"
        )
    yield from _rest(len(found) - MOST_ROWS, 3)
    yield "</tbody></table></section>"


def _measured(threshold: object) -> str:
    value = figure(threshold, "measured")
    in_time = "_ms" in word(threshold, "metric") or "_ms" in word(threshold, "text")
    if value is None:
        return "–"
    return f"{told(value)} ms" if in_time else told(value)


def _rest(number: int, columns: int) -> Iterator[str]:
    if number > 0:
        yield f"<tr><td colspan={columns}>and {number} more</tr>"


def violations(document: Document) -> Iterator[str]:
    """What the target must not do: each violation as a story, and all messages with counts."""
    found = items(document, "violations")
    if found:
        yield "<section><h2>Violations</h2>"
        for one in found[:MOST_VIOLATIONS]:
            yield from _violation(one)
        if len(found) > MOST_VIOLATIONS:
            yield f"<p>{counted(len(found) - MOST_VIOLATIONS, 'more violation')} of this run "
            yield "stand in its JSON document.</p>"
        yield "</section>"
    for name, title, says in (
        ("unexpected", "Unexpected answers", "What no target may say, by message."),
        ("harness_errors", "Errors of the harness", "Not the target's fault: please report them."),
        ("tolerated", "Arguable", "Odd, but lawful or tolerated."),
    ):
        rows = counts(document, name)
        if rows:
            yield f"<section><h2>{title}</h2><p class=says>{says}</p>"
            yield from _counted("", ("Message", "Times"), rows)
            yield "</section>"


def _violation(one: object) -> Iterator[str]:
    requirement = word(one, "requirement") or "requirement not named"
    yield f"<article class=bad><h3><span class='mark fail'>✗</span> {said(requirement)}</h3>"
    yield f"<p>{said(word(one, 'says') or 'Nothing was said about it.')}</p>"
    steps: Sequence[object] = items(one, "timeline")
    if steps:
        half = MOST_STEPS // 2
        left_out = len(steps) - MOST_STEPS
        shown = [said(step, 200) for step in steps[:MOST_STEPS]]
        if left_out > 0:
            shown = [said(step, 200) for step in (*steps[:half], *steps[-half:])]
            shown.insert(half, f"… {counted(left_out, 'step')} left out")
        yield "<p class=note>Seconds since the code was issued:</p><ol class=steps>"
        yield "".join(f"<li>{step}" for step in shown) + "</ol>"
    yield "</article>"


def sign_ins(document: Document) -> Iterator[str]:
    """How flows ended, what those under way waited for, what was answered, how long it took."""
    yield "<section><h2>Sign-ins and polls</h2><div class=side>"
    flows = counts(document, "flows")
    begun = figure(document, "flows", "begun")
    yield from _counted("How sign-ins ended", ("Sign-ins", "Number"), flows, begun)
    unfinished = counts(document, "unfinished")
    yield from _counted(
        "Under way when the run ended", ("Waiting for", "Number"), unfinished, begun
    )
    answers = counts(document, "polls", "by_answer")
    total = figure(document, "polls", "total") or sum(count for _, count in answers)
    yield from _counted("Answers to polls", ("Answer", "Polls"), answers, total)
    yield "</div>"
    yield from _facts(
        ("Polls per sign-in", _spread(document)),
        ("Wasted polls", _with_share(document, "polls", "wasted")),
        ("Unfinished", _share_only(document, "unfinished_share")),
        ("Codes issued", _plain(document, "codes", "issued")),
        ("Codes pending at the end", _plain(document, "codes", "pending_at_end")),
        ("Intervals announced", _intervals(document)),
    )
    yield from _times(document)
    yield "</section>"


def _spread(document: Document) -> str:
    names = ("least", "p50", "p95", "most")
    values = [(name, figure(document, "polls", "per_sign_in", name)) for name in names]
    return ", ".join(f"{name} {told(value)}" for name, value in values if value is not None)


def _with_share(document: Document, *path: str) -> str:
    told_share = _share_only(document, *path[:-1], f"{path[-1]}_share")
    number = _plain(document, *path)
    return f"{number} ({told_share})" if number and told_share else number


def _share_only(document: Document, *path: str) -> str:
    return share(figure(document, *path), 1.0)


def _plain(document: Document, *path: str) -> str:
    value = figure(document, *path)
    return "" if value is None else told(value)


def _intervals(document: Document) -> str:
    found = counts(document, "polls", "intervals")[:MOST_ROWS]
    return ", ".join(f"{seconds} s ({told(count)} codes)" for seconds, count in found)


def _times(document: Document) -> Iterator[str]:
    rows = [(title, part(document, name)) for name, title in _TIMES]
    rows = [(title, found) for title, found in rows if figure(found, "count")]
    if not rows:
        return
    heads = ("least", "p50", "p90", "p95", "p99", "most")
    yield "<div class=scroll tabindex=0 role=region aria-label='times'><table class=numbers>"
    yield "<caption>Times, exact and never rounded to classes</caption><thead><tr><th scope=col>"
    yield "What<th scope=col>count" + "".join(f"<th scope=col>{head}" for head in heads)
    yield "</tr></thead><tbody>"
    for title, found in rows:
        cells = "".join(f"<td class=short>{_cell(figure(found, head))}" for head in heads)
        yield f"<tr><th scope=row>{title}<td>{told(figure(found, 'count'))}{cells}</tr>"
    yield "</tbody></table></div>"


def _cell(value: float | None) -> str:
    return "–" if value is None else milliseconds(value)


def faults(document: Document) -> Iterator[str]:
    """What the network did, what the target refused, and what we put in between on purpose."""
    network, injected = counts(document, "network"), counts(document, "injected")
    busy = _with_share(document, "busy")
    lost = _share_only(document, "network_share")
    requests, guesses = _plain(document, "requests"), counts(document, "guesses")
    yield "<section><h2>Network and faults</h2>"
    if not (network or injected or figure(document, "busy")):
        known = {"network", "injected", "busy"} & set(document)
        says = "Nothing went wrong, and no faults were injected." if known else "Not written down."
        yield f"<p class=says>{says}</p>"
    yield from _facts(
        ("Requests in all", requests),
        ("Said to be busy (429, 503)", busy),
        ("Lost to the network", lost),
    )
    yield "<div class=side>"
    yield from _counted("What the network did", ("What", "Times"), network)
    yield from _counted("Injected by us, between us and the target", ("Fault", "Times"), injected)
    yield from _counted("Guessed codes, and what became of them", ("Outcome", "Times"), guesses)
    yield "</div></section>"


def run(document: Document) -> Iterator[str]:
    """Settings, versions, machine, and which run this is."""
    yield "<section><h2>The run</h2>"
    if not document:
        yield "<p class=says>Not written down.</p>"
    yield from _facts(("Run", word(document, "run")), ("Format", word(document, "schema")))
    yield "<div class=side>"
    for name, title in (
        ("settings", "Settings"),
        ("plan", "Plan"),
        ("versions", "Versions"),
        ("machine", "Machine"),
        ("generator", "Load generator"),
        ("server", "Server"),
    ):
        found = part(document, name)
        if found:
            yield f"<div><h3>{title}</h3>"
            pairs = [(text(key).replace("_", " "), setting(key, one)) for key, one in found.items()]
            yield from _facts(*pairs[:MOST_ROWS])
            yield "</div>"
    yield "</div></section>"


def _facts(*pairs: tuple[str, str]) -> Iterator[str]:
    known = [(name, value) for name, value in pairs if value]
    if known:
        yield "<dl>"
        yield "".join(f"<dt>{said(name, 60)}<dd>{said(value)}" for name, value in known)
        yield "</dl>"


def _counted(
    caption: str,
    heads: tuple[str, str],
    rows: Sequence[tuple[str, float]],
    total: float | None = None,
) -> Iterator[str]:
    """Names and how often, with shares of a total if there is one."""
    if not rows:
        return
    yield "<table class=rules>" + (f"<caption>{caption}</caption>" if caption else "")
    yield f"<thead><tr><th scope=col>{heads[0]}<th scope=col class=short>{heads[1]}"
    yield f"{'<th scope=col class=short>Share' if total else ''}</tr></thead><tbody>"
    for name, count in rows[:MOST_ROWS]:
        part_of = f"<td class=short>{share(count, total)}" if total else ""
        yield f"<tr><td>{said(name, 300)}<td class=short>{told(count)}{part_of}</tr>"
    yield from _rest(len(rows) - MOST_ROWS, 3 if total else 2)
    yield "</tbody></table>"
