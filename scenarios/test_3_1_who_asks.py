"""RFC 8628 section 3.1 with RFC 6749 section 2.3: a client that has a secret asks for codes."""

from __future__ import annotations

from dataclasses import replace

from harness.requirements import verifies
from harness.target import Client
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import STILL_OPEN, codes_are_issued
from scenarios.wrong_requests import (
    WRONG_SECRET,
    challenge,
)
from simulators.device import Device


@verifies("RFC8628-3.1-confidential-accepted", "RFC6749-2.3.1-basic")
def test_a_client_with_a_secret_is_served(kiosk: Device, judge: Judge) -> None:
    """A client that has a secret shows it at both endpoints and is served like any other."""
    asked = kiosk.ask()

    naked = None
    if heard(asked) is not Answer.BROKEN and not asked.issued:
        bare = Client(kiosk.client.client_id)
        naked = kiosk.ask(kiosk.device_authorization_request(client=bare), manner="malformed")
    better_without = naked is not None and naked.issued
    twice_named = None
    if not asked.issued and not better_without and kiosk.client.auth == "client_secret_basic":
        kiosk.names_itself = True
        twice_named = kiosk.ask(note="with client_id beside Basic")
    by_policy = asked.answer in {Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_CLIENT}
    helped = better_without or (twice_named is not None and twice_named.issued)
    given(asked.issued or helped or by_policy, f"no codes: {describe(asked)}")
    judge.holds(
        "RFC8628-3.1-confidential-accepted",
        asked.issued or (asked.answer is Answer.UNAUTHORIZED_CLIENT and not helped),
        expected="codes for a client that authenticates as registered",
        received=describe(asked)
        + (", and codes when it does not" if better_without else "")
        + (", and codes with client_id beside Basic" if helped and not better_without else ""),
        grave=better_without,
        evidence=(asked,),
    )
    if kiosk.client.auth != "client_secret_basic":
        judge.not_applicable("RFC6749-2.3.1-basic", "[clients.confidential] does not use Basic")
        return
    kiosk.takes(twice_named or asked)
    polled = kiosk.waits_and_polls()
    if heard(polled) in STILL_OPEN or polled.answer is Answer.INVALID_CLIENT:
        judge.answers("RFC6749-2.3.1-basic", polled, STILL_OPEN)


@verifies("RFC8628-3.1-confidential-unauth")
def test_a_client_with_a_secret_must_show_it(kiosk: Device, judge: Judge) -> None:
    """Knowing the name of a client that has a secret is not enough to ask in its place."""
    codes_are_issued(kiosk)
    bare = Client(kiosk.client.client_id)
    asked = kiosk.ask(kiosk.device_authorization_request(client=bare), manner="malformed")

    heard(asked)
    enforced_later = False
    if asked.issued:
        kiosk.takes(asked)
        kiosk.waits()
        polled = kiosk.sends(kiosk.token_request(client=bare))
        enforced_later = heard(polled) in {Answer.INVALID_CLIENT, Answer.UNAUTHORIZED_CLIENT}
    judge.holds(
        "RFC8628-3.1-confidential-unauth",
        asked.answer is Answer.INVALID_CLIENT,
        expected="invalid_client",
        received=describe(asked)
        + (", though the token endpoint insists on it" if enforced_later else ""),
        tolerated=enforced_later or (not asked.issued and 400 <= asked.status < 500),
        evidence=(asked,),
    )


@verifies("RFC8628-3.1-confidential-wrong-secret", "RFC6749-5.2-www-authenticate")
def test_a_wrong_secret_gets_no_codes(kiosk: Device, judge: Judge) -> None:
    """A client that shows a wrong secret is refused at the device authorization endpoint."""
    codes_are_issued(kiosk)
    wrong = replace(kiosk.client, client_secret=WRONG_SECRET)
    asked = kiosk.ask(kiosk.device_authorization_request(client=wrong), manner="malformed")

    judge.answers(
        "RFC8628-3.1-confidential-wrong-secret",
        asked,
        {Answer.INVALID_CLIENT},
        tolerated={Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_REQUEST},
    )
    challenge(kiosk.client, asked, judge)
