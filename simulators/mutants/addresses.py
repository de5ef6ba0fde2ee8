"""Servers whose addresses are long, or in the clear (RFC 8628 sections 3.2 and 3.3)."""

from __future__ import annotations

from types import MappingProxyType
from urllib.parse import urlsplit

from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.grant import Grant


@mutant("", "RFC8628-3.2-verification_uri-short", bug="no report known")
class LongAddress(Rules):
    """verification_uri has a query that nobody will type with a remote control."""

    def verification_uri(self, address: str, grant: Grant) -> object:  # noqa: ARG002
        """With what the statistics want to know."""
        return f"{address}?source=television&campaign=spring"


@mutant(
    "",
    "RFC8628-3.2-verification_uri-https",
    "RFC8628-3.3-tls-session",
    bug="no report known",
)
class PlainAddress(Rules):
    """verification_uri is an http address."""

    pinned = MappingProxyType({"sign_in_first": True, "sends_complete": False})

    def verification_uri(self, address: str, grant: Grant) -> object:  # noqa: ARG002
        """Shorter to type."""
        return address.replace("https://", "http://", 1)


@mutant("", "RFC8628-3.3-tls-session", bug="no report known")
class PlainSignIn(Rules):
    """The way to the sign-in page leads over http, as behind a proxy that the server ignores."""

    def redirect_target(self, location: str, grant: Grant | None) -> str:
        """An absolute address of the wrong scheme."""
        found = super().redirect_target(location, grant)
        host = urlsplit(self.config.issuer).netloc
        return f"http://{host}{found}" if location.endswith("/sign-in") else found


@mutant("", "RFC8628-3.3-tls-session", bug="no report known")
class CookieWithoutSecure(Rules):
    """The cookie of the session is not kept off plain http."""

    def cookie_attributes(self) -> str:
        """One word too few."""
        return super().cookie_attributes().replace("; Secure", "")
