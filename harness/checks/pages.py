"""What the pages of a person's session must not carry (RFC 8628 section 3.3)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from harness.transcript import Transcript
from harness.verdict import Judge

_SECRET = re.compile(r"[?&#;]client_secret=[^&;]")


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every page that a person saw in a transcript."""
    codes = set()
    for exchange in transcript.at("device_authorization"):
        body = (exchange.response.json() if exchange.response else None) or {}
        code = body.get("device_code")
        if isinstance(code, str) and len(code) >= 8:
            codes.add(code)
    typed = {
        value
        for exchange in transcript.at("page")
        for _, value in [*exchange.request.fields, *exchange.request.query]
    }
    # A device_code that a person was made to type may be shown again.
    codes -= typed
    if not codes:
        return
    for exchange in transcript.at("page"):
        response = exchange.response
        assert response is not None
        seen = "\n".join(
            [
                unquote(exchange.request.url),
                response.text,
                *response.all_headers("location"),
                *response.all_headers("set-cookie"),
            ]
        )
        links = [exchange.request.url, *response.all_headers("location")]
        judge.holds(
            "RFC8628-3.3-no-device_code-page",
            not any(_SECRET.search(unquote(link)) for link in links),
            expected="addresses that never carry a client's secret",
            received="a client_secret in an address of the browser",
            evidence=(exchange,),
        )
        judge.holds(
            "RFC8628-3.3-no-device_code-page",
            not any(
                code in seen or quote(code, safe="", errors="replace") in seen for code in codes
            ),
            expected="pages that never carry the device_code",
            received="the device_code in a URL, page or cookie",
            evidence=(exchange,),
        )
