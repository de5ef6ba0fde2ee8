"""What a JWT must be like, and what an access token in that form must say (RFC 7519, RFC 9068)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.checks.id_tokens import AFTER_APPROVAL, authenticated_later
from harness.checks.jwts import Jwt, Key, Signature, fitting, key_type, verify
from harness.checks.tokens import scopes
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge
from harness.wire import number_of

LATEST = 1e11
"""A NumericDate above this is no count of seconds but one of milliseconds."""
_SEVEN = ("iss", "sub", "aud", "client_id", "jti", "iat", "exp")
_TYPES = ("at+jwt", "application/at+jwt")


@dataclass(frozen=True, slots=True)
class Issued:
    """A JWT access token and the circumstances of its issue.

    `approved_at` is in seconds since 1970 on the target's clock.  `refreshed` is the access token
    that a refresh brought, if one did.
    """

    jwt: Jwt
    exchange: Exchange
    client_id: str
    asked: str
    granted: object
    approved_at: float
    refreshed: Jwt | None = None


def follows_profile(jwt: Jwt, target: Target) -> bool:
    """Whether the target claims RFC 9068: in the token's typ, or with a line in its settings."""
    return _typ(jwt) in _TYPES or "jwt" in target.profiles


def judge_form(what: str, jwt: Jwt, exchange: Exchange, judge: Judge) -> None:
    """Judge what holds for any JWT (RFC 7519 section 4)."""
    evidence = (exchange,)
    judge.holds(
        "RFC7519-4-unique-claims",
        not jwt.repeated,
        expected="each claim once",
        received=f"{', '.join(jwt.repeated)[:80]} twice in the {what}",
        evidence=evidence,
    )
    odd = [name for name in ("exp", "nbf", "iat") if not _is_date(jwt.claims.get(name, 0))]
    judge.holds(
        "RFC7519-4.1-numericdate",
        not odd,
        expected="times as numbers of seconds",
        received=f"{', '.join(odd)} of the {what} as something else",
        evidence=evidence,
    )


def judge_key(
    what: str, jwt: Jwt, keys: Sequence[Key] | None, exchange: Exchange, judge: Judge
) -> None:
    """Judge how a JWS names its algorithm and its key (RFC 7515 section 4.1)."""
    evidence, alg = (exchange,), jwt.alg
    named = [key for key in keys or () if jwt.kid is not None and key.get("kid") == jwt.kid]
    unsuited = [key for key in named if key_type(alg) and key.get("kty") != key_type(alg)]
    judge.holds(
        "RFC7515-4.1.1-alg",
        alg and (not named or len(unsuited) < len(named)),
        expected=f"alg in the header of the {what}, suited to its key",
        received=f"alg {alg:.20} with a key of type {unsuited[0].get('kty')!r:.20}"
        if unsuited
        else "no alg",
        evidence=evidence,
    )
    if keys is None or key_type(alg) in {None, "oct"}:
        reason = "no key set could be read" if keys is None else f"alg {alg:.20} uses no key of it"
        judge.not_applicable("RFC7515-4.1.4-kid", reason)
        return
    several = len(fitting(keys, alg)) > 1
    judge.holds(
        "RFC7515-4.1.4-kid",
        named or (jwt.kid is None and not several),
        expected="kid of a published key" + (", because several fit" if several else ""),
        received="no kid" if jwt.kid is None else "a kid that no published key has",
        grave=jwt.kid is not None,
        evidence=evidence,
    )


def judge_profile(token: Issued, keys: Sequence[Key] | None, target: Target, judge: Judge) -> None:
    """Judge an access token by RFC 9068, which its target claims to follow."""
    evidence = (token.exchange,)
    typ = _typ(token.jwt)
    judge.holds(
        "RFC9068-2.1-typ",
        typ in _TYPES,
        expected="typ at+jwt",
        received=f"typ {typ:.40}" if typ else "no typ",
        evidence=evidence,
    )
    proof = verify(token.jwt, keys or ())
    if proof.outcome is Signature.UNDECIDED or (keys is None and not token.jwt.unsigned):
        judge.undecided("RFC9068-2.1-signed", proof.why if keys else "no key set could be read")
    else:
        judge.holds(
            "RFC9068-2.1-signed",
            proof.outcome is Signature.SOUND,
            expected="a signature that a published key verifies",
            received=proof.why,
            evidence=evidence,
        )
    _claims(token, target, judge)
    _scope(token, judge)
    _auth_time(token, judge)


def _claims(token: Issued, target: Target, judge: Judge) -> None:
    claims, evidence = token.jwt.claims, (token.exchange,)
    wrong = [f"no {name}" for name in _SEVEN if claims.get(name) in (None, "", [])]
    ends, issued = number_of(claims.get("exp")), number_of(claims.get("iat"))
    if ends is not None and issued is not None and ends <= issued:
        wrong.append("exp before iat")
    if not wrong and claims["client_id"] != token.client_id:
        wrong.append(f"client_id {claims['client_id']!r:.60}")
    if not wrong and target.issuer is not None and claims["iss"] != target.issuer:
        wrong.append(f"iss {claims['iss']!r:.120}")
    judge.holds(
        "RFC9068-2.2-claims",
        not wrong,
        expected=f"{', '.join(_SEVEN)}, with the issuer and this client in them",
        received=", ".join(wrong),
        evidence=evidence,
    )
    judge.holds(
        "RFC9068-3-aud",
        claims.get("aud") not in (None, "", []),
        expected="an audience",
        received="none",
        evidence=evidence,
    )


def _scope(token: Issued, judge: Judge) -> None:
    if not token.asked:
        judge.not_applicable("RFC9068-2.2.3-scope", "no scope was asked for")
        return
    told, granted = token.jwt.claims.get("scope"), token.granted
    expected = scopes(granted if isinstance(granted, str) else token.asked)
    judge.holds(
        "RFC9068-2.2.3-scope",
        isinstance(told, str) and scopes(told) == expected,
        expected=f"scope {' '.join(sorted(expected)):.80} as a string",
        received=f"{told!r:.80}",
        evidence=(token.exchange,),
    )


def _auth_time(token: Issued, judge: Judge) -> None:
    claims = token.jwt.claims
    if "auth_time" not in claims:
        judge.not_applicable("RFC9068-2.2.1-auth_time", "the access token has no auth_time")
        return
    first, then = claims["auth_time"], token.refreshed
    moved = then is not None and then.claims.get("auth_time", first) != first
    judge.holds(
        "RFC9068-2.2.1-auth_time",
        not moved and not authenticated_later(claims, token.approved_at),
        expected="auth_time no later than the approval, also after a refresh",
        received="another one after a refresh"
        if moved
        else f"more than {AFTER_APPROVAL:g} s after it",
        evidence=(token.exchange,),
    )


def _typ(jwt: Jwt) -> str:
    value = jwt.header.get("typ")
    return value.lower() if isinstance(value, str) else ""


def _is_date(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LATEST
