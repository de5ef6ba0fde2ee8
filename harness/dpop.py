"""DPoP proofs: how a client shows with every request that it holds a key (RFC 9449 section 4)."""

from __future__ import annotations

import secrets
from typing import Any

from harness import signing
from harness.wire import Header


class Prover:
    """A key, and the proofs that are made with it."""

    def __init__(self) -> None:
        self._key = signing.new_key()
        self.jwk = signing.public_jwk(self._key)

    @property
    def thumbprint(self) -> str:
        """The value of `jkt` (RFC 9449 section 6.1)."""
        return signing.thumbprint(self.jwk)

    def proof(self, method: str, url: str, now: float, **claims: Any) -> str:
        """A fresh proof for one request at `now` (seconds since 1970).

        `claims` are added, such as `nonce` or `ath`, or take the place of the right ones.
        """
        usual = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0].partition("#")[0],
            "iat": int(now),
        }
        return signing.signed(
            {**usual, **claims}, self._key, header={"typ": "dpop+jwt", "jwk": self.jwk}
        )

    def header(self, method: str, url: str, now: float, **claims: Any) -> Header:
        """A fresh proof as the header that carries it."""
        return ("dpop", self.proof(method, url, now, **claims))
