"""Servers that are careful at one endpoint and careless at the other (RFC 8628 section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from harness.wire import DEVICE_CODE_GRANT, Request, Response
from simulators.mutants.leniency import JsonAccepted
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.refusal import Endpoint, Refused

Parameters = Sequence[tuple[str, str]]


@mutant("", "RFC8628-3.1-client_id-missing", "RFC8628-3.1-empty-client_id", bug="no report known")
class AnonymousIsTheFirst(Rules):
    """Who asks for codes without saying a name is taken for the first client."""

    def client_named(
        self, endpoint: Endpoint, client_id: str | None, clients: Mapping[str, Client]
    ) -> Client:
        """Somebody will have asked."""
        if endpoint == "device_authorization" and client_id is None:
            return next(iter(clients.values()))
        return super().client_named(endpoint, client_id, clients)


@mutant("", "RFC8628-3.1-empty-client_id", bug="no report known")
class EmptyNameIsTheFirst(Rules):
    """An empty client_id passes for the first client's, where a missing one is refused."""

    def parameters(self, request: Request, content_type: str, endpoint: Endpoint) -> Parameters:
        """Fill it in."""
        first = self.config.clients[0].client_id
        found = super().parameters(request, content_type, endpoint)
        if endpoint != "device_authorization":
            return found
        return [(n, first if (n, value) == ("client_id", "") else value) for n, value in found]


@mutant("", "RFC8628-3.1-confidential-unauth", bug="no report known")
class SecretOptionalForCodes(Rules):
    """A client that has a secret gets codes without it; a wrong one is refused."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Nothing shown, nothing to check."""
        if endpoint != "device_authorization" or shown.secret is not None:
            super().check_credentials(endpoint, client, shown)


@mutant("", "RFC8628-3.2-error-format", bug="no report known")
class DeviceErrorsAsText(Rules):
    """Errors of the device authorization endpoint are called plain text."""

    def device_error(self, response: Response) -> Response:
        """Another type."""
        kept = tuple(header for header in response.headers if header[0] != "content-type")
        return replace(response, headers=(("content-type", "text/plain"), *kept))


@mutant("", "RFC8628-3.4-client_id-missing", bug="no report known")
class NamelessPoll(Rules):
    """A poll that does not say who polls is taken for the first client's."""

    def client_named(
        self, endpoint: Endpoint, client_id: str | None, clients: Mapping[str, Client]
    ) -> Client:
        """It has the code, after all."""
        if endpoint == "token" and client_id is None:
            return next(iter(clients.values()))
        return super().client_named(endpoint, client_id, clients)


@mutant(
    "S89",
    "RFC8628-3.4-device_code-missing",
    bug="Glewlwyd, read in its source",
    verified=False,
)
class MissingCodeIsDenied(Rules):
    """A poll without device_code hears that it was denied."""

    def parameters(self, request: Request, content_type: str, endpoint: Endpoint) -> Parameters:
        """Nothing to look up."""
        found = super().parameters(request, content_type, endpoint)
        named = dict(found)
        if named.get("grant_type") == DEVICE_CODE_GRANT and not named.get("device_code"):
            raise Refused("access_denied", "there is no such device_code")
        return found


@mutant("", "RFC8628-3.4-dup-param", bug="no report known; at the other endpoint keycloak #11294")
class TwoCodesInOnePoll(Rules):
    """A poll may name two device_codes; the last one counts."""

    def refuses_repeats(self, endpoint: Endpoint) -> bool:
        """Not in a poll."""
        return endpoint != "token" and super().refuses_repeats(endpoint)


@mutant("", "RFC8628-3.4-grant_type-as", bug="no report known")
class ShortGrantNameMisread(Rules):
    """Who calls the grant device_code for short hears that the code is not good."""

    def grant_named(self, grant_type: str) -> str:
        """Half understood."""
        if grant_type == "device_code":
            raise Refused("invalid_grant", "the code is unknown")
        return super().grant_named(grant_type)


@mutant("", "RFC6749-2.3.1-query-refused", bug="no report known")
class SecretInTheAddress(Rules):
    """The token endpoint reads client_secret out of the URL, which ends up in logs."""

    pinned = MappingProxyType({"insists_on_auth_method": False})

    def parameters(self, request: Request, content_type: str, endpoint: Endpoint) -> Parameters:
        """From both places."""
        found = super().parameters(request, content_type, endpoint)
        secrets = [one for one in request.query if one[0] == "client_secret"]
        return [*found, *secrets] if endpoint == "token" else found


@mutant("", "RFC8628-3.4-unknown-param", bug="no report known")
class StrictPolls(Rules):
    """A parameter that the token endpoint does not know makes a poll invalid."""

    def parameters(self, request: Request, content_type: str, endpoint: Endpoint) -> Parameters:
        """Refuse what begins with x_."""
        found = super().parameters(request, content_type, endpoint)
        if endpoint == "token" and any(name.startswith("x_") for name, _ in found):
            raise Refused("invalid_request", "an unknown parameter")
        return found


@mutant("", "RFC6749-3.2-empty-param", "RFC8628-3.4-device_code-missing", bug="no report known")
class EmptyCountsInPolls(Rules):
    """A parameter without value counts as given at the token endpoint."""

    def drops_empty(self, endpoint: Endpoint) -> bool:
        """Not in a poll."""
        return endpoint != "token" and super().drops_empty(endpoint)


@mutant("", "RFC6749-3.2-get-refused", bug="no report known")
class TokenByLink(Rules):
    """The token endpoint serves GET and reads a poll out of the URL."""

    def allows_method(self, method: str, endpoint: Endpoint) -> bool:
        """GET, too."""
        by_link = endpoint == "token" and method == "GET"
        return by_link or super().allows_method(method, endpoint)

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """A GET has none."""
        return (endpoint == "token" and not media_type) or super().reads_media_type(
            media_type, endpoint
        )

    def parameters(self, request: Request, content_type: str, endpoint: Endpoint) -> Parameters:
        """Out of the query, if it is a GET."""
        if endpoint == "token" and request.method == "GET":
            return request.query
        return super().parameters(request, content_type, endpoint)


@mutant("", "RFC6749-3.2-json-refused", bug="no report known")
class PollInJson(JsonAccepted):
    """The token endpoint reads a JSON object as if it were a form."""

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """JSON, too, in a poll."""
        found = super().reads_media_type(media_type, endpoint)
        return found and (endpoint == "token" or media_type != "application/json")


@mutant("", "RFC6749-5.2-unauthorized_client", bug="no report known")
class BarredClientWaits(Rules):
    """A client that may not use the grant gets no codes, and no end when it polls all the same."""

    def may_use(self, endpoint: Endpoint, client: Client, grant_type: str) -> bool:
        """Put off."""
        allowed = super().may_use(endpoint, client, grant_type)
        if endpoint == "token" and grant_type == DEVICE_CODE_GRANT and not allowed:
            raise Refused("authorization_pending", "nobody has approved yet")
        return allowed
