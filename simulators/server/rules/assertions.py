"""Choices about clients that prove who they are by a signature or a certificate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from simulators.server.config import Client
from simulators.server.mutual_tls import Peer
from simulators.server.refusal import Endpoint
from simulators.server.rules.settled import Settled
from simulators.server.signatures import Sealed

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class AssertionRules(Settled):
    """Assertions (RFC 7521 section 4.2, RFC 7523 section 3) and mutual TLS (RFC 8705 section 2)."""

    def reads_assertion(self, kind: str | None) -> bool:
        """Whether the server knows this `client_assertion_type` (RFC 7523 section 2.2)."""
        return kind == JWT_BEARER

    def assertion_outdoes_client_id(self) -> bool:
        """Whether client_id may name somebody else beside an assertion (RFC 7521 section 4.2)."""
        return False

    def assertion_speaks_for(self, claims: Mapping[str, Any], client: Client) -> bool:
        """Whether an assertion is the client's own: iss and sub name it (RFC 7523 section 3)."""
        return claims.get("iss") == claims.get("sub") == client.client_id

    def assertion_audiences(self, endpoint: Endpoint, *, own: str, token: str) -> frozenset[str]:  # noqa: ARG002
        """The audiences that mean this server: its issuer, and the URLs of its endpoints.

        RFC 9126 section 2 accepts all of them, and prefers the issuer.
        """
        urls = frozenset() if self.freedom.wants_issuer_as_audience else frozenset({own, token})
        return urls | {self.config.issuer}

    def is_addressed_to(self, audience: object, ours: Collection[str]) -> bool:
        """Whether an assertion is for this server (RFC 7523 section 3)."""
        named = audience if isinstance(audience, list) else [audience]
        return any(isinstance(one, str) and one in ours for one in named)

    def leeway(self) -> float:
        """Seconds by which a client's clock may be wrong."""
        return 60.0

    def assertion_is_timely(self, claims: Mapping[str, Any], now: float) -> bool:
        """Whether an assertion has an expiry, and has not reached it (RFC 7523 section 3)."""
        ends, starts = claims.get("exp"), claims.get("nbf", claims.get("iat", now))
        if not isinstance(ends, int | float) or not isinstance(starts, int | float):
            return False
        return now < ends + self.leeway() and starts <= now + self.leeway()

    def assertion_is_signed(self, sealed: Sealed, client: Client) -> bool:
        """Whether the client's own key or secret signed it (RFC 7523 section 3)."""
        if client.auth == "private_key_jwt" and client.private_key is not None:
            return sealed.is_signed_by(client.private_key.public_key(), "ES256")
        return client.secret is not None and sealed.is_signed_by(client.secret, "HS256")

    def refuses_replays(self) -> bool:
        """Whether an assertion is good for one request only (RFC 7523 section 3)."""
        return self.freedom.refuses_replays

    def replay_error(self) -> str:
        """The error for an assertion that was used before (RFC 7523 section 3.2)."""
        return "invalid_client"

    def assertion_error(self) -> str:
        """The error for an assertion that does not hold (RFC 7523 section 3.2)."""
        return "invalid_client"

    def certificate_fits(self, client: Client, shown: Peer | None) -> bool:
        """Whether the certificate is the client's (RFC 8705 section 2.1)."""
        return shown is not None and shown.subject == client.tls_subject
