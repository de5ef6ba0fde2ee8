"""Who is under test: endpoints, clients, people, what is claimed and what is admitted.

The laws of this file: frozen values only, no I/O; `target_file` reads them from a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from harness.administration import Commands
from harness.certificates import Certificate
from harness.consent import Person

AuthMethod: TypeAlias = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
]
ConsentKind: TypeAlias = Literal["forms", "browser", "command", "hand", "none"]

SECTION_OF = {
    "public": "[clients.public]",
    "second": "[clients.second], another client that may use the grant",
    "confidential": "[clients.confidential], a client with a secret",
    "unauthorized": "[clients.unauthorized], a client that may not use the grant",
    "credentials": "[clients.credentials], a client that gets tokens for itself alone "
    "(client_credentials)",
    "restricted": "[clients.restricted], a client that the first person under [users] may use and "
    "the second may not",
    "client_secret_jwt": "[clients.client_secret_jwt], which signs assertions with its secret",
    "private_key_jwt": "[clients.private_key_jwt], which signs assertions with its private_key",
    "tls_client_auth": "[clients.tls_client_auth], which shows a certificate",
    "dpop_bound": "[clients.dpop_bound], a client registered with dpop_bound_access_tokens",
    "certificate_bound": "[clients.certificate_bound], a public client with a certificate, "
    "registered with tls_client_certificate_bound_access_tokens",
}


class TargetError(Exception):
    """The settings are wrong or the target cannot be used; the message names cause and remedy."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client registration, as the target knows it (RFC 6749 section 2).

    `private_key` is the text of a PEM or a JWK.
    """

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    auth: AuthMethod = "none"
    private_key: str | None = field(default=None, repr=False)
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A protected resource and the scope that it asks for.

    `write_scope` is what a POST asks for; it is tried only where that is named.
    """

    url: str
    scope: str
    write_scope: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Everything that a run needs to know about the server under test.

    `slack` is by how many seconds two clocks may disagree.  `metadata` is the document that was
    discovered, or empty.  `known` maps requirement ids to the reason why their failure is admitted.
    `authorization_details` are what the target can grant in place of a scope (RFC 9396).
    """

    name: str
    device_authorization_endpoint: str
    token_endpoint: str
    clients: Mapping[str, Client]
    issuer: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    introspection_endpoint: str | None = None
    revocation_endpoint: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    slack: float = 0.5
    users: tuple[Person, ...] = ()
    consent: ConsentKind = "none"
    command: tuple[str, ...] = ()
    admin: Commands | None = None
    resource: Resource | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    extra_device_authorization: Mapping[str, str] = field(default_factory=dict)
    extra_token: Mapping[str, str] = field(default_factory=dict)
    authorization_details: tuple[Mapping[str, Any], ...] = ()
    ca_file: str | None = None
    tls_client_cert: str | None = None
    proxy: str | None = None
    warnings: tuple[str, ...] = ()
    virtual: bool = False

    @property
    def loopback(self) -> bool:
        """Whether the target runs on this machine, so that TLS rules are skipped."""
        return self.virtual or is_loopback(self.token_endpoint)

    def endpoint(self, name: str, client: Client) -> str:
        """The URL of an endpoint; its alias for who connects with a certificate (RFC 8705 5)."""
        aliases = self.metadata.get("mtls_endpoint_aliases")
        if client.certificate is not None and isinstance(aliases, Mapping):
            alias = aliases.get(name)
            if isinstance(alias, str) and alias.startswith("https://"):
                return alias
        return str(getattr(self, name))

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """(kind, value) of everything in the settings that no report may show."""
        clients = [c.client_secret for c in self.clients.values() if c.client_secret]
        keys = [c.private_key for c in self.clients.values() if c.private_key]
        people = [person.password for person in self.users if person.password]
        return (
            [("client_secret", s) for s in clients]
            + [("private_key", k) for k in keys]
            + [("password", p) for p in people]
        )


def is_web_url(url: str) -> bool:
    """Whether that is an absolute http or https URL with a host; never raises."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or "" if is_web_url(url) else ""
    return (
        host == "localhost"
        or host.endswith(".localhost")
        or host == "::1"
        or (host.startswith("127.") and host.replace(".", "").isdigit())
    )
