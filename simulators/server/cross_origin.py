"""What a browser asks before a script of another origin may call (OpenID Connect Discovery 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.wire import Request, Response

if TYPE_CHECKING:
    from simulators.server.rules import Rules

_METHODS = "GET, POST"


def answer(rules: Rules, request: Request) -> Response:
    """The answer to OPTIONS: yes to a browser's question, else only which methods there are."""
    allowed = rules.cross_origin()
    if request.header("origin") is None or not allowed:
        return Response(405, (("allow", _METHODS),))
    more = (
        ("access-control-allow-methods", _METHODS),
        ("access-control-allow-headers", "authorization, content-type, dpop"),
        ("access-control-max-age", "600"),
    )
    return Response(204, (*allowed, *more))
