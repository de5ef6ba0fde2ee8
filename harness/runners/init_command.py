"""`devicegrant init`: writes a target file with comments, as far as the server tells what it is."""

from __future__ import annotations

import json
from pathlib import Path

from harness.discovery import discover
from harness.runners import outputs
from harness.target import Client, Target, TargetError

_TEMPLATE = """\
# Who is judged.  Check these settings with: devicegrant doctor {file}

name = {name}
issuer = {issuer}
# Endpoints come from the issuer's metadata; one that is named here is taken instead.
{endpoints}
scope = {scope}        # what a normal request asks for
# slack = 0.5               # seconds by which two clocks may disagree
# ca_file = "ca.pem"        # tls_client_cert and proxy likewise

[clients.public]            # the client under test, the only one that must be there
client_id = {client_id}

# [clients.second]          # another client that may use the grant: decides client binding
# client_id = "radio"

# [clients.confidential]    # a client with a secret
# client_id = "kiosk"
# client_secret = {{ env = "KIOSK_SECRET" }}
# auth = "client_secret_basic"

# [clients.unauthorized]    # registered, but not allowed this grant
# client_id = "web-only"

# [users.alice]             # who approves
# username = "alice"
# password = {{ env = "ALICE_PASSWORD" }}

# [users.bob]               # a second person: decides whose decision counts
# username = "bob"
# password = {{ env = "BOB_PASSWORD" }}

[consent]
kind = "none"               # forms | browser | command | hand | none
# command = ["python", "approve.py"]

# [resource]                # a protected resource
# url = "https://idp.example/api/dashboard"
# scope = "dashboard:read"
# write_scope = "dashboard:write"   # if a POST may be tried with a token that lacks it

# [known]                   # failures that are admitted, each with its reason
# "RFC8628-3.5-single-use" = "issue 123"
"""
_ENDPOINTS = ("device_authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def write_target(
    *,
    issuer: str | None = None,
    client_id: str | None = None,
    scope: str | None = None,
    out: Path = Path("target.toml"),
    force: bool = False,
) -> int:
    """Write the file and say what comes next; returns the exit code.

    Raises `TargetError` if the server cannot be reached or the file must not be written.
    """
    if out.exists() and not force:
        raise TargetError(f"{out} is there already; --force overwrites it, --out names another")
    outputs.writable("--out", out)
    target = _found(issuer, client_id or "tv")
    text = _TEMPLATE.format(
        file=out,
        name=json.dumps(target.name),
        issuer=json.dumps(issuer or "https://idp.example"),
        endpoints="\n".join(_endpoint(target, name) for name in _ENDPOINTS),
        scope=json.dumps(scope or ""),
        client_id=json.dumps(client_id or "tv"),
    )
    outputs.write(out, [text])
    print(f"written: {out}")
    if issuer is None or client_id is None:
        missing = [w for w, v in (("issuer", issuer), ("client_id", client_id)) if v is None]
        print(f"fill in {' and '.join(missing)}, then: devicegrant doctor {out}")
    else:
        print(f"next: devicegrant doctor {out}")
    return 0


def _found(issuer: str | None, client_id: str) -> Target:
    target = Target(
        name="example",
        issuer=issuer,
        device_authorization_endpoint="",
        token_endpoint="",
        clients={"public": Client(client_id)},
    )
    if issuer is None:
        return target
    from urllib.parse import urlsplit

    from harness.transports import Socket

    if urlsplit(issuer).scheme not in {"http", "https"} or not urlsplit(issuer).hostname:
        raise TargetError(f"--issuer {issuer}: an absolute http or https URL is needed")
    socket = Socket(target)
    try:
        found = discover(target, socket)
    finally:
        socket.close()
    return _named(found, urlsplit(issuer).netloc)


def _named(target: Target, name: str) -> Target:
    from dataclasses import replace

    return replace(target, name=name)


def _endpoint(target: Target, name: str) -> str:
    value = getattr(target, name) or "…"
    return f"# {name} = {json.dumps(value)}"
