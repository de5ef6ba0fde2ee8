"""Requirement, scenario, mutant: the triangle is shut, and every id in the code exists."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.requirements import catalogue
from harness.runners import engine
from simulators.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
FOLDERS = ("harness", "scenarios", "simulators/mutants", "reports")
PREFIXES = sorted({id_.split("-")[0] for id_ in catalogue()})
AN_ID = re.compile(rf"(?:{'|'.join(PREFIXES)})-[\w.]+(?:-[\w.+-]+)?\Z")


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "tests" not in path.parts:
                yield path


def ids_in(path: Path) -> set[str]:
    """String constants that look like an id of the catalogue."""
    tree = ast.parse(path.read_text("utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in strings if isinstance(text, str) and AN_ID.match(text)}


def declared() -> set[str]:
    """What scenarios promise."""
    return {one for play in engine.plays() for one in play.mark.requirements}


FIRST_READING = "f068ffcffaf1daed95950cb9c7b47023c78aea11fbcb51301ac0c4c9ceacbb63"
"""SHA-256 of id, level, basis and on_violation of all entries, before any was corrected."""
CORRECTED = {
    "RFC6749-3.2-form-charset": "MUST keyword fail",
    "RFC8628-3.1-tls-as": "MUST keyword fail",
    "RFC8628-3.1-tls-bcp": "MUST keyword fail",
    "RFC8628-3.2-user_code-unique": "MUST prose fail",
    "RFC8628-3.4-grant_type-as": "MUST keyword fail",
    "RFC8628-4-grant-advertised": "SHOULD inferred warn",
    "RFC8705-3-cnf": "MUST prose fail",
    "RFC9449-8-nonce-as": "MUST prose fail",
    "SECUPD-2.1-aud-device-as": "MUST keyword warn",
}
"""What the entries said that docs/catalogue-corrections.md mends."""


def test_the_catalogue_is_whole() -> None:
    # An id that stands twice is refused when the catalogue is read.
    assert len(catalogue()) == 381


def test_nothing_but_what_was_corrected_differs_from_the_first_reading() -> None:
    now = {id_: f"{one.level} {one.basis} {one.on_violation}" for id_, one in catalogue().items()}
    lines = sorted(f"{id_} {strength}" for id_, strength in {**now, **CORRECTED}.items())

    assert all(now[id_] != before for id_, before in CORRECTED.items())
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == FIRST_READING


def test_every_correction_is_explained() -> None:
    page = (ROOT / "docs" / "catalogue-corrections.md").read_text("utf-8")
    assert [id_ for id_ in CORRECTED if f"`{id_}`" not in page] == []


def test_an_id_that_stands_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    real = ROOT / "harness" / "catalogue" / "http.toml"
    for name in ("a.toml", "b.toml"):
        (folder / name).write_bytes(real.read_bytes())
    monkeypatch.setattr("harness.requirements.resources.files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="stands twice"):
        catalogue.__wrapped__()


def test_every_entry_is_complete() -> None:
    for entry in catalogue().values():
        texts = (entry.source, entry.rule, entry.decided, entry.topic, entry.profile, entry.needs)
        assert all(text.strip() for text in texts), entry.id
        assert entry.level in {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"}, entry.id
        assert entry.on_violation in {"fail", "warn", "info"}, entry.id
        actors = {"authorization_server", "client", "user_agent", "resource_server"}
        assert entry.actor in actors, entry.id


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_id_in_the_code_exists(path: Path) -> None:
    assert ids_in(path) - catalogue().keys() == set()


def test_ids_are_recognised() -> None:
    assert all(AN_ID.match(id_) for id_ in catalogue())


def test_every_declared_requirement_exists_and_binds_the_server() -> None:
    for play in engine.plays():
        for requirement in play.mark.requirements:
            assert catalogue()[requirement].judges_server, (play.id, requirement)
        assert len(set(play.mark.requirements)) == len(play.mark.requirements), play.id


def test_every_mutant_breaks_what_a_scenario_verifies() -> None:
    verified = declared()
    assert {one.name for one in MUTANTS.values() if one.breaks not in verified} == set()


def test_every_scenario_is_a_sentence_about_people_and_devices() -> None:
    for play in engine.plays():
        assert play.title.endswith("."), play.id
        assert play.title[0].isupper(), play.id


def test_every_judged_id_is_declared_by_some_scenario() -> None:
    """What standing checks and the oracle judge is promised by a scenario, or would surprise."""
    judged = set().union(*(ids_in(path) for path in (ROOT / "harness" / "checks").glob("*.py")))
    judged |= ids_in(ROOT / "harness" / "oracle.py")
    assert judged - declared() == set()
