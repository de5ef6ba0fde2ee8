"""The poll strip tells one code's life in seconds since its issue."""

from __future__ import annotations

from harness.transcript import Transcript
from harness.wire import NoAnswer
from reports.strip import first_code, strip
from reports.tests.scenes import Scene


def test_a_strip_reads_like_the_life_of_a_code() -> None:
    scene = Scene()
    scene.issued(at=1.0)
    scene.polled(6.0, "authorization_pending")
    scene.polled(10.9, "slow_down")
    scene.polled(20.9, "authorization_pending")
    scene.decided(23.4)
    scene.polled(30.9)
    assert strip(scene.transcript) == (
        "0.0 code | 5.0 pending | 9.9 slow_down | 19.9 pending | 22.4 approved | 29.9 token"
    )


def test_each_code_has_its_own_strip() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    scene.issued(at=2.0, code="<device_code-2>", user="U2")
    scene.polled(7.0, "expired_token", code="<device_code-2>")
    scene.decided(8.0, approved=False, user="U2")
    assert first_code(scene.transcript) == "<device_code-2>"
    assert strip(scene.transcript) == "0.0 code | 5.0 expired | 6.0 denied by the user"
    assert strip(scene.transcript, "<device_code-1>") == "0.0 code"


def test_strangers_and_lost_answers_are_told_apart() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    scene.polled(5.0, "invalid_grant", who="radio")
    scene.polled(6.0, failure=NoAnswer("reset", "gone"))
    scene.polled(7.0, "odd\x1b[31m_error")
    scene.polled(8.0, "x", status=503)
    assert strip(scene.transcript) == (
        "0.0 code | 5.0 invalid_grant (radio) | 6.0 no response (reset) | "
        "7.0 odd\\x1b[31m_error | 8.0 503"
    )


def test_long_runs_are_folded() -> None:
    scene = Scene()
    scene.issued(at=0.0)
    for turn in range(1, 31):
        scene.polled(5.0 * turn, "authorization_pending")
    scene.polled(155.0)
    assert strip(scene.transcript) == (
        "0.0 code | 5.0 pending | … 28 more … | 150.0 pending | 155.0 token"
    )


def test_nothing_gives_an_empty_strip() -> None:
    assert strip(Transcript()) == ""
