"""Servers whose responses have one member too few, too many, or of the wrong kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.wire import Header, Request, Response
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.grant import Grant
from simulators.server.refusal import Endpoint, Refused
from simulators.server.tokens import Family

Members = dict[str, object]


@mutant("", "RFC8628-3.1-dup-response", bug="no report known")
class MemberTwice(Rules):
    """The device authorization response says expires_in twice."""

    def success_body(self, body: bytes, endpoint: Endpoint) -> bytes:
        """Once more at the end."""
        again = endpoint == "device_authorization"
        return body[:-1] + b',"expires_in":%d}' % self.config.lifetime if again else body


@mutant("", "RFC8628-3.2-device_code", "RFC7591-2-none", bug="no report known")
class NoDeviceCode(Rules):
    """The device authorization response has no device_code."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Under another name."""
        return {name.replace("device_code", "deviceCode"): one for name, one in members.items()}


@mutant("", "RFC8628-3.2-user_code", bug="no report known")
class NoUserCode(Rules):
    """The device authorization response has no user_code."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Under another name."""
        return {name.replace("user_code", "userCode"): one for name, one in members.items()}


@mutant("", "RFC8628-3.2-user_code-unique", "RFC10027-6.1.4-unique", bug="no report known")
class FourthRequestRepeatsUserCode(Rules):
    """Now and then two displays are shown the same user_code."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Every fourth time the one before."""
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        if count % 4 == 0:
            return {**members, "user_code": self.__dict__["before"]}
        self.__dict__["before"] = members["user_code"]
        return members


@mutant("", "RFC8628-3.2-interval-number", bug="no report known")
class StringInterval(Rules):
    """interval is a JSON string."""

    def device_response(self, members: Members, grant: Grant) -> Members:
        """Quote it."""
        return {**members, "interval": str(int(grant.interval))}


@mutant("", "RFC8628-3.2-complete-optional", bug="better-auth/better-auth PR #5451 (review)")
class NullCompleteUri(Rules):
    """verification_uri_complete is null where it should be left out."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Nothing, but present."""
        return {**members, "verification_uri_complete": None}


@mutant("", "RFC8628-5.4-lifetime-min", bug="no report known")
class ShortLife(Rules):
    """Codes live for 100 s, which is little for whoever looks for a phone first."""

    def lifetime(self, client: Client) -> float:  # noqa: ARG002
        """In seconds."""
        return 100


@mutant("", "RFC6749-5.2-error_uri", bug="no report known")
class ErrorUriWithBlanks(Rules):
    """error_uri holds characters that no URI has."""

    def error_members(self, error: str, description: str) -> Members:
        """A sentence in place of an address."""
        return {**super().error_members(error, description), "error_uri": "see the manual"}


@mutant("", "RFC6749-5.2-no-cache-error", bug="no report known")
class ErrorsCached(Rules):
    """Error answers of the token endpoint may be cached."""

    def token_error(self, response: Response) -> Response:
        """Without Cache-Control."""
        kept = tuple(header for header in response.headers if header[0] != "cache-control")
        return replace(response, headers=kept)


@mutant("", "RFC6749-5.2-no-token-on-error", bug="no report known")
class TokenBesideError(Rules):
    """An error answer holds an access_token."""

    def error_members(self, error: str, description: str) -> Members:
        """One that nobody asked for."""
        return {**super().error_members(error, description), "access_token": "4711-not-yet"}


@mutant("", "RFC6749-5.2-grant_type-missing", bug="no report known")
class GrantTypeGuessed(Rules):
    """A token request without grant_type is taken for client_credentials."""

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Fill it in."""
        found = super().parameters(request, content_type, endpoint)
        if endpoint == "token" and "grant_type" not in dict(found):
            return [*found, ("grant_type", "client_credentials")]
        return found


@mutant(
    "",
    "RFC6749-2.3.1-basic",
    "RFC8414-2-auth-methods",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    bug="no report known",
)
class NoBasicAtToken(Rules):
    """The token endpoint takes no Basic credentials from a client that has a password."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Only in the body."""
        if endpoint == "token" and shown.method == "client_secret_basic":
            raise Refused("invalid_client", "no Basic here")
        super().check_credentials(endpoint, client, shown)


@mutant(
    "",
    "RFC6749-5.1-access_token",
    "RFC8628-3.5-success",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-access_denied",
    "RFC8628-3.4-scope-param",
    "RFC8628-3.5-slow_down-nonfatal",
    "RFC8628-3.5-approval-during-wait",
    "RFC8628-3.5-parallel-single-use",
    "RFC9449-5-not-consumed",
    bug="no report known",
)
class NoAccessToken(Rules):
    """The token response has no access_token."""

    def token_response(self, members: Members, family: Family) -> Members:  # noqa: ARG002
        """Under another name."""
        return {name.replace("access_token", "token"): value for name, value in members.items()}


@mutant("", "RFC6749-5.1-expires_in", bug="no report known")
class NoTokenLife(Rules):
    """The token response does not say how long the token lives."""

    def token_response(self, members: Members, family: Family) -> Members:  # noqa: ARG002
        """Leave it out."""
        return {name: value for name, value in members.items() if name != "expires_in"}


@mutant("", "RFC6749-5.1-json", bug="no report known")
class TokenCreated201(Rules):
    """Tokens are delivered with 201."""

    def success_status(self, endpoint: Endpoint) -> int:
        """Created."""
        return 201 if endpoint == "token" else super().success_status(endpoint)


@mutant("", "RFC6749-3.3-scope-syntax", bug="no report known")
class ScopeAsList(Rules):
    """scope is a JSON array in the token response."""

    def token_response(self, members: Members, family: Family) -> Members:
        """One by one."""
        return {**members, "scope": list(family.scope)}


@mutant("", "RFC8628-3.5-replay-revokes", bug="no report known")
class ReplayIsForgiven(Rules):
    """Whoever polls with a used code loses nothing by it."""

    def revokes_on_replay(self, grant: Grant, now: float) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant("", "RFC8628-3.3-return-instruction", bug="no report known")
class NoWayBack(Rules):
    """The last page does not send people back to their device."""

    def sends_back_to_device(self) -> bool:
        """Silence."""
        return False


@mutant("", "UA-cache", bug="no report known")
class PagesCached(Rules):
    """The pages with codes and forms may be cached."""

    def page_headers(self, style_hash: str) -> tuple[Header, ...]:
        """Without Cache-Control."""
        usual = super().page_headers(style_hash)
        return tuple(header for header in usual if header[0] != "cache-control")
