"""Metadata of servers elsewhere, where plain http is no longer excused."""

from __future__ import annotations

import json

import pytest

from harness.checks import metadata, transport
from harness.requirements import on_violation
from harness.target import Client, Target
from harness.transcript import Transcript
from harness.verdict import Judge
from harness.wire import DEVICE_CODE_GRANT, Request, Response

SECURE = "https://as.example"
PLAIN = "http://as.example"


def verdicts(issuer: str, document: object, status: int = 200) -> dict[str, str]:
    target = Target(
        name="as",
        issuer=issuer,
        device_authorization_endpoint=f"{issuer}/device",
        token_endpoint=f"{issuer}/token",
        clients={"public": Client("tv")},
    )
    transcript = Transcript()
    transcript.exchange(
        "reader",
        "metadata",
        Request("GET", f"{issuer}/.well-known/openid-configuration"),
        Response(status, (("content-type", "application/json"),), json.dumps(document).encode()),
        began=0,
        ended=0,
        after=0,
    )
    judge = Judge(on_violation)
    metadata.check(transcript, target, judge)
    transport.check(transcript, target, judge)
    return {one.requirement: one.verdict.value for one in judge.judgements}


def document(issuer: str, **more: object) -> dict[str, object]:
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "device_authorization_endpoint": f"{issuer}/device",
        "grant_types_supported": [DEVICE_CODE_GRANT],
        "subject_types_supported": ["public"],
        "jwks_uri": f"{issuer}/jwks",
        "id_token_signing_alg_values_supported": ["RS256"],
        **more,
    }


@pytest.mark.parametrize(
    ("issuer", "expected"), [(SECURE, "pass"), (PLAIN, "fail"), ("http://127.0.0.1:1", "pass")]
)
def test_plain_http_is_excused_on_this_machine_only(issuer: str, expected: str) -> None:
    found = verdicts(issuer, document(issuer))

    assert found["RFC8414-2-issuer"] == expected
    assert found["RFC8414-2-token_endpoint"] == expected
    assert found["RFC8628-4-endpoint"] == expected
    assert found["RFC8414-6.1-tls"] == (expected if issuer in {SECURE, PLAIN} else "not_applicable")


def test_a_server_for_devices_alone_is_warned_and_not_failed() -> None:
    alone = verdicts(SECURE, document(SECURE))
    usual = verdicts(
        SECURE, document(SECURE, grant_types_supported=["authorization_code", DEVICE_CODE_GRANT])
    )

    assert alone["OIDCDisc-3-required"] == alone["RFC8414-2-response_types"] == "warn"
    assert usual["OIDCDisc-3-required"] == "fail"


@pytest.mark.parametrize("value", ["", "/device", "as.example/device", 7, None, "https://[", []])
def test_an_endpoint_that_is_no_absolute_url_fails(value: object) -> None:
    found = verdicts(SECURE, document(SECURE, device_authorization_endpoint=value))

    assert found["RFC8628-4-endpoint"] == "fail"


@pytest.mark.parametrize("body", [{}, {"hello": 1}, [], "text", {"error": "not_found"}])
def test_what_is_no_metadata_is_not_judged(body: object) -> None:
    judged = {one for one in verdicts(SECURE, body) if not one.endswith(("-tls", "-tls-as"))}

    assert judged <= {"RFC8414-3.2-response", "HTTP-5xx"}


@pytest.mark.parametrize(("value", "expected"), [([], "warn"), (None, "pass"), (["de"], "pass")])
def test_an_empty_array_is_left_out(value: object, expected: str) -> None:
    found = verdicts(SECURE, document(SECURE, ui_locales_supported=value))
    assert found["RFC8414-3.2-empty-arrays"] == expected
