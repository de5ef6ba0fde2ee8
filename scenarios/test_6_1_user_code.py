"""RFC 8628 section 6.1: how people type what they see."""

from __future__ import annotations

from harness.consent import Outcome, Visit, Wish
from harness.requirements import verifies
from harness.verdict import Judge, NotApplicable, given, heard
from harness.wire import Answer
from scenarios.user_codes import plain, separators, with_a_twin
from simulators.device import Device
from simulators.user import User

TRIES = 5
"""Codes that are asked for until one has a character with a look-alike."""


@verifies("RFC8628-6.1-case")
def test_case_does_not_matter(device: Device, user: User, judge: Judge) -> None:
    """Who types the letters of the code in the other case gets on all the same."""
    device.begin()
    letters = [char for char in device.user_code if char.isalpha()]
    if not letters:
        raise NotApplicable("the codes have no letters")
    mixed = any(c.islower() for c in letters) and any(c.isupper() for c in letters)
    if mixed:
        raise NotApplicable("both cases occur in the codes, so that case matters by design")
    other = device.user_code.swapcase()

    judge.holds(
        "RFC8628-6.1-case",
        accepts(device, user, other),
        expected="the code in the other case to be accepted",
        received="a refusal",
    )


@verifies("RFC8628-6.1-punctuation")
def test_separators_do_not_matter(device: Device, user: User, judge: Judge) -> None:
    """The dash on the screen may be left out or typed as a space, with blanks around it all."""
    device.begin()
    if not separators(device.user_code):
        judge.holds(
            "RFC8628-6.1-punctuation",
            accepts(device, user, f" {device.user_code} "),
            expected="a code with blanks around it to be accepted",
            received="a refusal",
        )
        return
    for spell in (plain, lambda code: code.replace("-", " "), lambda code: f" {code} "):
        device.begin()
        judge.holds(
            "RFC8628-6.1-punctuation",
            accepts(device, user, spell(device.user_code)),
            expected="the code to be accepted without its separator, with a space, in blanks",
            received="a refusal",
        )


@verifies("RFC8628-6.1-foreign-chars")
def test_stray_characters_are_dropped(device: Device, user: User, judge: Judge) -> None:
    """A dot and an underscore between the characters of the code do no harm."""
    device.begin()
    code = plain(device.user_code)
    spoiled = f"{code[:2]}.{code[2:4]}_{code[4:]}"

    judge.holds(
        "RFC8628-6.1-foreign-chars",
        accepts(device, user, spoiled),
        received="a code with a dot and an underscore in it is refused",
    )


@verifies("RFC8628-6.1-confusable")
def test_a_look_alike_may_pass(device: Device, user: User, judge: Judge) -> None:
    """Who reads an S as a 5 may be understood all the same; either way is noted."""
    for _ in range(TRIES):
        device.begin()
        mistaken = with_a_twin(device.user_code)
        if mistaken is not None:
            break
    else:
        raise NotApplicable("no character of the codes has a look-alike")

    judge.holds(
        "RFC8628-6.1-confusable",
        accepts(device, user, mistaken),
        received="a look-alike is not taken for the character that was meant",
    )


def accepts(device: Device, user: User, typed: str) -> bool:
    """Whether the pages take `typed` for the device's code.

    Where code and decision are one step, only an approval shows it, and the device asks.  Raises
    `Inconclusive` if nothing could be typed, because verification_uri brings the code along.
    """
    visit = user.looks(device, typed=typed)
    status = visit.page.status if visit.page is not None else 0
    given(status not in {429, 503}, f"the page lets nobody try codes now: {status}")
    if visit.code_sent:
        _something_was_typed(visit)
        if visit.outcome is Outcome.DECIDED:
            return heard(device.waits_and_polls()) is Answer.TOKEN
        given(
            visit.outcome in {Outcome.OFFERED, Outcome.REFUSED},
            f"unclear: {visit.message}",
            "person",
        )
        return visit.outcome is Outcome.OFFERED
    _something_was_typed(user.decides(Wish.APPROVE, device, typed=typed))
    return heard(device.waits_and_polls()) is Answer.TOKEN


def _something_was_typed(visit: Visit) -> None:
    typed = any(step.startswith("typed") for step in visit.steps)
    given(typed, "no page let anybody type the code: verification_uri brings it along")
