"""Every figure of a load result that has a name: its unit, what it says, how it is read.

The laws of this file: a figure that was not measured is `None`, whatever stands in its place in the
document; nothing is ever made up for it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from harness.target import TargetError

LISTED = "docs/load-my-provider.md"
"""Where the names stand with what they mean."""

Unit: TypeAlias = Literal["ms", "share", "ratio", "polls/s", "polls", "MB", ""]
"""A share lies between 0 and 1; a ratio may exceed 1; "" is a plain count."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure.

    `less` tells whether less of it is better.  `basis` names the count that it rests on: where that
    is 0 or unknown, nothing was measured.  `counted` figures that are missing are 0, if there is a
    basis at all: a counter that never counted is not written.
    """

    unit: Unit
    says: str
    less: bool = True
    basis: str = ""
    counted: bool = False


_MEMBERS = {
    "p50": "half of {}",
    "p90": "nine in ten of {}",
    "p95": "95 in a hundred of {}",
    "p99": "99 in a hundred of {}",
    "most": "the most of {}",
}
_TIMES = {
    "approval_to_token_ms": "the times from a person's approval to the device's token",
    "still_waiting_ms": "the times that approved devices had waited in vain at the end",
    "lag_ms": "the times by which polls left later than due: the generator's own fault",
    "held_ms": "the times that requests were held back by --rate, 0 for most",
    "queued_ms": "the times that polls waited for one of the --connections, all of them busy",
    "response_ms": "the times that polls took to be answered",
}


def _members(name: str, unit: Unit, says: str) -> Iterator[tuple[str, Metric]]:
    for member, share in _MEMBERS.items():
        yield f"{name}.{member}", Metric(unit, share.format(says), basis=f"{name}.count")


def _flows(ending: str, says: str, *, less: bool) -> tuple[str, Metric]:
    return f"flows.{ending}", Metric("", says, less, basis="flows.begun", counted=True)


_POLLS = "polls.total"
METRICS: Mapping[str, Metric] = {
    **{key: one for name, says in _TIMES.items() for key, one in _members(name, "ms", says)},
    **dict(_members("polls.per_sign_in", "polls", "the polls that sign-ins took")),
    "polls.total": Metric("", "polls that were answered", less=False),
    "polls.measured_per_second": Metric("polls/s", "polls a second", less=False, basis=_POLLS),
    "polls.measured_share": Metric(
        "ratio", "polls a second, measured divided by planned", less=False, basis=_POLLS
    ),
    "polls.wasted": Metric("", "polls that learnt nothing", basis=_POLLS),
    "polls.wasted_share": Metric("share", "wasted polls among all polls", basis=_POLLS),
    "slow_down_to_obedient": Metric("", "slow_down said to devices that kept to it", basis=_POLLS),
    "starved": Metric("", "approved devices that three polls later had no token", basis=_POLLS),
    "unfinished_share": Metric("share", "sign-ins that had not ended", basis="flows.begun"),
    "busy": Metric("", "answers 429 and 503", basis=_POLLS),
    "busy_share": Metric("share", "answers 429 and 503 among all", basis=_POLLS),
    "network_share": Metric("share", "requests that got no answer", basis=_POLLS),
    "unexpected_total": Metric("", "answers that no past allows", basis=_POLLS),
    "waiting.mean": Metric(
        "", "devices waiting for a person, on average", less=False, basis="flows.begun"
    ),
    "waiting.most": Metric(
        "", "devices waiting for a person, at most", less=False, basis="flows.begun"
    ),
    "waiting.at_end": Metric(
        "", "devices waiting for a person at the end", less=False, basis="flows.begun"
    ),
    "codes.issued": Metric("", "codes that were issued", less=False),
    "codes.pending_at_end": Metric("", "codes still pending at the end", basis="codes.issued"),
    **dict(
        [
            _flows("begun", "sign-ins that began", less=False),
            _flows("token", "sign-ins that ended with a token", less=False),
            _flows("access_denied", "sign-ins that were refused", less=True),
            _flows("expired_token", "sign-ins whose code expired", less=True),
            _flows("abandoned", "sign-ins that nobody finished", less=True),
        ]
    ),
    "server.cpu_share": Metric("ratio", "processor time of our own server, in cores"),
    "server.memory_mb": Metric("MB", "memory of our own server"),
    "server.ceiling_polls_per_second": Metric("polls/s", "what our own server can do", less=False),
    "generator.cpu_share": Metric("ratio", "processor time of the load generator, in cores"),
    "generator.memory_mb": Metric("MB", "memory of the load generator"),
}


def metric(name: str) -> Metric:
    """What a name means.  Raises `TargetError` with the names that it might have been."""
    if name in METRICS:
        return METRICS[name]
    near = difflib.get_close_matches(name, METRICS, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise TargetError(f"no figure is called {name[:80]!r}: {hint}{LISTED} lists them all")


def measured(name: str, document: Mapping[str, Any]) -> float | None:
    """A figure of a load result, `None` if it was not measured."""
    if name == "polls.measured_share":
        done, planned = (number(document, f"polls.{one}_per_second") for one in _RATES)
        return done / planned if done is not None and planned else None
    found = number(document, name)
    known = METRICS.get(name)
    if found is None and known is not None and known.counted and has_basis(name, document):
        return 0.0
    return found


_RATES = ("measured", "planned")


def has_basis(name: str, document: Mapping[str, Any]) -> bool:
    """Whether anything happened that the figure could be about."""
    basis = METRICS[name].basis
    return not basis or bool(number(document, basis))


def number(document: Mapping[str, Any], path: str) -> float | None:
    """The number at a dotted path, `None` where there is none."""
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found) if math.isfinite(found) else None
    except OverflowError:
        return None


def shown(value: float | None, unit: Unit) -> str:
    """A figure as people read it."""
    if value is None:
        return "not measured"
    if unit in {"share", "ratio"}:
        return f"{_short(value * 100)} %"
    return f"{_short(value)} {unit}".rstrip()


def _short(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}" if abs(value) < 1e12 else f"{value:.3g}"
    return f"{value:.3g}"
