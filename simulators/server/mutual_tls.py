"""What the TLS layer knows of the client: its certificate (RFC 8705).

In this process a certificate comes as a header, as some TLS-terminating proxies hand it on.  The
skin on the socket drops that header: nobody outside can claim a certificate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cryptography import x509

from harness.certificates import der_in, thumbprint


class Peer(NamedTuple):
    """The certificate that a client showed; its chain is taken for verified."""

    subject: str
    """The subject's distinguished name (RFC 4514)."""
    thumbprint: str
    """The value of `x5t#S256` (RFC 8705 section 3.1)."""


@lru_cache(maxsize=256)
def peer(header: str | None) -> Peer | None:
    """The certificate in the header, or None if there is none that can be read."""
    if header is None:
        return None
    try:
        der = der_in(header)
        return Peer(x509.load_der_x509_certificate(der).subject.rfc4514_string(), thumbprint(der))
    except ValueError:
        return None
