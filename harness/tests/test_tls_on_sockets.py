"""Endpoints in the clear, and behind TLS: the reference server on loopback as if it were far away.

The clock is virtual, the wire is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.checks import transport
from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.proofs import ON_A_SOCKET
from harness.requirements import catalogue
from harness.runners.engine import perform, plays
from harness.runners.venues import target_of
from harness.target import Target
from harness.tests.loopback_tls import answering, self_signed
from harness.transports import Socket
from harness.verdict import Verdict
from harness.wire import Request, Response
from harness.world import World
from simulators.server import Config, Server

RULES = [rule for rule, test in ON_A_SOCKET.items() if "test_tls_on_sockets" in test]


@dataclass
class Wired:
    """A venue on a socket, in virtual time."""

    target: Target
    clock: VirtualClock

    def world(self) -> World:
        socket = Socket(self.target)
        return World(self.target, self.clock, lambda: socket, consent_from("none"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


def outcomes(rule: str, certificate: Path | None, trusted: Path) -> set[tuple[Verdict, str]]:
    """What every scenario that declares a rule says of a server with, or without, a certificate."""
    clock = VirtualClock()
    made: list[Server] = []

    def made_for(address: str) -> Callable[[Request], Response]:
        made.append(Server(Config.demo(address, seed=1), clock, seed=1))
        return made[0]

    with answering(made_for, certificate):
        target = replace(target_of(made[0]), virtual=False, ca_file=str(trusted))
        [play] = [play for play in plays() if rule in play.mark.requirements]
        played = perform(play, Wired(target, clock))
    assert not played.ended, played.ended
    return {(one.verdict, one.received) for one in played.judgements if one.requirement == rule}


@pytest.mark.parametrize("rule", RULES)
def test_a_server_in_the_clear_is_caught(
    rule: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "is_loopback", lambda _: False)
    [(verdict, received)] = outcomes(rule, None, certificate)
    assert verdict.value == catalogue()[rule].on_violation
    assert received.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("rule", RULES)
def test_a_server_behind_tls_passes(
    rule: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "is_loopback", lambda _: False)
    assert outcomes(rule, certificate, certificate) == {(Verdict.PASS, "")}


@pytest.mark.parametrize("rule", RULES)
def test_on_this_machine_nothing_is_asked(rule: str, certificate: Path) -> None:
    [(verdict, _)] = outcomes(rule, None, certificate)
    assert verdict is Verdict.NOT_APPLICABLE
