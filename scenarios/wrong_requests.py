"""Requests that are wrong on purpose, and what several scenarios say about the answers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from harness.target import Client
from harness.transcript import Exchange
from harness.verdict import Judge, describe
from harness.wire import Answer, Request

PROBE = ("x_devicegrant_probe", "4711")
"""A parameter that surely nobody defined."""

EXTRAS = (
    ("response_type", "device_code"),
    ("response_type", "token"),
    ("redirect_uri", "https://device.example/callback"),
    ("nonce", "n-0S6_WzA2Mj"),
    ("client_secret", ""),
    ("audience", "https://device.example"),
)
"""Parameters of other requests, which servers have demanded here all the same."""

UNKNOWN_CLIENT = Client("devicegrant-unknown-7c1f9a2e")
"""A client that nobody registered."""

WRONG_SECRET = "wrong-0000000000000000"


def typed(request: Request, media_type: str) -> Request:
    """The request with another Content-Type."""
    others = tuple(h for h in request.headers if h[0].lower() != "content-type")
    return replace(request, headers=(("content-type", media_type), *others))


def in_the_query(request: Request) -> Request:
    """A GET with the form's fields in the URL."""
    mark = "&" if "?" in request.url else "?"
    kept = tuple(h for h in request.headers if h[0].lower() != "content-type")
    return Request("GET", f"{request.url}{mark}{urlencode(request.fields)}", kept)


def as_json(request: Request) -> Request:
    """The form's fields as a JSON object."""
    pairs = ", ".join(f'"{name}": "{value}"' for name, value in request.fields)
    return replace(typed(request, "application/json"), body=f"{{{pairs}}}".encode())


def challenge(client: Client, asked: Exchange, judge: Judge) -> None:
    """Judge how failed Basic credentials are challenged (RFC 6749 section 5.2)."""
    requirement = "RFC6749-5.2-www-authenticate"
    if client.auth != "client_secret_basic":
        judge.not_applicable(requirement, "[clients.confidential] does not use Basic")
    elif asked.answer is Answer.INVALID_CLIENT and asked.response is not None:
        schemes = " ".join(asked.response.all_headers("www-authenticate"))
        judge.holds(
            requirement,
            asked.status == 401 and "basic" in schemes.lower(),
            expected="401 with WWW-Authenticate: Basic",
            received=f"{describe(asked)}, WWW-Authenticate: {schemes[:80] or 'none'}",
            evidence=(asked,),
        )
