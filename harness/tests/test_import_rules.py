"""Who may import whom: the table of docs/architecture.md, enforced on the whole tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("harness", "simulators", "scenarios", "reports")


@dataclass(frozen=True)
class Rule:
    """Modules under `who`, but not under `but`, must not import anything under `never`.

    `lets` are exceptions to `never`.
    """

    who: str
    never: tuple[str, ...]
    but: tuple[str, ...] = ()
    lets: tuple[str, ...] = ()


GEVENT = tuple(f"harness.runners.load.{name}" for name in ("fleet", "places", "sockets", "stages"))
"""The parts of a load run that speak gevent; only `locust_user` loads them, after Locust."""

RULES = (
    Rule(
        "harness",
        ("simulators", "scenarios", "reports", "pytest", "locust", "harness.runners"),
        but=("harness.runners",),
    ),
    Rule("harness.oracle", ("simulators",)),
    Rule("harness.checks", ("simulators",)),
    Rule(
        "simulators.server",
        (
            "harness.oracle",
            "harness.checks",
            "harness.transcript",
            "simulators.device",
            "simulators.user",
            "simulators.mutants",
        ),
    ),
    Rule("simulators", ("scenarios", "reports", "pytest", "locust", "harness.runners")),
    Rule(
        "scenarios",
        (
            "simulators.server",
            "simulators.mutants",
            "reports",
            "harness.runners",
            "locust",
        ),
        but=("scenarios.load",),
    ),
    Rule("scenarios.load", ("simulators.server", "simulators.mutants", "reports")),
    Rule(
        "reports",
        ("simulators", "scenarios", "harness.runners", "pytest", "locust", "harness.world"),
    ),
    *(Rule(package, ("time",), but=("harness.clock",)) for package in PACKAGES),
    *(
        Rule(package, ("httpx",), but=("harness.transports", "harness.consent", "harness.runners"))
        for package in PACKAGES
    ),
    *(
        # Whoever imports Locust patches the standard library: they do, on purpose and first.
        Rule(
            package,
            ("locust", "gevent"),
            but=("harness.runners.locust_user", *GEVENT, "scenarios.load"),
        )
        for package in PACKAGES
    ),
)


@dataclass(frozen=True)
class Import:
    """One import statement: which module imports what, and where."""

    module: str
    name: str
    place: str


@cache
def modules() -> tuple[tuple[str, Path], ...]:
    return tuple(_modules())


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "tests" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@cache
def tree(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def imports() -> tuple[Import, ...]:
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    for module, path in modules():
        for node in tree(path):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(module, alias.name, place)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{place}: relative import"
                for alias in node.names:
                    yield Import(module, f"{node.module}.{alias.name}", place)


def under(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}.")


def broken(rule: Rule, found: Import) -> bool:
    return (
        under(found.module, rule.who)
        and not any(under(found.module, exempt) for exempt in rule.but)
        and any(under(found.name, banned) for banned in rule.never)
        and not any(under(found.name, allowed) for allowed in rule.lets)
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.who}-{rule.never[0]}")
def test_nobody_imports_what_the_table_forbids(rule: Rule) -> None:
    wrong = [f"{one.place} imports {one.name}" for one in imports() if broken(rule, one)]
    assert not wrong, "\n".join(wrong)


def test_only_the_clock_tells_the_time() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for module, path in modules()
        if module != "harness.clock"
        for node in tree(path)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        if isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}
    ]
    assert not wrong, "\n".join(wrong)


def test_only_few_modules_know_the_jwt_library() -> None:
    # The server makes its own tokens in one module and opens those of its clients in another:
    # what others have signed must never be taken for one of ours.  The harness signs in one place.
    allowed = (
        "simulators.server.tokens",
        "simulators.server.signatures",
        "harness.checks",
        "harness.signing",
    )
    wrong = [
        one.place
        for one in imports()
        if under(one.name, "jwt") and not any(under(one.module, a) for a in allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "base", "common", "manager", "misc"}
    assert not [path for _, path in modules() if path.stem in drawers]


def test_no_module_is_longer_than_can_be_read() -> None:
    # A section's scenarios and a room's mutants are lists of things that are read one at a time.
    lists = ("scenarios.test_", "simulators.mutants.")
    long = {
        str(path.relative_to(ROOT)): lines
        for module, path in modules()
        if (lines := len(path.read_text("utf-8").splitlines()))
        > (500 if module.startswith(lists) else 310)
    }
    assert not long


def test_a_forbidden_import_is_noticed() -> None:
    rule = Rule("harness", ("simulators",), but=("harness.runners",))
    assert broken(rule, Import("harness.world", "simulators.device.Device", "here:1"))
    assert not broken(rule, Import("harness.runners.cli", "simulators.device", "here:1"))
    assert not broken(rule, Import("harnessed", "simulators", "here:1"))
