"""`devicegrant requirements --markdown`: what is evidence for each rule, docs/coverage.md."""

from __future__ import annotations

from collections.abc import Iterator

from harness.proofs import ON_A_SOCKET
from harness.requirements import Requirement, catalogue
from harness.runners.markdown import head, page, row, safe
from harness.runners.requirements_command import mutants_of, scenarios_of
from reports.report import counted, sentence_of, specification
from simulators.mutants import MUTANTS

COMMAND = "devicegrant requirements --markdown > docs/coverage.md"
_FIRST = "RFC 8628"


def coverage_page() -> str:
    """The page."""
    entries = list(catalogue().values())
    server = [entry for entry in entries if entry.judges_server]
    untested = [entry for entry in server if entry.untested]
    proved = [entry for entry in server if mutants_of(entry.id)]
    wired = [entry for entry in server if entry.id in ON_A_SOCKET]
    told = (
        (
            f"{counted(len(entries), 'requirement')}. {len(server)} bind the server's side: "
            f"{len(proved)} have a mutant of their own that proves their check, {len(wired)} are "
            f"proved by a wrong server on a socket, {len(untested)} cannot be decided from outside "
            "and say why. The others bind clients, at which `devicegrant check` does not look."
        ),
        (
            "A mutant in brackets is made for another requirement and breaks this one as well. "
            "More about one rule: `devicegrant requirements ID`. What the mutants are: "
            "[museum](museum.md)."
        ),
    )
    return page("What is evidence for each requirement", COMMAND, told, _tables(entries))


def _tables(entries: list[Requirement]) -> Iterator[str]:
    groups: dict[str, list[Requirement]] = {}
    for entry in entries:
        groups.setdefault(specification(entry.source), []).append(entry)
    for name in sorted(groups, key=lambda name: (name != _FIRST, name)):
        yield f"## {safe(name)}"
        yield ""
        yield from head("Requirement", "Level", "The rule", "Scenarios", "Mutants")
        for entry in groups[name]:
            yield _row(entry)
        yield ""


def _row(entry: Requirement) -> str:
    name = f'<a id="{entry.id}"></a>{entry.id}'
    return row(name, entry.level, safe(entry.rule), _evidence(entry), _mutants(entry))


def _evidence(entry: Requirement) -> str:
    if entry.untested:
        return f"*not tested: {safe(entry.untested)}*"
    if not entry.judges_server:
        return "*binds clients*"
    plays = scenarios_of(entry.id)
    if not plays:
        return "*every scenario, by a standing check*"
    return "<br>".join(f"[{sentence_of(one.id)}]({_file(one.id)})" for one in plays)


def _file(scenario: str) -> str:
    return f"../scenarios/{scenario.partition('::')[0]}.py"


def _mutants(entry: Requirement) -> str:
    own = [f"`{one.name}`" for one in mutants_of(entry.id)]
    others = [f"(`{one.name}`)" for one in MUTANTS.values() if entry.id in one.also]
    return " ".join(own + others + _on_a_socket(entry.id))


def _on_a_socket(requirement: str) -> list[str]:
    if requirement not in ON_A_SOCKET:
        return []
    file, _, test = ON_A_SOCKET[requirement].partition("::")
    return [f"on a socket: [{sentence_of(test)}](../{file})"]
