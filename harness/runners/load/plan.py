"""What a load run is going to do, and what it refuses to do."""

from __future__ import annotations

import contextlib
import resource
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.clock import Clock
from harness.runners.stage import Outside
from harness.runners.venues import Wanted, venue_for
from harness.target import TargetError, is_loopback
from harness.target_file import read_target
from simulators.announced import DEFAULT_INTERVAL

RATE = 500.0
"""Requests per second that are never exceeded unless the command line says otherwise."""
CAN_LOAD = ("forms", "none")
SPARE_FILES = 200
"""Open files that are left for everything that is no connection to the target."""
USUAL_PORTS = 28_232
BEHIND = 5
"""Requests that wait for the ceiling when it is more than a moment's chance."""
FLAG = "--i-may-load-this-target"


def load_venue(
    word: str, *, client_id: str | None = None, scope: str | None = None, permitted: bool = False
) -> Outside:
    """The target of a load run, with its endpoints found.

    Raises `TargetError` for wrong settings, for ways of consent that a crowd cannot go, and for a
    target on another machine unless `permitted`.
    """
    if not permitted:
        for url in _named(word):
            _refuse_strangers(url)
    venue = venue_for(word, Wanted(client_id=client_id, scope=scope))
    if not isinstance(venue, Outside):
        raise TargetError(f"{word} lives in this process; load needs a server on a socket")
    target = venue.target
    if target.consent not in CAN_LOAD:
        raise TargetError(
            f"consent.kind is {target.consent!r}; under load people approve through the target's "
            'own pages ("forms") or not at all ("none")'
        )
    if target.proxy is not None:
        raise TargetError("a proxy would be what is measured: load goes to the target directly")
    client = target.clients.get("public")
    if client is not None and client.certificate is not None:
        raise TargetError(
            "[clients.public] has a certificate, and the crowd of a load run can show none for it: "
            "take a client without one, or set tls_client_cert for everybody"
        )
    if not permitted:
        _refuse_strangers(target.device_authorization_endpoint)
        _refuse_strangers(target.token_endpoint)
        if target.userinfo_endpoint is not None:
            _refuse_strangers(target.userinfo_endpoint)
    return venue


def _named(word: str) -> list[str]:
    """The addresses that are known before anything is asked."""
    if word.startswith(("http://", "https://")):
        return [word]
    if not Path(word).is_file():
        return []
    target = read_target(Path(word))
    urls = (
        target.issuer,
        target.device_authorization_endpoint,
        target.token_endpoint,
        target.userinfo_endpoint,
    )
    return [url for url in urls if url]


def _refuse_strangers(url: str) -> None:
    if not is_loopback(url):
        raise TargetError(
            f"{url} is not on this machine; load on a server of others is an attack. If it is "
            f"yours, or you have permission, add {FLAG}"
        )


def refuse_too_much(devices: int, rate: float, pause: float = DEFAULT_INTERVAL) -> None:
    """Raises `TargetError` if the devices' polls alone would exceed `rate` requests a second."""
    planned = devices / pause
    if planned > rate:
        raise TargetError(
            f"{devices:,} devices poll {planned:,.0f} times a second at an interval of "
            f"{pause:g} s; the ceiling is {rate:,.0f} requests a second: "
            f"raise it with --rate, or take at most {int(rate * pause):,} devices"
        )


def use_all_files() -> None:
    """Let this process open as many files as it may at all, instead of what shells begin with."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def refuse_too_many_connections(connections: int, processes: int) -> None:
    """Raises `TargetError` if this machine has not so many files or ports for one target."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    each = -(-connections // processes)
    if files != resource.RLIM_INFINITY and each > files - SPARE_FILES:
        raise TargetError(
            f"{each:,} connections in one process need more open files than the {files:,} that are "
            f"allowed here: raise the limit (ulimit -Hn), use more --processes, or take at most "
            f"{(files - SPARE_FILES) * processes:,}"
        )
    ports = _ports()
    if connections > ports:
        raise TargetError(
            f"{connections:,} connections to one address need more ports than the {ports:,} that "
            f"this machine has (net.ipv4.ip_local_port_range): take at most {ports:,}, or a second "
            "machine"
        )


def _ports() -> int:
    try:
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()
        return int(last) - int(first) + 1
    except (OSError, ValueError):
        return USUAL_PORTS


@dataclass(slots=True)
class Ceiling:
    """Lets at most `rate` requests a second pass; whoever comes too soon waits.

    `waited` hears how many seconds that took: 0 for who may pass at once.
    """

    rate: float
    clock: Clock
    waited: Callable[[float], None] = lambda _: None
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_behind(self) -> bool:
        """Whether several wait already."""
        return self._next - self.clock.now() > BEHIND / self.rate

    def passes(self) -> None:
        """Wait until one more request may be sent."""
        with self._lock:
            now = self.clock.now()
            turn = max(now, self._next)
            self._next = turn + 1.0 / self.rate
        self.waited(turn - now)
        if turn > now:
            self.clock.sleep(turn - now)
