"""The target file: TOML in, one `Target` out.

The laws of this file: it does no I/O but reading files that the settings name.  Whatever is wrong
with them is a `TargetError` that names the key.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from harness.administration import Commands
from harness.certificates import Certificate, certificate_in
from harness.consent import Person
from harness.signing import key_in
from harness.target import (
    AuthMethod,
    Client,
    ConsentKind,
    Resource,
    Target,
    TargetError,
    is_web_url,
)


class _Secret(msgspec.Struct, forbid_unknown_fields=True):
    env: str | None = None
    file: str | None = None


class _Client(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    client_secret: str | _Secret | None = None
    auth: AuthMethod | None = None
    private_key: str | _Secret | None = None
    certificate: str | None = None


class _User(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str | _Secret = ""


class _Consent(msgspec.Struct, forbid_unknown_fields=True):
    kind: ConsentKind
    command: list[str] = []


class _Resource(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    scope: str = ""
    write_scope: str = ""


class _Clients(msgspec.Struct, forbid_unknown_fields=True):
    public: _Client
    second: _Client | None = None
    confidential: _Client | None = None
    unauthorized: _Client | None = None
    credentials: _Client | None = None
    restricted: _Client | None = None
    client_secret_jwt: _Client | None = None
    private_key_jwt: _Client | None = None
    tls_client_auth: _Client | None = None
    dpop_bound: _Client | None = None
    certificate_bound: _Client | None = None


class _Admin(msgspec.Struct, forbid_unknown_fields=True):
    disable: list[str] = []
    enable: list[str] = []
    withdraw: list[str] = []


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
    introspection_endpoint: str | None = None
    revocation_endpoint: str | None = None
    scope: str = ""
    slack: float = 0.5
    ca_file: str | None = None
    tls_client_cert: str | None = None
    proxy: str | None = None
    users: dict[str, _User] = {}
    consent: _Consent | None = None
    admin: _Admin | None = None
    resource: _Resource | None = None
    known: dict[str, str] = {}
    profiles: list[str] = []
    authorization_details: list[dict[str, Any]] = []
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
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
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
    clients = {
        role: _client(entry, role, path.parent, warnings)
        for role, entry in msgspec.structs.asdict(file.clients).items()
        if entry is not None
    }
    users = tuple(
        Person(
            user.username,
            _secret(user.password, f"users.{key}.password", path.parent, warnings) or "",
        )
        for key, user in file.users.items()
    )
    for key in (
        "issuer",
        "device_authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "revocation_endpoint",
    ):
        _check_url(getattr(file, key), key, path)
    _check_url(file.resource.url if file.resource else None, "resource.url", path)
    if file.proxy is not None and not is_web_url(file.proxy):
        # Not repeated: a proxy's URL may carry a password.
        raise TargetError(f"{path}: proxy must be an absolute http or https URL")
    if file.issuer is None and not (file.device_authorization_endpoint and file.token_endpoint):
        raise TargetError(
            f"{path}: name either `issuer` or both `device_authorization_endpoint` and "
            "`token_endpoint`"
        )
    if not 0 <= file.slack < math.inf:
        raise TargetError(f"{path}: slack must be 0 or more seconds, it is {file.slack}")
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
        introspection_endpoint=file.introspection_endpoint,
        revocation_endpoint=file.revocation_endpoint,
        clients=clients,
        scope=file.scope,
        slack=file.slack,
        users=users,
        consent=consent.kind,
        command=tuple(consent.command),
        admin=_admin(file.admin),
        resource=_resource(file.resource),
        known=file.known,
        profiles=frozenset(file.profiles),
        extra_device_authorization=file.extra.device_authorization,
        extra_token=file.extra.token,
        authorization_details=tuple(file.authorization_details),
        ca_file=_beside(file.ca_file, path),
        tls_client_cert=_beside(file.tls_client_cert, path),
        proxy=file.proxy,
        warnings=tuple(warnings),
    )


def _resource(entry: _Resource | None) -> Resource | None:
    return None if entry is None else Resource(entry.url, entry.scope, entry.write_scope)


def _admin(entry: _Admin | None) -> Commands | None:
    if entry is None:
        return None
    return Commands(tuple(entry.disable), tuple(entry.enable), tuple(entry.withdraw))


def _client(entry: _Client, role: str, folder: Path, warnings: list[str]) -> Client:
    key = f"clients.{role}"
    secret = _secret(entry.client_secret, f"{key}.client_secret", folder, warnings)
    private_key = _secret(entry.private_key, f"{key}.private_key", folder, warnings)
    certificate = _certificate(entry.certificate, f"{key}.certificate", folder)
    auth: AuthMethod = entry.auth or ("client_secret_basic" if secret else "none")
    if role in _BY_ROLE:
        auth = entry.auth or _BY_ROLE[role]
        if auth != role:
            raise TargetError(f"{key}: auth is {auth}, which that section is not for")
    needed = {"none": "client_id", "private_key_jwt": "private_key"}
    needed["tls_client_auth"] = "certificate"
    given: dict[str, object] = {"client_id": entry.client_id, "client_secret": secret}
    given |= {"private_key": private_key, "certificate": certificate}
    if not given[what := needed.get(auth, "client_secret")]:
        raise TargetError(f"{key}: auth is {auth}, so {what} must be given")
    if role == "certificate_bound" and certificate is None:
        raise TargetError(f"{key}: certificate must be given")
    if private_key is not None:
        try:
            key_in(private_key)
        except ValueError as problem:
            raise TargetError(f"{key}.private_key: {problem}") from None
    return Client(entry.client_id, secret, auth, private_key, certificate)


_BY_ROLE: Mapping[str, AuthMethod] = {
    "client_secret_jwt": "client_secret_jwt",
    "private_key_jwt": "private_key_jwt",
    "tls_client_auth": "tls_client_auth",
}
"""Sections whose name says how the client authenticates."""


def _certificate(name: str | None, key: str, folder: Path) -> Certificate | None:
    if name is None:
        return None
    file = folder / name
    try:
        return certificate_in(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        raise TargetError(f"{key}: cannot use {name}: {problem}") from None


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
        except (OSError, ValueError) as problem:
            raise TargetError(f"{key}: cannot read {value.file}: {problem}") from None
    raise TargetError(f"{key}: give exactly one of env and file")


def _check_url(url: str | None, key: str, path: Path) -> None:
    if url is None:
        return
    if not is_web_url(url):
        raise TargetError(f"{path}: {key} must be an absolute http or https URL, it is {url!r}")


def _beside(name: str | None, path: Path) -> str | None:
    return None if name is None else str(path.parent / name)
