"""Client certificates: what a connection with mutual TLS shows of its client (RFC 8705).

The laws of this file: a certificate travels with a request as one header of our own, which no
socket ever sends: a transport over TLS opens a connection with that certificate instead, and a
server in this process reads it as what its TLS layer would have told it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from harness.wire import Header

CLIENT_CERTIFICATE = "x-devicegrant-client-certificate"
"""The header that stands for a client certificate; its value is written as in RFC 9440."""

_BLOCK = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----"
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate: its DER, and the PEM file that also holds the private key.

    Without a file it can be shown to a server in this process only.
    """

    der: bytes = field(repr=False)
    file: str | None = None

    @property
    def header(self) -> Header:
        """How a request says that it is sent with this certificate."""
        return (CLIENT_CERTIFICATE, f":{base64.b64encode(self.der).decode()}:")

    @property
    def thumbprint(self) -> str:
        """The value of `x5t#S256` (RFC 8705 section 3.1)."""
        return thumbprint(self.der)


def certificate_in(pem: str, file: str | None = None) -> Certificate:
    """The first certificate of a PEM text; raises `ValueError` if there is none."""
    found = _BLOCK.search(pem)
    if found is None:
        raise ValueError("it holds no PEM certificate")
    try:
        return Certificate(base64.b64decode("".join(found[1].split()), validate=True), file)
    except binascii.Error:
        raise ValueError("its certificate is not base64") from None


def der_in(header: str) -> bytes:
    """The DER out of the header's value; raises `ValueError`."""
    return base64.b64decode(header.strip(":"), validate=True)


def thumbprint(der: bytes) -> str:
    """The base64url SHA-256 of a DER certificate."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
