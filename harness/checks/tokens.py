"""What a successful token response must look like (RFC 6749 sections 3.3 and 5.1)."""

from __future__ import annotations

import re
from typing import Any

from harness.transcript import Exchange, Transcript
from harness.verdict import Judge
from harness.wire import DEVICE_CODE_GRANT, Answer, number_of

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*\Z")
_BY_POLICY = {"openid", "profile", "email", "address", "phone", "offline_access"}
"""Scopes that servers add by policy: a warning when nobody asked for them."""


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every token response of a transcript that answers the device grant."""
    asked: dict[str, str | None] = {}
    for exchange in transcript.exchanges:
        response = exchange.response
        if response is None:
            continue
        body = response.json() or {}
        if exchange.door == "device_authorization" and isinstance(body.get("device_code"), str):
            asked[body["device_code"]] = exchange.request.field("scope")
        if exchange.door != "token" or exchange.request.field("grant_type") != DEVICE_CODE_GRANT:
            continue
        if exchange.answer is Answer.GARBLED and exchange.status // 100 == 2:
            _tokenless(exchange, body, judge)
        if exchange.answer is not Answer.TOKEN:
            continue
        _envelope(exchange, body, judge)
        code = exchange.request.field("device_code") or ""
        if code in asked:
            elsewhere = set().union(*(scopes(scope) for scope in asked.values()))
            _scope(exchange, body, asked[code], elsewhere, judge)


def _tokenless(exchange: Exchange, body: dict[str, Any], judge: Judge) -> None:
    """A success that has everything but the token."""
    beside = body.keys() & {"token_type", "refresh_token", "id_token", "expires_in"}
    if beside and "error" not in body:
        judge.holds(
            "RFC6749-5.1-access_token",
            condition=False,
            expected="access_token as a non-empty string",
            received=f"{', '.join(sorted(beside))} without it",
            evidence=(exchange,),
        )


def _envelope(exchange: Exchange, body: dict[str, Any], judge: Judge) -> None:
    response = exchange.response
    assert response is not None
    evidence = (exchange,)
    judge.holds("RFC6749-5.1-access_token", condition=True, evidence=evidence)
    kind = body.get("token_type")
    judge.holds(
        "RFC6749-5.1-token_type",
        isinstance(kind, str) and kind.lower() in {"bearer", "dpop"},
        expected="token_type Bearer or DPoP",
        received=f"{kind!r:.40}",
        tolerated=isinstance(kind, str) and kind,
        evidence=evidence,
    )
    life = body.get("expires_in")
    numeric = isinstance(life, int | float) and not isinstance(life, bool)
    judge.holds(
        "RFC6749-5.1-expires_in",
        life is not None and (not numeric or (number_of(life) or 0) > 0),
        expected="expires_in above 0",
        received="none" if life is None else f"{life!r:.40}",
        evidence=evidence,
    )
    judge.holds(
        "RFC6749-5.1-number-types",
        life is None or numeric,
        expected="expires_in as a JSON number",
        received=f"{life!r:.40}",
        evidence=evidence,
    )
    judge.holds(
        "RFC6749-5.1-json",
        response.status == 200 and response.media_type == "application/json",
        expected="200 as application/json",
        received=f"{response.status} as {response.media_type or 'no media type'}",
        evidence=evidence,
    )
    control = (response.header("cache-control") or "").lower()
    judge.holds(
        "RFC6749-5.1-no-store",
        "no-store" in control,
        expected="Cache-Control: no-store",
        received=control or "no Cache-Control",
        evidence=evidence,
    )
    judge.holds(
        "RFC6749-5.1-pragma",
        "no-cache" in (response.header("pragma") or "").lower(),
        expected="Pragma: no-cache",
        received=response.header("pragma") or "no Pragma",
        evidence=evidence,
    )


def _scope(
    exchange: Exchange, body: dict[str, Any], asked: str | None, elsewhere: set[str], judge: Judge
) -> None:
    """Judge the scope against what was `asked` for this code, and for others `elsewhere`."""
    granted = body.get("scope")
    if granted is not None:
        judge.holds(
            "RFC6749-3.3-scope-syntax",
            isinstance(granted, str) and (granted == "" or _SCOPE.match(granted)),
            expected="scope as one string of names with single spaces",
            received=f"{granted!r:.80}",
            evidence=(exchange,),
        )
    else:
        judge.holds("RFC6749-3.3-scope-syntax", condition=True, evidence=(exchange,))
    if not asked:
        return
    extra = scopes(granted) - scopes(asked) if granted is not None else set()
    judge.holds(
        "RFC6749-3.3-scope-not-wider",
        not extra,
        expected=f"nothing beyond {asked!r:.80}",
        received=f"{' '.join(sorted(extra))[:80]} in addition",
        # A server may add scopes by policy (RFC 6749 section 3.3), but not what could be asked for.
        tolerated=extra <= _BY_POLICY or extra.isdisjoint(elsewhere),
        evidence=(exchange,),
    )


def scopes(value: object) -> set[str]:
    """The scope names in a member, which should be a string but may be a list."""
    if isinstance(value, str):
        return set(value.split())
    return {str(one) for one in value} if isinstance(value, list) else set()
