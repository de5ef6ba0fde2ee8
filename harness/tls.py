"""Which TLS a server speaks: one handshake, nothing sent (RFC 9325, RFC 8996).

The laws of this file: it opens connections and asks nothing; every handshake has an end; what goes
wrong is part of the result, never an exception.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import warnings
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from harness.clock import WallClock

CONNECT_TIMEOUT = 5.0
HANDSHAKE_TIMEOUT = 10.0
"""Seconds for a whole handshake, however slowly its bytes drip."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """How one handshake ended.

    `reached` tells whether anybody listened, `version` what was agreed upon ("" if nothing was),
    `problem` why not.
    """

    reached: bool
    version: str = ""
    problem: str = ""


def modern(ca_file: str | None = None, client_cert: str | None = None) -> ssl.SSLContext:
    """TLS 1.2 and 1.3, with a certificate that verifies; OSError or SSLError for bad files."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if client_cert is not None:
        context.load_cert_chain(client_cert)
    return context


@lru_cache(maxsize=1)
def outdated() -> ssl.SSLContext | None:
    """TLS 1.0 and 1.1 only, whoever answers; None if this Python's TLS library cannot do that."""
    if not (ssl.HAS_TLSv1 or ssl.HAS_TLSv1_1):
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        # That these versions are deprecated is the very point.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        except (ssl.SSLError, ValueError):
            return None
    return context


def shakes_hands(url: str, context: ssl.SSLContext) -> Handshake:
    """Connect to the host of an https URL and shake hands."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        connection = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT)
    except OSError as problem:
        return Handshake(reached=False, problem=f"{host}:{port} cannot be reached: {problem}")
    with contextlib.closing(connection):
        connection.settimeout(0.0)
        try:
            return _shaken(connection, context, host)
        except (OSError, ValueError) as problem:
            return Handshake(reached=True, problem=str(problem)[:200])


def _shaken(connection: socket.socket, context: ssl.SSLContext, host: str) -> Handshake:
    clock = WallClock()
    end = clock.now() + HANDSHAKE_TIMEOUT
    with context.wrap_socket(
        connection, server_hostname=host, do_handshake_on_connect=False
    ) as wrapped:
        while (left := end - clock.now()) > 0:
            try:
                wrapped.do_handshake()
            except ssl.SSLWantReadError:
                select.select([wrapped], [], [], left)
            except ssl.SSLWantWriteError:
                select.select([], [wrapped], [], left)
            else:
                return Handshake(reached=True, version=wrapped.version() or "")
    return Handshake(reached=True, problem=f"no handshake within {HANDSHAKE_TIMEOUT:g} s")
