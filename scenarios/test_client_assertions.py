"""Clients that sign, or show a certificate: RFC 7521, RFC 7523, RFC 8705 section 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from harness import signing
from harness.client_auth import assertion, assertion_claims, assertion_fields
from harness.requirements import verifies
from harness.target import Client, Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, Request
from scenarios.outcomes import STILL_OPEN, codes_are_issued, refusal_of_strangers
from simulators.device import Device

Forged: TypeAlias = Callable[[dict[str, Any]], str]
"""Makes an assertion out of the claims that a sound one would have."""

HOUR = 3600
"""Seconds that no leeway covers."""
ELSEWHERE = "https://other.example"
SOMEBODY = "devicegrant-somebody-else"


@verifies("RFC7523-2.2-accepted", "SECUPD-2.1-aud-device-as", "RFC9126-2-aud-issuer")
def test_a_client_signs_for_itself(meter: Device, judge: Judge, target: Target) -> None:
    """A meter signs what it says of itself, with a key of its own, and is served like any other."""
    asked = meter.ask()
    heard(asked)
    given(asked.issued or asked.status >= 400, f"no codes were issued: {describe(asked)}")
    others = other_audiences(meter, target)
    for requirement in ("SECUPD-2.1-aud-device-as", "RFC9126-2-aud-issuer"):
        if target.issuer is None:
            judge.not_applicable(requirement, "needs an issuer")
        elif asked.issued or others:
            judge.holds(
                requirement,
                asked.issued,
                expected="codes for an assertion whose audience is the issuer",
                received=f"{describe(asked)}, and codes for another audience",
                evidence=(asked,),
            )
    told = f"beside the issuer these audiences are taken: {', '.join(others) or 'none'}"
    if asked.issued:
        judge.note("RFC9126-2-aud-issuer", told)
    else:
        meter.addresses_endpoints = True
        asked = meter.ask()
    _is_served(meter, asked, judge)


def _is_served(signer: Device, asked: Exchange, judge: Judge) -> None:
    """Judge that a client which signs gets codes, and an answer to its poll."""
    by_policy = heard(asked) in {Answer.INVALID_CLIENT, Answer.INVALID_REQUEST}
    given(asked.issued or by_policy, f"no codes were issued: {describe(asked)}")
    if not judge.holds(
        "RFC7523-2.2-accepted",
        asked.issued,
        expected="codes for a client that signs as registered",
        received=describe(asked),
        evidence=(asked,),
    ):
        return
    signer.takes(asked)

    polled = signer.waits_and_polls()

    if heard(polled) in {*STILL_OPEN, Answer.INVALID_CLIENT, Answer.INVALID_REQUEST}:
        judge.answers("RFC7523-2.2-accepted", polled, STILL_OPEN)


def other_audiences(meter: Device, target: Target) -> list[str]:
    """Which URLs the device authorization endpoint takes for its name, beside the issuer."""
    taken = []
    for name in ("token_endpoint", "device_authorization_endpoint"):
        claims = assertion_claims(
            meter.client.client_id, getattr(target, name), meter.world.clock.unix()
        )
        if meter.ask(_asking(meter, assertion(meter.client, claims)), note=f"aud: {name}").issued:
            taken.append(name)
    return taken


@verifies("RFC7523-2.2-accepted")
def test_a_client_signs_with_its_secret(sensor: Device, judge: Judge) -> None:
    """A sensor never sends its secret: it signs with it, and is served at both endpoints."""
    asked = sensor.ask()
    given(asked.issued or asked.status >= 400, f"no codes were issued: {describe(asked)}")
    if not asked.issued:
        sensor.addresses_endpoints = True
        asked = sensor.ask()
    _is_served(sensor, asked, judge)


@verifies("RFC7523-3-signature", "RFC7523-3.2-error")
def test_nobody_signs_for_a_meter(meter: Device, judge: Judge) -> None:
    """Whoever lacks the meter's key cannot speak for it: broken, foreign and absent signatures."""
    client, other = meter.client, signing.new_key()
    judged = Refusals(meter, judge, "RFC7523-3-signature")
    judged.refuses("a broken signature", lambda claims: signing.spoilt(assertion(client, claims)))
    judged.refuses("somebody else's key", lambda claims: signing.signed(claims, other))
    judged.refuses("alg none", lambda claims: signing.signed(claims, None))


@verifies("RFC7523-3-signature", "RFC7523-3.2-error")
def test_nobody_signs_for_a_sensor(sensor: Device, judge: Judge) -> None:
    """Whoever does not know the sensor's secret cannot speak for it."""
    client = sensor.client
    wrong = f"not-{client.client_secret}"
    judged = Refusals(sensor, judge, "RFC7523-3-signature")
    judged.refuses("a broken signature", lambda claims: signing.spoilt(assertion(client, claims)))
    judged.refuses("another secret", lambda claims: signing.signed(claims, wrong))
    judged.refuses("alg none", lambda claims: signing.signed(claims, None))


@verifies("RFC7523-3-aud", "RFC7523-3.2-error")
def test_an_assertion_for_another_server_is_worth_nothing(meter: Device, judge: Judge) -> None:
    """What a meter has signed for another server cannot be used here by whoever runs that one."""
    judged = Refusals(meter, judge, "RFC7523-3-aud")
    judged.refuses(f"aud {ELSEWHERE}", _with(meter.client, aud=ELSEWHERE))


@verifies("RFC7523-3-exp", "RFC7523-3.2-error")
def test_an_assertion_does_not_keep(meter: Device, judge: Judge) -> None:
    """An assertion that has expired is refused, and so is one that never would."""
    now = int(meter.world.clock.unix())
    judged = Refusals(meter, judge, "RFC7523-3-exp")
    judged.refuses("no exp", _with(meter.client, exp=None))
    judged.refuses("exp an hour ago", _with(meter.client, iat=now - 2 * HOUR, exp=now - HOUR))


@verifies("RFC7523-3-iss-sub", "RFC7523-3.2-error")
def test_a_client_signs_for_nobody_else(meter: Device, judge: Judge, target: Target) -> None:
    """A meter that signs in another client's name is refused, and nobody signs in the meter's."""
    second = target.clients.get("second")
    other = second.client_id if second is not None else SOMEBODY
    judged = Refusals(meter, judge, "RFC7523-3-iss-sub")
    # The client_id beside it then contradicts the assertion, which is an invalid request, too.
    judged.excused = frozenset({Answer.INVALID_REQUEST})
    judged.refuses("sub is another client", _with(meter.client, sub=other))
    judged.refuses("iss is another client", _with(meter.client, iss=other))


@verifies("RFC7521-4.2-client_id")
def test_an_assertion_and_client_id_name_one_client(
    meter: Device, judge: Judge, target: Target
) -> None:
    """A meter's assertion beside another client's client_id is a contradiction."""
    second = target.clients.get("second")
    if second is None:
        raise NotApplicable("needs [clients.second]")
    codes_are_issued(meter)
    claims = assertion_claims(meter.client.client_id, _audience(meter), meter.world.clock.unix())
    mixed = Client(second.client_id)

    asked = meter.ask(
        meter.device_authorization_request(
            client=mixed, plus=assertion_fields(assertion(meter.client, claims))
        ),
        manner="malformed",
    )

    judge.holds(
        "RFC7521-4.2-client_id",
        heard(asked) and not asked.issued and asked.status < 500,
        expected="invalid_client or invalid_request",
        received=describe(asked),
        evidence=(asked,),
    )


@verifies("RFC7523-3-jti")
def test_an_assertion_sent_twice(meter: Device, judge: Judge) -> None:
    """A meter that sends one assertion with two polls learns whether the server minds."""
    meter.begin()
    usual = meter.waits_and_polls()
    given(heard(usual) in STILL_OPEN, f"an ordinary poll hears {describe(usual)}")
    meter.waits()
    request = meter.token_request()
    first = meter.sends(request, manner="lawful")
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")

    meter.waits()
    again = meter.sends(request, note="the same assertion again")

    judge.holds(
        "RFC7523-3-jti",
        heard(again) in {*STILL_OPEN, Answer.INVALID_CLIENT},
        expected="authorization_pending, or invalid_client for a jti that was used",
        received=describe(again),
        evidence=(first, again),
    )
    if again.answer is Answer.INVALID_CLIENT:
        judge.note("RFC7523-3-jti", "an assertion is good for one request only", (again,))


@verifies("RFC8705-2-mismatch")
def test_a_certificate_opens_no_other_account(
    turbine: Device, judge: Judge, target: Target
) -> None:
    """A turbine that connects without its certificate, or with another's, is not that turbine."""
    codes_are_issued(turbine)
    usual = refusal_of_strangers(turbine)
    others = [one.certificate for one in target.clients.values() if one.certificate is not None]
    others = [one for one in others if one != turbine.client.certificate]

    for shown in (None, *others[:1]):
        client = replace(turbine.client, certificate=shown)
        asked = turbine.ask(
            turbine.device_authorization_request(client=client),
            manner="malformed",
            note="with another certificate" if shown else "without a certificate",
        )
        if asked.failure is not None and asked.failure.reason in {"tls", "reset"}:
            judge.note("RFC8705-2-mismatch", "the handshake was refused", (asked,))
            continue
        judge.holds(
            "RFC8705-2-mismatch",
            heard(asked) in {Answer.INVALID_CLIENT, usual.answer} and asked.status in {400, 401},
            expected="invalid_client, as for an unknown client",
            received=describe(asked),
            tolerated=not asked.issued and 400 <= asked.status < 500,
            evidence=(asked,),
        )


class Refusals:
    """Sends assertions that do not hold to both endpoints, and judges that each is refused."""

    excused: frozenset[Answer] = frozenset()
    """Refusals that have another reason than the assertion itself."""

    def __init__(self, device: Device, judge: Judge, requirement: str) -> None:
        self.device = device
        self.judge = judge
        self.requirement = requirement
        codes_are_issued(device)
        self.usual = refusal_of_strangers(device).answer

    def refuses(self, what: str, forged: Forged) -> None:
        """Judge one forgery; which endpoint is asked first does not matter."""
        device, note = self.device, f"assertion with {what}"
        asked = device.ask(self._request(forged, asking=True), manner="malformed", note=note)
        self._judge(asked, what, served=asked.issued)
        device.waits()
        polled = device.sends(self._request(forged, asking=False), note=note)
        self._judge(polled, what, served=heard(polled) in {*STILL_OPEN, Answer.TOKEN})

    def _request(self, forged: Forged, *, asking: bool) -> Request:
        device = self.device
        claims = assertion_claims(
            device.client.client_id, _audience(device, asking=asking), device.world.clock.unix()
        )
        jwt = forged(claims)
        return _asking(device, jwt) if asking else _polling(device, jwt)

    def _judge(self, sent: Exchange, what: str, *, served: bool) -> None:
        heard(sent)
        self.judge.holds(
            self.requirement,
            not served and sent.status < 500,
            expected=f"invalid_client for an assertion with {what}",
            received=describe(sent),
            evidence=(sent,),
        )
        if served:
            return
        if sent.answer in self.excused:
            return
        if self.usual is not Answer.INVALID_CLIENT:
            self.judge.undecided("RFC7523-3.2-error", "an unknown client is refused otherwise")
            return
        self.judge.holds(
            "RFC7523-3.2-error",
            sent.answer is Answer.INVALID_CLIENT,
            expected=f"invalid_client for an assertion with {what}",
            received=describe(sent),
            evidence=(sent,),
        )


def _with(client: Client, **changes: Any) -> Forged:
    """Signs the claims with these changes; None takes one out."""

    def forged(claims: dict[str, Any]) -> str:
        changed = {**claims, **changes}
        return assertion(client, {name: one for name, one in changed.items() if one is not None})

    return forged


def _audience(device: Device, *, asking: bool = True) -> str:
    target = device.world.target
    own = target.device_authorization_endpoint if asking else target.token_endpoint
    return own if device.addresses_endpoints else target.issuer or target.token_endpoint


_OWN: frozenset[str] = frozenset({"client_assertion", "client_assertion_type"})


def _asking(device: Device, jwt: str) -> Request:
    """A device authorization request with another assertion than the device would sign."""
    return device.device_authorization_request(without=_OWN, plus=assertion_fields(jwt))


def _polling(device: Device, jwt: str) -> Request:
    """A poll with another assertion than the device would sign."""
    return device.token_request(without=_OWN, plus=assertion_fields(jwt))
