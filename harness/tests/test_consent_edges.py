"""Pages on which a careless visitor approves by accident, accuses wrongly, or never ends."""

from __future__ import annotations

import pytest

from harness.consent import Browser, Outcome, Person, Visit, Wish, consent_from
from harness.tests.consent_sites import ALICE, Site, codes_of
from harness.tests.consent_sites.frame import Ask, go, page
from harness.tests.consent_sites.snares import (
    AllInOneWithoutRefusal,
    CodeIsEnough,
    CodeIsEnoughByLink,
    CodeLikeAPassword,
    ExpiredPage,
    ForgetsCodeAtSignIn,
    LinksWithMethods,
    LoopsForEver,
    MadeByScript,
    NoRefusal,
    NoRefusalFirst,
    PeopleAsButtons,
    RefusesLate,
    SecondFactor,
    SentByScript,
    StaySignedIn,
    StrangeWords,
)
from harness.tests.consent_sites.traps import (
    ConnectorsInForms,
    NameIsEnough,
    OnlyARefusalToPress,
    RefusesTheForgery,
    ResetsByScript,
    SearchesForTheCode,
    YesAndNoAfterError,
)
from harness.wire import NoAnswer, Request, Response


def visit(
    site: Site,
    wish: Wish,
    person: Person | None = ALICE,
    *,
    typed: str | None = None,
    by_link: bool = False,
) -> Visit:
    return consent_from("forms").decide(
        codes_of(site), wish, person, Browser(site, now=lambda: 0.0), typed=typed, by_link=by_link
    )


@pytest.mark.parametrize("wish", [Wish.DENY, Wish.LOOK])
@pytest.mark.parametrize("kind", [NoRefusal, CodeIsEnough, AllInOneWithoutRefusal])
def test_nobody_approves_by_accident(kind: type[Site], wish: Wish) -> None:
    site = kind()

    found = visit(site, wish)

    assert site.state == "pending"
    assert found.outcome is (Outcome.STUCK if wish is Wish.DENY else Outcome.OFFERED), found
    assert found.refusal is None


@pytest.mark.parametrize("kind", [NoRefusal, CodeIsEnough, AllInOneWithoutRefusal])
def test_a_page_without_refusal_can_be_approved(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE)

    assert (found.outcome, site.state) == (Outcome.DECIDED, "approved"), found


def test_a_code_that_is_enough_and_wrong_is_refused() -> None:
    site = CodeIsEnough()

    found = visit(site, Wish.APPROVE, typed="QQQQ-QQQQ")

    assert (found.outcome, site.state) == (Outcome.REFUSED, "pending")
    assert "not valid" in found.message


def test_a_server_that_decides_alone_is_told_of() -> None:
    site = CodeIsEnoughByLink()

    found = visit(site, Wish.LOOK, by_link=True)

    assert (found.outcome, found.decision) == (Outcome.DECIDED, None)
    assert "without asking" in found.message


def test_an_approval_teaches_which_pages_decide_nothing() -> None:
    site, consent = NoRefusalFirst(), consent_from("forms")
    before = consent.decide(codes_of(site), Wish.DENY, ALICE, Browser(site))
    assert (before.outcome, site.state) == (Outcome.STUCK, "pending")
    consent.decide(codes_of(site), Wish.APPROVE, ALICE, Browser(site))
    site.state = "pending"

    after = consent.decide(codes_of(site), Wish.DENY, ALICE, Browser(site))

    assert (after.outcome, site.state) == (Outcome.DECIDED, "denied"), after


@pytest.mark.parametrize("kind", [MadeByScript, SentByScript, SecondFactor, StrangeWords])
def test_who_cannot_go_on_says_why(kind: type[Site]) -> None:
    site = kind()

    found = visit(site, Wish.APPROVE)

    assert (found.outcome, site.state) == (Outcome.STUCK, "pending"), found
    assert '[consent] kind = "browser"' in found.message
    assert site.code not in found.message


@pytest.mark.parametrize("wish", [Wish.APPROVE, Wish.DENY, Wish.LOOK])
@pytest.mark.parametrize(
    "kind",
    [
        StaySignedIn,
        PeopleAsButtons,
        LinksWithMethods,
        ForgetsCodeAtSignIn,
        SearchesForTheCode,
        NameIsEnough,
        ResetsByScript,
        ConnectorsInForms,
    ],
)
def test_detours_are_taken(kind: type[Site], wish: Wish) -> None:
    site = kind()

    found = visit(site, wish)

    wanted = {Wish.APPROVE: "approved", Wish.DENY: "denied", Wish.LOOK: "pending"}[wish]
    assert site.state == wanted, found
    assert found.outcome is (Outcome.OFFERED if wish is Wish.LOOK else Outcome.DECIDED), found


def test_a_code_field_that_hides_what_is_typed_is_no_password() -> None:
    site = CodeLikeAPassword()

    found = visit(site, Wish.APPROVE)

    assert (found.outcome, site.state) == (Outcome.DECIDED, "approved"), found


def test_a_code_that_is_checked_after_signing_in_is_refused_then() -> None:
    site = RefusesLate()

    found = visit(site, Wish.APPROVE, typed="QQQQ-QQQQ")

    assert (found.outcome, site.state) == (Outcome.REFUSED, "pending"), found


@pytest.mark.parametrize("wish", [Wish.APPROVE, Wish.DENY])
def test_an_answer_that_was_not_taken_is_no_decision(wish: Wish) -> None:
    site = ExpiredPage()

    found = visit(site, wish)

    assert found.outcome is Outcome.REFUSED, found
    assert "expired" in found.message


def test_enter_is_not_pressed_where_it_would_refuse() -> None:
    site = OnlyARefusalToPress()

    found = visit(site, Wish.APPROVE)

    assert (found.outcome, site.state) == (Outcome.STUCK, "pending"), found


def test_a_forgery_check_is_no_refusal() -> None:
    found = visit(RefusesTheForgery(), Wish.DENY)

    assert found.outcome is Outcome.REFUSED
    assert "CSRF" in found.message


def test_the_way_back_from_an_error_is_no_decision() -> None:
    for wish in Wish:
        found = visit(YesAndNoAfterError(), wish, typed="QQQQ-QQQQ")

        assert found.outcome is Outcome.REFUSED, found


def test_redirects_without_end_come_to_an_end() -> None:
    site = LoopsForEver()

    found = visit(site, Wish.APPROVE)

    assert found.outcome is Outcome.STUCK
    assert len(site.asked) < 20


def test_a_page_that_comes_back_for_ever_comes_to_an_end() -> None:
    class Again(Site):
        def answer(self, ask: Ask) -> Response:
            if ask.path == "/device" and ask.method == "GET":
                return page(
                    "<form method='post'>Code <input name='code'><button>Go</button></form>"
                )
            number = int(ask["n"] or 0) + 1
            return page(
                f"<p>Step {number}</p><form method='post' action='/s{number}'><input type='hidden' "
                f"name='n' value='{number}'><button>Allow</button><button "
                "name='no'>Deny</button></form>"
            )

    site = Again()

    found = visit(site, Wish.APPROVE)

    assert len(site.asked) < 20
    assert found.outcome is Outcome.DECIDED, found


def test_no_answer_passes_through() -> None:
    def send(request: Request) -> Response:
        raise NoAnswer("reset", "the connection was reset")

    with pytest.raises(NoAnswer, match="reset"):
        consent_from("forms").decide(codes_of(Site()), Wish.APPROVE, ALICE, Browser(send))


@pytest.mark.parametrize("status", [404, 500, 200])
def test_a_verification_page_that_is_none_is_not_blamed_on_the_code(status: int) -> None:
    class Nothing(Site):
        def answer(self, ask: Ask) -> Response:
            return page("<h1>Nothing here</h1>", status)

    found = visit(Nothing(), Wish.APPROVE)

    assert found.outcome is Outcome.STUCK
    assert str(status) in found.message
    assert not found.code_sent


def test_a_link_that_leads_to_an_error_is_refused() -> None:
    class Gone(Site):
        def answer(self, ask: Ask) -> Response:
            return page("<h1>This link is no longer valid</h1>", 410)

    found = visit(Gone(), Wish.APPROVE, by_link=True)

    assert (found.outcome, found.code_sent) == (Outcome.REFUSED, True)


def test_the_link_that_was_never_sent_is_named() -> None:
    codes = codes_of(Site())
    bare = type(codes)(codes.user_code, codes.verification_uri)

    found = consent_from("forms").decide(bare, Wish.LOOK, ALICE, Browser(Site()), by_link=True)

    assert found.outcome is Outcome.STUCK
    assert "verification_uri_complete" in found.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00<form",
        b"<div>" * 20_000,
        b"<form><input name='user_code'" + b" x" * 50_000,
        b"<form action='http://[' method=post>Code<input name=code><button formaction='http://['>Go",
        b"<meta http-equiv=refresh content='0;url=http://['><base href='http://['><a href='http://['>x",
        b"{}",
    ],
    ids=["empty", "binary", "deep", "attributes", "bad action", "bad base", "json"],
)
def test_whatever_comes_there_is_an_outcome(body: bytes) -> None:
    def send(request: Request) -> Response:
        return Response(200, (("content-type", "text/html"),), body)

    found = consent_from("forms").decide(codes_of(Site()), Wish.APPROVE, ALICE, Browser(send))

    assert found.outcome in {Outcome.STUCK, Outcome.REFUSED}


def test_what_leads_out_of_the_web_is_not_followed() -> None:
    class Out(Site):
        def answer(self, ask: Ask) -> Response:
            return go("tv-app://done")

    found = visit(Out(), Wish.APPROVE)

    assert found.outcome is Outcome.STUCK
    assert found.pages[-1].status == 302
