"""RFC 8628 section 3.3: a person opens the page, types the code, and decides."""

from __future__ import annotations

import re

from harness.consent import Outcome, Visit, Wish
from harness.oracle import expiry_slack
from harness.requirements import verifies
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import STILL_OPEN, brings_token, collects, stays_open, token_collected
from scenarios.user_codes import another_code, plain
from simulators.device import Device
from simulators.user import User


@verifies(
    "RFC8628-3.3-interaction",
    "RFC8628-6.1-displayed-accepted",
    "RFC8628-3.3-tls-session",
    "RFC8628-3.3-no-device_code-page",
    "RFC8628-3.3-return-instruction",
)
def test_a_person_types_the_code_as_displayed(device: Device, user: User, judge: Judge) -> None:
    """Somebody opens the page, types what the screen shows, approves, and the device gets in."""
    device.begin()

    visit = user.decides(Wish.APPROVE, device)

    if visit.outcome is Outcome.REFUSED:
        _refused_as_displayed(device, user, judge, visit)
        return
    given(visit.outcome is Outcome.DECIDED, f"the approval did not end: {visit.message}")
    polled = collects(device)
    brings_token(judge, "RFC8628-3.3-interaction", polled)
    if polled.answer is Answer.TOKEN:
        judge.holds("RFC8628-6.1-displayed-accepted", condition=True, evidence=(polled,))
    last = visit.page
    judge.holds(
        "RFC8628-3.3-return-instruction",
        last is None or (last.status < 300 and _sends_back(last.text)),
        received="a last page that does not send the person back to the device",
    )


def _refused_as_displayed(device: Device, user: User, judge: Judge, visit: Visit) -> None:
    """Blame the pages only if the same person gets in by another way."""
    if plain(device.user_code) != device.user_code:
        device.begin()
        user.decides(Wish.APPROVE, device, typed=plain(device.user_code))
        if heard(device.waits_and_polls()) is Answer.TOKEN:
            _blame("RFC8628-6.1-displayed-accepted", "without its separators", device, judge)
            return
    device.begin()
    if device.codes.verification_uri_complete is not None:
        user.decides(Wish.APPROVE, device, by_link=True)
        if heard(device.waits_and_polls()) is Answer.TOKEN:
            _blame("RFC8628-3.3-interaction", "by verification_uri_complete", device, judge)
            return
    given(condition=False, reason=f"nobody got in, by no way: {visit.message}", blame="person")


def _blame(requirement: str, way: str, device: Device, judge: Judge) -> None:
    judge.holds(
        requirement,
        condition=False,
        expected="the user_code to be accepted as displayed",
        received=f"a refusal, though it is accepted {way}",
        evidence=device.polls,
    )


@verifies("RFC8628-3.3-authenticate-user", "UA-cache")
def test_nobody_approves_anonymously(device: Device, user: User, judge: Judge) -> None:
    """Whoever knows the code but does not sign in approves nothing."""
    device.begin()

    visit = user.looks(device, signed_in=False)
    if visit.outcome is Outcome.OFFERED:
        user.presses_again(visit, device, approve=True)
    polled = device.waits_and_polls()

    stays_open(judge, "RFC8628-3.3-authenticate-user", polled)
    if visit.page is not None and visit.page.forms:
        control = visit.page.response.header("cache-control") or ""
        judge.holds(
            "UA-cache",
            "no-store" in control.lower(),
            received=f"a page of the interaction with Cache-Control: {control or 'none'}",
        )


@verifies("RFC8628-3.3-choice")
def test_typing_the_code_is_not_yet_a_yes(device: Device, user: User, judge: Judge) -> None:
    """After the code was typed, and before anything was pressed, the device still waits."""
    device.begin()

    visit = user.looks(device)
    polled = device.waits_and_polls()

    given(visit.outcome is not Outcome.REFUSED, f"the code was refused: {visit.message}")
    stays_open(judge, "RFC8628-3.3-choice", polled)
    if visit.outcome is Outcome.OFFERED:
        judge.holds(
            "RFC8628-3.3-choice",
            visit.refusal is not None,
            expected="a way to say no beside the way to say yes",
            received="no way to refuse",
        )


@verifies("RFC8628-3.3-no-code-no-effect")
def test_a_code_that_nobody_was_given_leads_nowhere(
    device: Device, user: User, judge: Judge
) -> None:
    """A code of the right shape that was never issued leads to no consent page."""
    device.begin()

    visit = user.looks(device, typed=another_code(device.user_code))
    polled = device.waits_and_polls()

    given(
        _typed(visit) or visit.outcome is Outcome.REFUSED,
        "the page asks for code and decision in one step, so that nothing can be seen in between",
        "person",
    )
    judge.holds(
        "RFC8628-3.3-no-code-no-effect",
        visit.outcome is Outcome.REFUSED and heard(polled) is not Answer.TOKEN,
        expected="an error and a chance to retry",
        received=f"{visit.outcome.value}: {visit.message or 'a consent page'}",
        evidence=(polled,),
    )


@verifies("RFC8628-3.3-device_code-not-enterable")
def test_the_device_code_is_nothing_to_type(device: Device, user: User, judge: Judge) -> None:
    """The secret code of the device does not open the page that the user_code opens."""
    device.begin()

    visit = user.looks(device, typed=device.device_code)

    given(_typed(visit) or visit.outcome is Outcome.REFUSED, "nothing can be seen", "person")
    judge.holds(
        "RFC8628-3.3-device_code-not-enterable",
        visit.outcome is not Outcome.OFFERED,
        expected="an error page",
        received="a consent page",
    )


@verifies("RFC8628-3.3-expired-code-page")
def test_an_expired_code_opens_nothing(device: Device, user: User, judge: Judge) -> None:
    """Who types a code after its time is told so and can approve nothing."""
    device.begin()
    device.world.wait(device.expires_in + expiry_slack(device.expires_in))

    visit = user.decides(Wish.LOOK, device)
    if visit.outcome is Outcome.OFFERED:
        user.presses_again(visit, device, approve=True)
    polled = device.poll()

    judge.holds(
        "RFC8628-3.3-expired-code-page",
        heard(polled) is not Answer.TOKEN
        and not (visit.code_sent and visit.outcome is Outcome.OFFERED),
        expected="an error page, and no token",
        received=f"{'a consent page' if visit.outcome is Outcome.OFFERED else visit.outcome.value}"
        f", then {describe(polled)}",
        evidence=(polled,),
    )


@verifies("RFC8628-3.3-used-code-page")
def test_a_used_code_is_used_up(device: Device, user: User, other_user: User, judge: Judge) -> None:
    """After one person approved, nobody else can do anything with the same code."""
    device.begin()
    user.approve(device)
    token_collected(device)

    visit = other_user.looks(device)

    judge.holds(
        "RFC8628-3.3-used-code-page",
        not (visit.code_sent and visit.outcome is Outcome.OFFERED),
        expected="an error or a notice",
        received="a consent page for a code that was used",
    )


@verifies(
    "RFC8628-3.3-deny-recorded", "RFC8628-3.5-access_denied", "RFC8628-3.5-access_denied-repeat"
)
def test_a_refusal_reaches_the_device(device: Device, user: User, judge: Judge) -> None:
    """When the person says no, the device hears access_denied, and never anything better."""
    device.begin()

    user.deny(device)
    first = collects(device)
    later = device.waits_and_polls()

    given(
        first.answer in {*STILL_OPEN, *ENDS, Answer.TOKEN},
        f"a device that polls hears {describe(first)}",
    )
    judge.holds(
        "RFC8628-3.3-deny-recorded",
        first.answer not in STILL_OPEN,
        expected="access_denied",
        received=describe(first),
        evidence=(first,),
    )
    if first.answer not in STILL_OPEN:
        judge.answers("RFC8628-3.5-access_denied", first, {Answer.DENIED})
    judge.answers(
        "RFC8628-3.5-access_denied-repeat",
        later,
        {Answer.DENIED, Answer.INVALID_GRANT, Answer.EXPIRED},
        tolerated={Answer.SLOW_DOWN},
    )


ENDS = {Answer.DENIED, Answer.INVALID_GRANT, Answer.EXPIRED}


@verifies("RFC8628-3.3-deny-final")
def test_a_refusal_is_final(device: Device, user: User, judge: Judge) -> None:
    """Going back in the browser after a no and pressing yes changes nothing."""
    device.begin()
    visit = user.looks(device)
    given(visit.outcome is Outcome.OFFERED, f"no decision was offered: {visit.message}", "person")
    user.deny(device)

    user.presses_again(visit, device, approve=True)
    user.decides(Wish.APPROVE, device)
    polled = device.waits_and_polls()

    if heard(polled) is Answer.TOKEN:
        _a_refusal_counts(device, user)
    judge.holds(
        "RFC8628-3.3-deny-final",
        heard(polled) is not Answer.TOKEN,
        expected="no token, ever",
        received=describe(polled),
        evidence=(polled,),
    )


def _a_refusal_counts(device: Device, user: User) -> None:
    """Take for granted that a refusal alone reaches the server, whoever is to blame if not."""
    fresh = Device(device.world, device.client, "fresh display")
    fresh.begin()
    user.deny(fresh)
    polled = collects(fresh)
    given(polled.answer in ENDS, f"a refusal alone is not recorded: {describe(polled)}")


@verifies("RFC8628-3.3-approve-final")
def test_a_late_yes_revives_nothing(device: Device, user: User, judge: Judge) -> None:
    """Pressing yes once more after the token was collected does not make the code good again."""
    device.begin()
    visit = user.approve(device)
    token_collected(device)

    user.presses_again(visit, device, approve=True)
    user.decides(Wish.APPROVE, device)
    polled = device.waits_and_polls()

    judge.holds(
        "RFC8628-3.3-approve-final",
        heard(polled) not in {Answer.TOKEN, Answer.PENDING},
        expected="invalid_grant",
        received=describe(polled),
        evidence=(polled,),
    )


def _typed(visit: Visit) -> bool:
    """Whether the server has seen what was typed; a link may have spared the typing."""
    return visit.code_sent and any(step.startswith("typed") for step in visit.steps)


def _sends_back(text: str) -> bool:
    return bool(_BACK.search(text.lower()))


_BACK = re.compile(
    r"\b(return|back|close|zurück|schließen|retourn|revenir|fermer|volver|cerrar|voltar|fechar|"
    r"torna|chiud|terug|sluit)"
)
"""How pages say that one may go back to the device now; for information only."""
