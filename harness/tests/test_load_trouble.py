from __future__ import annotations

from contextlib import suppress

import pytest

from harness.clock import VirtualClock
from harness.runners.load.profile import Fate, Profile
from harness.runners.load.trouble import FORMS, Fault, Outage, Trouble, troubles
from harness.target import TargetError
from harness.tests.households import NO, STAYS_ON, YES, Quick, Street, is_lawful, street
from harness.wire import NoAnswer, Request, Response

POLL = Request("POST", "https://as.example/token")
OK = Response(200)


class Line:
    """Counts what reaches the server."""

    def __init__(self) -> None:
        self.heard = 0
        self.closed = False

    def __call__(self, request: Request) -> Response:
        self.heard += 1
        return OK

    sends = __call__

    def ready(self) -> None:
        """Nobody holds it back."""

    def close(self) -> None:
        self.closed = True


def said(words: str, times: int = 1) -> tuple[list[Response | NoAnswer], Line]:
    """What comes of so many requests under a trouble."""
    line, found = Line(), list[Response | NoAnswer]()
    befallen = Trouble(*troubles(words), VirtualClock(), "seed").befalls(line)
    for _ in range(times):
        try:
            found.append(befallen(POLL))
        except NoAnswer as problem:
            found.append(problem)
    return found, line


# --- words ---------------------------------------------------------------------------------------


def test_words_become_faults_and_outages() -> None:
    assert troubles("") == troubles(" , ") == ((), ())
    assert troubles("5% 503, 0.02 RESET,1 % lost , outage at 20 for 5.5, 3% 429 retry-after 2") == (
        (
            Fault(0.05, "503"),
            Fault(0.02, "reset"),
            Fault(0.01, "lost"),
            Fault(0.03, "429", 2.0),
        ),
        (Outage(20.0, 5.5),),
    )


@pytest.mark.parametrize(
    "nonsense",
    ["5%", "503", "5% 404", "-1% 503", "many 503", "5% 503 retry-after soon", "outage at 5",
     "outage for 5", "5% 503; 5% 429", "5% 503 5% 429", "nan 503", "1e-3 503"],
)  # fmt: skip
def test_whatever_is_not_understood_is_answered_with_the_forms(nonsense: str) -> None:
    with pytest.raises(TargetError) as refused:
        troubles(f"1% 500, {nonsense}")

    assert all(form in str(refused.value) for form in FORMS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("60% 503, 41% reset", "more than 1"),
        ("2 503", "more than 1"),
        ("9" * 400 + " 503", "more than 1"),
        ("5% reset retry-after 3", "Retry-After goes with"),
        ("5% 500 retry-after 3", "Retry-After goes with"),
    ],
)
def test_what_can_be_said_and_cannot_be_is_explained(words: str, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        troubles(words)


# --- what each does ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_is_put_in_and_marked_as_ours(status: int) -> None:
    (found,), line = said(f"100% {status}")

    assert isinstance(found, Response)
    assert (found.status, found.header("retry-after")) == (status, None)
    assert found.header("x-devicegrant-injected") == str(status)
    assert line.heard == 0


def test_retry_after_is_said_in_seconds() -> None:
    (found,), _ = said("100% 503 retry-after 7")

    assert isinstance(found, Response)
    assert found.header("retry-after") == "7"
    assert found.header("x-devicegrant-injected") == "503 with Retry-After"


@pytest.mark.parametrize(
    ("words", "reason", "detail", "heard"),
    [
        ("100% reset", "reset", "injected: reset", 0),
        ("100% lost", "timeout", "injected: lost answer", 1),
        ("outage at 0 for 1", "refused", "injected: outage", 0),
    ],
)
def test_a_broken_line_is_marked_as_ours_and_a_lost_answer_has_reached_the_server(
    words: str, reason: str, detail: str, heard: int
) -> None:
    (found,), line = said(words)

    assert isinstance(found, NoAnswer)
    assert (found.reason, found.detail, line.heard) == (reason, detail, heard)


def test_closing_a_troubled_line_closes_the_line() -> None:
    line = Line()
    Trouble((), (), VirtualClock(), "seed").befalls(line).close()

    assert line.closed


def test_shares_are_kept_and_follow_from_the_seed() -> None:
    found, line = said("10% 503, 5% reset, 20% lost", times=4000)
    names = [one.status if isinstance(one, Response) else one.detail for one in found]

    assert names.count(503) == pytest.approx(400, abs=80)
    assert names.count("injected: reset") == pytest.approx(200, abs=60)
    assert names.count("injected: lost answer") == pytest.approx(800, abs=110)
    assert line.heard == names.count(200) + names.count("injected: lost answer")
    again, _ = said("10% 503, 5% reset, 20% lost", times=4000)
    assert names == [one.status if isinstance(one, Response) else one.detail for one in again]


def test_outages_come_and_go_by_the_clock_of_the_run() -> None:
    clock, line = VirtualClock(), Line()
    clock.sleep(1000.0)  # the process is older than the run
    trouble = Trouble(*troubles("outage at 5 for 2, outage at 9 for 1"), clock, "seed")
    befallen = trouble.befalls(line)
    reached = []
    for _ in range(12):
        before = line.heard
        with suppress(NoAnswer):
            befallen(POLL)
        reached.append(line.heard > before)
        clock.sleep(1.0)

    assert [second for second in range(12) if not reached[second]] == [5, 6, 9]


# --- households under trouble --------------------------------------------------------------------


class Anxious(Quick):
    """Devices that ask again."""

    again = True


def under(
    words: str, *fates: Fate, profile: type[Profile] = Anxious, until: float = 400.0
) -> Street:
    """A street with trouble on the lines of its devices."""
    place = street(profile)
    trouble = Trouble(*troubles(words), place.town, "seed")
    line = place.line
    place.line = lambda: trouble.befalls(line())  # type: ignore[method-assign, assignment, return-value]
    place.moves_in(*fates, apart=0.5)
    place.town.passes(until)
    return place


def test_households_get_through_and_nobody_else_is_blamed() -> None:
    words = "10% 503 retry-after 2, 5% 503, 5% 429, 5% 500, 5% reset"
    place = under(words, *[YES] * 20, NO)
    figures = place.figures

    assert is_lawful(figures)
    assert set(figures.injected) == {"503 with Retry-After", "503", "429", "500", "reset"}
    assert figures.flows["token"] == 20 and figures.flows["access_denied"] == 1
    # What we put in ourselves is no answer of the target, and it was not put off by it.
    assert not figures.busy and not figures.network
    assert set(figures.answers) <= {"authorization_pending", "token", "access_denied", "slow_down"}


def test_a_device_asks_again_after_an_outage() -> None:
    place = under("outage at 0 for 3", YES)

    assert place.figures.flows["token"] == 1
    assert place.figures.injected["outage"] >= 1
    assert is_lawful(place.figures)


def test_a_device_gives_up_when_nothing_ever_comes_back() -> None:
    place = under("outage at 4 for 999", STAYS_ON, profile=Quick)

    assert place.figures.flows == {"begun": 1, "gave up": 1}
    assert place.figures.injected == {"outage": 4}
    assert is_lawful(place.figures)


def test_a_token_whose_answer_was_lost_is_not_the_servers_fault() -> None:
    place = under("40% lost", *[YES] * 10, until=900.0)
    figures = place.figures
    assert figures.injected["lost answer"] > 5
    # The code was used up by the poll whose answer nobody heard.
    assert figures.answers["invalid_grant"] > 0
    assert is_lawful(figures)


def test_a_device_comes_back_when_it_was_asked_to_and_not_for_ever() -> None:
    asked: list[float] = []

    def busy(_: Request) -> Response:
        asked.append(place.town.now())
        return Response(503, (("retry-after", "40"),))

    place = street(Quick, between=lambda _: busy)
    place.moves_in(YES)
    place.town.passes()

    assert place.figures.flows == {"begun": 1, "no codes": 1}
    assert place.figures.busy == {"device_authorization": 4}
    assert asked == pytest.approx([0.0, 40.0, 80.0, 120.0], abs=1.0)
    assert is_lawful(place.figures)
