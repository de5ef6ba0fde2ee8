from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.clock import VirtualClock
from harness.consent import Codes, consent_from
from harness.runners.device_command import play, play_device
from harness.runners.device_screen import DrawnScreen, PlainScreen, Shown, countdown, printable
from harness.runners.large_type import large, qr
from harness.runners.reference import reference_server, reference_target
from harness.wire import Request, Response
from harness.world import World

ROOT = Path(__file__).parents[2]


def embedded(lifetime: int = 1800) -> World:
    clock = VirtualClock()
    server = reference_server("https://reference.example", clock=clock, lifetime=lifetime, seed=1)
    target = reference_target(server)
    return World(target, clock, lambda: server, consent_from("forms"))


def secrets_of(world: World) -> set[str]:
    """Everything that the server has issued and that must not be seen."""
    found: set[str] = set()
    for exchange in world.transcript.exchanges:
        body = (exchange.response.json() if exchange.response else None) or {}
        names = ("device_code", "access_token", "refresh_token", "id_token")
        found |= {body[name] for name in names if name in body}
    return found


def test_an_approved_device_shows_what_its_token_opens_and_what_it_does_not() -> None:
    out, world = io.StringIO(), embedded()

    code = play(world, PlainScreen(out), approve=12.0)

    said = out.getvalue()
    assert code == 0
    assert "0.0 code | 5.2 pending | 10.5 pending | 12.0 approved | 15.8 token" in said
    assert "Alice Appleyard" in said
    assert "read: 200, allowed" in said
    assert "write: 403 insufficient_scope, refused as it should be" in said


def test_no_device_code_and_no_token_is_printed() -> None:
    out, world = io.StringIO(), embedded()

    play(world, PlainScreen(out), approve=1.0)

    issued = secrets_of(world)
    assert len(issued) >= 3
    assert not [secret for secret in issued if secret in out.getvalue()]


def test_a_refused_device_gets_nothing() -> None:
    out = io.StringIO()

    assert play(embedded(), PlainScreen(out), deny=1.0) == 1
    assert "access_denied" in out.getvalue()


def test_a_code_that_nobody_enters_expires() -> None:
    out = io.StringIO()

    assert play(embedded(lifetime=12), PlainScreen(out)) == 1
    assert "Your turn: approve in a browser; the code expires in 0:12" in out.getvalue()
    assert "Expired" in out.getvalue()


def test_a_server_that_issues_no_codes_is_an_error_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = embedded()
    world.connect = lambda: lambda _request: Response(404)

    assert play(world, PlainScreen(io.StringIO())) == 1
    assert "no usable codes were issued" in capsys.readouterr().err


def test_the_drawn_screen_has_code_countdown_qr_and_strip() -> None:
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=120, height=50, force_terminal=True, color_system=None)

    assert play(embedded(), DrawnScreen(console), approve=7.0) == 0
    said = out.getvalue()
    assert "left, then the code expires" in said
    assert "0.0 code | 5.2 pending | 7.0 approved | 10.5 token" in said
    assert "██ ▄▄▄▄▄ █" in said


def test_a_small_terminal_goes_without_the_qr_code() -> None:
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=60, height=24, force_terminal=True, color_system=None)

    assert play(embedded(), DrawnScreen(console), approve=1.0) == 0
    assert "██ ▄▄▄▄▄ █" not in out.getvalue()


def test_what_a_server_says_cannot_steer_the_terminal() -> None:
    out, world = io.StringIO(), embedded()
    server = world.connect()

    def hostile(request: Request) -> Response:
        response = server(request)
        return Response(
            response.status,
            response.headers,
            response.body.replace(b'"token_type":"Bearer"', b'"token_type":"\\u001b[2J"'),
        )

    world.connect = lambda: hostile

    play(world, PlainScreen(out), approve=1.0)

    assert "\x1b" not in out.getvalue()
    assert "?[2J" in out.getvalue()
    assert printable("a\x1b]0;b\x07") == "a?]0;b?"


def test_the_countdown_ends_at_zero() -> None:
    codes = Codes("BCD", "https://as.example/device")
    shown = Shown(codes=codes, client_id="tv", server="", expires_in=60.0, turn="")

    shown.age = 15.0
    assert countdown(shown, 40).startswith("━" * 30 + "·" * 10 + "  0:45 left")
    shown.age = 61.0
    assert countdown(shown, 40) == "the code has expired"


def test_large_type_falls_back_to_spaced_letters() -> None:
    assert len(large("BCDF-GHJK", 80)) == 3
    assert large("BCDF-GHJK", 20) == ["B C D F - G H J K"]
    assert large("ÄB", 80) == ["Ä B"]


def test_a_qr_code_has_its_quiet_zone() -> None:
    lines = qr("https://as.example/device?user_code=BCDF-GHJK")

    assert lines[0] == "█" * len(lines[0])
    assert {line[:2] for line in lines[:-1]} == {"██"}


@pytest.mark.parametrize("word", ["no-such-file.toml", "mutant:no_such_mutant", "http://"])
def test_a_target_that_leads_nowhere_is_a_matter_of_settings(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play_device(word, plain=True, out=io.StringIO()) == 2
    assert capsys.readouterr().err.startswith("devicegrant device: ")


def test_somebody_either_approves_or_denies(capsys: pytest.CaptureFixture[str]) -> None:
    assert play_device(approve=1.0, deny=1.0, plain=True, out=io.StringIO()) == 2
    assert "not both" in capsys.readouterr().err


def test_without_a_target_the_reference_server_is_started() -> None:
    out = io.StringIO()

    assert play_device(approve=0.0, interval=1, out=out) == 0
    assert re.search(r"device tv at http://127\.0\.0\.1:\d+", out.getvalue())


def test_ctrl_c_switches_the_device_off() -> None:
    code = "import sys; from harness.runners.device_command import play_device as p; sys.exit(p())"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "the code expires in" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    assert process.returncode == 130
    assert "switched off" in rest
