"""Who is under test: endpoints, clients, people, what is claimed and what is admitted.

The laws of this file: it turns settings into one frozen value and does no I/O but reading files
that the settings name.  Whatever is wrong with them is a `TargetError` that names the key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from harness.consent import Person

AuthMethod: TypeAlias = Literal["none", "client_secret_basic", "client_secret_post"]
ConsentKind: TypeAlias = Literal["forms", "browser", "command", "hand", "none"]

SECTION_OF = {
    "public": "[clients.public]",
    "second": "[clients.second], another client that may use the grant",
    "confidential": "[clients.confidential], a client with a secret",
    "unauthorized": "[clients.unauthorized], a client that may not use the grant",
}


class TargetError(Exception):
    """The settings are wrong or the target cannot be used; the message names cause and remedy."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client registration, as the target knows it (RFC 6749 section 2)."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    auth: AuthMethod = "none"


@dataclass(frozen=True, slots=True)
class Resource:
    """A protected resource and the scope that it asks for."""

    url: str
    scope: str


@dataclass(frozen=True, slots=True)
class Target:
    """Everything that a run needs to know about the server under test.

    `slack` is by how many seconds two clocks may disagree.  `metadata` is the document that was
    discovered, or empty.  `known` maps requirement ids to the reason why their failure is admitted.
    """

    name: str
    device_authorization_endpoint: str
    token_endpoint: str
    clients: Mapping[str, Client]
    issuer: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    slack: float = 0.5
    users: tuple[Person, ...] = ()
    consent: ConsentKind = "none"
    command: tuple[str, ...] = ()
    resource: Resource | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    extra_device_authorization: Mapping[str, str] = field(default_factory=dict)
    extra_token: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    tls_client_cert: str | None = None
    proxy: str | None = None
    warnings: tuple[str, ...] = ()
    virtual: bool = False

    @property
    def loopback(self) -> bool:
        """Whether the target runs on this machine, so that TLS rules are skipped."""
        return self.virtual or is_loopback(self.token_endpoint)

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """(kind, value) of everything in the settings that no report may show."""
        clients = [c.client_secret for c in self.clients.values() if c.client_secret]
        people = [person.password for person in self.users if person.password]
        return [("client_secret", s) for s in clients] + [("password", p) for p in people]


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    return (
        host == "localhost"
        or host.endswith(".localhost")
        or host == "::1"
        or (host.startswith("127.") and host.replace(".", "").isdigit())
    )


# --- the target file -------------------------------------------------------------------------


class _Secret(msgspec.Struct, forbid_unknown_fields=True):
    env: str | None = None
    file: str | None = None


class _Client(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    client_secret: str | _Secret | None = None
    auth: AuthMethod | None = None


class _User(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str | _Secret = ""


class _Consent(msgspec.Struct, forbid_unknown_fields=True):
    kind: ConsentKind
    command: list[str] = []


class _Resource(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    scope: str = ""


class _Clients(msgspec.Struct, forbid_unknown_fields=True):
    public: _Client
    second: _Client | None = None
    confidential: _Client | None = None
    unauthorized: _Client | None = None


class _Extra(msgspec.Struct, forbid_unknown_fields=True):
    device_authorization: dict[str, str] = {}
    token: dict[str, str] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    clients: _Clients
    name: str | None = None
    issuer: str | None = None
    device_authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    jwks_uri: str | None = None
    scope: str = ""
    slack: float = 0.5
    ca_file: str | None = None
    tls_client_cert: str | None = None
    proxy: str | None = None
    users: dict[str, _User] = {}
    consent: _Consent | None = None
    resource: _Resource | None = None
    known: dict[str, str] = {}
    profiles: list[str] = []
    extra: _Extra = msgspec.field(default_factory=_Extra)


def read_target(path: Path) -> Target:
    """Read a target file; endpoints that it leaves to discovery are still empty strings.

    Raises `TargetError` for a missing file, broken TOML, unknown keys, wrong types and secrets
    that cannot be found.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise TargetError(f"cannot read the target file {path}: {problem}") from None
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise TargetError(f"{path} is no valid TOML: {problem}") from None
    try:
        file = msgspec.convert(tree, _File)
    except msgspec.ValidationError as problem:
        raise TargetError(f"{path}: {_plain(str(problem))}") from None
    return _target(file, path)


def _plain(problem: str) -> str:
    """msgspec's words with the key first: `clients.public`: unknown key `clientid`."""
    what, _, where = problem.partition(" - at ")
    where = where.strip("`").removeprefix("$.").replace("[...]", ".*")
    what = what.replace("Object contains unknown field", "unknown key")
    what = what.replace("Object missing required field", "missing key")
    return f"in {where}: {what}" if where and where != "$" else what


def _target(file: _File, path: Path) -> Target:
    warnings: list[str] = []
    roles = {"public": file.clients.public, "second": file.clients.second}
    roles |= {
        "confidential": file.clients.confidential,
        "unauthorized": file.clients.unauthorized,
    }
    clients = {
        role: _client(entry, f"clients.{role}", path.parent, warnings)
        for role, entry in roles.items()
        if entry is not None
    }
    users = tuple(
        Person(
            user.username,
            _secret(user.password, f"users.{key}.password", path.parent, warnings) or "",
        )
        for key, user in file.users.items()
    )
    for key in ("issuer", "device_authorization_endpoint", "token_endpoint", "userinfo_endpoint"):
        _check_url(getattr(file, key), key, path)
    if file.issuer is None and not (file.device_authorization_endpoint and file.token_endpoint):
        raise TargetError(
            f"{path}: name either `issuer` or both `device_authorization_endpoint` and "
            "`token_endpoint`"
        )
    if file.slack < 0:
        raise TargetError(f"{path}: slack must not be negative, it is {file.slack}")
    consent = file.consent or _Consent("forms" if users else "none")
    if consent.kind == "command" and not consent.command:
        raise TargetError(f"{path}: consent.kind is `command`, so consent.command must name one")
    if consent.kind in {"forms", "browser"} and not users:
        raise TargetError(
            f"{path}: consent.kind is `{consent.kind}`, so somebody must sign in: add [users.alice]"
        )
    return Target(
        name=file.name or path.stem,
        issuer=file.issuer,
        device_authorization_endpoint=file.device_authorization_endpoint or "",
        token_endpoint=file.token_endpoint or "",
        userinfo_endpoint=file.userinfo_endpoint,
        jwks_uri=file.jwks_uri,
        clients=clients,
        scope=file.scope,
        slack=file.slack,
        users=users,
        consent=consent.kind,
        command=tuple(consent.command),
        resource=Resource(file.resource.url, file.resource.scope) if file.resource else None,
        known=file.known,
        profiles=frozenset(file.profiles),
        extra_device_authorization=file.extra.device_authorization,
        extra_token=file.extra.token,
        ca_file=_beside(file.ca_file, path),
        tls_client_cert=_beside(file.tls_client_cert, path),
        proxy=file.proxy,
        warnings=tuple(warnings),
    )


def _client(entry: _Client, key: str, folder: Path, warnings: list[str]) -> Client:
    secret = _secret(entry.client_secret, f"{key}.client_secret", folder, warnings)
    auth: AuthMethod = entry.auth or ("client_secret_basic" if secret else "none")
    if auth != "none" and not secret:
        raise TargetError(f"{key}: auth is {auth}, so client_secret must be given")
    return Client(entry.client_id, secret, auth)


def _secret(value: str | _Secret | None, key: str, folder: Path, warnings: list[str]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        warnings.append(f'{key} stands in the file; {{ env = "…" }} keeps it out of it')
        return value
    if value.env is not None and value.file is None:
        found = os.environ.get(value.env)
        if not found:
            raise TargetError(f"{key}: the environment has no variable {value.env}")
        return found
    if value.file is not None and value.env is None:
        try:
            return (folder / value.file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise TargetError(f"{key}: cannot read {value.file}: {problem}") from None
    raise TargetError(f"{key}: give exactly one of env and file")


def _check_url(url: str | None, key: str, path: Path) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetError(f"{path}: {key} must be an absolute http or https URL, it is {url!r}")


def _beside(name: str | None, path: Path) -> str | None:
    return None if name is None else str(path.parent / name)
