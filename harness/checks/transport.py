"""TLS, and answers that no input may provoke (RFC 8628 section 3.1, RFC 6749 section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.target import Target, is_loopback
from harness.transcript import Exchange, Transcript, precedes
from harness.verdict import Judge, describe

_LOOPBACK = "the target runs on this machine, where TLS is not expected"


def check(transcript: Transcript, target: Target, judge: Judge) -> None:
    """Judge the schemes of all URLs, and every response of the protocol's endpoints."""
    once = accidents(transcript)
    for exchange in transcript.exchanges:
        if exchange.response is None or exchange.door == "page" or exchange.manner == "hostile":
            continue
        judge.holds(
            "HTTP-5xx",
            not _broke(exchange),
            expected="no 5xx, whatever is sent",
            received=describe(exchange) + ", once" * (exchange in once),
            tolerated=exchange in once,
            evidence=(exchange,),
        )
    asked = {exchange.door for exchange in transcript.exchanges}
    for requirement, door, url in (
        ("RFC8628-3.1-tls-as", "device_authorization", target.device_authorization_endpoint),
        ("RFC6749-3.2-tls", "token", target.token_endpoint),
        ("RFC7009-2-tls", "revocation", target.revocation_endpoint),
        ("RFC7662-4-tls", "introspection", target.introspection_endpoint),
    ):
        _scheme(requirement, [url] if door in asked else [], target, judge)
    links = []
    for exchange in transcript.at("device_authorization"):
        body = (exchange.response.json() if exchange.response else None) or {}
        links += [body.get("verification_uri")]
    _scheme("RFC8628-3.2-verification_uri-https", links, target, judge)
    visited = [exchange.request.url for exchange in transcript.at("page")]
    _scheme("RFC8628-3.3-tls-session", visited, target, judge)
    _cookies(transcript, target, judge)
    # That the certificate verifies is seen to by whoever fetches: without it nothing comes back.
    fetched = [exchange.request.url for exchange in transcript.at("metadata")]
    _scheme("RFC8414-6.1-tls", fetched, target, judge)


def accidents(transcript: Transcript) -> list[Exchange]:
    """The answers of 5xx that were not followed by another one of the same endpoint."""
    broken: dict[str, list[Exchange]] = {}
    for exchange in transcript.exchanges:
        if exchange.door != "page" and exchange.manner != "hostile" and _broke(exchange):
            broken.setdefault(exchange.door, []).append(exchange)
    # What was under way at the same time may have met one and the same accident.
    return [
        one
        for all_ in broken.values()
        if not any(precedes(all_[0], other) for other in all_)
        for one in all_
    ]


def _broke(exchange: Exchange) -> bool:
    response = exchange.response
    if response is None or response.status < 500:
        return False
    return response.status != 503 or response.header("retry-after") is None


def _cookies(transcript: Transcript, target: Target, judge: Judge) -> None:
    """Judge whether cookies that matter, those that no script may read, are kept off plain http."""
    if is_loopback(target.token_endpoint):
        return
    loose: dict[str, Exchange] = {}
    for exchange in transcript.at("page"):
        assert exchange.response is not None
        for cookie in exchange.response.all_headers("set-cookie"):
            pair, *attributes = (part.strip() for part in cookie.split(";"))
            name, _, value = pair.partition("=")
            marks = {attribute.lower() for attribute in attributes}
            # A cookie that ends in the past is taken away, whatever value it carries.
            ends = any(one.startswith(("max-age=0", "max-age=-")) or "1970" in one for one in marks)
            if value and not ends and "httponly" in marks and "secure" not in marks:
                loose.setdefault(name[:40], exchange)
    if loose:
        judge.holds(
            "RFC8628-3.3-tls-session",
            condition=False,
            expected="Secure with the cookies of the session",
            received=f"{', '.join(sorted(loose))[:120]} without it",
            tolerated=True,
            evidence=loose.values(),
        )


def _scheme(requirement: str, urls: Sequence[object], target: Target, judge: Judge) -> None:
    known = [url for url in urls if isinstance(url, str) and url]
    if not known:
        return
    # In virtual time nothing is on a wire, but addresses are told to people all the same.
    if is_loopback(target.token_endpoint):
        judge.not_applicable(requirement, _LOOPBACK)
        return
    plain = [url for url in known if not url.lower().startswith("https:")]
    judge.holds(
        requirement,
        not plain,
        expected="https",
        received=plain[0].partition("?")[0][:120] if plain else "",
    )
