"""Servers whose tokens fit everybody (RFC 9449, RFC 8705 sections 3 and 4)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric import ec

from harness.wire import Header
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Event, Grant, State
from simulators.server.signatures import Sealed
from simulators.server.tokens import Binding

_WANTS_NONCE: Mapping[str, object] = MappingProxyType({"demands_nonce": True})
_REFRESHES: Mapping[str, object] = MappingProxyType({"refresh_unasked": True})


@mutant("", "RFC9449-5-token_type", bug="no report known")
class BoundTokenCalledBearer(Rules):
    """A token that is bound to a key is called a bearer token, and opens nothing as such."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"binds_access_tokens": True})

    def type_for(self, bound: Binding | None) -> str:  # noqa: ARG002
        """As ever."""
        return self.token_type()


@mutant("", "RFC9449-5-invalid", bug="no report known")
class ProofForAnyMethod(Rules):
    """A proof that was made for another method is good."""

    def proof_is_for_method(self, htm: object, method: str) -> bool:  # noqa: ARG002
        """Any."""
        return True


@mutant("", "RFC9449-5-invalid", bug="no report known")
class ProofForAnyUrl(Rules):
    """A proof that was made for another URL is good."""

    def proof_is_for_url(self, htu: object, url: str) -> bool:  # noqa: ARG002
        """Any."""
        return True


@mutant("", "RFC9449-5-invalid", bug="no report known")
class ProofsKeep(Rules):
    """A proof is good for ever."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"demands_nonce": False})

    def proof_is_fresh(self, iat: object, now: float) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant("", "RFC9449-5-invalid", bug="no report known")
class ProofSignatureUnchecked(Rules):
    """Nobody looks at the signature of a proof."""

    def proof_is_signed(self, sealed: Sealed, key: ec.EllipticCurvePublicKey) -> bool:  # noqa: ARG002
        """Believed."""
        return True


@mutant("", "RFC9449-5-invalid", bug="no report known")
class TwoProofsAccepted(Rules):
    """Of two DPoP headers the first one counts."""

    def refuses_two_proofs(self) -> bool:
        """No."""
        return False


@mutant("", "RFC9449-5-not-consumed", bug="no report known")
class BadProofUsesCodeUp(Rules):
    """A proof that is refused has cost the approved code its life."""

    def proof_refused(self, grant: Grant) -> None:
        """The code was taken out before the proof was looked at."""
        if grant.state is State.APPROVED:
            grant.state = self.transition(grant.state, Event.REDEEM)


@mutant("", "RFC9449-5-required", bug="no report known")
class ProofOptional(Rules):
    """A client that is registered for DPoP-bound tokens gets bearer tokens without a proof."""

    def demands_proof(self, client: Client) -> bool:  # noqa: ARG002
        """From nobody."""
        return False


@mutant("", "RFC9449-5-refresh", bug="no report known")
class RefreshTokenUnboundByKey(Rules):
    """Whoever has the refresh token of a public client needs no key for it."""

    pinned: ClassVar[Mapping[str, object]] = _REFRESHES

    def binds_refresh_token(self, client: Client, bound: Binding) -> bool:
        """Only to a certificate."""
        return bound.kind != "jkt" and super().binds_refresh_token(client, bound)


@mutant("", "RFC9449-8-nonce-as", bug="no report known")
class NonceWithheld(Rules):
    """A nonce is demanded and not handed out."""

    pinned: ClassVar[Mapping[str, object]] = _WANTS_NONCE

    def nonce_headers(self, nonce: str) -> tuple[Header, ...]:  # noqa: ARG002
        """None."""
        return ()


@mutant("", "RFC9449-8-nonce-as", bug="no report known")
class TwoNonces(Rules):
    """Two nonces are handed out at once."""

    pinned: ClassVar[Mapping[str, object]] = _WANTS_NONCE

    def nonce_headers(self, nonce: str) -> tuple[Header, ...]:
        """One from the server, one from a filter before it."""
        return (*super().nonce_headers(nonce), ("dpop-nonce", nonce[::-1]))


@mutant("", "RFC8705-3-cnf", bug="no report known")
class ConfirmationLeftOut(Rules):
    """A token that is bound to a certificate does not say so."""

    def confirmation(self, bound: Binding | None) -> dict[str, object]:
        """Of keys only."""
        return {} if bound is None or bound.kind != "jkt" else super().confirmation(bound)


@mutant("", "RFC8705-3-cnf", bug="no report known")
class ThumbprintInHex(Rules):
    """The thumbprint of the certificate is written as OpenSSL prints it."""

    def confirmation(self, bound: Binding | None) -> dict[str, object]:
        """Not in base64url."""
        if bound is not None and bound.kind == "x5t#S256":
            digest = base64.urlsafe_b64decode(bound.value + "=")
            return {"cnf": {bound.kind: digest.hex(":").upper()}}
        return super().confirmation(bound)


@mutant("", "RFC8705-3-rs", bug="no report known")
class ResourceForgetsTheCertificate(Rules):
    """A protected resource takes a certificate-bound token from everybody."""

    def holder_fits(self, bound: Binding | None, shown: Binding | None, scheme: str) -> bool:
        """Certificates are not compared."""
        by_certificate = bound is not None and bound.kind == "x5t#S256"
        return by_certificate or super().holder_fits(bound, shown, scheme)


@mutant("", "RFC8705-4-refresh", bug="no report known")
class RefreshTokenUnboundByCertificate(Rules):
    """Whoever has the refresh token of a public client needs no certificate for it, but some."""

    pinned: ClassVar[Mapping[str, object]] = _REFRESHES

    def binds_refresh_token(self, client: Client, bound: Binding) -> bool:
        """Only to a key."""
        return bound.kind == "jkt" and super().binds_refresh_token(client, bound)
