from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.clock import WallClock
from harness.tests.certificate import self_signed

ROOT = Path(__file__).parents[2]
CODE = (
    "import gevent.monkey; gevent.monkey.patch_all(); import runpy; "
    "runpy.run_module('harness.tests.hostile_cases', run_name='__main__')"
)
WITHIN = 30.0
"""Seconds: every case but one ends at once, or after 0.3 s."""

Played = dict[str, Any]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """What came of every case, in a process that gevent may change."""
    certificate = self_signed(tmp_path_factory.mktemp("tls") / "both.pem")
    watch = WallClock()
    done = subprocess.run(
        [sys.executable, "-c", CODE, certificate],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert watch.now() < WITHIN
    found: dict[str, Played] = json.loads(done.stdout)
    return found


def reasons(case: Played) -> list[str]:
    """What each request came to: the body, or why there was none."""
    return [one.get("body", one.get("reason")) for one in case["heard"]]


@pytest.mark.parametrize(
    ("name", "heard", "connections", "kept"),
    [
        ("kept", ["ok"] * 3, 1, 1),
        ("not kept", ["ok"] * 3, 3, 0),
        ("idle", ["ok"] * 3, 3, 1),
        ("not idle yet", ["ok"] * 3, 1, 1),
        ("own, idle", ["ok"] * 3, 1, 1),
        ("own, idle too long", ["ok"] * 3, 3, 1),
        ("own, idle and closed", ["ok"] * 3, 3, 1),
        ("own, idle and closed in tls", ["ok"] * 2, 2, 1),
        ("here", ["ok"], 1, 1),
        ("closed by wish", ["ok"] * 2, 2, 0),
        ("http/1.0", ["ok"] * 2, 2, 0),
        ("chunked", ["abcde"] * 2, 1, 1),
        ("no length", ["as long as it goes"] * 2, 2, 0),
        ("no headers", ["old"], 1, 0),
        ("no body", [""] * 2, 1, 1),
        ("interim", ["ok"] * 2, 1, 1),
        ("offers an upgrade", ["ok"], 1, 1),
        ("by name", ["ok"], 1, 1),
        ("tls", ["ok"] * 2, 1, 1),
        ("two answers", ["ok"] * 2, 2, 0),
        ("trailing noise", ["ok"] * 2, 2, 0),
        ("closed when used", ["ok", "reset", "ok"], 2, 1),
        ("closed when fresh", ["reset"], 1, 0),
        ("cut body", ["reset"], 1, 0),
        ("cut body when used", ["ok", "reset"], 1, 0),
        ("cut chunk", ["reset"], 1, 0),
        ("cut headers", ["reset"], 1, 0),
        ("interim only", ["reset"], 1, 0),
        ("upgrades", ["garbled"], 1, 0),
        ("garbage", ["garbled"], 1, 0),
        ("another protocol", ["garbled"], 1, 0),
        ("bad chunk", ["garbled"], 1, 0),
        ("endless body", ["too_large"], 1, 0),
        ("endless headers", ["too_large"], 1, 0),
        ("endless interim", ["too_large"], 1, 0),
        ("drips", ["too_slow"], 1, 0),
        ("silence", ["too_slow"], 1, 0),
        ("half a handshake", ["too_slow"], 1, 0),
        ("no tls", ["tls"], 1, 0),
        ("stranger's tls", ["tls"], 1, 0),
    ],
)
def test_whatever_a_server_does_comes_to_an_answer_or_a_reason(
    played: dict[str, Played], name: str, heard: list[str], connections: int, kept: int
) -> None:
    case = played[name]

    assert reasons(case) == heard
    assert (case["connections"], case["kept"], case["left"]) == (connections, kept, 0)


def test_nobody_is_to_blame_for_a_used_connection_that_was_closed(
    played: dict[str, Played],
) -> None:
    meanwhile = {
        name: [one.get("meanwhile", False) for one in case["heard"]]
        for name, case in played.items()
        if "heard" in case
    }

    assert meanwhile["closed when used"] == [False, True, False]
    # Neither a connection that was busy just now nor one whose answer has begun had idled.
    assert meanwhile["closed at once"] == [False, False, False]
    assert meanwhile["cut body when used"] == [False, False]
    assert sum(map(sum, meanwhile.values())) == 1


@pytest.mark.parametrize(
    ("name", "reason", "meanwhile"),
    [
        ("tls gone when used", "reset", True),
        ("tls gone when fresh", "tls", False),
        ("tls wrong when used", "tls", False),
        ("no such name", "unresolved", False),
        ("refused", "refused", False),
        ("elsewhere", "refused", False),
    ],
)
def test_what_breaks_is_named(
    played: dict[str, Played], name: str, reason: str, meanwhile: bool
) -> None:
    assert (played[name]["reason"], played[name]["meanwhile"]) == (reason, meanwhile)


def test_whoever_may_not_go_elsewhere_is_told_how(played: dict[str, Played]) -> None:
    detail = played["elsewhere"]["detail"]

    assert detail == "not on this machine: as.example; add --i-may-load-this-target"


def test_what_this_machine_lacks_is_not_the_targets_doing(played: dict[str, Played]) -> None:
    ours = {name for name, case in played.items() if case.get("exhausted")}

    assert ours == {"exhausted", "no ports"}


def test_interim_headers_are_not_those_of_the_answer(played: dict[str, Played]) -> None:
    assert [one["headers"] for one in played["interim"]["heard"]] == [["content-length"]] * 2


def test_a_request_arrives_as_it_was_meant(played: dict[str, Played]) -> None:
    echo = played["echo"]

    head, _, body = echo["body"].partition("\r\n\r\n")
    assert head.split("\r\n") == [
        "POST /a?b=c HTTP/1.1",
        f"host: 127.0.0.1:{echo['port']}",
        "Content-Type: x/y",
        "content-length: 3",
        "user-agent: devicegrant",
    ]
    assert body == "d=e"


def test_a_header_that_cannot_be_sent_is_a_reason_and_spoils_nothing(
    played: dict[str, Played],
) -> None:
    case = played["odd header"]

    assert reasons(case) == ["garbled", "ok"]
    assert case["left"] == 0


def test_as_many_connections_as_requests_under_way(played: dict[str, Played]) -> None:
    assert played["at once"] == {"connections": 5, "kept": 5, "left": 0}


def test_a_request_that_is_stopped_leaves_no_connection(played: dict[str, Played]) -> None:
    assert played["killed"] == {"left": 0}


def test_addresses_that_cannot_be_asked_are_a_reason(played: dict[str, Played]) -> None:
    urls = dict(played["addresses"])

    assert urls.pop("left") == 0
    assert len(urls) == 11
    assert {one["reason"] for one in urls.values()} == {"garbled"}
