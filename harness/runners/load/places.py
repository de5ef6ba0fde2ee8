"""Where a request goes, and a socket that leads there.

The laws of this file: a name is looked up once; of several addresses the first that answers is
taken, and what is told of the others says whether this machine or the target was to blame.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import gevent.socket

from harness.target import is_loopback
from harness.transports import CONNECT_TIMEOUT
from harness.wire import NoAnswer

EXHAUSTIONS = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS}
"""What the system says when it has no more files or ports for us."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: scheme, host and port, and what comes after them."""

    scheme: str
    host: str
    port: int
    netloc: str
    path: str
    here: bool
    """Whether it is on this machine."""


@lru_cache(maxsize=1024)
def place_of(url: str) -> Place:
    """The place of an absolute URL; raises `NoAnswer` for one that is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname
    except ValueError:
        host = None
    usable = url.isascii() and url.isprintable() and " " not in url
    if host is None or parts.scheme not in {"http", "https"} or not usable:
        raise NoAnswer("garbled", "the address cannot be asked")
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    return Place(parts.scheme, host, port, parts.netloc.rpartition("@")[2], path, is_loopback(url))


def connected(place: Place) -> Any:
    """A socket to the first of a name's addresses where somebody listens; raises `OSError`."""
    problem: OSError | None = None
    absent: OSError | None = None
    for family, address in _addresses(place.host, place.port):
        socket = gevent.socket.socket(family, gevent.socket.SOCK_STREAM)
        try:
            socket.settimeout(CONNECT_TIMEOUT)
            socket.connect(address)
        except BaseException as failure:
            socket.close()
            if not isinstance(failure, OSError) or isinstance(failure, TimeoutError):
                raise
            if family == gevent.socket.AF_INET6 and failure.errno == errno.EADDRNOTAVAIL:
                absent = failure  # a machine without IPv6, which has another address to try
            elif problem is None or problem.errno not in EXHAUSTIONS:
                problem = failure
        else:
            return socket
    raise problem or absent or OSError("the name has no address")


@lru_cache(maxsize=64)
def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Where a name leads, asked once: a fleet does not measure resolvers."""
    found = gevent.socket.getaddrinfo(host, port, type=gevent.socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]
