from __future__ import annotations

import io
import json
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.clock import VirtualClock
from harness.discovery import discover
from harness.runners.reference import reference_server, reference_target, target_file
from harness.runners.serve_command import serve
from harness.target import TargetError
from harness.target_file import read_target
from harness.transports import Socket

ROOT = Path(__file__).parents[2]
CODE = (
    "import json, sys, pathlib; from harness.runners.serve_command import serve; "
    "given = json.loads(sys.argv[1]); path = given.pop('write_target', None); "
    "sys.exit(serve(0, write_target=path and pathlib.Path(path), **given))"
)


def test_a_served_target_file_leads_to_the_server(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    given = json.dumps({"write_target": str(file), "accounts": 3, "seed": 5})
    with subprocess.Popen(
        [sys.executable, "-c", CODE, given], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = "".join(iter(process.stdout.readline, "Ctrl-C stops\n"))
            target = read_target(file)
            line = Socket(target)
            found = discover(target, line)
            line.close()
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    assert process.returncode == 0
    assert rest.strip() == "stopped"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert found.token_endpoint.startswith(str(target.issuer))
    assert found.token_endpoint in said
    assert len(target.users) == 5
    assert target.users[0].password in said


def test_the_announcement_has_what_a_client_needs() -> None:
    file, known = target_file(server := reference_server("http://127.0.0.1:1", seed=1)), server

    roles = {client.client_id for client in reference_target(server).clients.values()}
    assert {"tv", "kiosk", "meter"} <= roles
    # Over our own socket no certificate can be shown.
    assert "turbine" not in roles
    for client in known.config.clients:
        role_is_played = client.client_id in roles
        assert (f'client_id = "{client.client_id}"' in file) == role_is_played
    assert '[consent]\nkind = "forms"' in file


def test_a_target_file_says_the_same_as_the_target(tmp_path: Path) -> None:
    server = reference_server("http://127.0.0.1:1", clock=VirtualClock(), accounts=20, seed=3)
    file = tmp_path / "target.toml"
    file.write_text(target_file(server), "utf-8")

    read, meant = read_target(file), reference_target(server)

    for name in ("name", "issuer", "clients", "scope", "users", "consent", "resource"):
        assert getattr(read, name) == getattr(meant, name)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_other_machines_are_kept_out_unless_told_twice(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(0, host=host, out=io.StringIO()) == 2
    assert "--yes-expose-it" in capsys.readouterr().err
    assert serve(0, host=host, yes_expose_it=True, out=io.StringIO()) == 2
    assert "--issuer" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert serve(port, out=io.StringIO()) == 2

    assert re.search(rf"port {port} .* is taken", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"lifetime": 0}, "lifetime"), ({"interval": -1}, "interval"), ({"mutant": "x"}, "mutant")],
)
def test_impossible_settings_are_named(
    settings: dict[str, object], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(0, out=io.StringIO(), **settings) == 2  # type: ignore[arg-type]
    assert named in capsys.readouterr().err


def test_workers_need_something_in_common(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(0, workers=2, out=io.StringIO()) == 2
    assert "--store" in capsys.readouterr().err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_store_that_cannot_be_one_is_named(
    workers: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database at all, and longer than the head of one would be\n" * 20)

    assert serve(0, workers=workers, store=file, out=io.StringIO()) == 2
    assert re.search(r"notes\.txt cannot be a store: .*not a database", capsys.readouterr().err)


def test_a_store_is_for_one_seed_and_for_no_mutant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = reference_server("http://127.0.0.1:1", seed=1, store=tmp_path / "store", accounts=2)
    again = reference_server("http://127.0.0.1:1", seed=1, store=tmp_path / "store", accounts=2)

    assert again.config.accounts == first.config.accounts
    assert serve(0, seed=2, store=tmp_path / "store", out=io.StringIO()) == 2
    assert "another seed" in capsys.readouterr().err
    assert serve(0, mutant="pending401", store=tmp_path / "store", out=io.StringIO()) == 2
    assert "without a store" in capsys.readouterr().err


def test_a_mutant_can_be_served() -> None:
    from simulators.mutants import MUTANTS

    name = next(iter(MUTANTS))

    assert type(reference_server("http://127.0.0.1:1", mutant=name).realm.rules) is (
        MUTANTS[name].rules
    )


def test_a_file_that_cannot_be_written_stops_the_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "no" / "target.toml"

    assert serve(0, write_target=nowhere, out=io.StringIO()) == 2
    assert "cannot write the target file" in capsys.readouterr().err


def test_an_exposed_server_needs_an_address_that_devices_may_trust() -> None:
    with pytest.raises(TargetError, match="https"):
        reference_server("http://as.example")
