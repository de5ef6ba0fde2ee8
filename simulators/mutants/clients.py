"""Servers that do not know whom they talk to (RFC 8628 sections 3.1 and 3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.mutants.mutant import mutant
from simulators.mutants.one_endpoint import NamelessPoll
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.refusal import Endpoint, Refused


@mutant(
    "S38",
    "RFC8628-3.4-authenticate-as",
    "RFC8628-3.1-confidential-unauth",
    "RFC6749-2.3.1-query-refused",
    "RFC6749-6-client-auth",
    bug="goauthentik/authentik PR #21700, #20828; ferriskey/ferriskey PR #1238; oauthlib PR #920",
)
class NoClientAuth(Rules):
    """A client that has a secret is served without showing it."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Only a secret that is shown must be right."""
        if shown.secret is not None:
            super().check_credentials(endpoint, client, shown)


@mutant(
    "S39",
    "RFC8628-3.1-confidential-wrong-secret",
    "RFC8628-3.1-confidential-unauth",
    bug="vouch-sh/vouch PR #1399; marcjazz/authkestra #145; FusionAuth #2710",
)
class NoClientAuthDeviceEndpoint(Rules):
    """Secrets are not verified at the device authorization endpoint."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Only elsewhere."""
        if endpoint != "device_authorization":
            super().check_credentials(endpoint, client, shown)


@mutant(
    "S40",
    "RFC8628-3.1-confidential-accepted",
    "RFC8628-3.1-confidential-unauth",
    bug="auth0/ruby-auth0 PR #794 (Auth0's server)",
)
class SecretRefused(Rules):
    """Whoever shows the right secret at the device authorization endpoint is turned away."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Secrets are not wanted here."""
        if endpoint != "device_authorization":
            super().check_credentials(endpoint, client, shown)
        elif shown.secret is not None:
            super().check_credentials(endpoint, client, shown)
            raise Refused("unauthorized_client", "no secret is wanted here")


@mutant(
    "S41",
    "RFC8628-3.4-wrong-secret",
    "RFC8628-3.1-unknown-client",
    "RFC8628-3.1-confidential-wrong-secret",
    "RFC8628-3.1-confidential-unauth",
    "RFC8628-3.4-authenticate-as",
    "RFC6749-6-client-auth",
    "RFC7009-2.1-client-auth",
    "RFC7662-2.3-error",
    bug="mosip/esignet #2260; thunder-id/thunderid #4483",
)
class WrongClientError(Rules):
    """unauthorized_client is said where invalid_client is due."""

    def error_name(self, error: str) -> str:
        """The neighbour."""
        return "unauthorized_client" if error == "invalid_client" else error


@mutant(
    "S80",
    "RFC8628-3.1-unknown-client",
    "RFC8628-3.1-client_id-missing",
    "RFC8628-3.1-empty-client_id",
    bug="Dex, read in its source",
    verified=False,
)
class ClientCheckedLate(Rules):
    """The device authorization endpoint hands out codes to anybody."""

    def client_named(
        self, endpoint: Endpoint, client_id: str | None, clients: Mapping[str, Client]
    ) -> Client:
        """Anybody is the first client."""
        if endpoint == "device_authorization" and client_id not in clients:
            return next(iter(clients.values()))
        return super().client_named(endpoint, client_id, clients)


@mutant(
    "S81",
    "RFC8628-3.4-client-binding",
    "RFC8628-3.4-client_id-missing",
    bug="Dex, read in its source",
    verified=False,
)
class CodeIsBearer(NamelessPoll):
    """The token endpoint asks nobody who they are: whoever has the code has the token."""

    def judge(self, grant, client, now):  # type: ignore[no-untyped-def]
        """Everybody owns every code."""
        if grant is not None:
            grant.client_id = client.client_id
        return super().judge(grant, client, now)


@mutant("", "RFC6749-5.2-www-authenticate", bug="no report known")
class NoChallenge(Rules):
    """Failed Basic credentials are answered without a challenge."""

    def client_challenge(self) -> str | None:
        """None."""
        return None


@mutant("", "RFC6749-2.3-two-methods-as", bug="no report known")
class TwoMethodsAccepted(Rules):
    """A secret may come in the header and in the body at once."""

    def refuses_two_methods(self) -> bool:
        """No."""
        return False


@mutant("", "RFC6749-3.2.1-client-id-mismatch", bug="no report known")
class ClientIdIgnored(Rules):
    """The client_id in the body wins over the authenticated client."""

    def refuses_other_client_id(self) -> bool:
        """No."""
        return False

    def is_issued_to(self, grant, client):  # type: ignore[no-untyped-def]
        """The kiosk passes for anybody."""
        return client.client_id == "kiosk" or super().is_issued_to(grant, client)


@mutant(
    "",
    "RFC8628-3.2-unauthorized_client",
    "RFC6749-5.2-unauthorized_client",
    "RFC7591-2-default",
    bug="no report known",
)
class GrantForAll(Rules):
    """Every client may use the device grant."""

    def may_use(self, endpoint: Endpoint, client: Client, grant_type: str) -> bool:  # noqa: ARG002
        """All of them."""
        return True


@mutant(
    "",
    "RFC8628-3.4-public-guess",
    "RFC6749-5.2-unauthorized_client",
    "RFC6749-5.2-unsupported_grant_type",
    "RFC6749-6-invalid",
    "RFC8414-2-auth-methods",
    "RFC8628-3.4-device_code-missing",
    "RFC8628-3.4-scope-param",
    "RFC8628-3.5-access_denied",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    "RFC9449-5-not-consumed",
    bug="no report known",
)
class PublicCannotPoll(Rules):
    """The token endpoint wants a secret from a client that has none."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Everybody must authenticate to poll."""
        if endpoint == "token" and client.secret is None:
            raise Refused("invalid_client", "authenticate")
        super().check_credentials(endpoint, client, shown)
