"""The command line: exit codes, one message for what is wrong, files that keep their promise."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner, Result

from harness.results import json_schema, read_results
from harness.runners import check_command, ending, engine
from harness.runners.cli import commands
from harness.runners.engine import Play, play_of
from harness.verdict import Judge

ROOT = Path(__file__).parents[2]
FEW = ("--only", "RFC8628-3.2-json", "--only", "RFC8628-3.5-single-use")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(one) for one in arguments])


def fresh(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-m", "harness.runners.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,  # type: ignore[call-overload]
    )
    return done


def test_the_reference_server_holds_what_it_promises() -> None:
    done = run("check", *FEW)
    assert done.exit_code == 0, done.output
    assert "✓ pass   RFC8628-3.5-single-use" in done.stdout
    assert "(exit code 0" in done.stdout


def test_a_mutant_fails_with_a_reason() -> None:
    done = run("check", "mutant:approved_reusable", *FEW, "--seed", "1")
    assert done.exit_code == 1
    assert "✗ FAIL  RFC8628-3.5-single-use" in done.stdout
    assert "received  200 with a token" in done.stdout
    assert "poll strip  0.0 code" in done.stdout
    assert "\x1b" not in done.stdout


def test_files_hold_what_they_promise(tmp_path: Path) -> None:
    names = {kind: tmp_path / f"out.{kind}" for kind in ("json", "junit", "transcript", "html")}
    files = [text for kind, path in names.items() for text in (f"--{kind}", str(path))]
    done = run("check", "mutant:approved_reusable", *FEW, "--seed", "7", *files)
    assert done.exit_code == 1
    assert str(names["json"]) in done.stdout.splitlines()[-1]
    tree = json.loads(names["json"].read_text())
    jsonschema.validate(tree, json_schema())
    assert tree["schema"] == "devicegrant/results/1"
    assert tree["seed"] == 7
    assert tree["exit_code"] == 1
    verdicts = {one["id"]: one["verdict"] for one in tree["requirements"]}
    assert verdicts == {"RFC8628-3.2-json": "pass", "RFC8628-3.5-single-use": "fail"}
    assert len(ET.parse(names["junit"]).findall(".//testcase")) == 2
    judged = run("judge", names["transcript"], "--only", "RFC8628-3.5-single-use")
    assert judged.exit_code == 1
    assert "✗ FAIL  RFC8628-3.5-single-use" in judged.stdout
    assert "RFC8628-3.5-single-use" in names["html"].read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_same_seed_gives_the_same_results(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        run("check", "--seed", "3", "--only", "RFC8628-3.5", "--json", tmp_path / name)
        tree = json.loads((tmp_path / name).read_text())
        # Real threads take turns as they like.
        calm = [one for one in tree["scenarios"] if "at_the_same_time" not in one["id"]]
        found.append(({one["id"]: one["verdict"] for one in tree["requirements"]}, calm))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.toml"], "nowhere.toml: no such target file"),
        (["mutant:aproved_reusable"], "near: approved_reusable"),
        (["http://127.0.0.1:9"], "--client-id is missing"),
        (["http://127.0.0.1:9", "--client-id", "tv"], "cannot be reached"),
        (["--only", "RFC8628-3.5-singel-use"], "near: RFC8628-3.5-single-use"),
        (["--only", "HTTP-latency-load"], "add --profile orientation"),
        (["--only", "RFC8628-3.5-client"], "binds clients"),
        (["--profile", "cor"], "near: core"),
        (["--json", "/nowhere/out.json"], "--json /nowhere/out.json: there is no folder /nowhere"),
        (["--junit", "/"], "--junit /: that is a folder"),
        (["--patience", "nan"], "no number that can be counted with"),
        (["--patience", "-1"], "not in the range"),
        (["--rate", "0"], "not in the range"),
        (["--level", "most"], "'most' is not one of"),
    ],
)
def test_wrong_settings_are_one_message_and_2(arguments: list[str], complaint: str) -> None:
    done = run("check", *arguments)
    assert done.exit_code == 2, done.output
    assert complaint in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("issuer = ", "is no valid TOML"),
        ("issuer = 'https://as.example'", "missing key `clients`"),
        ("issuer = 'https://as.example'\n[clients.public]\nclientid='x'", "clients.public"),
        ("colour = 'red'\n[clients.public]\nclient_id='x'", "unknown key `colour`"),
        ("[clients.public]\nclient_id='x'", "name either `issuer`"),
    ],
)
def test_a_wrong_target_file_is_named_with_its_key(
    tmp_path: Path, toml: str, complaint: str
) -> None:
    path = tmp_path / "target.toml"
    path.write_text(toml)
    done = run("check", path)
    assert done.exit_code == 2
    assert str(path) in done.stderr
    assert complaint in done.stderr


def test_a_fault_of_ours_is_4_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: object) -> int:
        raise KeyError("hunter2-the-secret")

    monkeypatch.setattr(check_command, "run_check", breaks)
    done = run("check")
    assert done.exit_code == 4
    assert "please report it" in done.stderr
    assert "KeyError" in done.stderr and "test_cli.py" in done.stderr
    assert "hunter2" not in done.output
    assert "Traceback" not in done.output


def test_a_scenario_that_breaks_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def test_broken(device: object) -> None:
        raise ZeroDivisionError("1/0")

    play = _playing(test_broken, "RFC8628-3.2-json")
    monkeypatch.setattr(engine, "plays", lambda: [play])
    done = run("check")
    assert done.exit_code == 4
    assert "# ERROR  RFC8628-3.2-json" in done.stdout
    assert "devicegrant's fault: please report it" in done.stdout


def _playing(body: Callable[..., object], *requirements: str) -> Play:
    from harness.requirements import verifies

    return play_of("test_x", verifies(*requirements)(body))


def test_secrets_do_not_reach_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = []

    def test_telltale(device: object, judge: Judge) -> None:
        device.begin()  # type: ignore[attr-defined]
        codes.append(device.device_code)  # type: ignore[attr-defined]
        judge.holds("RFC8628-3.2-json", condition=False, expected="x", received=f"{codes[-1]!r}")

    play = _playing(test_telltale, "RFC8628-3.2-json")
    monkeypatch.setattr(engine, "plays", lambda: [play])
    done = run("check")
    assert done.exit_code == 1
    assert "received  '<device_code-1>'" in done.stdout
    assert codes[0] not in done.stdout


def test_ctrl_c_writes_what_ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def test_first(judge: Judge) -> None:
        judge.holds("RFC8628-3.2-json", condition=True)

    def test_second(judge: Judge) -> None:
        raise KeyboardInterrupt

    plays = [_playing(test_first, "RFC8628-3.2-json"), _playing(test_second, "RFC8628-3.2-status")]
    monkeypatch.setattr(engine, "plays", lambda: plays)
    done = run("check", "--json", tmp_path / "out.json")
    assert done.exit_code == 3, done.output
    assert "Interrupted before the end." in done.stdout
    results = read_results((tmp_path / "out.json").read_text())
    assert results.interrupted
    verdicts = {one.id: (one.verdict, one.message) for one in results.requirements}
    assert verdicts["RFC8628-3.2-json"][0] == "pass"
    assert verdicts["RFC8628-3.2-status"] == (
        "inconclusive",
        "interrupted before its scenario had ended",
    )


def test_an_interrupt_elsewhere_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_command, "run_check", interrupted)
    done = run("check")
    assert (done.exit_code, done.stderr) == (ending.UNDECIDED, "devicegrant: interrupted\n")


def test_a_full_check_starts_fresh_without_what_it_does_not_need() -> None:
    code = (
        "import sys; from harness.runners.cli import commands\n"
        "try: commands.main(['check', '--seed', '1'], prog_name='devicegrant')\n"
        "except SystemExit as end: print('ended', end.code)\n"
        "heavy = ['locust', 'gevent', 'faker', 'uvicorn', 'pytest', 'rich']\n"
        "print('loaded', [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "ended 0" in done.stdout, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "loaded []"


def test_help_comes_quickly_and_lists_every_command() -> None:
    code = (
        "import sys; from harness.runners.cli import commands\n"
        "try: commands.main(['--help'], prog_name='devicegrant')\n"
        "except SystemExit: pass\n"
        "print([name for name in ('httpx', 'msgspec', 'rich', 'jwt') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    for name in ("check", "serve", "device", "load", "requirements", "mutants", "init", "doctor"):
        assert f"\n  {name} " in done.stdout
    assert {"plan", "judge", "compare"} <= set(commands.commands)


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    script = (
        f"{sys.executable} -m harness.runners.cli requirements | head -1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0"


def test_an_output_that_is_ascii_only_is_no_error() -> None:
    done = fresh("check", *FEW, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "+ pass   RFC8628-3.2-json" in done.stdout


def test_a_signal_ends_a_run_with_its_files(tmp_path: Path) -> None:
    script = (
        "import os, signal, threading\n"
        "from harness.runners import engine\n"
        "from harness.runners.cli import commands\n"
        "perform, count = engine.perform, []\n"
        "def slowly(play, venue):\n"
        "    count.append(play)\n"
        f"    if len(count) == 3: os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "    return perform(play, venue)\n"
        "engine.perform = slowly\n"
        f"commands.main(['check', '--json', {str(tmp_path / 'r.json')!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    results = read_results((tmp_path / "r.json").read_text())
    assert len(results.scenarios) == 2


def test_requirements_and_mutants_know_of_each_other() -> None:
    about = run("requirements", "RFC8628-3.5-single-use")
    assert about.exit_code == 0
    for text in ("decided", "approved_reusable", "--only RFC8628-3.5-single-use", "scenarios/"):
        assert text in about.stdout
    listing = run("requirements", "RFC8628-3.5")
    assert "RFC8628-3.5-single-use" in listing.stdout
    assert "RFC8628-3.1-" not in listing.stdout
    assert "see it caught" in run("mutants", "approved_reusable").stdout
    assert "approved_reusable" in run("mutants").stdout
    unknown = run("requirements", "RFC8628-3.5-singleuse")
    assert unknown.exit_code == 2 and "near: RFC8628-3.5-single-use" in unknown.stderr
    assert run("mutants", "nobody").exit_code == 2


def test_a_plan_counts_before_anything_is_sent() -> None:
    done = run("plan", "--only", "RFC8628-3.5-single-use")
    assert done.exit_code == 0, done.output
    assert "about" in done.stdout and "request" in done.stdout and "decision" in done.stdout


def test_a_doctor_finds_the_embedded_server_healthy() -> None:
    done = run("doctor")
    assert done.exit_code == 0, done.output
    assert "a poll is answered: 400 authorization_pending" in done.stdout


def test_init_writes_a_target_file_once(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    assert run("init", "--out", path).exit_code == 0
    again = run("init", "--out", path)
    assert again.exit_code == 2 and "is there already" in again.stderr
    assert run("init", "--out", path, "--force").exit_code == 0
    from harness.target_file import read_target

    assert read_target(path).clients["public"].client_id == "tv"


@pytest.mark.parametrize(
    ("old", "new", "kind", "code"),
    [
        ("pass", "pass", "", 0),
        ("pass", "fail", "broken", 1),
        ("warn", "error", "broken", 1),
        ("", "fail", "broken", 1),
        ("pass", "inconclusive", "weaker", 1),
        ("fail", "pass", "fixed", 0),
        ("fail", "known", "changed", 0),
        ("not_applicable", "pass", "changed", 0),
        ("", "pass", "new", 0),
        ("fail", "", "gone", 0),
    ],
)
def test_compare_tells_better_from_worse(
    tmp_path: Path, old: str, new: str, kind: str, code: int
) -> None:
    from harness.results import to_json
    from reports.tests.scenes import result, results

    paths = []
    for name, verdict in (("old", old), ("new", new)):
        path = tmp_path / name
        path.write_text(to_json(results([result("R", verdict)] if verdict else [])))
        paths.append(path)
    done = run("compare", *paths)
    assert done.exit_code == code, done.output
    assert (f"{kind}  1 requirement" in done.stdout) is bool(kind)


def test_compare_refuses_what_is_no_results_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text in ("", "{}", "[1]", "\xff"):
        path.write_text(text, "latin-1")
        done = run("compare", path, path)
        assert done.exit_code == 2
        assert str(path) in done.stderr
    assert run("compare", tmp_path / "a", tmp_path / "b").exit_code == 2


def test_judge_refuses_what_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    for text in ("", "{}", '{"event": "run", "schema": "x"}', "nonsense"):
        path.write_text(text)
        done = run("judge", path)
        assert done.exit_code == 2, done.output
        assert str(path) in done.stderr


@pytest.mark.parametrize(
    ("command", "module", "function", "first"),
    [
        ("serve", "serve_command", "serve", "port"),
        ("device", "device_command", "play_device", "target_word"),
        ("load", "load.command", "run_load", "target_word"),
    ],
)
def test_options_are_what_the_command_takes(
    command: str, module: str, function: str, first: str
) -> None:
    found = getattr(importlib.import_module(f"harness.runners.{module}"), function)
    taken = set(inspect.signature(found).parameters) - {"out"}
    offered = {one.name for one in commands.commands[command].params}
    assert {first if name in {"target", "port"} else name for name in offered} == taken
