"""What becomes of tokens after they were issued: refreshing, revoking, asking whether they live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.checks.tokens import scopes
from harness.target import Client
from harness.transcript import Door, Exchange, Manner
from harness.verdict import NotApplicable, describe, given, heard
from harness.wire import Answer, Request
from scenarios.claims import payload
from scenarios.outcomes import token_collected
from simulators.device import Device
from simulators.user import User

NO_SUCH_TOKEN = "dGhpcy10b2tlbi13YXMtbmV2ZXItaXNzdWVkLWJ5LWFueWJvZHk"
"""A value that no server ever issued."""
OFFLINE = "offline_access"
_POLL = {"grant_type", "device_code"}


def offers_offline_access(device: Device) -> bool:
    """Whether the target says, or its file does, that it knows the scope offline_access."""
    known = scopes(device.world.target.metadata.get("scopes_supported"))
    return OFFLINE in known | scopes(device.scope)


def lasting(device: Device, scope: str | None = None) -> str:
    """A scope (by default the device's) that should earn a refresh token."""
    names = (device.scope if scope is None else scope).split()
    if OFFLINE not in names and offers_offline_access(device):
        names.append(OFFLINE)
    return " ".join(names)


def connected(device: Device, user: User, scope: str | None = None) -> dict[str, Any]:
    """Go through the whole flow; returns the token response.

    Raises `Inconclusive` if no token came of it.
    """
    device.begin(scope=scope)
    user.approve(device)
    token_collected(device)
    return device.token_response


def refresh_token(device: Device, user: User, scope: str | None = None) -> str:
    """Go through the whole flow, asking for what lasts; returns the refresh token.

    Raises `NotApplicable` if none was issued.
    """
    wanted = lasting(device, scope)
    body = connected(device, user, wanted)
    found = body.get("refresh_token")
    if not isinstance(found, str) or not found:
        raise NotApplicable(f"no refresh_token was issued for the scope {wanted!r}")
    return found


def refreshes(
    device: Device,
    token: str,
    *,
    scope: str | None = None,
    client: Client | None = None,
    note: str = "",
) -> Exchange:
    """Send a refresh request (RFC 6749 section 6); raises `Inconclusive` if the target broke."""
    fields = [("grant_type", "refresh_token"), ("refresh_token", token)]
    if scope is not None:
        fields.append(("scope", scope))
    request = device.token_request(device_code="", without=_POLL, plus=fields, client=client)
    return _unbroken(device.sends(request, manner="lawful", note=note))


def _unbroken(exchange: Exchange) -> Exchange:
    """The exchange; a 5xx has a requirement of its own and says nothing about any other."""
    given(exchange.answer is not Answer.BROKEN, f"the target broke: {describe(exchange)}")
    return exchange


def renewed(device: Device, token: str) -> tuple[str, str]:
    """Take for granted that a refresh works; returns the access and the refresh token then good.

    Raises `Inconclusive` otherwise.
    """
    answer = refreshes(device, token)
    given(heard(answer) is Answer.TOKEN, f"an ordinary refresh hears {describe(answer)}")
    body = body_of(answer)
    found = body.get("refresh_token")
    return str(body["access_token"]), found if isinstance(found, str) and found else token


def refreshed(device: Device, token: str) -> str:
    """Take for granted that a refresh works; returns the refresh token that is good afterwards.

    Raises `Inconclusive` otherwise.
    """
    return renewed(device, token)[1]


def revokes(
    device: Device, token: str, *, hint: str | None = None, client: Client | None = None
) -> Exchange:
    """Ask for the revocation of a token (RFC 7009 section 2.1).

    Raises `NotApplicable` if no revocation endpoint is known, `Inconclusive` if it broke.
    """
    url = device.world.target.revocation_endpoint
    if url is None:
        raise NotApplicable("needs a revocation_endpoint, in the metadata or the target file")
    return _asks(device, url, "revocation", token, hint, client or device.client)


def introspects(
    device: Device, token: str, *, client: Client | None = None, manner: Manner = "lawful"
) -> Exchange:
    """Ask what a token is worth (RFC 7662 section 2.1).

    Raises `NotApplicable` if no introspection endpoint is known, `Inconclusive` if it broke.
    """
    url = device.world.target.introspection_endpoint
    if url is None:
        raise NotApplicable("needs an introspection_endpoint, in the metadata or the target file")
    return _asks(device, url, "introspection", token, None, client or device.client, manner)


def introspects_as_nobody(device: Device, token: str) -> Exchange:
    """The same question without any sign of who asks."""
    url = device.world.target.introspection_endpoint
    if url is None:
        raise NotApplicable("needs an introspection_endpoint, in the metadata or the target file")
    request = Request.form(url, [("token", token)])
    return device.world.send(request, who="nobody", door="introspection", manner="malformed")


def _asks(
    device: Device,
    url: str,
    door: Door,
    token: str,
    hint: str | None,
    client: Client,
    manner: Manner = "lawful",
) -> Exchange:
    fields = [("token", token)]
    if hint is not None:
        fields.append(("token_type_hint", hint))
    without = {*_POLL, *device.world.target.extra_token}
    request = device.token_request(device_code="", without=without, plus=fields, client=client)
    request = replace(request, url=url).with_header("accept", "application/json")
    return _unbroken(device.world.send(request, who=device.name, door=door, manner=manner))


def turned_away(exchange: Exchange) -> bool:
    """Whether an endpoint refused whoever asks, rather than what was asked."""
    refusals = {Answer.INVALID_CLIENT, Answer.UNAUTHORIZED_CLIENT}
    return exchange.status in {401, 403} or heard(exchange) in refusals


def is_alive(device: Device, token: str) -> bool | None:
    """Whether an access token is good, by introspection, else by what it opens; None if unclear."""
    target = device.world.target
    if target.introspection_endpoint is not None and device.client.client_secret is not None:
        active = body_of(introspects(device, token)).get("active")
        if isinstance(active, bool):
            return active
    for url in (target.userinfo_endpoint, target.resource.url if target.resource else None):
        if url is not None:
            status = device.reads(url, token).status
            if status == 401 or status // 100 == 2:
                return status != 401
    return None


def body_of(exchange: Exchange) -> dict[str, Any]:
    """The JSON object that came back, empty if it is anything else."""
    return (exchange.response.json() if exchange.response else None) or {}


def scope_of(body: dict[str, Any]) -> set[str] | None:
    """The scope of a token response: as it says, else as its JWT says, else None."""
    inside = payload(str(body.get("access_token", "")))
    said = body.get("scope", inside.get("scope", inside.get("scp")))
    return None if said is None else scopes(said)


def with_wrong_secret(client: Client, secret: str) -> Client:
    """The same client with a secret that it does not have."""
    return replace(client, client_secret=secret)
