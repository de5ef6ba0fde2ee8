"""Locust plays households: a display that polls, and a person who approves, refuses or walks away.

The laws of this file: device, person, oracle and page reader are those of the scenarios, only the
sockets and the sleeping are Locust's; a 400 is no failure, an unlawful answer is one; nothing that
breaks in here can end in exit code 0.
"""

from __future__ import annotations

import locust  # isort: skip -- it replaces parts of the standard library, so it comes before them

import itertools
import random
import socket
import ssl
from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from geventhttpclient._parser import HTTPParseError
from geventhttpclient.response import HTTPConnectionClosed
from locust.contrib.fasthttp import FastHttpSession

from harness.consent import Wish
from harness.runners.load.run import Run, begin, plug_in
from harness.runners.load.sign_in import Row, SignIn
from harness.transports import READ_TIMEOUT, ssl_context
from harness.wire import NoAnswer, Reason, Request, Response

plug_in(locust.events)
_numbers = itertools.count(1)


class Household(locust.FastHttpUser):  # type: ignore[misc]
    """One display and one person; a profile is a subclass with other figures.

    Times are ranges in seconds.  `approve`, `deny` and `abandon` are shares of the sign-ins;
    somebody who abandons leaves the display polling until it is switched off.
    """

    abstract = True
    tasks: ClassVar[list[Callable[[Household], None]]] = []
    insecure = False
    concurrency = 1
    network_timeout = connection_timeout = READ_TIMEOUT

    approve: ClassVar[float] = 0.7
    deny: ClassVar[float] = 0.1
    abandon: ClassVar[float] = 0.2
    scans: ClassVar[float] = 0.5
    """The share of people who open verification_uri_complete instead of typing."""
    decides_after: ClassVar[tuple[float, float]] = (2.0, 20.0)
    thinks: ClassVar[tuple[float, float]] = (0.5, 3.0)
    """Between two pages."""
    switched_off_after: ClassVar[tuple[float, float]] = (20.0, 60.0)
    staggered: ClassVar[float] = 5.0
    """Devices are switched on within so many seconds of their spawning, because Locust spawns
    in lumps of one second."""

    def __init__(self, environment: Any) -> None:
        self.run_: Run = begin(environment)
        self.ssl_context_factory = self._tls
        super().__init__(environment)
        worker = getattr(environment.runner, "worker_index", 0)
        self.number = next(_numbers)
        self.rand = random.Random(f"{self.run_.seed}/{worker}/{self.number}")
        self.line = _Line(self.client, self.run_)

    def on_start(self) -> None:
        """Come at a moment of one's own."""
        self.run_.clock.sleep(self.rand.uniform(0, self.staggered))

    def wish(self) -> Wish | None:
        """What the person will do this time; None is to walk away."""
        shares = self.run_.shares or (self.approve, self.deny, self.abandon)
        if not self.run_.venue.target.users:
            shares = (0.0, 0.0, 1.0)
        return self.rand.choices((Wish.APPROVE, Wish.DENY, None), shares)[0]

    def opens(self, before: Callable[[], None]) -> _Line:
        """A connection of the person's own; `before` runs before each of its requests."""
        session = FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            insecure=False,
            ssl_context_factory=self._tls,
            concurrency=1,
            max_retries=0,
            network_timeout=self.network_timeout,
            connection_timeout=self.connection_timeout,
        )
        return _Line(session, self.run_, before)

    def spawns(self, act: Callable[[], None]) -> Any:
        """Let somebody act at the same time."""
        return gevent.spawn(act)

    def _tls(self) -> Any:
        target = self.run_.venue.target
        return ssl_context(target.ca_file, target.tls_client_cert)


def _signs_in(user: Household) -> None:
    """One sign-in from the code to the token, as a Locust task."""
    flow = SignIn(user, user.wish())
    try:
        flow.plays()
    finally:
        flow.close()


Household.tasks = [_signs_in]


class _Line:
    """A `Transport` over one connection of Locust's, whose row stays open until it is judged.

    `fresh` tells whether the latest request was the first on its connection.
    """

    def __init__(self, session: Any, run: Run, before: Callable[[], None] = lambda: None) -> None:
        self._session = session
        self._run = run
        self._before = before
        self._context: Any = None
        self.fresh = True
        self._used = False
        # Redirects and cookies are the browser's business, and each person has their own.
        session.client.redirect_response_codes = frozenset()
        session.client.cookiejar = None

    def __call__(self, request: Request) -> Response:
        """Send one request; raises `NoAnswer`."""
        self._before()
        self._run.ceiling.passes()
        headers = {"accept-encoding": "identity", **dict(request.headers)}
        self._context = self._session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=headers,
            catch_response=True,
        )
        self._context.__enter__()
        self.fresh = not self._used
        problem = self._context.request_meta["exception"]
        self._used = bool(self._context.status_code)
        if not self._used:
            raise NoAnswer(_reason(problem), f"{type(problem).__name__}: {problem}"[:200])
        answered = self._context.headers.items()
        return Response(
            self._context.status_code,
            tuple((name.lower(), value) for name, value in answered),
            self._context.content or b"",
        )

    def row(self) -> Row:
        """What closes the row of the latest request in Locust's statistics."""
        context = self._context

        def close(name: str, wrong: str) -> None:
            context.request_meta["name"] = name
            if wrong:
                context.failure(wrong)
            else:
                context.success()
            context.__exit__(None, None, None)

        return close

    def close(self) -> None:
        """Close the connection."""
        self._session.client.close()


def _reason(problem: BaseException | None) -> Reason:
    """What a socket's or geventhttpclient's exception is in our words."""
    if isinstance(problem, ConnectionRefusedError):
        return "refused"
    if isinstance(problem, TimeoutError | gevent.Timeout):
        return "too_slow"
    if isinstance(problem, ssl.SSLError):
        return "tls"
    if isinstance(problem, socket.gaierror):
        return "unresolved"
    if isinstance(problem, HTTPParseError) and not isinstance(problem, HTTPConnectionClosed):
        return "garbled"
    return "reset"
