"""What crosses the wire: forms, headers, JSON, and what an answer says."""

from __future__ import annotations

import json

import pytest

from harness.wire import (
    DEVICE_CODE_GRANT,
    FORM,
    Answer,
    Request,
    Response,
    answer_of,
    number_of,
)

JSON = (("content-type", "application/json"),)


def answer(body: object, status: int = 400) -> Answer:
    return answer_of(Response(status, JSON, json.dumps(body).encode()))


def test_a_form_keeps_order_repetitions_and_empty_values() -> None:
    fields = [("a", "1"), ("b", ""), ("a", "ü &=+"), ("grant_type", DEVICE_CODE_GRANT)]
    request = Request.form("https://as.example/token", fields, [("authorization", "Basic x")])
    assert request.fields == fields
    assert request.header("Content-Type") == FORM
    assert request.header("AUTHORIZATION") == "Basic x"
    assert b"urn%3Aietf%3A" in request.body


@pytest.mark.parametrize("kind", [FORM.upper(), f"{FORM}; charset=UTF-8", f" {FORM} ;x"])
def test_a_form_is_recognised_by_its_media_type(kind: str) -> None:
    assert Request("POST", "/", (("Content-Type", kind),), b"a=b").field("a") == "b"


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain"])
def test_other_bodies_have_no_fields(kind: str) -> None:
    assert Request("POST", "/", (("content-type", kind),), b"a=b").fields == []


@pytest.mark.parametrize("body", [b"\xff\xfe=%ff", b"%", b"&&&=", b"=" * 5000, b"a=%00"])
def test_bytes_that_are_no_form_raise_nothing(body: bytes) -> None:
    assert isinstance(Request("POST", "/", (("content-type", FORM),), body).fields, list)


def test_a_url_has_a_path_and_a_query() -> None:
    request = Request("GET", "https://as.example/a/b?x=1&y=&x=%C3%BC#end")
    assert request.path == "/a/b"
    assert request.query == [("x", "1"), ("y", ""), ("x", "ü")]
    assert Request("GET", "https://as.example").path == "/"
    assert Request("GET", "http://[").path == "/"


def test_a_header_may_come_twice() -> None:
    response = Response(200, (("set-cookie", "a=1"), ("Set-Cookie", "b=2")))
    assert response.header("SET-COOKIE") == "a=1"
    assert response.all_headers("set-cookie") == ["a=1", "b=2"]
    assert response.header("location") is None


def test_a_media_type_has_no_parameters() -> None:
    assert Response(200, (("content-type", "Application/JSON ; x=y"),)).media_type == JSON[0][1]
    assert Response(200).media_type == ""


@pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null", b"{", b"\xff", b"", b"NaN"])
def test_only_an_object_is_json_here(body: bytes) -> None:
    assert Response(200, JSON, body).json() is None


def test_a_large_body_is_read_like_a_small_one() -> None:
    body = json.dumps({"a": "x" * 100_000}).encode()
    assert Response(200, JSON, body).json() == {"a": "x" * 100_000}


def test_members_that_repeat_are_named_at_any_depth() -> None:
    assert Response(200, JSON, b'{"a":1,"b":{"c":1,"c":2},"a":2}').repeated_members() == ["c", "a"]
    assert Response(200, JSON, b'{"a":{"b":1},"b":1}').repeated_members() == []


@pytest.mark.parametrize("value", [None, 7, True, ["invalid_grant"], {"a": 1}])
def test_an_error_is_a_string(value: object) -> None:
    assert Response(400, JSON, json.dumps({"error": value}).encode()).error is None


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"access_token": "a"}, 200, Answer.TOKEN),
        ({"access_token": "a"}, 201, Answer.TOKEN),
        ({"access_token": "a"}, 400, Answer.GARBLED),
        ({"access_token": ""}, 200, Answer.GARBLED),
        ({"access_token": "a", "error": "slow_down"}, 200, Answer.SLOW_DOWN),
        ({"error": "authorization_pending"}, 200, Answer.PENDING),
        ({"error": "authorization_pending"}, 428, Answer.PENDING),
        ({"error": "slow_down"}, 429, Answer.SLOW_DOWN),
        ({"error": "slow_down"}, 503, Answer.SLOW_DOWN),
        ({"error": "too_many_requests"}, 429, Answer.BUSY),
        ({"error": "bad_verification_code"}, 400, Answer.OTHER),
        ({"error": "server_error"}, 500, Answer.BROKEN),
        ({"error": ""}, 400, Answer.GARBLED),
        ({"error": "token"}, 400, Answer.OTHER),
        ({"error": "busy"}, 400, Answer.OTHER),
        ({}, 200, Answer.GARBLED),
        ({}, 429, Answer.BUSY),
        ({}, 503, Answer.BUSY),
        ({}, 502, Answer.BROKEN),
        ({}, 302, Answer.GARBLED),
    ],
)
def test_what_an_answer_says(body: object, status: int, expected: Answer) -> None:
    assert answer(body, status) is expected


def test_every_registered_error_is_an_answer_of_its_own() -> None:
    own = {one for one in Answer if "_" in one.value}
    assert {answer({"error": one.value}) for one in own} == own
    assert len(own) == 10


def test_a_device_polls_on_after_trouble_only() -> None:
    on = {one for one in Answer if not one.is_final}
    assert on == {Answer.PENDING, Answer.SLOW_DOWN, Answer.BUSY, Answer.BROKEN}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5.0),
        (5.5, 5.5),
        ("900", 900.0),
        (" 5 ", 5.0),
        (10**400, float("inf")),
        (-(10**400), float("-inf")),
        ("1e999", float("inf")),
        (True, None),
        (None, None),
        ("soon", None),
        ("", None),
        ([5], None),
        (float("nan"), None),
        ("nan", None),
    ],
)
def test_a_number_is_read_out_of_anything(value: object, number: float | None) -> None:
    assert number_of(value) == number
