"""The pages that a command writes are current, and say it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.requirements import catalogue
from harness.runners import coverage_page, museum_page
from harness.runners.markdown import linked, safe
from simulators.mutants import MUTANTS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "museum.md": (museum_page.museum_page, museum_page.COMMAND),
    "coverage.md": (coverage_page.coverage_page, coverage_page.COMMAND),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str) -> None:
    write, command = PAGES[name]
    assert (DOCS / name).read_text("utf-8") == write(), f"run: {command}"


def test_every_mutant_and_every_requirement_has_its_row() -> None:
    museum, coverage = museum_page.museum_page(), coverage_page.coverage_page()
    assert all(museum.count(f"| `{name}` |") == 1 for name in MUTANTS)
    assert all(coverage.count(f'<a id="{id_}"></a>') == 1 for id_ in catalogue())


def test_the_links_between_the_pages_lead_somewhere() -> None:
    coverage = coverage_page.coverage_page()
    anchors = {part.partition('"')[0] for part in coverage.split('<a id="')[1:]}
    museum = museum_page.museum_page()
    wanted = {part.partition(")")[0] for part in museum.split("coverage.md#")[1:]}
    assert wanted <= anchors
    files = {part.partition(")")[0] for part in coverage.split("](../")[1:]}
    assert files and all((DOCS.parent / file).is_file() for file in files)


def test_a_requirement_has_evidence_or_a_reason() -> None:
    for line in coverage_page.coverage_page().splitlines():
        if line.startswith("| <a id="):
            scenarios = line.split(" | ")[3]
            assert scenarios.startswith(("[", "*")), line


@pytest.mark.parametrize(
    ("citation", "links"),
    [
        (
            "ory/hydra #4110, PR #4111",
            (
                "ory/hydra [#4110](https://github.com/ory/hydra/issues/4110), "
                "[PR #4111](https://github.com/ory/hydra/pull/4111)"
            ),
        ),
        ("keycloak #36811", "keycloak #36811"),
        ("a/b PR #1; keycloak #2", "a/b [PR #1](https://github.com/a/b/pull/1); keycloak #2"),
        ("x CVE-2023-2585", "x [CVE-2023-2585](https://www.cve.org/CVERecord?id=CVE-2023-2585)"),
        ("no report known", "no report known"),
    ],
)
def test_citations_become_links_where_it_is_known_where_they_lead(
    citation: str, links: str
) -> None:
    assert linked(citation) == links


def test_text_cannot_break_a_table() -> None:
    assert safe("a | b\n<c> & d") == "a \\| b &lt;c> &amp; d"
