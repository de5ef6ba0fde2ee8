"""What the server is told at its start: who it is, which clients and accounts it knows.

Values only.  Nothing here changes while the server runs; what a specification leaves open is
chosen in `freedom`, and what the server decides is in `rules`.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from harness.wire import DEVICE_CODE_GRANT

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

REFRESH_TOKEN_GRANT = "refresh_token"
CLIENT_CREDENTIALS_GRANT = "client_credentials"

Auth: TypeAlias = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
]
Seed: TypeAlias = int | str

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "openid": "Know who you are",
        "profile": "See your name",
        "email": "See your email address",
        "dashboard:read": "Look at your dashboard",
        "dashboard:write": "Change your dashboard",
        "offline_access": "Stay signed in when you are away",
    }
)
"""Every scope the server knows, and the words in which a person is asked for it."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client; `auth` is its method at the device and token endpoints.

    A client without a secret is public (RFC 8628 section 5.6).  `id_token_alg` is the signature of
    its ID tokens, None for the one that the server prefers.
    """

    client_id: str
    name: str
    secret: str | None = field(default=None, repr=False)
    auth: Auth = "none"
    grants: frozenset[str] = frozenset({DEVICE_CODE_GRANT, REFRESH_TOKEN_GRANT})
    scopes: frozenset[str] = frozenset(SCOPES)
    id_token_alg: Literal["ES256", "RS256"] | None = None
    private_key: EllipticCurvePrivateKey | None = field(default=None, repr=False)
    """Kept so that others can play the client; the server itself uses the public half only."""
    tls_subject: str = ""
    """The distinguished name in the certificate of a client that shows one (RFC 8705)."""
    dpop_bound: bool = False
    """Whether it is registered for DPoP-bound access tokens (RFC 9449 section 5.2)."""
    certificate_bound: bool = False
    """Whether it is registered for certificate-bound access tokens (RFC 8705 section 3.4)."""

    @property
    def public(self) -> bool:
        """Whether the client has nothing to prove itself with."""
        return self.auth == "none"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in.

    `claims` holds sub, name, email and the like.  `scopes` are those the person may hand on (None:
    all), `clients` the clients that the person may use (None: all) and `barred` those that not.
    """

    username: str
    password: str = field(repr=False)
    claims: Mapping[str, str]
    disabled: bool = False
    scopes: frozenset[str] | None = None
    clients: frozenset[str] | None = None
    barred: frozenset[str] = frozenset()

    @property
    def sub(self) -> str:
        """The subject identifier, never reassigned (OpenID Connect Core section 8)."""
        return self.claims.get("sub", self.username)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one server; times in seconds.

    Raises `ValueError` if they contradict each other or a specification.
    """

    issuer: str = "https://reference.example"
    clients: tuple[Client, ...] = (Client("tv", "Living Room TV"),)
    accounts: tuple[Account, ...] = ()
    lifetime: int = 1800
    interval: int = 5
    token_lifetime: int = 3600
    refresh_lifetime: int = 30 * 86400
    default_scope: tuple[str, ...] = ("profile",)
    mutual_tls: bool = True
    """Whether a client certificate can reach the server; over our own socket it cannot."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"issuer must be an https URL: {self.issuer}")
        if not parts.netloc or parts.query or parts.fragment or self.issuer.endswith("/"):
            raise ValueError(f"issuer must be a URL without query or final slash: {self.issuer}")
        for name in ("lifetime", "interval", "token_lifetime", "refresh_lifetime"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0 s, not {getattr(self, name)}")
        if len({client.client_id for client in self.clients}) < len(self.clients):
            raise ValueError("two clients share one client_id")
        if len({account.username for account in self.accounts}) < len(self.accounts):
            raise ValueError("two accounts share one username")
        for client in self.clients:
            if bool(client.secret) != client.auth.startswith("client_secret_"):
                raise ValueError(f"client {client.client_id}: secret and auth do not fit together")

    @property
    def takes_certificates(self) -> bool:
        """Whether clients can authenticate by mutual TLS (RFC 8705)."""
        return self.mutual_tls and self.issuer.startswith("https:")

    def client(self, client_id: str) -> Client:
        """The client of that id; raises `KeyError`."""
        return {client.client_id: client for client in self.clients}[client_id]

    def account(self, username: str) -> Account:
        """The account of that name; raises `KeyError`."""
        return {account.username: account for account in self.accounts}[username]

    @classmethod
    def demo(
        cls,
        issuer: str = "https://reference.example",
        seed: Seed | None = None,
        *,
        lifetime: int = 1800,
        interval: int = 5,
        token_lifetime: int = 3600,
    ) -> Config:
        """Eleven clients and two people, enough for every scenario.

        Secrets and passwords are random, or follow from `seed`.
        """
        rand = random.Random(f"{seed}/demo") if seed is not None else secrets.SystemRandom()

        def secret() -> str:
            return rand.randbytes(18).hex()

        only_web = frozenset({"authorization_code"})
        only_itself = frozenset({CLIENT_CREDENTIALS_GRANT})
        dashboard = frozenset({"dashboard:read", "dashboard:write"})
        return cls(
            issuer=issuer,
            clients=(
                Client("tv", "Living Room TV"),
                Client("radio", "Kitchen Radio"),
                # Characters that only survive Basic if both sides form-encode (RFC 6749 2.3.1).
                Client("kiosk", "Lobby Kiosk", f"{secret()}:%+{secret()}", "client_secret_basic"),
                Client("locker", "Parcel Locker", secret(), "client_secret_post"),
                Client("web-only", "Web Shop", grants=only_web),
                Client(
                    "signage",
                    "Shop Window Signage",
                    secret(),
                    "client_secret_basic",
                    grants=only_itself,
                    scopes=dashboard,
                ),
                *_strong(seed),
            ),
            accounts=(
                Account("alice", secret(), _claims("alice", "Alice Appleyard", rand)),
                # Parcels are none of Bob's business: an access policy to be kept in every flow.
                Account(
                    "bob",
                    secret(),
                    _claims("bob", "Bob Brightwater", rand),
                    barred=frozenset({"locker"}),
                ),
            ),
            lifetime=lifetime,
            interval=interval,
            token_lifetime=token_lifetime,
        )


def _strong(seed: Seed | None) -> tuple[Client, ...]:
    """Clients that prove who they are by a signature or a certificate, or hold bound tokens."""
    from simulators.server.keys import elliptic_key

    # A source of its own: what is drawn here does not shift the secrets of the others.
    rand = random.Random(f"{seed}/strong") if seed is not None else secrets.SystemRandom()

    def bound(client_id: str, name: str, auth: Auth) -> Client:
        return Client(
            client_id,
            name,
            auth=auth,
            private_key=elliptic_key(rand),
            tls_subject=f"CN={client_id}",
            certificate_bound=True,
        )

    return (
        Client("meter", "Water Meter", auth="private_key_jwt", private_key=elliptic_key(rand)),
        Client("sensor", "Greenhouse Sensor", rand.randbytes(24).hex(), "client_secret_jwt"),
        Client("drone", "Survey Drone", dpop_bound=True),
        bound("turbine", "Wind Turbine", "tls_client_auth"),
        bound("buoy", "Weather Buoy", "none"),
    )


def drawn_issuer_path(seed: Seed | None) -> str:
    """The path of an issuer: none without a seed, else what follows from it."""
    if seed is None:
        return ""
    return random.Random(f"{seed}/issuer").choice(("", "", "/home"))


def _claims(username: str, name: str, rand: random.Random) -> Mapping[str, str]:
    return MappingProxyType(
        {"sub": rand.randbytes(8).hex(), "name": name, "email": f"{username}@people.example"}
    )
