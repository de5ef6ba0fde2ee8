"""Where households live: on connections of their own, or on some that thousands share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial

import gevent
from gevent.pool import Group

from harness.runners.load.roles import Line
from harness.runners.load.sockets import IDLE, Connections, DeviceLine, SharedLine
from harness.runners.load.sockets import Line as PersonLine
from harness.runners.load.tally import Tally
from harness.runners.load.trouble import Trouble
from harness.transports import ssl_context

OWN_IDLE = 75.0
"""Seconds that a device keeps a connection of its own between two polls, if the server does."""


class Stage:
    """Connections and company for households.

    `shared` puts all devices on the same connections; `keep=False` gives each poll a new one.
    People always have a connection of their own, as browsers do.
    """

    def __init__(
        self, tally: Tally, *, shared: bool, keep: bool = True, trouble: Trouble | None = None
    ) -> None:
        self.tally = tally
        self._shared = self._connections(keep=keep) if shared else None
        self._keep = keep
        self._trouble = trouble
        self._line = self._made() if shared else None
        """The line of all devices, where they share one."""
        self._beside = Group()

    def line(self) -> Line:
        """A line for a device."""
        return self._line if self._line is not None else self._made()

    def _made(self) -> Line:
        if self._shared is not None:
            line: Line = SharedLine(self._shared, self.tally.ceiling.passes)
        else:
            own = self._connections(keep=self._keep, idle=OWN_IDLE)
            line = DeviceLine(own, self.tally.ceiling.passes)
        return self._trouble.befalls(line) if self._trouble is not None else line

    def opens(self, before: Callable[[], None]) -> Line:
        """A connection of a person's own; `before` runs before each of its requests."""

        def first() -> None:
            before()
            self.tally.ceiling.passes()

        return PersonLine(self._connections(), first)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Let somebody act beside the device after so many seconds."""
        greenlet = gevent.Greenlet(act)
        self._beside.add(greenlet)
        greenlet.start_later(seconds)

    def together(self, one: Callable[[], object], other: Callable[[], object]) -> None:
        """Do two things at the same time; returns when both are done."""
        beside = self._beside.spawn(other)
        one()
        beside.join()

    def close(self) -> None:
        """Send everybody home, and close what is shared."""
        self._beside.kill(block=False)
        if self._shared is not None:
            self._shared.close()

    def _connections(self, *, keep: bool = True, idle: float = IDLE) -> Connections:
        target = self.tally.venue.target
        tls: Callable[[], ssl.SSLContext] = partial(
            ssl_context, target.ca_file, target.tls_client_cert
        )
        return Connections(
            self.tally.clock.now,
            tls,
            keep=keep,
            opened=self.tally.opens,
            idle=idle,
            strangers=self.tally.permitted,
        )
