"""The poll policy on a card: what a target was seen to do, and what a client should set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reports.clean import clean
from reports.failures import heading
from reports.lines import BLANK, Line, paragraph, table
from reports.report import counted

_OVER = ("granted", "denied", "expired")


def card_lines(policy: Mapping[str, object], width: int) -> Iterator[Line]:
    """The card; nothing if no gap between two polls was measured."""
    rows = list(card(policy))
    if "gaps_measured" not in policy or not rows:
        return
    yield from heading("Poll policy, as observed", width)
    yield from table(((name, clean(text)) for name, text in rows), width)
    advice = _advice(policy)
    if advice:
        yield from paragraph(advice, width, indent=2, style="bold")
    yield BLANK


def card(policy: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is known, as names and sentences."""
    if "interval" in policy or "interval_announced" in policy:
        told = f"{_seconds(policy['interval'])} announced" if "interval" in policy else "unnamed"
        told = told if policy.get("interval_announced") else "not announced, which means 5 s"
        yield "interval", told
    if "expires_in" in policy:
        yield "codes live", _seconds(policy["expires_in"])
    first = policy.get("first_poll_counts")
    if first is not None:
        yield "first poll", "counts from the issue of the codes" if first else "is free"
    yield from _edge(policy)
    yield from _haste(policy)
    after = [
        f"{name.replace('after_', 'after ')}: {policy[name]}"
        for name in ("after_token", "after_denial", "after_expiry")
        if name in policy
    ]
    if after:
        yield "afterwards", "; ".join(after)
    yield from _obedience(policy)


def _edge(policy: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    taken, refused = policy.get("smallest_gap_taken"), policy.get("largest_gap_refused")
    told = []
    if taken is not None and refused is not None:
        told.append(f"{_seconds(taken)} taken")
    if refused is not None:
        told.append(f"{_seconds(refused)} refused")
    if told and policy.get("early_tolerance_ms") is not None:
        told.append(f"up to {policy['early_tolerance_ms']} ms early are tolerated")
    if "edge_blurred_ms" in policy:
        told.append(f"the edge is blurred by {policy['edge_blurred_ms']} ms")
    if told:
        gaps, codes = policy.get("gaps_measured"), policy.get("codes_measured")
        many = f"{_many(gaps, 'gap')} on {_many(codes, 'code')} measured"
        yield "gaps", f"{', '.join(told)} ({many})"


def _haste(policy: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if policy.get("says_slow_down") is False:
        yield "slow_down", "never sent, however fast the polls came"
        return
    ways = {
        "none": "changes nothing: the next poll after the plain interval is taken",
        "kept": "raises what is demanded, and it stays raised",
        "reset": "raises what is demanded, until one poll has waited long enough",
        "rises": "raises what is demanded",
        "now and then": "raises what is demanded now and then",
    }
    told = ways.get(str(policy.get("escalation")))
    if policy.get("early_poll_restarts_interval"):
        told = f"{told}; a refused poll starts the interval anew"
    if told:
        yield "slow_down", told
    first = [name for name in _OVER if policy.get(f"{name}_before_throttle") is True]
    hidden = [name for name in _OVER if policy.get(f"{name}_before_throttle") is False]
    if first or hidden:
        parts = [f"{_listed(first)} told in spite of haste"] if first else []
        parts += [f"{_listed(hidden)} hidden behind slow_down"] if hidden else []
        yield "order", "; ".join(parts)


def _obedience(policy: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    polls, slowed = policy.get("obedient_polls"), policy.get("obedient_polls_slowed_down")
    if not polls:
        return
    told = f"{_many(polls, 'poll')} kept to the rules, {slowed} of them got slow_down"
    locked = policy.get("obedient_device_locked_out")
    if locked is not None:
        told += "; a device that obeys " + (
            "CAN BE LOCKED OUT: it was refused twice running" if locked else "was always served"
        )
    yield "obedience", told


def _advice(policy: Mapping[str, object]) -> str:
    gap = policy.get("safe_gap")
    if gap is None or policy.get("obedient_device_locked_out"):
        return ""
    return f"a client that leaves {_seconds(gap)} between polls was never refused"


def _listed(words: list[str]) -> str:
    told = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"{told} {'is' if len(words) == 1 else 'are'}"


def _seconds(value: object) -> str:
    return f"{value:g} s" if isinstance(value, int | float) else f"{value} s"


def _many(number: object, noun: str) -> str:
    return counted(number, noun) if isinstance(number, int) else f"{number} {noun}s"
