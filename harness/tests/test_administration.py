"""[admin] of a target file: commands that close and open accounts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.administration import ByCommand, Commands
from harness.target_file import read_target
from harness.verdict import Inconclusive, NotApplicable


def script(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_command_gets_the_user_name(tmp_path: Path) -> None:
    log = tmp_path / "log"
    note = script(f"import sys; open({str(log)!r}, 'a').write(sys.argv[-1] + chr(10))")

    admin = ByCommand(Commands(disable=note, enable=note, withdraw=note))
    admin.disable("alice")
    admin.enable("bob")
    admin.withdraw("; rm -rf x")

    assert log.read_text().splitlines() == ["alice", "bob", "; rm -rf x"]


@pytest.mark.parametrize(
    ("commands", "missing"),
    [
        (Commands(), "admin.enable"),
        (Commands(disable=("true",)), "admin.enable"),
        (Commands(enable=("true",)), "admin.disable"),
    ],
)
def test_nobody_is_locked_out_for_good(commands: Commands, missing: str) -> None:
    with pytest.raises(NotApplicable, match=missing):
        ByCommand(commands).disable("alice")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (script("import sys; print('no such user', file=sys.stderr); sys.exit(3)"), "code 3: no"),
        (("/no/such/program",), "could not be run"),
        (script("import time; time.sleep(20)"), "longer than 0.2 s"),
    ],
)
def test_a_command_that_fails_is_the_settings_fault(argv: tuple[str, ...], told: str) -> None:
    with pytest.raises(Inconclusive, match=told) as caught:
        ByCommand(Commands(withdraw=argv), timeout=0.2 if "time" in argv[-1] else 20).withdraw("x")

    assert caught.value.blame == "settings"


def test_a_target_file_names_the_commands(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text(
        'issuer = "https://idp.example"\nintrospection_endpoint = "https://idp.example/i"\n'
        '[clients.public]\nclient_id = "tv"\n[clients.restricted]\nclient_id = "locker"\n'
        '[admin]\ndisable = ["manage", "lock"]\nenable = ["manage", "unlock"]\n'
    )
    target = read_target(file)

    assert target.admin == Commands(("manage", "lock"), ("manage", "unlock"))
    assert target.introspection_endpoint == "https://idp.example/i"
    assert target.clients["restricted"].client_id == "locker"
