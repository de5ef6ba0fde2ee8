from __future__ import annotations

import resource
from pathlib import Path

import pytest

from harness.clock import VirtualClock
from harness.consent import consent_from
from harness.runners.load.judging import EXHAUSTED, Exhausted
from harness.runners.load.plan import Ceiling, load_venue, use_all_files
from harness.runners.load.rehearsal import rehearse
from harness.runners.reference import reference_server, reference_target
from harness.runners.stage import Inside
from harness.target import TargetError
from harness.tests.certificate import self_signed
from harness.tests.households import YES, Quick, street
from harness.wire import Request, Response, Transport

HERE = "http://127.0.0.1:1"
ENDPOINTS = f'device_authorization_endpoint = "{HERE}/device"\ntoken_endpoint = "{HERE}/token"\n'
CLIENT = '[clients.public]\nclient_id = "tv"\n'


def refused(folder: Path, text: str) -> str:
    """Why a target file is no target of a load run."""
    file = folder / "target.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(TargetError) as problem:
        load_venue(str(file))
    return str(problem.value)


# --- what is refused -----------------------------------------------------------------------------


def test_a_client_with_a_certificate_cannot_be_played(tmp_path: Path) -> None:
    self_signed(tmp_path / "tv.pem")

    told = refused(tmp_path, f'{ENDPOINTS}{CLIENT}certificate = "tv.pem"\n')

    assert "[clients.public] has a certificate" in told


def test_no_endpoint_of_a_loopback_target_is_elsewhere(tmp_path: Path) -> None:
    elsewhere = 'userinfo_endpoint = "https://idp.example/userinfo"\n'

    told = refused(tmp_path, ENDPOINTS + elsewhere + CLIENT)

    assert told.startswith("https://idp.example/userinfo is not on this machine")


def stage() -> Inside:
    """A server whose pages are not on this machine."""
    issuer = "https://reference.example"
    target = reference_target(reference_server(issuer, seed=1))
    return Inside(
        target, consent_from("forms"), lambda clock: reference_server(issuer, clock=clock, seed=1)
    )


def test_people_who_are_sent_elsewhere_are_told_of_before_the_start() -> None:
    with pytest.raises(TargetError, match=r"sent to reference\.example, which"):
        rehearse(stage(), decides=True, permitted=False)  # type: ignore[arg-type]

    assert rehearse(stage(), decides=True, permitted=True).thoughts > 0  # type: ignore[arg-type]


def test_all_files_that_there_are_may_be_opened() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        use_all_files()

        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# --- whose fault it is ---------------------------------------------------------------------------


def test_who_waits_while_the_ceiling_is_behind_waits_for_the_ceiling() -> None:
    place = street(Quick)
    tally, figures = place.tally, place.figures
    tally.queued(0.0)
    tally.queued(2.0)
    assert (figures.queued, figures.held) == ({0: 1, 2000: 1}, {})

    tally.ceiling = Ceiling(10.0, tally.clock, _next=tally.clock.now() + 1.0)
    tally.queued(0.0)
    tally.queued(3.0)
    assert (figures.queued, figures.held) == ({0: 2, 2000: 1}, {3000: 1})


def test_a_ceiling_is_behind_when_several_wait() -> None:
    clock = VirtualClock()
    ceiling = Ceiling(10.0, clock)
    ceiling.passes()
    seen = [ceiling.is_behind]

    ceiling._next = clock.now() + 0.7
    seen.append(ceiling.is_behind)
    clock.sleep(0.3)

    assert [*seen, ceiling.is_behind] == [False, True, False]


def test_a_machine_without_files_breaks_the_run_and_blames_nobody() -> None:
    def lacks(_server: Transport) -> Transport:
        def answers(_request: Request) -> Response:
            raise Exhausted("refused", "no more files")

        return answers

    place = street(Quick, between=lacks)
    place.moves_in(YES)
    place.town.passes()

    assert set(place.figures.harness_errors) == {EXHAUSTED}
    assert not place.figures.network and not place.figures.unexpected


class Insistent(Quick):
    """People who try again."""

    again = True


def test_a_device_that_gets_nothing_asks_again_only_after_an_interval() -> None:
    def refuses(_server: Transport) -> Transport:
        body = b'{"error":"invalid_request"}'
        return lambda _request: Response(400, (("content-type", "application/json"),), body)

    place = street(Insistent, between=refuses)
    place.moves_in(YES)
    place.town.passes(until=100.0)

    assert place.figures.flows["no codes"] == pytest.approx(100 / place.tally.crowd.interval, abs=2)
    assert place.tally.rests("expired_token") == 0.0
