"""TLS, and answers that no input may provoke (RFC 8628 section 3.1, RFC 6749 section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.target import Target
from harness.transcript import Transcript
from harness.verdict import Judge, describe

_LOOPBACK = "the target runs on this machine, where TLS is not expected"


def check(transcript: Transcript, target: Target, judge: Judge) -> None:
    """Judge the schemes of all URLs, and every response of the protocol's endpoints."""
    for exchange in transcript.exchanges:
        response = exchange.response
        if response is None or exchange.door == "page" or exchange.manner == "hostile":
            continue
        busy = response.status == 503 and response.header("retry-after") is not None
        judge.holds(
            "HTTP-5xx",
            response.status < 500 or busy,
            expected="no 5xx, whatever is sent",
            received=describe(exchange),
            evidence=(exchange,),
        )
    _scheme("RFC8628-3.1-tls-as", [target.device_authorization_endpoint], target, judge)
    _scheme("RFC6749-3.2-tls", [target.token_endpoint], target, judge)
    _scheme("RFC7009-2-tls", [target.revocation_endpoint], target, judge)
    _scheme("RFC7662-4-tls", [target.introspection_endpoint], target, judge)
    links = []
    for exchange in transcript.at("device_authorization"):
        body = (exchange.response.json() if exchange.response else None) or {}
        links += [body.get("verification_uri")]
    _scheme("RFC8628-3.2-verification_uri-https", links, target, judge)
    visited = [exchange.request.url for exchange in transcript.at("page")]
    _scheme("RFC8628-3.3-tls-session", visited, target, judge)
    # That the certificate verifies is seen to by whoever fetches: without it nothing comes back.
    fetched = [exchange.request.url for exchange in transcript.at("metadata")]
    _scheme("RFC8414-6.1-tls", fetched, target, judge)


def _scheme(requirement: str, urls: Sequence[object], target: Target, judge: Judge) -> None:
    known = [url for url in urls if isinstance(url, str) and url]
    if not known:
        return
    if target.loopback:
        judge.not_applicable(requirement, _LOOPBACK)
        return
    plain = [url for url in known if not url.lower().startswith("https:")]
    judge.holds(
        requirement,
        not plain,
        expected="https",
        received=plain[0].partition("?")[0][:120] if plain else "",
    )
