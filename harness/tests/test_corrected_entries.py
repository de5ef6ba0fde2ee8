"""What entries of the catalogue once forbade, and the specifications allow."""

from __future__ import annotations

from typing import Any

import pytest

from harness.checks.id_tokens import Issued, judge_claims
from harness.checks.jwts import Jwt
from harness.requirements import on_violation
from harness.target import Client, Target
from harness.transcript import Exchange, Transcript
from harness.verdict import Judge, Verdict
from harness.wire import Request, Response
from scenarios.test_5_security_considerations import _judge_user_codes
from scenarios.test_rich_and_pushed_requests import _says_what_was_granted

PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL
ASKED = [{"type": "account", "actions": ["read"], "access": {"accounts": []}, "privileges": []}]
ACCOUNTS = {"accounts": [{"iban": "DE2310010010123456789"}]}
READ: dict[str, Any] = {"type": "account", "actions": ["read"]}


def any_exchange() -> Exchange:
    request = Request("POST", "https://as.example/token")
    return Transcript().exchange("tv", "token", request, Response(200), began=0, ended=0, after=0)


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://as.example", PASS),
        ("http://127.0.0.1:8080", PASS),
        ("http://[::1]", PASS),
        ("http://as.example", FAIL),
    ],
)
def test_http_is_an_issuer_on_this_machine(issuer: str, expected: Verdict) -> None:
    target = Target("as", f"{issuer}/d", f"{issuer}/t", {"public": Client("tv")}, issuer)
    jwt = Jwt({"alg": "ES256"}, {"iss": issuer}, (), b"", b"")
    judge = Judge(on_violation)
    judge_claims(Issued(jwt, any_exchange(), "at", "tv", 0.0), target, judge)
    found = [one.verdict for one in judge.judgements if one.requirement == "OIDC-2-iss"]
    assert found == [expected]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (ASKED, PASS),
        ([{**READ, "access": ACCOUNTS, "identifier": "4711", "privileges": ["owner"]}], PASS),
        ([{"type": "account"}], PASS),
        ([{**READ, "actions": ["read", "write"]}], WARN),
        ([READ, {"type": "transfer"}], WARN),
        ([], WARN),
        (None, FAIL),
        ({}, FAIL),
        ([{}], FAIL),
        (["account"], FAIL),
    ],
)
def test_granted_details_may_be_richer_than_what_was_asked_for(
    told: object, expected: Verdict
) -> None:
    judge = Judge(on_violation)
    _says_what_was_granted(told, ASKED, judge, [any_exchange()])
    verdicts = {one.verdict for one in judge.judgements}
    assert next(one for one in (FAIL, WARN, PASS) if one in verdicts) is expected


@pytest.mark.parametrize(
    ("codes", "expected", "noted"),
    [
        (["WDJBMJHT", "KLMNPQRS"], PASS, False),
        (["01945073", "25882588"], PASS, False),
        (["ABCDEFGH", "IJKLMNOP"], PASS, False),
        (["wdjbMJHT", "KLmnPQRs"], PASS, True),
        (["ДЖЛФ", "ШЩЮЯ"], PASS, True),
        (["A0B1C2D3", "O9P8Q7R6"], WARN, False),
        (["ab1l", "cd2e"], WARN, False),
    ],
)
def test_only_look_alikes_are_advised_against(
    codes: list[str], expected: Verdict, *, noted: bool
) -> None:
    judge = Judge(on_violation)
    _judge_user_codes(codes, judge)
    found = [one for one in judge.judgements if one.requirement == "RFC8628-6.1-charset"]
    assert found[0].verdict is expected
    assert (len(found) > 1) is noted
