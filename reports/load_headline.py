"""The first thing on the page of a load run: what came of it, and the figures that matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from reports.chart_scale import told
from reports.load_facts import (
    address,
    counts,
    figure,
    items,
    member,
    milliseconds,
    numbers,
    part,
    said,
    share,
    word,
)
from reports.report import duration

Document: TypeAlias = Mapping[str, Any]
_OUTCOMES = {
    0: ("pass", "✓ pass", "All answers were lawful and all thresholds held."),
    1: ("fail", "✗ FAIL", "An answer was unlawful, or a threshold is broken."),
    2: ("fail", "# SETTINGS", "The settings are wrong; the target was not measured."),
    3: ("inconclusive", "? open", "This run decides nothing."),
    4: ("fail", "# ERROR", "The harness broke; please report this, the target is not to blame."),
}
_UNKNOWN = ("inconclusive", "? open", "How this run ended was not written down.")
_NOTHING = "Nothing was measured: no device came, and no poll was answered."


def measured_anything(document: Document) -> bool:
    """Whether a single device came or a single poll was answered."""
    counted_ones = [
        figure(document, "polls", "total"),
        figure(document, "codes", "issued"),
        *(count for _, count in counts(document, "flows")),
        *(count for _, count in counts(document, "polls", "by_answer")),
        *numbers(document, "timeline", "arrivals"),
        *numbers(document, "timeline", "polls_done"),
    ]
    return any(counted_ones)


def band(document: Document) -> Iterator[str]:
    """The verdict, in words and in colour, and which run this is."""
    code = figure(document, "exit_code")
    kind, mark, sentence = _OUTCOMES.get(int(code) if code is not None else -1, _UNKNOWN)
    anything = measured_anything(document)
    if not anything and kind == "pass":
        # Silence is not green, whoever says so.
        kind, mark, sentence = _UNKNOWN[0], _UNKNOWN[1], _NOTHING
    else:
        sentence = word(document, "verdict") or sentence
    name = word(document, "target", "name") or "unnamed target"
    profile = word(document, "settings", "profile")
    yield f'<header class="{kind}"><h1>{said(name)}</h1>'
    sign, _, spelled = mark.partition(" ")
    yield f'<p class=outcome><span class="mark {kind}"><span aria-hidden=true>{sign}</span> '
    yield f"{spelled}</span> {said(_capital(sentence))}</p>"
    facts = [f"load run{f' {said(profile)}' if profile else ''}"]
    if word(document, "target", "issuer"):
        facts.append(f"<code>{address(member(document, 'target', 'issuer'))}</code>")
    if word(document, "started"):
        facts.append(f"<time>{said(member(document, 'started'))}</time>")
    seconds = figure(document, "seconds")
    if seconds is not None:
        facts.append(said(duration(seconds)))
    yield f"<p class=says>{', '.join(facts)}</p></header>"
    if not anything and sentence != _NOTHING:
        yield f"<p><strong>{_NOTHING}</strong></p>"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" if not text.startswith(("http", "RFC")) else text


@dataclass(frozen=True, slots=True)
class Card:
    """One figure of the headline: its name, the figure, what it means; `kind` gives the tone."""

    name: str
    big: str
    notes: tuple[str, ...] = ()
    kind: str = ""


def cards(document: Document) -> Iterator[str]:
    """The figures that matter, each on a card."""
    makers = (_waiting, _polls, _token, _lawful, _thresholds, _generator)
    yield "<section aria-label='headline figures'><ul class=cards>"
    for make in makers:
        card = make(document)
        yield f"<li><h3>{said(card.name)}</h3>"
        tone = f' <span class="mark {card.kind}">' if card.kind else ""
        yield f"<p class=big>{tone}{said(card.big)}{'</span>' if tone else ''}</p>"
        yield "".join(f"<p>{said(note)}</p>" for note in card.notes if note) + "</li>"
    yield "</ul></section>"


def _waiting(document: Document) -> Card:
    mean, most = figure(document, "waiting", "mean"), figure(document, "waiting", "most")
    end, planned = figure(document, "waiting", "at_end"), figure(document, "plan", "waiting")
    ceiling, interval = _ceiling(document), figure(document, "plan", "interval")
    if mean is None and most is None:
        return Card("Devices waiting", "not measured", (_noted("planned", planned),))
    notes = [
        "on average" if mean is not None else "at most",
        ", ".join(filter(None, (_noted("most", most), _noted("at the end", end)))),
        _noted("planned", planned),
    ]
    if ceiling and interval:
        notes.append(f"server's ceiling: about {told(ceiling * interval)} at {told(interval)} s")
    return Card("Devices waiting", told(mean if mean is not None else most), tuple(notes))


def _polls(document: Document) -> Card:
    planned = figure(document, "polls", "planned_per_second")
    planned = figure(document, "plan", "polls_per_second") if planned is None else planned
    measured, ceiling = figure(document, "polls", "measured_per_second"), _ceiling(document)
    notes = []
    if planned is not None:
        off = ""
        if planned and measured is not None:
            percent = 100 * (measured - planned) / planned
            off = f", measured {abs(percent):.1f} % {'more' if percent > 0 else 'less'}"
        notes.append(f"planned {told(planned)}{off}")
    predicted = figure(document, "polls", "predicted_per_second")
    notes.append(_noted("by Little's law from the devices that waited:", predicted))
    if ceiling:
        used = share(measured, ceiling)
        notes.append(f"server's ceiling {told(ceiling)}" + (f", {used} of it used" if used else ""))
    total = figure(document, "polls", "total")
    notes.append("" if total is None else f"{told(total)} polls in all")
    return Card("Polls a second", told(measured), tuple(notes))


def _token(document: Document) -> Card:
    found = "approval_to_token_ms"
    half, late = figure(document, found, "p50"), figure(document, found, "p95")
    floor = figure(document, found, "floor")
    notes = [f"floor of the mean {milliseconds(floor)}: half an interval"] if floor else []
    if half is None and late is None:
        return Card("Approval to token", "not measured", tuple(notes))
    notes.insert(0, "half of them, and 95 in 100, were in by then (p50, p95)")
    if _ceiling(document):
        used = share(figure(document, "polls", "measured_per_second"), _ceiling(document))
        notes.append(f"measured at {used} of the server's ceiling" if used else "")
    return Card("Approval to token", f"{milliseconds(half)} / {milliseconds(late)}", tuple(notes))


def _lawful(document: Document) -> Card:
    violations = len(items(document, "violations"))
    total = figure(document, "unexpected_total")
    if total is None:
        total = sum(count for _, count in counts(document, "unexpected"))
    notes = (
        f"unexpected answers: {told(total)}, violations of a requirement: {violations}",
        _noted("slow_down said to obedient devices:", figure(document, "slow_down_to_obedient")),
        _noted("starved devices:", figure(document, "starved")),
    )
    if total or violations:
        return Card("Lawfulness", f"✗ {told(max(total, violations))} BROKEN", notes, "fail")
    if not measured_anything(document):
        return Card("Lawfulness", "? nothing to judge", notes, "inconclusive")
    return Card("Lawfulness", "✓ every answer lawful", notes, "pass")


def _thresholds(document: Document) -> Card:
    held = [member(one, "held") for one in items(document, "thresholds")]
    if not held:
        return Card("Thresholds", "none set")
    kept, broken = (sum(one is wanted for one in held) for wanted in (True, False))
    open_ = len(held) - kept - broken
    notes = (f"{kept} held, {broken} broken" + (f", {open_} not measured" if open_ else ""),)
    if broken:
        return Card("Thresholds", f"✗ {broken} BROKEN", notes, "fail")
    if open_:
        return Card("Thresholds", f"? {open_} not measured", notes, "inconclusive")
    return Card("Thresholds", f"✓ all {kept} held", notes, "pass")


def _generator(document: Document) -> Card:
    code, lag = figure(document, "exit_code"), figure(document, "lag_ms", "p99")
    cpu, memory = figure(document, "generator", "cpu_share"), part(document, "generator")
    valid = "says how far the figures can be trusted"
    if code == 3:
        valid = "? the run decides nothing, see above"
    elif code in {0, 1} and lag is not None:
        valid = "✓ the run is valid: the generator kept up"
    notes = [valid, _noted("most", figure(document, "lag_ms", "most"), milliseconds)]
    if cpu is not None:
        notes.append(f"{share(cpu, 1.0)} of a processor")
    notes.append(_noted("memory in MB:", figure(memory, "memory_mb")))
    return Card("Lag of the load generator, p99", milliseconds(lag), tuple(notes))


def _ceiling(document: Document) -> float | None:
    """Polls per second that the server answers at most, if it is ours and was measured."""
    return figure(document, "server", "ceiling_polls_per_second")


def _noted(name: str, value: float | None, show: Any = told) -> str:
    return "" if value is None else f"{name} {show(value)}"
