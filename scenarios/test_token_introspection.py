"""RFC 7662: a resource asks what a token is worth."""

from __future__ import annotations

from typing import Any

from harness.checks.tokens import scopes
from harness.requirements import verifies
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import Answer, number_of
from scenarios.claims import payload
from scenarios.outcomes import token_collected
from scenarios.token_fate import (
    NO_SUCH_TOKEN,
    body_of,
    introspects,
    introspects_as_nobody,
    turned_away,
    with_wrong_secret,
)
from scenarios.wrong_requests import WRONG_SECRET
from simulators.device import Device
from simulators.user import User

SLACK = 60.0
"""Seconds by which `exp` may miss the end that expires_in announced."""


@verifies(
    "RFC7662-2.2-active", "RFC7662-2.2-consistency", "RFC7662-2.1-auth", "RFC9700-2.3-audience"
)
def test_a_live_token_is_called_active(kiosk: Device, user: User, judge: Judge) -> None:
    """A token that was issued just now is active, what is said of it is true, and not for all."""
    kiosk.begin()
    user.approve(kiosk)
    token_collected(kiosk)

    asked = introspects(kiosk, kiosk.access_token)
    by_nobody = introspects_as_nobody(kiosk, kiosk.access_token)

    given(not turned_away(asked), f"the client may not introspect: {describe(asked)}")
    said = body_of(asked)
    judge.holds(
        "RFC7662-2.2-active",
        asked.status == 200 and said.get("active") is True,
        expected="200 with active: true",
        received=f"{describe(asked)}, active: {said.get('active')!r:.20}",
        evidence=(asked,),
    )
    _not_for_everybody(by_nobody, judge)
    given(said.get("active") is True, "the token is not active")
    false = _falsehoods(kiosk, said)
    judge.holds(
        "RFC7662-2.2-consistency",
        not false,
        expected="members that fit the token response",
        received="; ".join(false),
        evidence=(asked,),
    )
    judge.holds(
        "RFC9700-2.3-audience",
        said.get("aud") or payload(kiosk.access_token).get("aud"),
        received="neither the token nor introspection names an audience",
        evidence=(asked,),
    )


def _not_for_everybody(asked: Exchange, judge: Judge) -> None:
    active = body_of(asked).get("active")
    judge.holds(
        "RFC7662-2.1-auth",
        heard(asked) is not Answer.BROKEN and asked.status in {400, 401, 403},
        expected="401, or 400 invalid_client, for a caller without credentials",
        received=f"{describe(asked)}, active: {active!r:.20}",
        tolerated=active is not True,
        evidence=(asked,),
    )


def _falsehoods(kiosk: Device, said: dict[str, Any]) -> list[str]:
    """What an introspection response says that the device grant shows to be false."""
    issued, false = kiosk.token_response, []
    if said.get("client_id", kiosk.client.client_id) != kiosk.client.client_id:
        false.append("client_id is another client's")
    granted = scopes(issued.get("scope", kiosk.scope))
    # A resource may be told less than was granted, never more (RFC 7662 section 2.2).
    extra = scopes(said.get("scope")) - granted
    if granted and extra:
        false.append(f"scope has {' '.join(sorted(extra))[:80]} in addition")
    kind, issued_kind = said.get("token_type"), issued.get("token_type")
    if kind and issued_kind and str(kind).lower() not in _kinds(issued_kind):
        false.append(f"token_type is {kind!r:.20}")
    life, ends = number_of(issued.get("expires_in")), said.get("exp")
    if ends is not None and life is not None:
        end, now = number_of(ends), kiosk.world.clock.unix()
        if isinstance(ends, str) or end is None or abs(end - now - life) > SLACK + kiosk.pause:
            false.append("exp is not the end that expires_in announced")
    return false


def _kinds(issued: object) -> set[str]:
    # Before RFC 7662 spoke of section 5.1's type, servers named the kind of token here.
    return {str(issued).lower(), "access_token"}


@verifies("RFC7662-2.2-inactive", "RFC7662-2.2-inactive-bare", "RFC7662-2.1-auth", "RFC7662-4-tls")
def test_what_nobody_issued_is_inactive(kiosk: Device, judge: Judge) -> None:
    """A made-up token is no error: it is inactive, and that is all there is to say."""
    asked = introspects(kiosk, NO_SUCH_TOKEN)
    by_nobody = introspects_as_nobody(kiosk, NO_SUCH_TOKEN)

    _not_for_everybody(by_nobody, judge)
    given(not turned_away(asked), f"the client may not introspect: {describe(asked)}")
    said = body_of(asked)
    judge.holds(
        "RFC7662-2.2-inactive",
        asked.status == 200 and said.get("active") is False,
        expected="200 with active: false",
        received=f"{describe(asked)}, active: {said.get('active')!r:.20}",
        evidence=(asked,),
    )
    given(said.get("active") is False, "the token is not called inactive")
    more = sorted(set(said) - {"active"})
    judge.holds(
        "RFC7662-2.2-inactive-bare",
        not more,
        expected="the member active alone",
        received=f"{', '.join(more)[:80]} in addition",
        evidence=(asked,),
    )


@verifies("RFC7662-2.2-device-code")
def test_codes_are_no_tokens(kiosk: Device, judge: Judge) -> None:
    """Neither the code on the screen nor the one that is polled with passes for a token."""
    kiosk.begin()

    for name, code in (("user_code", kiosk.user_code), ("device_code", kiosk.device_code)):
        asked = introspects(kiosk, code)
        given(not turned_away(asked), f"the client may not introspect: {describe(asked)}")
        judge.holds(
            "RFC7662-2.2-device-code",
            body_of(asked).get("active") is not True,
            expected=f"active: false for a {name}",
            received=describe(asked),
            evidence=(asked,),
        )


@verifies("RFC7662-2.3-error")
def test_nobody_introspects_with_a_wrong_secret(kiosk: Device, judge: Judge) -> None:
    """Who shows a wrong secret at the introspection endpoint hears 401."""
    wrong = with_wrong_secret(kiosk.client, WRONG_SECRET)

    asked = introspects(kiosk, NO_SUCH_TOKEN, client=wrong, manner="malformed")

    heard(asked)
    judge.holds(
        "RFC7662-2.3-error",
        asked.status == 401,
        expected="401 invalid_client",
        received=describe(asked),
        evidence=(asked,),
    )
