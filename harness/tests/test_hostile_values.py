"""Whatever a server sends, judges never raise: a traceback would hide every other verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.oracle import Oracle
from harness.policy import observed
from harness.tests.histories import AS, CODE, CODES, JSON, TOKEN, History, dumped
from harness.verdict import describe
from harness.wire import Response, answer_of

CALM = settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**400, -(10**400), 1e308, -0.0, float("nan"), float("inf")])
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["", "\ud800", "\udfff\ud800", "http://[", "https://a:x/", "//", "%", "1e999"]
    )
    | st.sampled_from(
        ["nan", "٣", "authorization_pending", "slow_down", "token", CODE, "\0", "\x1b"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
MEMBERS = st.sampled_from(
    [*CODES, *TOKEN, "error", "error_description", "error_uri", "scope", "id_token", "\ud800"]
)
BODIES = st.dictionaries(MEMBERS, VALUES, max_size=8)
STATUSES = st.sampled_from([0, 100, 200, 201, 204, 302, 400, 401, 403, 418, 429, 500, 503, 999])
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "cache-control", "location", "set-cookie", "pragma"]),
        st.text(max_size=20),
    ),
    max_size=3,
).map(lambda pairs: tuple(pairs) + JSON)


def judged_without_a_traceback(history: History) -> None:
    history.judged()
    observed([history.transcript])
    oracle = Oracle(history.transcript)
    for exchange in history.transcript.exchanges:
        oracle.allowed(exchange)
        describe(exchange).encode()


def a_life(issued: Response, polled: Response) -> History:
    history = History()
    history.issue(response=issued)
    body = issued.json() or {}
    code = str(body.get("device_code", CODE)).encode("utf-8", "replace").decode()
    for at in (5, 6, 590, 2000):
        history.poll(at, polled, code=code)
        history.decide(at, user_code=str(body.get("user_code")))
    history.page(f"{AS}/device", polled)
    return history


@CALM
@given(body=BODIES, polled=BODIES, status=STATUSES, headers=HEADERS)
def test_judges_never_raise_over_json(
    body: dict[str, Any], polled: dict[str, Any], status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    issued = Response(200, headers, dumped(CODES | body))
    judged_without_a_traceback(a_life(issued, Response(status, headers, dumped(polled))))


@CALM
@given(body=BODIES)
def test_judges_never_raise_over_codes_that_lack_everything(body: dict[str, Any]) -> None:
    judged_without_a_traceback(a_life(Response(200, JSON, dumped(body)), Response(200)))


@CALM
@given(raw=st.binary(max_size=60) | VALUES.map(dumped))
def test_judges_never_raise_over_bytes(raw: bytes) -> None:
    judged_without_a_traceback(a_life(Response(200, JSON, raw), Response(400, JSON, raw)))


@pytest.mark.parametrize("member", CODES)
@pytest.mark.parametrize(
    "literal",
    ["1" + "0" * 400, "1" * 5000, "1e999", "NaN", "-Infinity", "true", "null", '"\\ud800"', '""'],
)
def test_judges_never_raise_over_one_odd_member(member: str, literal: str) -> None:
    others = {name: value for name, value in CODES.items() if name != member}
    raw = dumped(others)[:-1] + f', "{member}": {literal}}}'.encode()
    judged_without_a_traceback(a_life(Response(200, JSON, raw), Response(400, JSON, raw)))


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 100_000, b"", b"\xff\xfe{\x00", b"null"]
)
def test_a_body_that_is_no_object_is_no_answer(raw: bytes) -> None:
    response = Response(200, JSON, raw)
    assert response.json() is None
    assert response.repeated_members() == []
    assert answer_of(response).value == "no OAuth answer"


@pytest.mark.parametrize("name", ["access_token", "error"])
@pytest.mark.parametrize("value", [None, "", 1, [], {}, True])
def test_a_member_of_a_wrong_type_is_neither_token_nor_error(name: str, value: object) -> None:
    assert answer_of(Response(200, JSON, json.dumps({name: value}).encode())).name == "GARBLED"
