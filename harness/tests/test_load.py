from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.runners.load.command import profile_file, run_load
from harness.runners.load.figures import Figures, distribution
from harness.runners.load.judging import REUSED, ClosedMeanwhile, Opinion, opinion
from harness.runners.load.outcome import BROKEN, FINE, UNDECIDED, UNLAWFUL, exit_code
from harness.runners.load.plan import Ceiling, load_venue, refuse_too_much
from harness.runners.load.ran import Ran
from harness.runners.load.thresholds import read_thresholds
from harness.runners.load.trouble import Fault, Trouble
from harness.runners.reference import reference_server, reference_target, target_file
from harness.target import TargetError
from harness.wire import NoAnswer, Request, Response, Transport
from harness.world import World
from simulators.device import Device
from simulators.user import User

ROOT = Path(__file__).parents[2]
JSON = (("content-type", "application/json"),)
PENDING = b'{"error":"authorization_pending"}'


class NoLine:
    """A line that nothing may be sent on."""

    def __call__(self, request: Request) -> Response:
        raise AssertionError(request)

    sends = __call__

    def ready(self) -> None:
        """Nobody holds it back."""

    def close(self) -> None:
        """Nothing to close."""


def stage() -> tuple[World, Device]:
    clock = VirtualClock()
    server = reference_server("https://reference.example", clock=clock, seed=1)
    target = reference_target(server)
    world = World(target, clock, lambda: server, consent_from("forms"))
    device = Device(world, target.clients["public"])
    device.begin()
    return world, device


def answering(world: World, transport: Transport) -> World:
    """The same world and transcript with somebody else at the other end."""
    return World(world.target, world.clock, lambda: transport, world.consent, world.transcript)


def judge(world: World) -> Opinion:
    """What is to be said of the latest exchange."""
    return opinion(world.transcript, world.transcript.exchanges[-1], wish="x")


# --- what is lawful ------------------------------------------------------------------------------


def test_rows_are_named_by_what_was_said() -> None:
    world, device = stage()
    world.run(device.polls_politely(1))
    User(world, world.target.users[0]).approve(device)
    world.run(device.polls_politely(2))

    rows = [
        opinion(world.transcript, one, wish="approve").row for one in world.transcript.exchanges
    ]

    assert rows[0] == "device authorization"
    assert rows[1] == "poll: authorization_pending"
    assert set(rows[2:-1]) == {"consent: approve"}
    assert rows[-1] == "poll: token"


def test_a_400_is_lawful_and_an_answer_out_of_turn_is_not() -> None:
    world, device = stage()
    world.run(device.polls_politely(1))
    assert judge(world).wrong == ""

    out_of_turn = Response(400, JSON, b'{"error":"access_denied"}')
    device.world = answering(world, lambda _request: out_of_turn)
    world.wait(5.5)
    device.poll()

    assert judge(world).wrong == (
        "poll: access_denied although the user has not decided; lawful: authorization_pending "
        "(RFC8628-3.5-pending)"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_counted_and_not_blamed(status: int) -> None:
    world, device = stage()
    device.world = answering(world, lambda _request: Response(status))
    device.poll()

    assert judge(world) == Opinion("poll: busy", busy=True)


def test_slow_down_with_429_is_a_slow_down() -> None:
    world, device = stage()
    device.poll()
    too_fast = Response(429, JSON, b'{"error":"slow_down"}')
    device.world = answering(world, lambda _request: too_fast)
    device.poll()

    found = judge(world)
    assert (found.row, found.busy, found.wrong) == ("poll: slow_down", False, "")


def test_a_server_that_breaks_under_load_is_unexpected() -> None:
    world, device = stage()
    device.world = answering(world, lambda _request: Response(500))
    device.poll()

    assert "500" in judge(world).wrong


def test_a_lost_answer_counts_against_nobody_and_an_idle_connection_is_told_apart() -> None:
    world, device = stage()
    for kind, row in ((ClosedMeanwhile, f"poll: {REUSED}"), (NoAnswer, "poll: reset")):

        def broken(_request: Request, kind: type[NoAnswer] = kind) -> Response:
            raise kind("reset", "the connection was reset")

        device.world = answering(world, broken)
        device.poll()
        found = judge(world)
        assert (found.row, found.wrong) == (row, "")
        assert bool(found.told) is (kind is NoAnswer)


def test_a_fault_of_ours_is_nobody_elses() -> None:
    world, device = stage()
    trouble = Trouble((Fault(1.0, "503", 2.0),), (), world.clock, "seed")
    device.world = answering(world, trouble.befalls(NoLine()))
    device.poll()

    assert judge(world).injected == "503 with Retry-After"
    assert (judge(world).wrong, judge(world).busy) == ("", False)


def test_a_lifetime_beyond_all_numbers_breaks_nothing() -> None:
    codes = {"device_code": "d" * 30, "user_code": "BCDF-GHJK", "expires_in": 10**400}
    text = json.dumps({**codes, "verification_uri": "https://as.example/"}).encode()
    world, device = stage()
    answers = iter([Response(200, JSON, text), Response(400, JSON, PENDING)])
    device.world = World(world.target, world.clock, lambda: lambda _: next(answers), world.consent)
    device.ask()
    sent = device.sends(device.token_request(device_code="d" * 30), manner="lawful")

    assert opinion(device.world.transcript, sent, wish="").wrong == ""


# --- figures -------------------------------------------------------------------------------------


def test_figures_of_two_processes_add_up_also_after_json() -> None:
    one, two = Figures(), Figures()
    one.answers["token"] = 2
    two.answers["token"] = 3
    two.approval_to_token[1234] = 1

    one.add(json.loads(json.dumps(two.take())))

    assert one.answers == {"token": 5}
    assert one.approval_to_token == {1234: 1}
    assert two.polls == 0


def test_percentiles_are_exact() -> None:
    times = Counter(range(1, 1001))

    found = distribution(times)

    assert (found["p50"], found["p95"], found["p99"], found["most"]) == (500, 950, 990, 1000)
    assert distribution(Counter()) == {"count": 0}


def test_the_number_of_messages_has_an_end() -> None:
    figures = Figures()
    for number in range(1000):
        figures.wrong(f"message {number}")

    assert figures.unexpected.total() == 1000
    assert len(figures.unexpected) < 30


def outcome(figures: Figures, *words: str) -> int:
    """The exit code of a run that lasted ten seconds."""
    ran = Ran(
        settings={"shares": {"doubled": 0.0}},
        plan={"interval": 5.25, "waiting": 10.0, "polls_per_second": 1.9},
        started=1000.0,
        stopped=1010.0,
    )
    target = reference_target(reference_server("https://reference.example", seed=1))
    return exit_code(ran.document(figures, target, None, read_thresholds(words)))


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (Figures(answers=Counter(token=1)), FINE),
        (Figures(), UNDECIDED),
        (Figures(answers=Counter(token=100), lag=Counter({5: 90, 900: 10})), UNDECIDED),
        (Figures(answers=Counter(token=1), unexpected=Counter(x=1)), UNLAWFUL),
        (Figures(answers=Counter(token=1), harness_errors=Counter(x=1)), BROKEN),
    ],
)
def test_the_exit_code_follows_from_the_figures(figures: Figures, code: int) -> None:
    assert outcome(figures) == code


def test_a_threshold_that_breaks_fails_and_one_that_was_not_measured_decides_nothing() -> None:
    figures = Figures(
        answers=Counter(token=9),
        totals=Counter(requests=20, codes=9),
        approval_to_token=Counter({2000: 9}),
        flows=Counter(begun=9),
    )
    assert outcome(figures, "approval_to_token_ms.p95 <= 3s") == FINE
    assert outcome(figures, "approval_to_token_ms.p95 <= 1s") == UNLAWFUL
    assert outcome(figures, "response_ms.p99 <= 1s") == UNDECIDED


# --- what is refused -----------------------------------------------------------------------------


def test_the_ceiling_holds() -> None:
    clock, waited = VirtualClock(), list[float]()
    ceiling = Ceiling(10.0, clock, waited.append)

    for _ in range(101):
        ceiling.passes()

    assert clock.now() == pytest.approx(10.0)
    assert sum(waited) == pytest.approx(10.0)


def test_more_devices_than_the_ceiling_allows_are_refused() -> None:
    refuse_too_much(2500, 500.0)
    with pytest.raises(TargetError, match="--rate"):
        refuse_too_much(2501, 500.0)


def test_a_stranger_is_not_loaded_without_permission(tmp_path: Path) -> None:
    file = tmp_path / "far.toml"
    file.write_text('issuer = "https://idp.example"\n[clients.public]\nclient_id = "tv"\n')

    for word in ("https://idp.example", str(file)):
        with pytest.raises(TargetError, match="--i-may-load-this-target"):
            load_venue(word, client_id="tv")


def test_people_who_approve_by_hand_are_no_crowd(tmp_path: Path) -> None:
    server = reference_server("http://127.0.0.1:1", seed=1)
    target = reference_target(server)
    file = tmp_path / "hand.toml"
    text = target_file(server).replace('kind = "forms"', 'kind = "hand"')
    endpoints = (
        f'device_authorization_endpoint = "{target.device_authorization_endpoint}"\n'
        f'token_endpoint = "{target.token_endpoint}"\n'
    )
    file.write_text(endpoints + text.replace(f'issuer = "{target.issuer}"\n', ""), "utf-8")

    with pytest.raises(TargetError, match="hand"):
        load_venue(str(file))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"profile": "no_such"}, "steady_state"),
        ({"devices": 0}, "--devices"),
        ({"duration": 0.0}, "--duration"),
        ({"devices": 100_000}, "ceiling"),
        ({"find": True}, "--slo"),
        ({"slo": ("no_such_figure <= 1",)}, "no_such_figure"),
        ({"target_word": "https://idp.example", "client_id": "tv"}, "--i-may-load-this-target"),
        ({"target_word": "mutant:no_such"}, "no_such"),
    ],
)
def test_impossible_settings_are_named(
    settings: dict[str, object], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_load(**settings) == 2  # type: ignore[arg-type]
    assert named in capsys.readouterr().err


def test_a_profile_is_a_few_lines() -> None:
    assert len(profile_file("steady_state").read_text("utf-8").splitlines()) < 25


# --- the whole of it -----------------------------------------------------------------------------


def load(tmp_path: Path, *options: str) -> tuple[int, dict[str, object]]:
    """A few seconds of load in a process of its own, since Locust changes whoever imports it."""
    summary = tmp_path / "load.json"
    code = (
        "import sys; from pathlib import Path; from harness.runners.load.command import run_load; "
        f"sys.exit(run_load(json=Path({str(summary)!r}), {', '.join(options)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert summary.exists(), done.stderr
    return done.returncode, json.loads(summary.read_text("utf-8"))


def test_ten_devices_poll_the_reference_server_without_one_unexpected_answer(
    tmp_path: Path,
) -> None:
    code, found = load(
        tmp_path, "profile='smoke'", "devices=10", "duration=5", "interval=1", "seed=1"
    )

    assert found["unexpected"] == {} and found["harness_errors"] == {}
    assert code == 0
    assert found["polls"]["by_answer"]["token"] >= 5  # type: ignore[index]
    assert found["approval_to_token_ms"]["count"] >= 5  # type: ignore[index]
    begun = found["flows"].pop("begun")  # type: ignore[attr-defined]
    ended = sum(found["flows"].values()) + sum(found["unfinished"].values())  # type: ignore[attr-defined]
    assert begun == ended


def test_a_pytest_run_is_not_patched_by_gevent() -> None:
    assert "gevent" not in sys.modules
    assert "locust" not in sys.modules
