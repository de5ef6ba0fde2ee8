"""The second runner comes to the verdicts of the first, and behaves as pytest users expect."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.runners import engine, pytest_run, venues
from harness.runners.cli import commands
from harness.runners.stage import Venue
from harness.runners.venues import Wanted

ROOT = Path(__file__).parents[2]
SECTION = "scenarios/test_3_5_device_access_token_response.py"
SCENARIOS = '''
"""Scenarios with a verdict of each kind."""

from harness.requirements import verifies
from harness.verdict import Inconclusive, NotApplicable


@verifies("RFC8628-3.5-pending")
def test_holds(judge):
    judge.holds("RFC8628-3.5-pending", condition=True)


@verifies("RFC8628-3.5-success")
def test_fails(judge, device):
    judge.holds(
        "RFC8628-3.5-success", condition=False, expected="this", received="that",
        evidence=(device.begin(),),
    )


@verifies("RFC8628-3.2-no-store")
def test_warns(judge):
    judge.holds("RFC8628-3.2-no-store", condition=False, expected="this", received="that")


@verifies("RFC8628-3.5-single-use")
def test_stays_open():
    raise Inconclusive("nobody came")


@verifies("RFC8628-3.4-client-binding")
def test_does_not_apply():
    raise NotApplicable("needs [clients.second]")


@verifies("RFC8628-3.5-expired_token")
def test_breaks():
    raise ZeroDivisionError("1/0")


@verifies("RFC8628-3.5-access_denied", alone=True)
def test_waits(judge, world):
    world.wait(123.0)
    judge.holds("RFC8628-3.5-access_denied", condition=True)
'''


pytest_plugins = ["pytester"]


class Folder:
    """A folder with scenarios, run in this process, without our own settings."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.path = pytester.path
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        pytester.makepyfile(test_kinds=SCENARIOS)

    def run(self, *arguments: str) -> pytest.RunResult:
        off = ("-p", "no:locust", "-p", "no:anyio", "-p", "no:cacheprovider")
        return self._pytester.runpytest_inprocess(
            *off, "-p", "harness.runners.pytest_plugin", *arguments
        )


@pytest.fixture(scope="module", autouse=True)
def everything_loaded() -> None:
    # Pytester forgets what a run inside it imported; extension modules do not survive that.
    engine.plays()
    venues.embedded(seed=1)


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Folder:
    return Folder(pytester)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_each_verdict_has_a_word_of_its_own(folder: Folder) -> None:
    done = folder.run("-v")
    assert done.ret == 1
    for name, word in {
        "test_holds": "PASSED",
        "test_fails": "FAILED",
        "test_warns": "WARNED",
        "test_stays_open": "INCONCLUSIVE",
        "test_does_not_apply": "N/A",
        "test_breaks": "BROKE",
        "test_waits": "PASSED",
    }.items():
        assert re.search(rf"::{name} {word}", done.stdout.str()), name
    assert "2 failed, 2 passed, 1 warned, 1 inconclusive, 1 n/a" in done.stdout.str()


def test_a_failure_shows_the_block_of_check(folder: Folder) -> None:
    done = folder.run("-k", "fails")
    block = done.stdout.str()
    assert "✗ FAIL  RFC8628-3.5-success  MUST" in block
    assert "  expected  this\n  received  that\n" in block
    assert "curl -sS -i" in block
    assert "Traceback" not in block and "engine.py" not in block


@pytest.mark.parametrize(
    ("select", "code"),
    [("holds", 0), ("warns", 0), ("apply", 0), ("open", 3), ("fails", 1), ("breaks", 1)],
)
def test_the_exit_code_says_what_check_would(folder: Folder, select: str, code: int) -> None:
    assert folder.run("-k", select).ret == code


def test_strict_makes_a_should_binding(folder: Folder) -> None:
    done = folder.run("-k", "warns", "--strict")
    assert done.ret == 1
    assert "✗ FAIL  RFC8628-3.2-no-store" in done.stdout.str()


def test_selection_by_requirement_name_and_mark(folder: Folder) -> None:
    assert "1 passed, 6 deselected" in folder.run("-k", "RFC8628-3.5-pending").stdout.str()
    assert "1 passed, 6 deselected" in folder.run("-m", "alone").stdout.str()
    only = folder.run("--only", "RFC8628-3.5-access_denied")
    assert "1 passed, 6 deselected" in only.stdout.str()


def test_x_stops_at_the_first_failure(folder: Folder) -> None:
    assert "1 failed, 1 passed" in folder.run("-x").stdout.str()


def test_junit_has_the_scenarios_own_time(folder: Folder) -> None:
    path = folder.path / "out.xml"
    folder.run("--junitxml", str(path))
    cases = {case.get("name"): case for case in ET.parse(path).iter("testcase")}
    assert float(cases["test_waits"].get("time") or 0) == pytest.approx(123.0, abs=1)
    assert cases["test_stays_open"].find("skipped") is not None
    assert cases["test_does_not_apply"].find("skipped") is not None
    failure = cases["test_fails"].find("failure")
    assert failure is not None and "expected  this" in (failure.text or "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--target", "mutant:nobody"], "no mutant is called 'nobody'"),
        (["--target", "nowhere.toml"], "no such target file"),
        (["--only", "RFC8628-3.5-singel-use"], "near: RFC8628-3.5-single-use"),
        (["--profile", "cor"], "near: core"),
        (["--rate", "0"], "--rate must be above 0"),
    ],
)
def test_wrong_settings_are_a_usage_error(
    folder: Folder, arguments: list[str], complaint: str
) -> None:
    done = folder.run(*arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert complaint in done.stderr.str()
    assert "Traceback" not in done.stdout.str() + done.stderr.str()


@pytest.mark.parametrize("target", [None, "mutant:approved_reusable", "mutant:link_hides_code"])
def test_both_runners_agree(tmp_path: Path, target: str | None) -> None:
    path = tmp_path / "results.json"
    with pytest.raises(SystemExit) as ended:
        commands.main(["check", *([target] if target else []), "--seed", "1", "--json", str(path)])
    by_check = {one["id"]: one["verdict"] for one in json.loads(path.read_text())["scenarios"]}
    xml = tmp_path / "out.xml"
    flags = ["--target", target] if target else []
    done = run("scenarios", "--seed", "1", "-q", "--junitxml", xml, *flags)
    by_pytest = {}
    for case in ET.parse(xml).iter("testcase"):
        module = str(case.get("classname")).rpartition(".")[2]
        skipped = case.find("skipped")
        verdict = "fail" if case.find("failure") is not None else "pass"
        if skipped is not None:
            verdict = str(skipped.get("message")).partition(":")[0].replace(" ", "_")
        by_pytest[f"{module}::{case.get('name')}"] = verdict
    assert by_pytest == {id_: _folded(verdict) for id_, verdict in by_check.items()}
    assert done.returncode == ended.value.code


def _folded(verdict: str) -> str:
    """JUnit knows no warnings."""
    return "pass" if verdict == "warn" else verdict


def test_the_plugin_may_be_loaded_twice_and_claims_nothing_of_locusts() -> None:
    done = run("-p", "harness.runners.pytest_plugin", SECTION, "-q", "-k", "single-use", "--help")
    assert done.returncode == 0, done.stderr
    ours = done.stdout.partition("device authorization grant")[2].partition("\n\n")[0]
    assert "--target" in ours
    assert "--host" not in done.stdout


def test_gevent_is_never_loaded(tmp_path: Path) -> None:
    plugin = tmp_path / "spy.py"
    plugin.write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('loaded', [n for n in ('gevent', 'locust') if n in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "spy", SECTION, "-q", "-k", "single-use"],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "loaded []" in done.stdout, done.stdout + done.stderr


def test_admitted_failures_pass_as_known_and_stale_ones_do_not(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = venues.venue_for

    def admitted(word: str | None, wanted: Wanted) -> Venue:
        venue = find(word, wanted)
        known = {"RFC8628-3.5-success": "issue 1", "RFC8628-3.5-pending": "issue 2"}
        venue.target = replace(venue.target, known=known)
        return venue

    monkeypatch.setattr(pytest_run, "venue_for", admitted)
    known = folder.run("-k", "fails", "-v")
    assert known.ret == 0
    assert "::test_fails KNOWN" in known.stdout.str()
    stale = folder.run("-k", "fails or holds")
    assert stale.ret == 1
    assert "RFC8628-3.5-pending is listed under [known] (issue 2)" in stale.stdout.str()
