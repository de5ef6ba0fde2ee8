"""Who is not blamed under load, and what is not told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from harness.consent import consent_from
from harness.runners.load.figures import MOST_MESSAGES, OTHERS, Figures
from harness.runners.load.guessing import BROWSERS, guesses
from harness.runners.load.plan import Ceiling
from harness.runners.load.profile import Fate
from harness.runners.load.quoting import quoted_blindly
from harness.runners.load.sign_in import SignIn
from harness.tests.households import NO, YES, Quick, Street, is_lawful, played, street
from harness.transcript import Exchange
from harness.wire import Answer, Request, Response, Transport

JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html"),)
PENDING = Response(400, JSON, b'{"error":"authorization_pending"}')


class Mistaken(Quick):
    """Some people type wrong codes."""

    mistype = 0.1


def pages_say(status: int, html: bytes, *, first: bool = True) -> Callable[[Transport], Transport]:
    """The verification page shows nothing else, or not once a code was typed."""

    def between(server: Transport) -> Transport:
        def answers(request: Request) -> Response:
            here = request.path.startswith("/go") if first else request.field("user_code")
            return Response(status, HTML, html) if here else server(request)

        return answers

    return between


def polls_hear(*first: Response) -> Callable[[Transport], Transport]:
    """The first polls of all hear this."""

    def between(server: Transport) -> Transport:
        left = list(first)

        def answers(request: Request) -> Response:
            poll = request.field("device_code") is not None
            return left.pop(0) if poll and left else server(request)

        return answers

    return between


def lived(place: Street, *fates: Fate, until: float = 60.0) -> Figures:
    for flow in place.moves_in(*fates):
        place.town.starts(partial(_stops, flow), until)
    place.town.passes(until=until + 1)
    return place.figures


def _stops(flow: SignIn) -> None:
    if not flow.over:
        flow.close()


# --- people --------------------------------------------------------------------------------------


def test_pages_that_nobody_can_follow_are_not_held_against_the_target() -> None:
    figures = lived(street(Quick, between=pages_say(200, b"<p>Welcome</p>")), YES)

    assert figures.totals["hindered visits"] == 1 and not figures.unexpected


def test_who_shares_an_address_with_people_that_mistype_may_be_refused() -> None:
    refuses = pages_say(400, b"<p>Too many wrong codes</p>", first=False)
    accused, excused = (lived(street(one, between=refuses), YES) for one in (Quick, Mistaken))

    assert [name.partition(":")[0] for name in accused.unexpected] == ["consent"]
    assert excused.totals["hindered visits"] == 1 and not excused.unexpected


def one_token_for_all(server: Transport) -> Transport:
    tokens: list[Response] = []

    def answers(request: Request) -> Response:
        response = server(request)
        if b"access_token" in response.body:
            tokens.append(response)
            return tokens[0]
        return response

    return answers


@pytest.mark.parametrize(("others", "found"), [(0, False), (1, True)])
def test_only_the_same_person_may_be_given_the_same_token(others: int, found: bool) -> None:
    place = street(Quick, between=one_token_for_all)
    place.moves_in(YES, replace(YES, person=others), apart=3.0)
    place.town.passes()

    assert ("two codes bought the same token (UA-user-identity)" in place.figures.unexpected) is (
        found
    )
    assert not found or place.figures.violations


def _slow_tokens(place: Street) -> Transport:
    """A token travels longer than whatever is said after it."""
    server = place.server

    def answers(request: Request) -> Response:
        response = server(request)
        if b"access_token" in response.body:
            place.town.sleep(1.0)
        return response

    return answers


# --- devices -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token_is_lost", "answer"), [(True, Answer.INVALID_GRANT), (False, Answer.TOKEN)]
)
def test_half_a_pair_that_the_end_of_the_run_cut_accuses_nobody(
    token_is_lost: bool, answer: Answer
) -> None:
    place = street(Quick)
    if token_is_lost:
        place.server = _slow_tokens(place)
    (flow,) = place.moves_in(replace(YES, doubled=True))
    late: list[Exchange] = []
    while not late and place.town.now() < 30.0:
        place.town.passes(until=place.town.now() + 0.001)
        late = [one for one in flow.device.polls if one.ended > 12.0]
    flow.close()

    assert [one.answer for one in late] == [answer]
    assert is_lawful(place.figures)


def test_what_comes_before_the_sending_is_no_response_time() -> None:
    place = street(Quick)
    rows: list[tuple[str, float]] = []
    place.tally.rows = lambda kind, name, seconds, _: rows.append((kind + name, seconds))
    line = place.line

    def held() -> object:
        wire = line()
        wire.ready = lambda: place.town.sleep(2.0)  # type: ignore[method-assign]
        return wire

    place.line = held  # type: ignore[method-assign, assignment]
    place.moves_in(YES)
    place.town.passes()

    # Two polls and one for codes: each was held back, and nobody's time is told as the target's.
    assert place.town.now() > 3 * 2.0 + 2 * 5.0
    assert max(place.figures.response) < 100
    assert max(seconds for name, seconds in rows if name.startswith("HTTP")) < 0.1
    assert {name for name, _ in rows} >= {"HTTPpoll: token", "HTTPconsent: approve"}
    assert is_lawful(place.figures)


def test_whoever_backs_off_does_so_once() -> None:
    place = street(Quick, between=polls_hear(Response(503, (("retry-after", "8"),))))
    (flow,) = place.moves_in(NO)
    place.town.passes()

    first, second = flow.device.polls[0], flow.device.polls[-1]
    assert len(flow.device.polls) == 2
    assert second.began - first.ended == pytest.approx(8.0, abs=0.1)
    assert place.figures.harmed_at == {int(place.town.unix() - place.town.now() + first.ended): 1}


def test_who_was_starved_stays_so_when_the_token_comes_in_the_end() -> None:
    late = lived(street(Quick, between=polls_hear(*[PENDING] * 4)), YES)
    soon = lived(street(Quick, between=polls_hear(*[PENDING] * 3)), YES)

    assert (late.flows["token"], late.totals["starved"]) == (1, 1)
    assert (soon.flows["token"], soon.totals["starved"]) == (1, 0)


def test_a_slowed_down_device_is_harmed_if_it_was_obedient() -> None:
    slow = Response(400, JSON, b'{"error":"slow_down"}')
    assert lived(street(Quick, between=polls_hear(slow)), NO).harmed_at.total() == 1
    assert not played(replace(NO, disobedient=True)).harmed_at


def test_a_ceiling_tells_also_of_those_who_did_not_wait() -> None:
    place, waited = street(), list[float]()
    ceiling = Ceiling(10.0, place.town, waited.append)
    for pause in (1.0, 0.0, 1.0):
        ceiling.passes()
        place.town.sleep(pause)

    assert waited == pytest.approx([0.0, 0.0, 0.1])


# --- guesses -------------------------------------------------------------------------------------


def test_a_guesser_who_has_no_pages_is_counted() -> None:
    place = street()
    place.tally.venue = replace(place.tally.venue, consent=consent_from("none"))
    guesses(place, 1.0)
    place.town.passes()

    assert place.figures.guesses == {"no page to guess at": BROWSERS}
    assert not place.figures.harness_errors and place.opened == place.closed == BROWSERS


def test_a_guesser_that_breaks_is_counted() -> None:
    def breaks(_: Request) -> Response:
        raise RuntimeError("of our own")

    place = street()
    place.server = breaks
    guesses(place, 1.0)
    place.town.passes()

    assert place.figures.harness_errors == {"RuntimeError: of our own": BROWSERS}


# --- messages ------------------------------------------------------------------------------------


def test_messages_and_violations_of_many_processes_have_an_end() -> None:
    together = Figures()
    for process in range(5):
        one = Figures()
        for number in range(15):
            one.violates(f"rule {process}", f"a token {number} s after the end", [])
            one.wrong(f"wrong {process}.{number}")
            one.arguable(f"odd {process}.{number}")
            one.broke(f"broke {process}.{number}")
        together.add(one.take())

    for messages in (together.unexpected, together.tolerated, together.harness_errors):
        assert len(messages) == MOST_MESSAGES + 1 and messages[OTHERS]
    assert together.unexpected.total() == 150 and together.tolerated.total() == 75
    assert together.unexpected["a token after the end (rule 0)"] == 15
    assert [one["requirement"] for one in together.violations].count("rule 0") == 3
    assert len(together.violations) == 12


def test_what_a_target_says_is_neither_secret_nor_a_command() -> None:
    codes: list[str] = []

    def tells(server: Transport) -> Transport:
        def answers(request: Request) -> Response:
            code = request.field("device_code")
            if code is None:
                return server(request)
            codes.append(code)
            named = b'{"%s":1}' % code.encode()
            error = b'{"error":"%s \\u001b[2J"}' % code.encode()
            return Response(400, JSON, named if len(codes) % 2 else error)

        return answers

    place = street(Quick, between=tells)
    told: list[str] = []
    place.tally.rows = lambda _kind, name, _seconds, problem: told.extend((name, problem))
    place.moves_in(NO, replace(YES, disobedient=True))
    place.town.passes()

    kept = repr(place.figures) + repr(told)
    assert place.figures.unexpected and len(codes) >= 2
    assert any("JSON members <" in told for told in place.figures.unexpected)
    assert not [code for code in codes if code in kept or code[:12] in kept]
    assert "\\x1b" not in kept


def test_an_exception_is_told_without_what_it_carries() -> None:
    told = quoted_blindly("KeyError: 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS' \x1b[2J")

    assert told == "KeyError: '<value>' \\x1b[2J"
