"""The catalogue: every requirement as data, and the mark that ties a scenario to it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias, TypeVar

Level: TypeAlias = Literal["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"]
Actor: TypeAlias = Literal["authorization_server", "client", "user_agent", "resource_server"]
OnViolation: TypeAlias = Literal["fail", "warn", "info"]

_Body = TypeVar("_Body", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule of a specification.

    `rule` says it in our words, `decided` how pass and fail are told apart, `caution` how a lawful
    implementation may look guilty, `untested` why nobody outside can decide it ("" if it is
    decided).  `needs` is the most demanding thing that deciding it takes.
    """

    id: str
    source: str
    level: Level
    basis: str
    actor: Actor
    topic: str
    profile: str
    needs: str
    on_violation: OnViolation
    rule: str
    decided: str
    caution: str = ""
    untested: str = ""

    @property
    def binding(self) -> bool:
        """Whether the level is MUST or MUST NOT."""
        return self.level.startswith("MUST")

    @property
    def judges_server(self) -> bool:
        """Whether the requirement binds the side that `devicegrant check` looks at."""
        return self.actor != "client"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What `@verifies` knows of a scenario.

    `alone`: it can disturb others (bursts, wrong codes), so it runs after the rest, and against a
    stranger only when that is allowed.  `virtual_only`: it makes sense in virtual time only.
    """

    requirements: tuple[str, ...]
    alone: bool = False
    virtual_only: bool = False


def verifies(
    *requirements: str, alone: bool = False, virtual_only: bool = False
) -> Callable[[_Body], _Body]:
    """Mark a function as a scenario that is evidence for these requirements."""
    mark = Scenario(requirements, alone=alone, virtual_only=virtual_only)

    def tie(body: _Body) -> _Body:
        body.scenario = mark  # type: ignore[attr-defined]
        return body

    return tie


@cache
def catalogue() -> Mapping[str, Requirement]:
    """Every requirement by id, in the order of the catalogue's files."""
    found: dict[str, Requirement] = {}
    folder = resources.files("harness") / "catalogue"
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if not entry.name.endswith(".toml"):
            continue
        for fields in tomllib.loads(entry.read_text("utf-8"))["requirement"]:
            requirement = Requirement(**fields)
            if requirement.id in found:
                raise ValueError(f"{entry.name}: {requirement.id} stands twice in the catalogue")
            found[requirement.id] = requirement
    return found


def on_violation(requirement: str) -> str:
    """The default outcome when a requirement does not hold; KeyError for an unknown id."""
    return catalogue()[requirement].on_violation
