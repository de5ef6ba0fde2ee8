"""RFC 6749 sections 2.3.1 and 10.10: secrets of clients, and tokens as secrets."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote_plus

from harness.requirements import verifies
from harness.target import Client
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import STILL_OPEN
from scenarios.token_fate import connected, lasting
from simulators.device import Device
from simulators.user import User

TRIES = 100
SAMPLES = 4
"""Tokens that are looked at: each of them costs a person's approval; `FEWER` if by hand."""
FEWER = 2
SLOWER = 4.0
"""How many times slower an answer has to be to count as held back, beside `HELD_BACK` seconds."""
HELD_BACK = 0.25
ALPHABETS = ("0123456789", "0123456789abcdef", "0123456789abcdefghijklmnopqrstuvwxyz")


@verifies("RFC6749-2.3.1-basic-encoding")
def test_odd_characters_of_a_secret_survive(kiosk: Device, judge: Judge) -> None:
    """A secret with a colon, a percent sign or a plus in it is encoded in Basic, and understood."""
    name, secret = kiosk.client.client_id, kiosk.client.client_secret or ""
    if kiosk.client.auth != "client_secret_basic":
        raise NotApplicable("[clients.confidential] does not use Basic")
    if quote_plus(name) + quote_plus(secret) == name + secret:
        raise NotApplicable("needs [clients.confidential] with characters such as : % + in it")

    encoded = _asks_twice(kiosk, kiosk.client)
    if encoded.issued:
        judge.holds("RFC6749-2.3.1-basic-encoding", condition=True, evidence=(encoded,))
        return
    usual = kiosk.device_authorization_request()
    plain = base64.b64encode(f"{name}:{secret}".encode()).decode()
    others = tuple(h for h in usual.headers if h[0].lower() != "authorization")
    raw = kiosk.ask(replace(usual, headers=(*others, ("authorization", f"Basic {plain}"))))
    given(raw.issued, f"the client gets no codes in either way: {describe(encoded)}")
    judge.holds(
        "RFC6749-2.3.1-basic-encoding",
        condition=False,
        expected="codes for credentials that were form-encoded",
        received=f"{describe(encoded)}, and codes for credentials as they are",
        evidence=(encoded, raw),
    )


def _asks_twice(kiosk: Device, client: Client) -> Exchange:
    asked = kiosk.ask(kiosk.device_authorization_request(client=client))
    if not asked.issued:
        kiosk.names_itself = True
        asked = kiosk.ask(kiosk.device_authorization_request(client=client))
    return asked


@verifies("RFC6749-2.3.1-brute-force", alone=True)
def test_nobody_may_try_secrets_for_long(kiosk: Device, judge: Judge) -> None:
    """Somebody tries a hundred secrets; at some point the server stops playing along."""
    kiosk.begin()
    tried = []
    for number in range(TRIES):
        wrong = replace(kiosk.client, client_secret=f"wrong-{number:08d}")
        request = kiosk.token_request(client=wrong)
        tried.append(kiosk.sends(request))
    given(
        heard(tried[0]) not in {Answer.TOKEN, *STILL_OPEN},
        f"a wrong secret is as good as the right one: it hears {describe(tried[0])}",
    )

    changed = next((n for n, one in enumerate(tried, 1) if _kind(one) != _kind(tried[0])), None)
    slower = _seconds(tried[-10:]) > max(SLOWER * _seconds(tried[:10]), HELD_BACK)
    judge.holds(
        "RFC6749-2.3.1-brute-force",
        changed is not None or slower,
        expected=f"a refusal, a lock-out or a delay before the {TRIES}th wrong secret",
        received=f"{TRIES} wrong secrets, all answered alike: {describe(tried[-1])}",
        evidence=(tried[0], tried[-1]),
    )


def _kind(one: Exchange) -> tuple[int, str | None]:
    return one.status, one.response.error if one.response else None


def _seconds(exchanges: Sequence[Exchange]) -> float:
    return sum(one.ended - one.began for one in exchanges) / len(exchanges)


@verifies("RFC6749-10.10-token-entropy")
def test_tokens_cannot_be_guessed(device: Device, user: User, judge: Judge) -> None:
    """Tokens of several flows share nothing from which the next one could be foretold."""
    wanted = FEWER if device.world.target.consent == "hand" else SAMPLES
    bodies = [connected(device, user, lasting(device)) for _ in range(wanted)]

    for kind in ("access_token", "refresh_token"):
        tokens = [str(body[kind]) for body in bodies if body.get(kind)]
        if len(tokens) < wanted:
            continue
        strong = [signature_bits(token) for token in tokens]
        bits = min(one or 0 for one in strong) if all(strong) else likely_bits(tokens)
        judge.holds(
            "RFC6749-10.10-token-entropy",
            bits >= 128,
            expected=f"at least 128 bits of apparent randomness in a {kind}",
            received=f"about {bits:.0f} bits",
            grave=bits < 64,
        )


def signature_bits(token: str) -> int | None:
    """Bits of what protects a signed or encrypted token from being made up; None if it is opaque.

    A JWT's last part is its signature, a JWE's its authentication tag.
    """
    parts = token.split(".")
    if len(parts) not in {3, 5} or not parts[0].startswith("eyJ"):
        return None
    return len(parts[-1]) * 6


def likely_bits(tokens: Sequence[str]) -> float:
    """Bits of randomness that a few tokens seem to have: an upper bound.

    Positions at which all of them agree count nothing, save as many as may agree by chance; the
    others count as drawn from the smallest usual alphabet that holds what was seen.
    """
    shortest = min(map(len, tokens))
    moving = [place for place in range(shortest) if len({one[place] for one in tokens}) > 1]
    seen = {token[place] for token in tokens for place in moving}
    if not seen:
        return 0.0
    folded = {char.lower() for char in seen} if not _mixed(seen) else seen
    size = next((len(one) for one in ALPHABETS if folded <= set(one)), max(len(seen), 62))
    agreeing = len(moving) / float(size) ** (len(tokens) - 1)
    by_chance = math.ceil(agreeing + 3 * math.sqrt(agreeing))
    return min(shortest, len(moving) + by_chance) * math.log2(size)


def _mixed(seen: set[str]) -> bool:
    return any(char.islower() for char in seen) and any(char.isupper() for char in seen)
