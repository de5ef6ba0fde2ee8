"""A curl line can be pasted into a shell and says what was sent."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from harness.transcript import Transcript
from harness.wire import Request, Response
from reports.curl import curl_line
from reports.tests.scenes import Scene

URL = "https://as.example/token"
SHELL = "ARGS() { %s -c 'import json,sys; print(json.dumps(sys.argv[1:]))' \"$@\"; }; "


def line(request: Request) -> str:
    return curl_line(
        Transcript().exchange("a", "token", request, Response(200), began=0, ended=0, after=0)
    )


def as_bash_reads(command: str) -> list[str]:
    script = SHELL % shlex.quote(sys.executable) + command.replace("curl ", "ARGS ", 1)
    done = subprocess.run(
        ["bash", "-c", script],
        env={"CLIENT_SECRET": "it's $ecret"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_a_poll_reads_as_somebody_would_type_it() -> None:
    assert curl_line(Scene().polled(0.0, "slow_down")) == (
        "curl -sS -i https://as.example/token "
        "-d grant_type=urn:ietf:params:oauth:grant-type:device_code "
        "-d 'device_code=<device_code>' -d client_id=tv"
    )


def test_secrets_are_left_to_the_shell() -> None:
    header = ("authorization", "Basic <kiosk:client_secret-1>")
    command = line(
        Request.form(URL, [("client_secret", "<client_secret-1>"), ("a", "b")], [header])
    )
    assert '-u "kiosk:$CLIENT_SECRET"' in command
    arguments = as_bash_reads(command)
    assert arguments[arguments.index("-u") + 1] == "kiosk:it's $ecret"
    assert "client_secret=it's $ecret" in arguments


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("a b", "--data-urlencode"),
        ("it's", "--data-urlencode"),
        ('$(touch x) `y` \\ "', "--data-urlencode"),
        ("a&b=c+d%20", "--data-urlencode"),
        ("ümlaut", "--data-urlencode"),
        ("", "-d"),
        ("simple", "-d"),
    ],
)
def test_values_reach_curl_unharmed(value: str, flag: str) -> None:
    arguments = as_bash_reads(line(Request.form(URL, [("name", value)])))
    assert arguments[arguments.index(flag) + 1] == f"name={value}"


def test_odd_bodies_are_spelled_out() -> None:
    body = b"a=\xff\x00'\\\n"
    command = line(Request("POST", URL, (("content-type", "text/plain"),), body))
    assert command.endswith(
        "-H 'content-type: text/plain' --data-binary $'a=\\xff\\x00\\x27\\x5c\\x0a'"
    )


@pytest.mark.parametrize(
    ("method", "body", "flag"),
    [("GET", b"", ""), ("POST", b"x", ""), ("POST", b"", "-X POST "), ("PUT", b"x", "-X PUT ")],
)
def test_methods(method: str, body: bytes, flag: str) -> None:
    assert line(Request(method, URL, (), body)).startswith(f"curl -sS -i {flag}https://as.example")


def test_a_header_cannot_break_out() -> None:
    request = Request("GET", URL, (("x-odd", "'; rm -rf / #\x1b[2J"),))
    command = line(request)
    assert "\x1b" not in command
    arguments = as_bash_reads(command)
    assert arguments[arguments.index("-H") + 1].startswith("x-odd: '; rm -rf / #")
