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
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from harness.wire import DEVICE_CODE_GRANT

REFRESH_TOKEN_GRANT = "refresh_token"
CLIENT_CREDENTIALS_GRANT = "client_credentials"

Auth: TypeAlias = Literal["none", "client_secret_basic", "client_secret_post"]
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
    its ID tokens.
    """

    client_id: str
    name: str
    secret: str | None = field(default=None, repr=False)
    auth: Auth = "none"
    grants: frozenset[str] = frozenset({DEVICE_CODE_GRANT, REFRESH_TOKEN_GRANT})
    scopes: frozenset[str] = frozenset(SCOPES)
    id_token_alg: Literal["ES256", "RS256"] = "ES256"

    @property
    def public(self) -> bool:
        """Whether the client has nothing to prove itself with."""
        return self.auth == "none"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in.

    `claims` holds sub, name, email and the like.  `scopes` are those the person may hand on (None:
    all), `clients` those the person may use (None: all).
    """

    username: str
    password: str = field(repr=False)
    claims: Mapping[str, str]
    disabled: bool = False
    scopes: frozenset[str] | None = None
    clients: frozenset[str] | None = None

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
            if client.public == bool(client.secret):
                raise ValueError(f"client {client.client_id}: secret and auth do not fit together")

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
        """Six clients and two people, enough for every scenario.

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
            ),
            accounts=(
                Account("alice", secret(), _claims("alice", "Alice Appleyard", rand)),
                Account("bob", secret(), _claims("bob", "Bob Brightwater", rand)),
            ),
            lifetime=lifetime,
            interval=interval,
            token_lifetime=token_lifetime,
        )


def _claims(username: str, name: str, rand: random.Random) -> Mapping[str, str]:
    return MappingProxyType(
        {"sub": rand.randbytes(8).hex(), "name": name, "email": f"{username}@people.example"}
    )
