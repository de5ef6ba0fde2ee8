"""Choices about tokens that are bound to a key or a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from harness.wire import Header
from simulators.server.config import Client
from simulators.server.grant import Grant
from simulators.server.rules.tokens import TokenRules
from simulators.server.signatures import ASYMMETRIC, Sealed
from simulators.server.tokens import Binding


class SenderRules(TokenRules):
    """Sender-constrained tokens (RFC 9449, RFC 8705 sections 3 and 4)."""

    def refuses_two_proofs(self) -> bool:
        """Whether two DPoP headers are one too many (RFC 9449 section 4.3)."""
        return True

    def is_proof(self, header: Mapping[str, Any]) -> bool:
        """Whether a JWT's header is that of a proof (RFC 9449 section 4.2)."""
        return header.get("typ") == "dpop+jwt" and header.get("alg") in ASYMMETRIC

    def proof_is_signed(self, sealed: Sealed, key: ec.EllipticCurvePublicKey) -> bool:
        """Whether the key that a proof shows has signed it (RFC 9449 section 4.3)."""
        return sealed.is_signed_by(key, "ES256")

    def proof_is_for_method(self, htm: object, method: str) -> bool:
        """Whether the proof was made for this method (RFC 9449 section 4.3)."""
        return htm == method

    def proof_is_for_url(self, htu: object, url: str) -> bool:
        """Whether the proof was made for this URL (RFC 9449 section 4.3)."""
        return htu == url

    def proof_window(self) -> float:
        """Seconds by which a proof may be old, or early (RFC 9449 section 11.1)."""
        return 300.0

    def proof_is_fresh(self, iat: object, now: float) -> bool:
        """Whether the proof was made just now (RFC 9449 section 4.3)."""
        return isinstance(iat, int | float) and abs(now - iat) <= self.proof_window()

    def demands_nonce(self) -> bool:
        """Whether proofs at the token endpoint need a nonce of ours (RFC 9449 section 8)."""
        return self.freedom.demands_nonce

    def nonce_error(self) -> str:
        """The error that asks for a nonce (RFC 9449 section 8)."""
        return "use_dpop_nonce"

    def nonce_headers(self, nonce: str) -> tuple[Header, ...]:
        """How the nonce is handed out (RFC 9449 section 8)."""
        return (("dpop-nonce", nonce),)

    def demands_proof(self, client: Client) -> bool:
        """Whether the client gets no token without a proof (RFC 9449 section 5.2)."""
        return client.dpop_bound

    def proof_refused(self, grant: Grant) -> None:
        """What a refused proof does to the grant it came for: nothing."""

    def bound_to(self, bound: Binding | None) -> Binding | None:
        """What an access token is bound to, of what the client showed (RFC 9449 section 5)."""
        if bound is not None and bound.kind == "jkt" and not self.freedom.binds_access_tokens:
            return None
        return bound

    def type_for(self, bound: Binding | None) -> str:
        """The token_type of an access token (RFC 9449 section 5)."""
        dpop = bound is not None and bound.kind == "jkt"
        return "DPoP" if dpop else self.token_type()

    def binds_refresh_token(self, client: Client, bound: Binding) -> bool:  # noqa: ARG002
        """Whether the refresh token is bound, too (RFC 9449 section 5, RFC 8705 section 4)."""
        return client.public

    def confirmation(self, bound: Binding | None) -> dict[str, object]:
        """How a token tells what it is bound to (RFC 9449 section 6, RFC 8705 section 3)."""
        return {} if bound is None else {"cnf": {bound.kind: bound.value}}

    def jwt_confirmation(self, bound: Binding | None) -> dict[str, object]:
        """The same in a JWT, where a certificate need not be named (RFC 8705 section 3.1)."""
        by_certificate = bound is not None and bound.kind == "x5t#S256"
        hidden = by_certificate and not self.freedom.shows_certificate_in_jwt
        return {} if hidden else self.confirmation(bound)

    def reads_scheme(self, scheme: str) -> bool:
        """Whether a protected resource takes this scheme (RFC 9449 section 7.1)."""
        return super().reads_scheme(scheme) or scheme.lower() == "dpop"

    def holder_fits(self, bound: Binding | None, shown: Binding | None, scheme: str) -> bool:
        """Whether who sends a token to a resource may use it (RFC 9449 section 7, RFC 8705 3)."""
        if bound is None:
            return scheme == "bearer"
        return bound == shown

    def dpop_challenge(self, error: str) -> str:
        """What WWW-Authenticate says of DPoP at a protected resource (RFC 9449 section 7.1)."""
        return f'DPoP error="{error}", algs="{" ".join(ASYMMETRIC)}"'
