"""A server that sends nonsense breaks no scenario: it is judged, or cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.policy import observed
from harness.requirements import catalogue
from harness.results import read_results, to_json
from harness.runners import engine, venues
from harness.runners.judging import Redacted, results_of
from harness.runners.stage import Inside
from harness.verdict import Verdict
from harness.wire import Request, Response

SLOW = {
    "test_a_decision_at_the_instant_of_a_poll_counts",
    "test_codes_of_many_displays_look_random",
    "test_nobody_may_try_codes_for_long",
    "test_whatever_happens_the_answers_are_lawful",
}
"""Scenarios that repeat what others do, many times."""

ODD_CODES: list[dict[str, Any]] = [
    {"device_code": "\ud800", "user_code": "\udfff\ud800"},
    {"device_code": "x" * 2_000, "user_code": "Y" * 500},
    {"device_code": "a\x00\r\nSet-Cookie: b=c", "user_code": "<script>\x1b[2J"},
    {"device_code": ["a"], "user_code": {"b": 1}},
    {"user_code": "日本語コード"},
    {"user_code": "---"},
    {"user_code": "("},
    {"verification_uri": "http://[", "verification_uri_complete": "http://["},
    {"verification_uri": "javascript:alert(1)", "verification_uri_complete": "https://a:99999/"},
    {"verification_uri": "\ud800", "verification_uri_complete": 7},
    {"verification_uri": ["https://reference.example/"], "verification_uri_complete": []},
    {"verification_uri": "https://" + "a" * 300 + ".example/", "verification_uri_complete": None},
    {"expires_in": 10**400, "interval": 10**400},
    {"expires_in": float("nan"), "interval": float("nan")},
    {"expires_in": "1e999", "interval": "-0"},
    {"expires_in": 0.001, "interval": 1e-9},
    {"expires_in": 999_999_999, "interval": 999_999_998},
    {"expires_in": True, "interval": [5]},
]
ODD_TOKENS: list[dict[str, Any]] = [
    {"access_token": "\ud800\r\nX: y", "scope": ["openid", 5, None], "expires_in": 10**400},
    {"access_token": "a.b.c", "id_token": "a.\ud800.c", "scope": {"openid": True}},
    {"id_token": "a.bnVsbA.c", "token_type": ["Bearer"], "scope": 5, "expires_in": "\ud800"},
    {"id_token": ["a.b.c"], "refresh_token": 4, "expires_in": float("inf"), "scope": "\ud800 \n"},
    {"access_token": "eyJ9.eyJleHAiOiAxZTk5OSwgInNjb3BlIjogWzFdfQ.c"},
    {"error": ["slow_down"]},
    {"error": "\ud800" * 500, "error_description": {"a": "\x1b"}, "error_uri": "http://["},
    {"error": "slow_down", "interval": 10**400},
]


class Nonsense:
    """The reference server with odd members in whatever JSON it sends from one address."""

    def __init__(self, server: Any, url: str, odd: dict[str, Any]) -> None:
        self._server, self._url, self._odd = server, url, odd

    def __call__(self, request: Request) -> Response:
        response: Response = self._server(request)
        body = response.json()
        if not request.url.startswith(self._url) or body is None:
            return response
        return Response(response.status, response.headers, json.dumps(body | self._odd).encode())

    def __getattr__(self, name: str) -> Any:
        """Whatever else a venue does with its server, such as closing accounts."""
        return getattr(self._server, name)


def played(door: str, odd: dict[str, Any]) -> list[engine.Played]:
    venue = venues.embedded(seed=3)
    assert isinstance(venue, Inside)
    target, serve = venue.target, venue.serve
    url = target.token_endpoint if door == "token" else target.device_authorization_endpoint
    venue.serve = lambda clock: Nonsense(serve(clock), url, odd)
    chosen = [play for play in engine.plays() if play.body.__name__ not in SLOW]
    return engine.run(chosen, venue, virtual=True)


CASES = [("codes", odd) for odd in ODD_CODES] + [("token", odd) for odd in ODD_TOKENS]


@pytest.mark.parametrize(("door", "odd"), CASES, ids=range(len(CASES)))
def test_nonsense_is_judged_and_written_down(door: str, odd: dict[str, Any]) -> None:
    all_played = played(door, odd)

    broken = [
        (one.play.id, judgement.message)
        for one in all_played
        for judgement in one.judgements
        if judgement.verdict is Verdict.ERROR
    ]
    assert broken == []
    target = venues.embedded(seed=3).target
    results = results_of(
        all_played,
        [],
        {id_: entry for id_, entry in catalogue().items() if entry.judges_server},
        target,
        Redacted(target),
        seed=3,
        strict=False,
        started=0.0,
        seconds=1.0,
        policy=observed(one.transcript for one in all_played),
    )
    text = to_json(results)
    assert read_results(text.encode()).summary["error"] == 0
    json.loads(text, parse_constant=pytest.fail)
