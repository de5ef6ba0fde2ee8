"""Reading WWW-Authenticate, whichever way servers write it."""

from __future__ import annotations

import pytest

from harness.checks.challenges import challenges

REALM = ("realm", "a, b")
ERROR = ("error", "x")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Bearer"], [("bearer", ())]),
        (["Bearer,"], [("bearer", ())]),
        (['Bearer realm="a, b"'], [("bearer", (REALM,))]),
        (['bearer  realm="a, b" , error=x'], [("bearer", (REALM, ERROR))]),
        (['Basic realm="a, b", Bearer Error=x'], [("basic", (REALM,)), ("bearer", (ERROR,))]),
        (["Bearer", 'DPoP realm="a, b"'], [("bearer", ()), ("dpop", (REALM,))]),
        (["Negotiate YII/abc==, Bearer"], [("negotiate", ()), ("bearer", ())]),
        ([r'Bearer realm="\"x\""'], [("bearer", (("realm", '"x"'),))]),
        ([""], []),
        ([], []),
        (['error="invalid_token"'], []),
        (['Bearer realm="never ends'], [("bearer", (("realm", ""),))]),
    ],
)  # fmt: skip
def test_challenges_are_told_apart(
    headers: list[str], expected: list[tuple[str, tuple[tuple[str, str], ...]]]
) -> None:
    assert [(one.scheme, one.parameters) for one in challenges(headers)] == expected


@pytest.mark.parametrize("text", ["Bearer " + "a=b," * 9000, "a " * 20000, " " * 40000 + "="])
def test_long_headers_are_read_in_a_moment(text: str) -> None:
    assert len(challenges([text])) <= len(text)
