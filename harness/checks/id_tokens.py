"""What an ID token must say (OpenID Connect Core section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.checks.jwts import Jwt, Key, Signature, left_halves, verify
from harness.target import Target, is_loopback
from harness.transcript import Exchange
from harness.verdict import Judge
from harness.wire import number_of

LONGEST_SUB = 255
"""Characters that a sub may have (OpenID Connect Core section 2)."""
RECENT = 300.0
"""Seconds by which iat may be away from the time of issue."""
AFTER_APPROVAL = 2.0
"""Seconds by which auth_time may lie after the approval: it has whole seconds."""
_KEYS_IN_HEADER = ("jwk", "jku", "x5u", "x5c")


@dataclass(frozen=True, slots=True)
class Issued:
    """An ID token and the circumstances of its issue.

    `now` and `approved_at` are seconds since 1970 on the target's clock; `approved_at` is None if
    the approval is not far enough behind to tell it from the poll.
    """

    jwt: Jwt
    exchange: Exchange
    access_token: str
    client_id: str
    now: float
    approved_at: float | None = None
    nonce: str = ""


def judge_claims(token: Issued, target: Target, judge: Judge) -> None:
    """Judge what an ID token says of its issuer, its subject, its audience and its times."""
    claims, evidence = token.jwt.claims, (token.exchange,)
    missing = [name for name, fine in _FORMS.items() if not fine(claims.get(name))]
    judge.holds(
        "OIDC-2-claims",
        not missing,
        expected="iss, sub, aud, exp and iat, each of its own type",
        received=f"{', '.join(missing)} missing or of another type",
        evidence=evidence,
    )
    _issuer(token, target, judge)
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    judge.holds(
        "OIDC-2-aud",
        token.client_id in named,
        expected=f"aud with {token.client_id}",
        received=f"{audience!r:.120}",
        evidence=evidence,
    )
    if "azp" in claims:
        judge.holds(
            "OIDC-2-azp",
            claims["azp"] == token.client_id,
            expected=f"azp {token.client_id}",
            received=f"{claims['azp']!r:.120}",
            evidence=evidence,
        )
    else:
        judge.not_applicable("OIDC-2-azp", "the ID token has no azp")
    _times(token, judge)


def judge_signature(
    token: Issued, keys: Sequence[Key] | None, secret: str | None, judge: Judge
) -> None:
    """Judge how an ID token is signed; `keys` is None if no key set could be read."""
    header, evidence = token.jwt.header, (token.exchange,)
    judge.holds(
        "OIDC-2-none",
        not token.jwt.unsigned,
        received="an ID token whose alg is none",
        evidence=evidence,
    )
    carried = [name for name in _KEYS_IN_HEADER if name in header]
    judge.holds(
        "OIDC-2-header-keys",
        not carried,
        expected="no key in the header",
        received=", ".join(carried),
        evidence=evidence,
    )
    proof = verify(token.jwt, keys or (), secret)
    needs_keys = keys is None and not token.jwt.unsigned and not token.jwt.alg.startswith("HS")
    if proof.outcome is Signature.UNDECIDED or needs_keys:
        judge.undecided("OIDC-2-signed", proof.why if keys else "no key set could be read")
    else:
        judge.holds(
            "OIDC-2-signed",
            proof.outcome is Signature.SOUND,
            expected="a signature that can be verified",
            received=proof.why,
            evidence=evidence,
        )


def judge_bindings(token: Issued, judge: Judge) -> None:
    """Judge what ties an ID token to its access token and to the request."""
    claims, evidence = token.jwt.claims, (token.exchange,)
    if "nonce" in claims:
        judge.holds(
            "OIDC-2-nonce",
            claims["nonce"] == token.nonce,
            expected="the nonce that was sent, or none",
            received="another nonce",
            grave=True,
            evidence=evidence,
        )
    else:
        judge.holds("OIDC-2-nonce", condition=True, evidence=evidence)
    if "at_hash" not in claims:
        judge.not_applicable("OIDC-3.1.3.6-at_hash", "the ID token has no at_hash")
        return
    expected = left_halves(token.access_token, token.jwt.alg)
    if not expected:
        judge.undecided("OIDC-3.1.3.6-at_hash", f"no hash is known for alg {token.jwt.alg:.20}")
        return
    judge.holds(
        "OIDC-3.1.3.6-at_hash",
        claims["at_hash"] in expected,
        expected="at_hash of the access token that came along",
        received="another hash",
        evidence=evidence,
    )


def authenticated_later(claims: Any, approved_at: float) -> bool:
    """Whether auth_time lies after the approval, which the person was signed in for."""
    value = number_of(claims.get("auth_time"))
    return value is not None and value > approved_at + AFTER_APPROVAL


def _issuer(token: Issued, target: Target, judge: Judge) -> None:
    issuer, evidence = token.jwt.claims.get("iss"), (token.exchange,)
    discovered = target.metadata.get("issuer")
    expected = discovered if isinstance(discovered, str) else target.issuer
    if expected is None:
        judge.undecided(
            "OIDC-2-iss", "the issuer is not known: name it in the settings", "settings"
        )
    else:
        secure = expected.startswith("https:") or is_loopback(expected)
        judge.holds(
            "OIDC-2-iss",
            issuer == expected and secure,
            expected=f"iss {expected}" + ("" if secure else ", and https"),
            received=f"{issuer!r:.120}",
            evidence=evidence,
        )
    if isinstance(discovered, str):
        judge.holds(
            "OIDCDisc-3-iss-identical",
            issuer == discovered,
            expected=f"iss {discovered}, as in the metadata",
            received=f"{issuer!r:.120}",
            evidence=evidence,
        )
    else:
        judge.not_applicable("OIDCDisc-3-iss-identical", "no metadata was found")


def _times(token: Issued, judge: Judge) -> None:
    claims, evidence = token.jwt.claims, (token.exchange,)
    if _is_seconds(claims.get("exp")) and _is_seconds(claims.get("iat")):
        left, age = claims["exp"] - token.now, token.now - claims["iat"]
        judge.holds(
            "OIDC-2-exp",
            left > 0 and abs(age) <= RECENT,
            expected=f"exp to come, and iat within {RECENT:g} s",
            received=f"exp in {left:.0f} s, iat {age:.0f} s ago",
            evidence=evidence,
        )
    else:
        judge.undecided("OIDC-2-exp", "exp and iat are no numbers of seconds")
    if "auth_time" not in claims:
        judge.not_applicable("OIDC-2-auth_time", "the ID token has no auth_time")
    elif token.approved_at is None:
        judge.undecided("OIDC-2-auth_time", "the codes do not live long enough to poll late")
    else:
        late = authenticated_later(claims, token.approved_at)
        judge.holds(
            "OIDC-2-auth_time",
            not late,
            expected="auth_time no later than the approval",
            received=f"{(number_of(claims['auth_time']) or 0) - token.approved_at:.0f} s later",
            evidence=evidence,
        )


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e11


def _is_sub(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SUB and value.isascii()


def _is_audience(value: Any) -> bool:
    many = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    return bool(many or (isinstance(value, str) and value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FORMS = {
    "iss": lambda value: isinstance(value, str) and bool(value),
    "sub": _is_sub,
    "aud": _is_audience,
    "exp": _is_number,
    "iat": _is_number,
}
