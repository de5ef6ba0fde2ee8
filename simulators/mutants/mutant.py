"""What is known of a mutant: the rule that it breaks, and where the bug was seen."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

from simulators.server import Rules

_R = TypeVar("_R", bound=type[Rules])


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong server.

    `breaks` is the requirement that must catch it, `also` are requirements that depend on the same
    rule and may be violated, too.  `number` is its place in the list of real bugs, or "" where a
    requirement has no known one; `bug` cites repository and number.  `says` is what is wrong, in
    one sentence.  `caught` is False for the few that are no violation and must not be one.
    """

    name: str
    rules: type[Rules]
    breaks: str
    also: tuple[str, ...]
    number: str
    bug: str
    says: str
    verified: bool = True
    caught: bool = True


def mutant(
    number: str,
    breaks: str,
    *also: str,
    bug: str,
    verified: bool = True,
    caught: bool = True,
) -> Callable[[_R], _R]:
    """Mark a subclass of `Rules` as a mutant; its name and first sentence are the mutant's."""

    def mark(rules: _R) -> _R:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", rules.__name__).lower()
        says = (inspect.getdoc(rules) or "").split("\n\n")[0].replace("\n", " ")
        rules.mutant = Mutant(  # type: ignore[attr-defined]
            name, rules, breaks, also, number, bug, says, verified, caught
        )
        return rules

    return mark


def collected(module: ModuleType) -> Iterator[Mutant]:
    """The mutants that a module defines, in its order."""
    for value in vars(module).values():
        found = value.__dict__.get("mutant") if isinstance(value, type) else None
        if isinstance(found, Mutant) and value.__module__ == module.__name__:
            yield found
