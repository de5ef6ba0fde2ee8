"""What proves the checks that no server inside this process can fail: tests on real sockets.

A mutant is a wrong server in virtual time, where nothing is on a wire.  What only a wire shows, the
scheme of an endpoint's own URL and the versions of TLS, is broken by a server on loopback instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SCHEMES = "harness/tests/test_tls_on_sockets.py::test_a_server_in_the_clear_is_caught"

ON_A_SOCKET: Mapping[str, str] = MappingProxyType(
    {
        "RFC8628-3.1-tls-as": _SCHEMES,
        "RFC8628-3.1-tls-bcp": (
            "harness/tests/test_tls_probe.py::test_a_server_that_takes_tls_1_1_is_warned"
        ),
        "RFC6749-3.2-tls": _SCHEMES,
        "RFC7009-2-tls": _SCHEMES,
        "RFC7662-4-tls": _SCHEMES,
        "RFC8414-6.1-tls": _SCHEMES,
    }
)
"""The test that lets a wrong server be caught, by requirement: file and function."""
