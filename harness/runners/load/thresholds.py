"""Thresholds: what a load run must reach, written as "approval_to_token_ms.p95 <= 8s".

The laws of this file: a name that means nothing and a limit that can never break are errors, not
thresholds; what was not measured is never taken for held.
"""

from __future__ import annotations

import math
import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.runners.load.metrics import METRICS, Unit, has_basis, measured, metric, number, shown
from harness.target import TargetError

RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
EXAMPLE = '"approval_to_token_ms.p95 <= 8s"'
MOST_BYTES = 1 << 20
_EXPRESSION = re.compile(r"\s*([^\s<>=!]*)\s*([<>=!]+)(.*)", re.DOTALL)
_LIMIT = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(\S*)")
_FACTORS: Mapping[Unit, Mapping[str, str]] = {
    "ms": {"": "1", "ms": "1", "s": "1000", "min": "60000"},
    "share": {"": "1", "%": "0.01"},
    "ratio": {"": "1", "%": "0.01"},
    "polls/s": {"": "1", "/s": "1", "polls/s": "1"},
    "polls": {"": "1", "polls": "1"},
    "MB": {"": "1", "mb": "1", "gb": "1000"},
    "": {"": "1"},
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure, a relation and its limit in the figure's own unit (milliseconds, shares of 1)."""

    metric: str
    relation: str
    limit: float

    @property
    def text(self) -> str:
        """The threshold as it is read and shown; `parse` understands it."""
        return f"{self.metric} {self.relation} {_plain(self.limit)}"


def parse(text: str) -> Threshold:
    """The threshold that an expression means.  Raises `TargetError`."""
    found = _EXPRESSION.fullmatch(text)
    if found is None or not found[1]:
        raise TargetError(f"threshold {_quoted(text)}: a figure, a relation and a limit, {EXAMPLE}")
    name, relation, limit = found[1], found[2], found[3].strip()
    try:
        unit = metric(name).unit
        return _sensible(Threshold(name, _relation(relation), _limit(limit, unit)), unit)
    except TargetError as problem:
        raise TargetError(f"threshold {_quoted(text)}: {problem}") from None


def read_thresholds(words: Iterable[str]) -> tuple[Threshold, ...]:
    """The thresholds that words stand for: each an expression, or the path of a TOML file.

    Raises `TargetError` for whatever is wrong, also for two that contradict or repeat each other.
    """
    found: list[Threshold] = []
    for word in words:
        if re.search("[<>=]", word) and not _is_file(word):
            found.append(parse(word))
        else:
            found += _in_file(word)
    _refuse_quarrels(found)
    return tuple(found)


def judge(thresholds: Iterable[Threshold], document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entry "thresholds" of a result: `held` is null where nothing was measured."""
    return [_judged(one, document) for one in thresholds]


def said(entry: Mapping[str, Any]) -> str:
    """One entry of "thresholds" as people read it: "approval_to_token_ms.p95 <= 8000: 7100 ms"."""
    known = METRICS.get(str(entry.get("metric")))
    return f"{entry.get('text')}: {shown(number(entry, 'measured'), known.unit if known else '')}"


def _judged(one: Threshold, document: Mapping[str, Any]) -> dict[str, Any]:
    value = measured(one.metric, document)
    held = None if value is None else RELATIONS[one.relation](value, one.limit)
    if held and not has_basis(one.metric, document):
        # Zero failures of zero polls prove nothing; a failure without a basis is one all the same.
        held = None
    return {
        "text": one.text,
        "metric": one.metric,
        "relation": one.relation,
        "limit": _number(one.limit),
        "measured": None if value is None or held is None else _number(value),
        "held": held,
    }


# --- reading -------------------------------------------------------------------------------------


def _relation(word: str) -> str:
    if word not in RELATIONS:
        raise TargetError(f"no relation is {_quoted(word)}; there are {' '.join(RELATIONS)}")
    return word


def _limit(text: str, unit: Unit) -> float:
    found = _LIMIT.fullmatch(text)
    if found is None or not math.isfinite(float(found[1])):
        raise TargetError(f"{_quoted(text)} is no limit, a number is needed")
    factors = _FACTORS[unit]
    if found[2].lower() not in factors:
        known = " or ".join(factor for factor in factors if factor) or "no unit"
        raise TargetError(f"{_quoted(found[2])} is no unit of it, {known} is")
    try:
        # Decimal, because 1.001 s must be 1001 ms and not nearly.
        return float(Decimal(found[1]) * Decimal(factors[found[2].lower()]))
    except ArithmeticError:
        raise TargetError(f"{_quoted(text)} is no limit that can be counted with") from None


def _sensible(one: Threshold, unit: Unit) -> Threshold:
    limit = one.limit
    if not math.isfinite(limit):
        raise TargetError("its limit is too large")
    if limit < 0:
        raise TargetError("its limit is negative, and what is measured never is")
    if unit == "share" and limit > 1:
        raise TargetError("a share is at most 1; five in a hundred are 0.05 or 5 %")
    top = math.inf if unit != "share" else 1.0
    if (one.relation, limit) in {(">=", 0.0), ("<=", top)}:
        raise TargetError("that can never break")
    if (one.relation, limit) in {("<", 0.0), (">", top)}:
        raise TargetError("that can never hold")
    return one


def _refuse_quarrels(thresholds: Sequence[Threshold]) -> None:
    for place, one in enumerate(thresholds):
        for other in thresholds[:place]:
            if one.metric != other.metric:
                continue
            pair = f"{_quoted(other.text)} and {_quoted(one.text)}"
            if one.relation[0] == other.relation[0]:
                raise TargetError(f"thresholds {pair}: two limits of one kind for one figure")
            if "==" in {one.relation, other.relation}:
                raise TargetError(f"thresholds {pair}: beside == there is nothing to say")
            low, high = sorted((one, other), key=lambda each: each.relation[0], reverse=True)
            strict = len(low.relation) == 1 or len(high.relation) == 1
            if low.limit > high.limit or (strict and low.limit == high.limit):
                raise TargetError(f"thresholds {pair}: they contradict each other")


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False


def _in_file(word: str) -> Iterator[Threshold]:
    try:
        with Path(word).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, ValueError):
        told = f"--slo {_quoted(word)}: neither a file nor an expression such as {EXAMPLE}"
        raise TargetError(told) from None
    except OSError as problem:
        raise TargetError(f"--slo {word}: cannot be read ({problem.strerror})") from None
    if len(content) > MOST_BYTES:
        raise TargetError(f"--slo {word}: more than {MOST_BYTES} bytes are no thresholds")
    try:
        tree = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        raise TargetError(f"--slo {word}: no TOML: {problem}") from None
    unknown = sorted(set(tree) - {"thresholds"})
    if unknown:
        told = f"--slo {word}: {unknown[0]!r} means nothing here, there is only [thresholds]"
        raise TargetError(told)
    if not tree.get("thresholds"):
        raise TargetError(f"--slo {word}: there is no threshold under [thresholds]")
    try:
        for text in _expressions(tree["thresholds"], ""):
            yield parse(text)
    except (TargetError, ValueError) as problem:  # ValueError: a hexadecimal number without end
        raise TargetError(f"--slo {word}: {problem}") from None


def _expressions(value: Any, key: str) -> Iterator[str]:
    """The expressions of a TOML value: tables nest, because an unquoted key with a dot does."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _expressions(each, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, Mapping | list):
                raise TargetError(f"[thresholds] {key}: a list holds expressions and nothing else")
            yield from _expressions(each, key)
    elif isinstance(value, str):
        yield value if not key else f"{key} {_related(value, key)}"
    elif key and isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{key} {_related(repr(value), key)}"
    else:
        kind = type(value).__name__
        raise TargetError(f"[thresholds] {key}: a text such as '<= 8s' or a number, no {kind}")


def _related(value: str, key: str) -> str:
    """A limit with its relation; without one it is the most that is allowed."""
    if value.lstrip()[:1] in {"<", ">", "=", "!"}:
        return value
    if not metric(key).less:
        raise TargetError(f"[thresholds] {key}: more is better there, so say '>= {value}'")
    return f"<= {value}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _plain(value: float) -> str:
    return repr(_number(value))
