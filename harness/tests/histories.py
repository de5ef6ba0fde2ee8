"""Histories written by hand: what devices asked, what servers said, what people decided."""

from __future__ import annotations

import json

from harness.checks import judge as judge_all
from harness.requirements import on_violation
from harness.target import Client, Target
from harness.transcript import Decision, Door, Exchange, Manner, Transcript
from harness.verdict import Judge, Judgement, Verdict
from harness.wire import DEVICE_CODE_GRANT, Header, NoAnswer, Request, Response

AS = "https://as.example"
TOKEN_ENDPOINT = f"{AS}/token"
DEVICE_ENDPOINT = f"{AS}/da"
CODE = "dc-Zk3xQ9vT7mW2pL8rN5sB1hJ6"
USER_CODE = "WDJB-MJHT"
JSON: tuple[Header, ...] = (("content-type", "application/json"),)
PRIVATE: tuple[Header, ...] = (*JSON, ("cache-control", "no-store"), ("pragma", "no-cache"))
TARGET = Target("as", DEVICE_ENDPOINT, TOKEN_ENDPOINT, {"public": Client("tv")})

CODES = {
    "device_code": CODE,
    "user_code": USER_CODE,
    "verification_uri": f"{AS}/device",
    "verification_uri_complete": f"{AS}/device?user_code={USER_CODE}",
    "expires_in": 600,
    "interval": 5,
}
TOKEN = {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer", "expires_in": 3600}


def dumped(value: object) -> bytes:
    """JSON as servers send it; a lone surrogate becomes an escape."""
    return json.dumps(value).encode()


def answered(
    value: object, status: int = 200, headers: tuple[Header, ...] | None = None
) -> Response:
    """A JSON response, lawful unless `headers` says otherwise."""
    return Response(status, PRIVATE if headers is None else headers, dumped(value))


class History:
    """A transcript in the making.  Times are seconds; every exchange takes `took` of them."""

    def __init__(self, took: float = 0.1) -> None:
        self.transcript = Transcript()
        self.took = took

    def add(
        self,
        door: Door,
        request: Request,
        result: Response | NoAnswer,
        at: float = 0.0,
        *,
        after: int | None = None,
        manner: Manner = "lawful",
        who: str = "display",
    ) -> Exchange:
        """Write down an exchange; `after` below the usual makes it overlap those before it."""
        return self.transcript.exchange(
            who,
            door,
            request,
            result,
            began=at,
            ended=at + self.took,
            after=len(self.transcript) if after is None else after,
            manner=manner,
        )

    def issue(
        self,
        at: float = 0.0,
        response: Response | None = None,
        without: tuple[str, ...] = (),
        **members: object,
    ) -> Exchange:
        """Codes are asked for and come, with some members changed or left out."""
        body = {k: v for k, v in (CODES | members).items() if k not in without}
        request = Request.form(DEVICE_ENDPOINT, [("client_id", "tv"), ("scope", "a b")])
        return self.add("device_authorization", request, response or answered(body), at)

    def poll(
        self,
        at: float,
        answer: str | Response | NoAnswer = "authorization_pending",
        *,
        after: int | None = None,
        client: str = "tv",
        code: str = CODE,
        manner: Manner = "lawful",
        plus: tuple[tuple[str, str], ...] = (),
    ) -> Exchange:
        """A poll; `answer` is an error, the word "token", or a response."""
        fields = [("grant_type", DEVICE_CODE_GRANT), ("device_code", code), ("client_id", client)]
        result: Response | NoAnswer
        if isinstance(answer, str):
            result = answered(TOKEN) if answer == "token" else answered({"error": answer}, 400)
        else:
            result = answer
        request = Request.form(TOKEN_ENDPOINT, [*fields, *plus])
        return self.add("token", request, result, at, after=after, manner=manner)

    def decide(
        self,
        at: float,
        *,
        approved: bool = True,
        done: bool | None = True,
        until: float | None = None,
        after: int | None = None,
        user_code: str = USER_CODE,
    ) -> Decision:
        """Somebody decides between `at` and `until`."""
        return self.transcript.decision(
            "alice",
            user_code,
            approved=approved,
            done=done,
            began=at,
            ended=at if until is None else until,
            after=len(self.transcript) if after is None else after,
        )

    def page(self, url: str, response: Response, at: float = 0.0) -> Exchange:
        """A person opens a page."""
        return self.add("page", Request("GET", url), response, at, who="alice")

    def judged(self, target: Target = TARGET) -> list[Judgement]:
        """What the standing checks say."""
        judge = Judge(on_violation)
        judge_all(self.transcript, target, judge)
        return judge.judgements

    def violated(self, target: Target = TARGET) -> dict[str, Verdict]:
        """The requirements that did not hold, with the worst verdict on each.

        What the catalogue calls information only shows as a pass with a message.
        """
        found: dict[str, Verdict] = {}
        for one in self.judged(target):
            if one.verdict in {Verdict.FAIL, Verdict.WARN} or one.received:
                worse = found.get(one.requirement) is not Verdict.FAIL
                found[one.requirement] = one.verdict if worse else Verdict.FAIL
        return found

    def held(self, target: Target = TARGET) -> set[str]:
        """The requirements that were judged and held throughout."""
        judged = {one.requirement for one in self.judged(target)}
        return judged - set(self.violated(target))
