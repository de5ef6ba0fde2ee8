from __future__ import annotations

from dataclasses import replace

import pytest

from harness.runners.load.profile import Fate
from harness.tests.households import (
    GONE,
    NO,
    STAYS_ON,
    YES,
    Mixed,
    Quick,
    crowd_of,
    is_lawful,
    played,
    street,
)
from harness.wire import Request, Response, Transport

JSON = (("content-type", "application/json"),)


class Anxious(Quick):
    """Devices that ask again."""

    again = True


# --- how a sign-in goes --------------------------------------------------------------------------


def test_somebody_approves() -> None:
    figures = played(YES)

    assert figures.flows == {"begun": 1, "token": 1}
    # Polls at 5, 10 ... seconds: the decision falls between two of them.
    assert figures.answers == {"authorization_pending": 1, "token": 1}
    assert figures.polls_per_sign_in == {2: 1}
    assert figures.totals["wasted"] == 1
    assert figures.intervals == {5: 1}
    (waited,) = figures.approval_to_token
    assert 0 < waited < 5500
    assert list(figures.token_at) and not figures.unfinished and is_lawful(figures)


def test_somebody_refuses() -> None:
    figures = played(NO)

    assert figures.flows == {"begun": 1, "access_denied": 1}
    assert figures.answers == {"authorization_pending": 1, "access_denied": 1}
    assert not figures.approval_to_token and is_lawful(figures)


def test_somebody_walks_away_and_the_display_is_switched_off() -> None:
    figures = played(GONE)

    assert figures.flows == {"begun": 1, "abandoned": 1}
    assert figures.answers == {"authorization_pending": 3}
    assert is_lawful(figures)


def test_nobody_comes_and_the_code_expires() -> None:
    figures = played(STAYS_ON, lifetime=20)

    assert figures.flows == {"begun": 1, "expired_token": 1}
    assert figures.answers == {"authorization_pending": 3, "expired_token": 1}
    assert is_lawful(figures)


def test_a_device_whose_code_expired_may_ask_again() -> None:
    place = street(Anxious, lifetime=20)
    place.moves_in(STAYS_ON)
    place.town.passes(until=70.0)

    assert place.figures.flows == {"begun": 4, "expired_token": 3}
    assert place.figures.totals["codes"] == 4
    assert is_lawful(place.figures)


@pytest.mark.parametrize("fate", [YES, NO, GONE])
def test_a_device_that_has_its_answer_does_not_ask_again(fate: Fate) -> None:
    place = street(Anxious)
    place.moves_in(fate)
    place.town.passes()

    assert place.figures.flows["begun"] == 1


def test_who_mistypes_gets_there_in_the_end() -> None:
    figures = played(replace(YES, mistypes=True), replace(YES, scans=True, mistypes=True))

    assert figures.flows["token"] == 2
    assert is_lawful(figures)


def test_a_disobedient_device_is_slowed_down_and_its_neighbours_are_not() -> None:
    figures = played(replace(YES, disobedient=True), YES, NO)

    assert figures.flows == {"begun": 3, "token": 2, "access_denied": 1}
    assert figures.answers["slow_down"] > 3
    assert figures.totals["slow_down to obedient"] == 0
    assert is_lawful(figures)


def test_doubled_polls_buy_one_token() -> None:
    figures = played(replace(YES, doubled=True))

    assert figures.answers["token"] == 1 and figures.answers["invalid_grant"] == 1
    assert all(polls % 2 == 0 for polls in figures.polls_per_sign_in)
    assert figures.flows["token"] == 1 and is_lawful(figures)


def test_a_doubled_poll_that_costs_a_token_its_life_is_nobodys_fault() -> None:
    def revokes(server: Transport) -> Transport:
        """RFC 6749 section 4.1.2: a server should revoke what a used code has bought."""

        def answers(request: Request) -> Response:
            if request.path.endswith("/userinfo"):
                return Response(401, (("www-authenticate", "Bearer"),))
            return server(request)

        return answers

    place = street(Quick, between=revokes)
    place.moves_in(replace(YES, doubled=True), replace(YES, doubled=True, decides_after=20.0))
    place.town.passes()

    assert place.figures.flows["token"] == 2
    assert is_lawful(place.figures)


def test_somebody_in_the_middle_of_the_pages_reads_only_the_rest() -> None:
    whole, rest = played(YES), played(replace(YES, to_read=0.0))

    (early,), (late,) = rest.approval_to_token, whole.approval_to_token
    # The token comes at the same poll; the approval came three pages of a second earlier or so.
    assert early > late + 900


# --- what is counted -----------------------------------------------------------------------------


def test_a_crowd_on_the_reference_server_leaves_nothing_behind() -> None:
    place = street(Mixed)
    place.moves_in(*crowd_of(place, 60), apart=0.5)
    place.town.passes()
    figures = place.figures

    assert is_lawful(figures)
    ended = {key: count for key, count in figures.flows.items() if key != "begun"}
    assert figures.flows["begun"] == sum(ended.values()) == 60
    assert set(ended) == {"token", "access_denied", "abandoned"}
    assert sum(figures.waiting_at.values()) == sum(figures.codes_at.values()) == 0
    assert figures.answers["token"] == ended["token"] == figures.approval_to_token.total()
    assert figures.polls == figures.response.total() == sum(figures.polls_at.values())
    assert figures.polls == sum(polls * count for polls, count in figures.polls_per_sign_in.items())
    assert figures.totals["slow_down to obedient"] == figures.totals["starved"] == 0
    assert figures.answers["slow_down"] > 0
    assert place.opened == place.closed


def test_used_codes_are_gone_at_once_and_abandoned_ones_when_they_expire() -> None:
    place = street(Quick, lifetime=600)
    place.moves_in(YES, NO, GONE)
    place.town.passes()
    now = int(place.town.unix())
    codes = place.figures.codes_at

    assert sum(count for second, count in codes.items() if second <= now) == 1
    assert codes[max(codes)] == -1
    assert max(codes) - min(codes) == pytest.approx(600, abs=2)
    assert sum(place.figures.waiting_at.values()) == 0


# --- what is wrong -------------------------------------------------------------------------------


def says_pending(server: Transport) -> Transport:
    """Nobody ever gets a token."""

    def answers(request: Request) -> Response:
        if request.field("device_code") is not None:
            return Response(400, JSON, b'{"error":"authorization_pending"}')
        return server(request)

    return answers


def test_who_was_approved_and_never_hears_of_it_is_starved() -> None:
    place = street(Quick, between=says_pending)
    place.moves_in(YES, NO, GONE)
    place.town.passes(until=17.0)
    assert place.figures.totals["starved"] == 0  # two polls after the approval
    place.town.passes(until=22.0)
    assert place.figures.totals["starved"] == 1

    place = street(Quick, between=says_pending)
    flows = place.moves_in(YES, NO)
    place.town.passes(until=100.0)
    for flow in flows:
        flow.close()

    figures = place.figures
    assert figures.totals["starved"] == 1
    assert figures.unfinished == {"approved, no token yet": 1, "nobody has decided yet": 1}
    (waited,) = figures.still_waiting
    assert waited == pytest.approx(91_000, abs=2000)
    assert {one["requirement"] for one in figures.violations} == {
        "RFC8628-3.5-success",
        "RFC8628-3.3-deny-recorded",
    }


def test_whoever_had_no_time_to_poll_is_not_starved() -> None:
    place = street(Quick)
    (flow,) = place.moves_in(YES)
    place.town.passes(until=9.7)
    flow.close()

    assert place.figures.unfinished == {"approved, no token yet": 1}
    assert place.figures.totals["starved"] == 0
    assert sum(place.figures.waiting_at.values()) == sum(place.figures.codes_at.values()) == 1


@pytest.mark.parametrize(
    ("moment", "fate", "counted"),
    [
        (3.0, YES, "nobody has decided yet"),
        (3.0, replace(YES, doubled=True), "nobody has decided yet"),
        (7.5, YES, "nobody has decided yet"),  # between two pages
        (7.5, replace(YES, disobedient=True), "nobody has decided yet"),
        (40.0, GONE, ""),
    ],
)
def test_a_flow_that_is_stopped_is_counted_once_and_breaks_nothing(
    moment: float, fate: Fate, counted: str
) -> None:
    place = street(Quick)
    (flow,) = place.moves_in(fate)
    place.town.passes(until=moment)
    if counted:
        flow.close()

    figures = place.figures
    assert figures.unfinished == ({counted: 1} if counted else {})
    assert figures.flows.total() == (1 if counted else 2)
    assert is_lawful(figures)


def test_who_is_stopped_before_the_first_turn_has_come_and_is_counted() -> None:
    place = street(Quick)
    (flow,) = place.moves_in(YES)
    flow.close()

    assert place.figures.flows == {"begun": 1}
    assert place.figures.unfinished == {"nobody has decided yet": 1}
    assert place.figures.unaccounted == 0 and is_lawful(place.figures)


def test_a_person_who_is_late_decides_nothing_for_a_flow_that_is_over() -> None:
    place = street(Quick, lifetime=20)
    place.moves_in(replace(YES, decides_after=40.0))
    place.town.passes()

    assert place.figures.flows == {"begun": 1, "expired_token": 1}
    assert place.town.now() == pytest.approx(40.0, abs=0.1)  # nobody opened a page
    assert is_lawful(place.figures)
