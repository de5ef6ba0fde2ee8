"""One self-contained page for a run: the verdict first, then every rule with its evidence.

The laws of this file: everything from outside is escaped; the page loads nothing; without scripts,
colours or a mouse it says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from harness.results import RequirementResult
from harness.transcript import Transcript
from reports.clean import clean
from reports.curl import curl_line
from reports.excerpt import Entry, excerpt
from reports.page_style import SCRIPT, STYLE
from reports.policy_card import card
from reports.report import (
    BLAMED,
    MARKS,
    Report,
    counted,
    decisive,
    duration,
    section,
    specification,
)
from reports.strip import strip
from reports.summary import outcome
from reports.timeline import timeline

_ORDER = ("fail", "error", "warn", "inconclusive", "known", "pass", "not_applicable")
_CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def html(report: Report) -> str:
    """The page."""
    results = report.results
    title = f"devicegrant: {_safe(results.target.name)}"
    parts = (_band, _failures, _filters, _tables, _policy, _settings)
    body = "\n".join(line for part in parts for line in part(report))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n<script>{SCRIPT}</script></body></html>\n"
    )


def _band(report: Report) -> Iterator[str]:
    results = report.results
    sentence, _ = outcome(results)
    kind = {0: "pass", 1: "fail", 4: "fail"}.get(results.exit_code, "inconclusive")
    where = f" at <code>{_safe(results.target.issuer)}</code>" if results.target.issuer else ""
    yield f'<header class="{kind}"><h1>{_safe(results.target.name)}</h1>'
    yield f"<p class=outcome>{_safe(sentence)}</p>"
    yield (
        f"<p>{results.tool.name} {_safe(results.tool.version)}{where}, "
        f"<time>{_safe(results.started)}</time></p>"
    )
    yield "<table class=counts><caption>Requirements by level</caption>"
    yield "<thead><tr><th scope=col>Level"
    yield from (f"<th scope=col>{_mark(verdict)}" for verdict in _ORDER)
    yield "</tr></thead><tbody>"
    for level in ("MUST", "SHOULD", "MAY"):
        of_level = [r for r in results.requirements if r.level.split()[0] == level]
        if of_level:
            cells = (sum(r.verdict == verdict for r in of_level) for verdict in _ORDER)
            yield f"<tr><th scope=row>{level}" + "".join(f"<td>{n}" for n in cells) + "</tr>"
    yield "</tbody></table></header>"


def _failures(report: Report) -> Iterator[str]:
    """Links to what needs a look, the binding ones first."""
    found = [r for r in report.results.requirements if r.verdict in {"fail", "error", "warn"}]
    if not found:
        return
    yield "<nav aria-label='what needs a look'><ul>"
    for result in sorted(found, key=lambda r: (_ORDER.index(r.verdict), "MUST" not in r.level)):
        yield (
            f'<li>{_mark(result.verdict)} <a href="#{_safe(result.id)}">{_safe(result.id)}</a> '
            f"{_safe(result.rule)}"
        )
    yield "</ul></nav>"


def _filters(report: Report) -> Iterator[str]:
    present = [v for v in _ORDER if report.results.summary.get(v)]
    yield '<form class="filters"><fieldset><legend>Show</legend>'
    for verdict in present:
        yield (
            f'<label><input type=checkbox name="{verdict}" checked> {_mark(verdict)} '
            f"{report.results.summary[verdict]}</label>"
        )
    yield "</fieldset></form>"


def _tables(report: Report) -> Iterator[str]:
    groups: dict[str, list[RequirementResult]] = {}
    for result in report.results.requirements:
        groups.setdefault(specification(result.source), []).append(result)
    for name in sorted(groups, key=lambda name: (name != "RFC 8628", name)):
        yield f"<section><h2>{_safe(name)}</h2><table class=rules><thead><tr>"
        yield "".join(
            f"<th scope=col>{head}"
            for head in ("Verdict", "Requirement", "Level", "Section", "Time")
        )
        yield "</tr></thead><tbody>"
        for result in groups[name]:
            yield from _row(report, result)
        yield "</tbody></table></section>"


def _row(report: Report, result: RequirementResult) -> Iterator[str]:
    seconds = report.seconds(result)
    opened = " open" if result.verdict in {"fail", "error"} else ""
    yield (
        f'<tr class="{result.verdict}" id="{_safe(result.id)}"><td class=verdict>'
        f"{_mark(result.verdict)}<td><details{opened}><summary>{_safe(result.id)}</summary>"
    )
    yield from _details(report, result)
    took = duration(seconds) if seconds is not None else ""
    yield f"</details><td class=short>{_safe(result.level)}<td>{_safe(section(result.source))}"
    yield f"<td class=short>{took}</tr>"


def _details(report: Report, result: RequirementResult) -> Iterator[str]:
    yield f"<p class=rule>{_safe(result.rule)}</p><dl>"
    for name, value in _facts(report, result):
        yield f"<dt>{name}<dd>{_safe(value)}"
    yield "</dl>"
    transcript = report.transcript(result)
    if transcript is None or not transcript.events or result.verdict in {"pass", "not_applicable"}:
        return
    yield from _evidence(transcript, result)


def _facts(report: Report, result: RequirementResult) -> Iterator[tuple[str, str]]:
    if result.expected:
        yield "Expected", result.expected
        yield "Received", result.received or "nothing"
    elif result.message:
        yield "Found", result.message
    if result.blame:
        yield "Blame", BLAMED.get(result.blame, result.blame)
    yield "Source", result.source
    if result.decided_by:
        yield "Scenario", report.title(result.decided_by)
    if len(result.scenarios) > 1:
        yield "Evidence", f"from {counted(len(result.scenarios), 'scenario')}"


def _evidence(transcript: Transcript, result: RequirementResult) -> Iterator[str]:
    exchange = decisive(transcript, result.evidence)
    code = exchange.request.field("device_code") if exchange and exchange.door == "token" else None
    picture = timeline(transcript, code)
    if picture:
        yield f"<figure>{picture}<figcaption>{_safe(strip(transcript, code))}</figcaption></figure>"
    yield "<table class=wire><caption>Seconds since the code was issued</caption><thead><tr>"
    yield "".join(f"<th scope=col>{head}" for head in ("At", "Who", "Did", "Heard"))
    yield "</tr></thead><tbody>"
    for entry in excerpt(transcript, result.evidence):
        yield from _entry(entry)
    yield "</tbody></table>"
    if exchange is not None:
        yield f"<p>Repeat it:</p><pre>{escape(curl_line(exchange))}</pre>"


def _entry(entry: Entry) -> Iterable[str]:
    if entry.at is None:
        yield f"<tr class=fold><td><td colspan=3>{_safe(entry.did)}</tr>"
        return
    kind = " class=decisive" if entry.is_decisive else ""
    pointer = "<strong>▸</strong> " if entry.is_decisive else ""
    yield (
        f"<tr{kind}><td>{pointer}{entry.at:.1f}<td>{_safe(entry.who)}<td>{_safe(entry.did)}"
        f"<td>{_safe(entry.heard)}</tr>"
    )
    if entry.more:
        more = "\n".join(map(_safe, entry.more))
        yield f"<tr class=fold><td><td colspan=3><pre>{more}</pre></tr>"


def _policy(report: Report) -> Iterator[str]:
    """The card in words, and below it the facts that it was made of."""
    policy = report.results.policy
    if not policy:
        return
    yield "<section><h2>Poll policy, as observed</h2><dl>"
    for name, text in card(policy):
        yield f"<dt>{_safe(name)}<dd>{_safe(text)}"
    yield "</dl><details><summary>All observed facts</summary><dl>"
    for name, value in policy.items():
        yield f"<dt>{_safe(name.replace('_', ' '))}<dd>{_safe(str(value))}"
    yield "</dl></details></section>"


def _settings(report: Report) -> Iterator[str]:
    results = report.results
    yield "<section><h2>The run</h2><dl>"
    facts = [
        ("Clock", results.target.clock),
        ("Seed", "none" if results.seed is None else str(results.seed)),
        ("Duration", duration(results.seconds)),
        ("Scenarios", str(len(results.scenarios))),
        *(("Warning", warning) for warning in results.warnings),
    ]
    for name, value in facts:
        yield f"<dt>{_safe(name.replace('_', ' '))}<dd>{_safe(value)}"
    yield "</dl></section>"


def _mark(verdict: str) -> str:
    mark, word, _ = MARKS[verdict]
    return f'<span class="mark {verdict}"><span aria-hidden=true>{mark}</span> {word}</span>'


def _safe(text: str | None) -> str:
    return escape(clean(text or ""))
