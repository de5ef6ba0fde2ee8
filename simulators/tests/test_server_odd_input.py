"""Whatever is sent, a client gets an answer and never a 5xx."""

import json

import pytest

from harness.wire import FORM, Request
from simulators.server import Rules
from simulators.tests.browsing import Stage

BODIES = [
    b"",
    b"&&&===",
    b"client_id",
    b"client_id=tv&device_code=" + b"x" * 100_000,
    b"client_id=tv&device_code=%00&grant_type=%00",
    b"client_id=tv&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=\xff\xfe",
    b"client_id=%ff%fe&scope=%F0%28",
    b"client_id=tv&scope=<script>alert(1)</script>",
    b"client_id=tv&scope=a\x00b",
    b"client_id=\"\\'",
    b"client_id=tv&" + b"a=1&" * 5000,
    "client_id=tv&scope=\u202e\u0130".encode(),
]


@pytest.mark.parametrize("endpoint", ["device_authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("body", BODIES)
def test_odd_bodies_are_refused_in_good_form(endpoint: str, body: bytes) -> None:
    stage = Stage()
    answer = stage.server(Request("POST", stage.url(endpoint), (("content-type", FORM),), body))
    said = json.loads(answer.body)

    assert answer.status in {200, 400, 401, 413} and answer.media_type == "application/json"
    assert (answer.status == 200) == ("device_code" in said)
    allowed = set(map(chr, range(0x20, 0x7F))) - set('"\\')
    assert set(said.get("error", "") + said.get("error_description", "")) <= allowed


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_no_path_breaks_under_any_method(method: str) -> None:
    stage = Stage()
    paths = ["/", "/nowhere", "//", "/%00", "/device/confirm", "/device/done", "/device/sign-in"]
    urls = [f"https://reference.example{path}" for path in paths]
    urls += [value for name, value in stage.server.metadata.items() if name.endswith("_endpoint")]  # type: ignore[misc]
    urls += ["https://reference.example/dashboard", "https://[bad", "no url", "", "https://x/?a#b"]
    for url in urls:
        answer = stage.server(Request(method, url, (("cookie", "__Host-session=\x00; ;=;a"),)))
        assert answer.status < 500 and stage.server.last_fault is None, url


def test_a_fault_inside_is_an_answer_too() -> None:
    class Broken(Rules):
        def unknown_code(self) -> str:
            raise ZeroDivisionError("secret detail")

    stage = Stage(rules=Broken())
    answer = stage.poll_response(device_code="x")

    assert (answer.status, answer.error) == (500, "server_error")
    assert b"secret detail" not in answer.body
    assert isinstance(stage.server.last_fault, ZeroDivisionError)
