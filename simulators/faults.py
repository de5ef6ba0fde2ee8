"""What bad networks do to requests and answers: each fault wraps a transport and is one again.

The laws of this file: a fault knows neither who speaks nor what is said; whom it hits follows from
its seed and the order of the requests; faults can be laid round each other.  `share` is the part of
the requests that is hit, from 0 to 1; `hits` narrows a fault to some of them, say to polls.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from harness.wire import NoAnswer, Request, Response, Transport

Hits: TypeAlias = Callable[[Request], bool]

DISTURBED_PAGE = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"


def everything(_request: Request) -> bool:
    """Hit whatever comes."""
    return True


def loses_requests(
    transport: Transport, share: float = 0.1, seed: int = 0, hits: Hits = everything
) -> Transport:
    """Some requests never arrive; whoever sent one hears nothing (`NoAnswer`, "timeout")."""
    struck = _dice(share, seed, hits)

    def send(request: Request) -> Response:
        if struck(request):
            raise NoAnswer("timeout", "the network lost the request")
        return transport(request)

    return send


def loses_answers(
    transport: Transport, share: float = 0.1, seed: int = 0, hits: Hits = everything
) -> Transport:
    """Some requests arrive and take effect, and their answer is lost (`NoAnswer`, "timeout").

    The device cannot tell this from a lost request, although its code may now be used up.
    """
    struck = _dice(share, seed, hits)

    def send(request: Request) -> Response:
        lost = struck(request)
        response = transport(request)
        if lost:
            raise NoAnswer("timeout", "the network lost the answer")
        return response

    return send


def repeats_requests(
    transport: Transport, share: float = 0.1, seed: int = 0, hits: Hits = everything
) -> Transport:
    """Some requests arrive twice, as after a retry by a proxy; the second answer is handed on."""
    struck = _dice(share, seed, hits)

    def send(request: Request) -> Response:
        if struck(request):
            transport(request)
        return transport(request)

    return send


def delays(
    transport: Transport,
    sleep: Callable[[float], None],
    least: float = 0.0,
    most: float = 2.0,
    *,
    share: float = 1.0,
    seed: int = 0,
    hits: Hits = everything,
) -> Transport:
    """Requests and answers take between `least` and `most` seconds, drawn for each way.

    `sleep` lets that time pass: a clock's, so that a virtual one makes no one wait.  Raises
    `ValueError` for times that cannot be.
    """
    if not 0 <= least <= most:
        raise ValueError(f"a delay from {least} s to {most} s cannot be")
    struck = _dice(share, seed, hits)
    rand = random.Random(f"{seed}/delays")

    def send(request: Request) -> Response:
        if not struck(request):
            return transport(request)
        sleep(rand.uniform(least, most))
        try:
            return transport(request)
        finally:
            sleep(rand.uniform(least, most))

    return send


def garbles(
    transport: Transport, share: float = 0.1, seed: int = 0, hits: Hits = everything
) -> Transport:
    """Some answers arrive damaged: cut short, empty, or replaced by a gateway's own 502 page."""
    struck = _dice(share, seed, hits)
    rand = random.Random(f"{seed}/garbles")
    ways = (_cut, _empty, _replaced)

    def send(request: Request) -> Response:
        damaged = struck(request)
        response = transport(request)
        return rand.choice(ways)(response) if damaged else response

    return send


def resets(
    transport: Transport, share: float = 0.1, seed: int = 0, hits: Hits = everything
) -> Transport:
    """Some connections break (`NoAnswer`, "reset"): half of them before the request arrived."""
    struck = _dice(share, seed, hits)
    rand = random.Random(f"{seed}/resets")

    def send(request: Request) -> Response:
        if not struck(request):
            return transport(request)
        if rand.random() < 0.5:
            transport(request)
        raise NoAnswer("reset", "the connection was reset")

    return send


def _dice(share: float, seed: int, hits: Hits) -> Hits:
    """Decides for each request in turn whether it is hit; raises `ValueError` for a bad share."""
    if not 0 <= share <= 1:
        raise ValueError(f"share is a part between 0 and 1, not {share}")
    rand = random.Random(f"{seed}/share")

    def struck(request: Request) -> bool:
        return hits(request) and rand.random() < share

    return struck


def _cut(response: Response) -> Response:
    return replace(response, body=response.body[: len(response.body) // 2])


def _empty(response: Response) -> Response:
    return replace(response, body=b"")


def _replaced(_response: Response) -> Response:
    return Response(502, (("content-type", "text/html"),), DISTURBED_PAGE)
