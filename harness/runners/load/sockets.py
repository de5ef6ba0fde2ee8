"""HTTP/1.1 under load: a bounded set of connections that many devices share, or one that is one's
own.

The laws of this file: gevent's sockets and httptools' parser, and nothing that costs a microsecond
more; one call, one request (nothing is sent twice: the lost answer of a poll may have been the
token); every wait and every body has an end; what goes wrong is a `NoAnswer`, never another
exception.
"""

from __future__ import annotations

import select
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
import gevent.socket
import httptools
from gevent.monkey import get_original

from harness.runners.load.hearing import Heard
from harness.runners.load.judging import ClosedMeanwhile, Exhausted
from harness.runners.load.lean import lean
from harness.runners.load.places import EXHAUSTIONS, Place, connected, place_of
from harness.runners.load.plan import FLAG
from harness.transports import MAX_BODY, READ_TIMEOUT
from harness.wire import NoAnswer, Request, Response

IDLE = 4.0
"""Seconds after which a connection may be closed already: many servers close theirs after five."""
SOME = 1.0
"""Seconds of idling from which a broken connection may be the server's tidying up."""
GIVEN_UP = 408
"""What some proxies say before they close a connection that idles (RFC 9110 section 15.5.9)."""
_CHUNK = 65_536
_poll = get_original("select", "poll")
"""A look at a socket that waits for nothing; gevent's would let others act meanwhile."""
_TLS_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Connection:
    """One connection.  `used` counts its requests."""

    def __init__(self, socket: Any, now: float) -> None:
        self._socket = socket
        self.used = 0
        self.idle_since = now
        self.rested = 0.0
        """Seconds for which it idled before the latest request."""

    def asks(self, data: bytes) -> tuple[Response, bool]:
        """Send a request; returns the response, and whether the connection may be used again."""
        self.used += 1
        self._socket.sendall(data)
        answer = Heard()
        size = 0
        while not answer.done:
            part = self._socket.recv(_CHUNK)
            if not part:
                if not size:
                    raise ConnectionResetError("the connection was closed without an answer")
                if not answer.ends_with_the_connection:
                    raise NoAnswer("reset", "the connection was closed in the middle of an answer")
                break
            answer.takes(part)
            size += len(part)
            if size > MAX_BODY:
                raise NoAnswer("too_large", f"the response is larger than {MAX_BODY:,} bytes")
        answer.parser = None  # it holds the answer, which holds it
        if answer.status == GIVEN_UP and self.used > 1:
            raise ConnectionResetError("the server had given up on an idle connection")
        response = Response(answer.status, tuple(answer.headers), b"".join(answer.body))
        return response, answer.keeps

    def was_closed(self) -> bool:
        """Whether the server has closed it, or said something that nobody asked for."""
        look = _poll()
        look.register(self._socket.fileno(), select.POLLIN)
        return bool(look.poll(0))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class Connections:
    """Connections to the places of one target, as many as there are requests under way.

    With `keep=False` every request has a connection of its own, handshake included.  `tls` makes
    the context for https.  `opened` hears 1 for each that is opened and -1 for each that is closed.
    `idle` is after how many seconds one is not used again.  Without `strangers` nothing is sent to
    another machine, whoever asks for it.
    """

    def __init__(
        self,
        now: Callable[[], float],
        tls: Callable[[], ssl.SSLContext],
        *,
        keep: bool = True,
        timeout: float = READ_TIMEOUT,
        opened: Callable[[int], None] = lambda _: None,
        idle: float = IDLE,
        strangers: bool = True,
    ) -> None:
        self._now = now
        self._tls = tls
        self._keep = keep
        self._timeout = timeout
        self._idle: dict[tuple[str, str, int], deque[Connection]] = {}
        self._opened_or_closed = opened
        self._most_idle = idle
        self._strangers = strangers

    def sends(self, request: Request) -> Response:
        """Send one request; raises `NoAnswer`."""
        place = place_of(request.url)
        if not (place.here or self._strangers):
            raise NoAnswer("refused", f"not on this machine: {place.netloc}; add {FLAG}")
        connection: Connection | None = None
        try:
            with gevent.Timeout(self._timeout, TimeoutError("no whole response in time")):
                connection = self._taken(place) or self._opened(place)
                data = _bytes_of(request, place)
                response, keep = connection.asks(data)
        except (
            *(OSError, UnicodeError, ValueError),
            *(httptools.HttpParserError, httptools.HttpParserUpgrade),
        ) as problem:
            idled = connection is not None and connection.used > 1 and connection.rested > SOME
            self._drops(connection)
            raise _no_answer(problem, used=idled) from None
        except BaseException:
            self._drops(connection)
            raise
        if keep and self._keep:
            connection.idle_since = self._now()
            self._idle[place.scheme, place.host, place.port].append(connection)
        else:
            self._drops(connection)
        return response

    def close(self) -> None:
        """Close those that idle."""
        for connections in self._idle.values():
            while connections:
                self._drops(connections.pop())

    def _taken(self, place: Place) -> Connection | None:
        idle = self._idle.setdefault((place.scheme, place.host, place.port), deque())
        now = self._now()
        while idle and idle[0].idle_since < now - self._most_idle:
            self._drops(idle.popleft())
        while idle:
            found = idle.pop()
            found.rested = now - found.idle_since
            if found.rested <= IDLE or not found.was_closed():
                return found
            self._drops(found)
        return None

    def _opened(self, place: Place) -> Connection:
        socket = connected(place)
        try:
            if place.scheme == "https":
                socket = self._tls().wrap_socket(socket, server_hostname=place.host)
            socket.settimeout(None)  # there is a deadline for the whole of it
        except BaseException:
            socket.close()
            raise
        self._opened_or_closed(1)
        return Connection(socket, self._now())

    def _drops(self, connection: Connection | None) -> None:
        if connection is not None:
            self._opened_or_closed(-1)
            connection.close()


class Line:
    """A `Transport` over connections; `before` runs before each request."""

    __slots__ = ("_before", "_connections")

    def __init__(self, connections: Connections, before: Callable[[], None]) -> None:
        self._connections = connections
        self._before = before

    def __call__(self, request: Request) -> Response:
        """Send one request as soon as it may be sent; raises `NoAnswer`."""
        self.ready()
        return self.sends(request)

    def ready(self) -> None:
        """Wait until a request may be sent."""
        self._before()

    def sends(self, request: Request) -> Response:
        """Send one request now; raises `NoAnswer`."""
        return self._connections.sends(request)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()


class DeviceLine(Line):
    """The line of a device, whose responses are kept small."""

    __slots__ = ()

    def sends(self, request: Request) -> Response:
        """Send one request now; raises `NoAnswer`."""
        return lean(super().sends(request))


class SharedLine(DeviceLine):
    """The line of a device on connections that are everybody's."""

    __slots__ = ()

    def close(self) -> None:
        """Nothing: others use them."""


def _bytes_of(request: Request, place: Place) -> bytes:
    lines = [f"{request.method} {place.path} HTTP/1.1", f"host: {place.netloc}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        lines.append(f"content-length: {len(request.body)}")
    return "\r\n".join([*lines, "user-agent: devicegrant", "", ""]).encode("latin-1") + request.body


def _no_answer(problem: BaseException, *, used: bool) -> NoAnswer:
    """What a socket's or the parser's exception is in our words; of a used connection or not."""
    told = f"{type(problem).__name__}: {problem}"[:200]
    if isinstance(problem, ConnectionRefusedError):
        return NoAnswer("refused", told)
    if isinstance(problem, TimeoutError):
        return NoAnswer("too_slow", told)
    if isinstance(problem, ssl.SSLError) and not (used and isinstance(problem, _TLS_ENDED)):
        return NoAnswer("tls", told)
    if isinstance(problem, gevent.socket.gaierror):
        return NoAnswer("unresolved", told)
    if isinstance(problem, OSError) and problem.errno in EXHAUSTIONS:
        return Exhausted("refused", told)
    if isinstance(problem, OSError):
        return ClosedMeanwhile("reset", told) if used else NoAnswer("reset", told)
    return NoAnswer("garbled", told)
