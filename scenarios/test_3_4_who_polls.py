"""RFC 8628 section 3.4: the client that a code was issued to polls it, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from harness.client_auth import basic
from harness.requirements import verifies
from harness.target import Client
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import (
    STILL_OPEN,
    brings_token,
    collects,
)
from scenarios.wrong_requests import (
    WRONG_SECRET,
    challenge,
)
from simulators.device import Device
from simulators.user import User


@verifies("RFC8628-3.4-client-binding", "RFC8628-3.4-client-binding-harmless")
def test_another_client_cannot_use_the_code(
    device: Device, stranger: Device, user: User, judge: Judge
) -> None:
    """A device_code works for the client that it was issued to, and tells others nothing."""
    device.begin()
    lawful, arguable = {Answer.INVALID_GRANT}, {Answer.INVALID_CLIENT, Answer.UNAUTHORIZED_CLIENT}

    given(
        heard(device.waits_and_polls()) in STILL_OPEN, "the code does not work for its own client"
    )
    device.waits()
    while_open = stranger.sends(
        stranger.token_request(device_code=device.device_code), manner="lawful"
    )
    judge.answers("RFC8628-3.4-client-binding", while_open, lawful, tolerated=arguable)
    given(while_open.answer is not Answer.TOKEN, "the code is spent")
    _unharmed(judge, device.waits_and_polls(), {Answer.PENDING})

    user.approve(device)
    device.waits()
    once_approved = stranger.sends(
        stranger.token_request(device_code=device.device_code), manner="lawful"
    )
    judge.answers("RFC8628-3.4-client-binding", once_approved, lawful, tolerated=arguable)
    if once_approved.answer is not Answer.TOKEN:
        _unharmed(judge, device.waits_and_polls(), {Answer.TOKEN, Answer.PENDING})


def _unharmed(judge: Judge, own: Exchange, lawful: set[Answer]) -> None:
    requirement = "RFC8628-3.4-client-binding-harmless"
    harm = {Answer.SLOW_DOWN, Answer.INVALID_GRANT, Answer.DENIED}
    if heard(own) in lawful | harm:
        judge.answers(requirement, own, lawful)
    else:
        judge.undecided(requirement, f"the rightful client hears {describe(own)}")


@verifies("RFC8628-3.4-authenticate-as", "RFC8628-3.3-no-device_code-page")
def test_a_client_with_a_secret_must_show_it_to_poll(
    kiosk: Device, user: User, judge: Judge
) -> None:
    """An approved code of a client that has a secret is worth nothing without the secret."""
    kiosk.begin()
    user.approve(kiosk)
    bare = Client(kiosk.client.client_id)

    kiosk.waits()
    polled = kiosk.sends(kiosk.token_request(client=bare))

    judge.answers(
        "RFC8628-3.4-authenticate-as",
        polled,
        {Answer.INVALID_CLIENT},
        tolerated={Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_REQUEST, Answer.INVALID_GRANT},
    )
    if polled.answer is not Answer.TOKEN:
        brings_token(judge, "RFC8628-3.4-authenticate-as", collects(kiosk))


@verifies("RFC8628-3.4-wrong-secret", "RFC6749-5.2-invalid_client-status")
def test_a_wrong_secret_gets_no_answer_to_a_poll(kiosk: Device, judge: Judge) -> None:
    """A poll with a wrong secret is refused as invalid_client."""
    kiosk.begin()
    wrong = replace(kiosk.client, client_secret=WRONG_SECRET)

    kiosk.waits()
    polled = kiosk.sends(kiosk.token_request(client=wrong))

    judge.answers(
        "RFC8628-3.4-wrong-secret",
        polled,
        {Answer.INVALID_CLIENT},
        tolerated={Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_REQUEST, Answer.INVALID_GRANT},
    )
    challenge(kiosk.client, polled, judge)


@verifies("RFC6749-2.3-two-methods-as", "RFC6749-2.3.1-query-refused")
def test_a_secret_has_one_place(kiosk: Device, judge: Judge) -> None:
    """A secret shown in two places makes the request invalid, and one in the URL does not count."""
    secret = kiosk.client.client_secret or ""
    kiosk.begin()
    basically = replace(kiosk.client, auth="client_secret_basic")
    post = [("client_id", kiosk.client.client_id), ("client_secret", secret)]

    kiosk.waits()
    both = kiosk.sends(kiosk.token_request(client=basically, plus=post))
    kiosk.waits()
    usual = kiosk.token_request(client=Client(kiosk.client.client_id))
    mark = "&" if "?" in usual.url else "?"
    in_url = kiosk.sends(
        replace(usual, url=f"{usual.url}{mark}{urlencode({'client_secret': secret})}")
    )

    refused = {Answer.INVALID_CLIENT, Answer.INVALID_REQUEST, Answer.UNAUTHORIZED_CLIENT}
    judge.answers("RFC6749-2.3-two-methods-as", both, refused)
    judge.answers("RFC6749-2.3.1-query-refused", in_url, refused | {Answer.INVALID_GRANT})


@verifies("RFC6749-3.2.1-client-id-mismatch")
def test_nobody_polls_in_two_names(kiosk: Device, device: Device, judge: Judge) -> None:
    """A client_id that contradicts the credentials is not simply believed."""
    secret = kiosk.client.client_secret or ""
    given(kiosk.client.auth == "client_secret_basic", "needs a client that uses Basic", "settings")
    device.begin()

    device.waits()
    request = device.token_request()
    mixed = replace(request, headers=(*request.headers, basic(kiosk.client.client_id, secret)))
    polled = device.sends(mixed)

    judge.answers(
        "RFC6749-3.2.1-client-id-mismatch",
        polled,
        {Answer.INVALID_CLIENT, Answer.INVALID_REQUEST, Answer.INVALID_GRANT},
        tolerated={Answer.UNAUTHORIZED_CLIENT},
    )
