"""The network between one world and its target: calm, until a fault strikes.

The laws of this file: what reached the target is written down even if its answer never came back,
because the transcript is the evidence; what the network damaged is nobody's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from harness.transcript import Door
from harness.wire import DEVICE_CODE_GRANT, NoAnswer, Request, Response, Transport
from harness.world import World

Fault: TypeAlias = Callable[[Transport], Transport]

THE_NETWORK = "the network"
"""Who has heard an answer that its device did not."""


class Weather:
    """Lies between a world and its target from now on; at first it is calm."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._connect = world.connect
        self._fault: Fault | None = None
        self._door: Door = "token"
        world.connect = lambda: _Link(self, self._connect())

    @contextmanager
    def strikes(self, fault: Fault, door: Door = "token") -> Iterator[None]:
        """While this lasts, `fault` hits polls, or the requests for codes if `door` says so."""
        self._fault, self._door = fault, door
        try:
            yield
        finally:
            self._fault = None

    def send(self, calm: Transport, request: Request) -> Response:
        """Carry one request; raises `NoAnswer` for an answer that got lost or damaged."""
        fault = self._fault
        if fault is None or not self._is_meant(request):
            return calm(request)
        arrived: list[Response] = []
        delivered: Response | None = None
        try:
            delivered = fault(lambda one: self._arrives(calm, one, arrived))(request)
        finally:
            self._write_down(request, [one for one in arrived if one is not delivered])
        if not any(one is delivered for one in arrived):
            raise NoAnswer("garbled", "the network damaged the answer")
        return delivered

    def _is_meant(self, request: Request) -> bool:
        if self._door == "token":
            return request.field("grant_type") == DEVICE_CODE_GRANT
        return request.url == self.world.target.device_authorization_endpoint

    def _arrives(self, calm: Transport, request: Request, arrived: list[Response]) -> Response:
        response = calm(request)
        arrived.append(response)
        return response

    def _write_down(self, request: Request, unheard: list[Response]) -> None:
        transcript, now = self.world.transcript, self.world.clock.now()
        for response in unheard:
            transcript.exchange(
                THE_NETWORK,
                self._door,
                request,
                response,
                began=now,
                ended=now,
                after=len(transcript),
                note="arrived, but nobody heard the answer",
            )


class _Link:
    """One connection through the weather."""

    def __init__(self, weather: Weather, calm: Transport) -> None:
        self._weather = weather
        self._calm = calm

    def __call__(self, request: Request) -> Response:
        return self._weather.send(self._calm, request)

    def close(self) -> None:
        """Close the connection below."""
        close = getattr(self._calm, "close", None)
        if close is not None:
            close()
