"""Servers that take signatures on trust (RFC 7521, RFC 7523, RFC 8705 section 2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.mutual_tls import Peer
from simulators.server.refusal import Endpoint
from simulators.server.signatures import Sealed


@mutant("", "RFC7523-2.2-accepted", bug="no report known")
class AssertionsUnread(Rules):
    """Client assertions are advertised, and none is accepted."""

    def reads_assertion(self, kind: str | None) -> bool:  # noqa: ARG002
        """No type of them is known."""
        return False


@mutant("", "RFC7523-3-signature", bug="no report known")
class AssertionSignatureUnchecked(Rules):
    """What an assertion says is believed without looking at its signature."""

    def assertion_is_signed(self, sealed: Sealed, client: Client) -> bool:  # noqa: ARG002
        """Everybody signs for everybody."""
        return True


@mutant("", "RFC7523-3-signature", bug="no report known")
class UnsignedAssertionAccepted(Rules):
    """An assertion of alg none needs no signature."""

    def assertion_is_signed(self, sealed: Sealed, client: Client) -> bool:
        """The sender chooses whether it is looked at."""
        return sealed.is_unsigned or super().assertion_is_signed(sealed, client)


@mutant("", "RFC7523-3-aud", bug="no report known")
class AssertionAudienceUnchecked(Rules):
    """An assertion that was made for another server opens this one, too."""

    def is_addressed_to(self, audience: object, ours: Collection[str]) -> bool:  # noqa: ARG002
        """Any address is ours."""
        return True


@mutant("", "SECUPD-2.1-aud-device-as", "RFC9126-2-aud-issuer", bug="no report known")
class IssuerIsNoAudience(Rules):
    """At the device authorization endpoint only URLs count as audience, the issuer does not."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"wants_issuer_as_audience": False})

    def assertion_audiences(self, endpoint: Endpoint, *, own: str, token: str) -> frozenset[str]:
        """The URLs only."""
        if endpoint == "device_authorization":
            return frozenset({own, token})
        return super().assertion_audiences(endpoint, own=own, token=token)


@mutant("", "RFC9126-2-aud-issuer", "SECUPD-2.1-aud-device-as", bug="no report known")
class TokenEndpointIsTheAudience(Rules):
    """Assertions are good at every endpoint, if only they are for the token endpoint."""

    def assertion_audiences(self, endpoint: Endpoint, *, own: str, token: str) -> frozenset[str]:  # noqa: ARG002
        """The token endpoint's URL, and what the endpoint itself is called."""
        return frozenset({own, token})


@mutant("", "RFC7523-3-exp", bug="no report known")
class AssertionExpiryUnchecked(Rules):
    """Assertions keep for ever."""

    def assertion_is_timely(self, claims: Mapping[str, Any], now: float) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant("", "RFC7523-3-exp", bug="no report known")
class AssertionWithoutExpiry(Rules):
    """An assertion that names no expiry has none."""

    def assertion_is_timely(self, claims: Mapping[str, Any], now: float) -> bool:
        """An expiry counts if there is one."""
        return "exp" not in claims or super().assertion_is_timely(claims, now)


@mutant("", "RFC7523-3-iss-sub", bug="no report known")
class AssertionSubjectUnchecked(Rules):
    """A client may sign for whomever it likes: sub is not compared."""

    def assertion_speaks_for(self, claims: Mapping[str, Any], client: Client) -> bool:
        """Who issued it is enough."""
        return claims.get("iss") == client.client_id


@mutant("", "RFC7523-3.2-error", bug="no report known")
class AssertionErrorMisnamed(Rules):
    """An assertion that does not hold is an invalid_grant."""

    def assertion_error(self) -> str:
        """The neighbour, whose name belongs to assertions that are grants."""
        return "invalid_grant"


@mutant("", "RFC7523-3-jti", bug="no report known")
class ReplayMisnamed(Rules):
    """An assertion that was used before is an invalid_request."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"refuses_replays": True})

    def replay_error(self) -> str:
        """The wrong name."""
        return "invalid_request"


@mutant("", "RFC7521-4.2-client_id", bug="no report known")
class AssertionOutdoesClientId(Rules):
    """The client_id beside an assertion is not looked at."""

    def assertion_outdoes_client_id(self) -> bool:
        """Yes."""
        return True


@mutant("", "RFC8705-2-mismatch", bug="no report known")
class AnyCertificateFits(Rules):
    """A client that shows some certificate is whoever it says."""

    def certificate_fits(self, client: Client, shown: Peer | None) -> bool:  # noqa: ARG002
        """One is like another."""
        return shown is not None
