"""Servers whose answers at the token endpoint look wrong (RFC 6749 section 5)."""

from __future__ import annotations

from dataclasses import replace

from harness.wire import Header, Response
from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.tokens import Family

Members = dict[str, object]


@mutant("S27", "RFC6749-5.1-no-store", "RFC6749-5.1-pragma", bug="dexidp/dex PR #1948")
class NoNoStore(Rules):
    """Token responses may be cached."""

    def token_headers(self) -> tuple[Header, ...]:
        """Only the type."""
        return tuple(h for h in super().token_headers() if h[0] == "content-type")


@mutant("", "RFC6749-5.2-error-json", bug="no report known")
class HtmlErrors(Rules):
    """Errors of the token endpoint claim to be HTML."""

    def token_error(self, response: Response) -> Response:
        """Another type."""
        return replace(response, headers=(("content-type", "text/html"), *response.headers[1:]))


@mutant("", "RFC6749-5.2-error-charset", bug="no report known")
class LocalisedDescription(Rules):
    """error_description is written for people who read German."""

    def error_members(self, error: str, description: str) -> Members:  # noqa: ARG002
        """With an umlaut."""
        return {"error": error, "error_description": "ungültig"}


@mutant("", "RFC6749-5.1-token_type", "RFC9449-5-token_type", bug="no report known")
class NoTokenType(Rules):
    """The token response has no token_type."""

    def token_response(self, members: Members, family: Family) -> Members:  # noqa: ARG002
        """Leave it out."""
        return {name: value for name, value in members.items() if name != "token_type"}


@mutant("", "RFC6749-5.1-number-types", bug="no report known")
class StringTokenLife(Rules):
    """expires_in of the token is a JSON string."""

    def token_response(self, members: Members, family: Family) -> Members:  # noqa: ARG002
        """Quote it."""
        return {**members, "expires_in": str(members["expires_in"])}


@mutant("", "RFC6749-5.1-pragma", bug="no report known")
class NoPragma(Rules):
    """Token responses tell new caches not to store them, and old ones nothing."""

    def token_headers(self) -> tuple[Header, ...]:
        """Without Pragma."""
        return tuple(header for header in super().token_headers() if header[0] != "pragma")
