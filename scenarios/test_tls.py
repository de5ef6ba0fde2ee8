"""RFC 8628 section 3.1: whoever talks to the server does so in private."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness.requirements import verifies
from harness.target import Target
from harness.tls import modern, outdated, shakes_hands
from harness.verdict import Judge, NotApplicable, given


@verifies("RFC8628-3.1-tls-bcp")
def test_the_server_speaks_todays_tls(target: Target, judge: Judge) -> None:
    """Both endpoints take TLS 1.2 or 1.3 with a good certificate, and nothing older."""
    if target.loopback:
        raise NotApplicable("the target runs on this machine, where TLS is not expected")
    if target.proxy is not None:
        raise NotApplicable("a proxy stands between, so that the target's own TLS is not seen")
    urls = (target.device_authorization_endpoint, target.token_endpoint)
    places = {urlsplit(url)[1]: url for url in urls if url.lower().startswith("https:")}
    if not places:
        raise NotApplicable("the endpoints are no https URLs")

    for place, url in places.items():
        today = shakes_hands(url, modern(target.ca_file, target.tls_client_cert))
        given(today.reached, today.problem, "network")
        judge.holds(
            "RFC8628-3.1-tls-bcp",
            today.version,
            expected="TLS 1.2 or 1.3 with a certificate that verifies",
            received=f"{place}: {today.problem}",
        )
        offer = outdated()
        if offer is None:
            text = "this Python's TLS library can no longer offer TLS 1.1"
            judge.undecided("RFC8628-3.1-tls-bcp", text, "harness")
            continue
        past = shakes_hands(url, offer)
        judge.holds(
            "RFC8628-3.1-tls-bcp",
            not past.version,
            expected="no connection for a client of TLS 1.0 and 1.1 only",
            received=f"{place} agrees to {past.version}",
        )
