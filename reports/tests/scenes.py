"""Transcripts and results to report about, as short as a test can be."""

from __future__ import annotations

import json
from collections.abc import Iterable

from harness.results import (
    SCHEMA,
    RequirementResult,
    Results,
    ScenarioResult,
    TargetInfo,
    Tool,
    exit_code,
    summarise,
)
from harness.transcript import Exchange, Transcript
from harness.wire import DEVICE_CODE_GRANT, NoAnswer, Request, Response

JSON = (("content-type", "application/json"),)
TOKEN = "https://as.example/token"


class Scene:
    """A display, its code, and whoever else comes by."""

    def __init__(self) -> None:
        self.transcript = Transcript()

    def issued(self, at: float = 1.0, code: str = "<device_code-1>", user: str = "U1") -> Exchange:
        body = {"device_code": code, "user_code": user, "expires_in": 600, "interval": 5}
        request = Request.form("https://as.example/da", [("client_id", "tv")])
        return self._add("device_authorization", request, Response(200, JSON, dumped(body)), at)

    def polled(
        self,
        at: float,
        error: str | None = None,
        *,
        code: str = "<device_code-1>",
        who: str = "display",
        status: int = 400,
        failure: NoAnswer | None = None,
    ) -> Exchange:
        fields = [("grant_type", DEVICE_CODE_GRANT), ("device_code", code), ("client_id", "tv")]
        answer = Response(status, JSON, dumped({"error": error}))
        if error is None:
            answer = Response(200, JSON, dumped({"access_token": "<access_token-1>"}))
        return self._add("token", Request.form(TOKEN, fields), failure or answer, at, who)

    def decided(self, at: float, *, approved: bool = True, user: str = "U1") -> None:
        self.transcript.decision(
            "alice",
            user,
            approved=approved,
            done=True,
            began=at,
            ended=at,
            after=len(self.transcript),
        )

    def _add(
        self,
        door: str,
        request: Request,
        result: Response | NoAnswer,
        at: float,
        who: str = "display",
    ) -> Exchange:
        return self.transcript.exchange(
            who,
            door,  # type: ignore[arg-type]
            request,
            result,
            began=at,
            ended=at,
            after=len(self.transcript),
        )


def dumped(body: object) -> bytes:
    return json.dumps(body).encode()


def result(
    id_: str = "RFC8628-3.5-pending", verdict: str = "pass", **members: object
) -> RequirementResult:
    found: dict[str, object] = {
        "id": id_,
        "level": "MUST",
        "source": "RFC 8628 §3.5",
        "verdict": verdict,
        "blame": "target" if verdict == "fail" else None,
        "message": "" if verdict == "pass" else "expected this, received that",
        "scenarios": ["test_x::test_a_device_waits"],
        "evidence": [],
        "rule": "The rule in our words.",
        "expected": "this" if verdict == "fail" else "",
        "received": "that" if verdict == "fail" else "",
        "decided_by": "test_x::test_a_device_waits",
    }
    return RequirementResult(**(found | members))  # type: ignore[arg-type]


def results(found: Iterable[RequirementResult], **members: object) -> Results:
    kept = list(found)
    scenario = ScenarioResult(
        "test_x::test_a_device_waits", "A device waits for its user.", "pass", 12.3, [], ""
    )
    everything: dict[str, object] = {
        "schema": SCHEMA,
        "tool": Tool("devicegrant", "1"),
        "target": TargetInfo("Example IdP", "https://as.example", "virtual"),
        "seed": 1,
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.5,
        "exit_code": exit_code(kept),
        "summary": summarise(kept),
        "requirements": kept,
        "scenarios": [scenario],
        "policy": {},
    }
    return Results(**(everything | members))  # type: ignore[arg-type]
