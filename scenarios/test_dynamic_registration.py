"""RFC 7591: a device that registers itself before it asks for codes."""

from __future__ import annotations

import json
from typing import Any

from harness.requirements import verifies
from harness.target import Client
from harness.transcript import Exchange, Manner
from harness.verdict import Judge, NotApplicable, describe, given, heard, unanswered
from harness.wire import DEVICE_CODE_GRANT, Answer, Request
from harness.world import World
from scenarios.token_fate import body_of
from simulators.device import Device

CALLBACK = "https://device.example/callback"
FOR_DEVICES: dict[str, Any] = {
    "client_name": "devicegrant check",
    "grant_types": [DEVICE_CODE_GRANT],
    # The default is `code`, which belongs to another grant (RFC 7591 section 2.1).
    "response_types": [],
    "token_endpoint_auth_method": "none",
}
"""What a device without a secret registers."""


@verifies("RFC7591-2-grant", "RFC7591-2-redirect", "RFC7591-3.2.1-echo", alone=True)
def test_a_device_registers_itself(world: World, judge: Judge) -> None:
    """A device registers for the device grant alone, and is told what it has got."""
    registered = _registers(world, FOR_DEVICES)
    error = registered.response.error if registered.response is not None else None

    judge.holds(
        "RFC7591-2-redirect",
        error != "invalid_redirect_uri",
        expected="no demand for redirect_uris from a client without redirects",
        received=describe(registered),
        evidence=(registered,),
    )
    if error == "invalid_redirect_uri":
        registered = _registers(world, {**FOR_DEVICES, "redirect_uris": [CALLBACK]})
        error = registered.response.error if registered.response is not None else None
    if error == "invalid_client_metadata" and registered.status == 400:
        judge.note("RFC7591-2-grant", "the grant cannot be registered", (registered,))
    members = _registration(registered)
    grants = members.get("grant_types")
    if isinstance(grants, list):
        judge.holds(
            "RFC7591-2-grant",
            DEVICE_CODE_GRANT in grants,
            expected=f"grant_types with {DEVICE_CODE_GRANT}",
            received=f"{json.dumps(grants):.200}",
            evidence=(registered,),
        )
    missing = {"grant_types", "token_endpoint_auth_method"} - set(members)
    judge.holds(
        "RFC7591-3.2.1-echo",
        not missing,
        expected="all metadata of the client in the response",
        received=f"no {', '.join(sorted(missing))}",
        evidence=(registered,),
    )
    _forgets(world, members)


@verifies("RFC7591-2-none", alone=True)
def test_a_registered_device_needs_no_secret(device: Device, judge: Judge) -> None:
    """A device that registers as public gets no secret, and its name is all it needs."""
    world = device.world
    registered = _registers(world, FOR_DEVICES)
    members = _registration(registered)
    given(DEVICE_CODE_GRANT in _grants(members), "the client may not use the device grant")

    asked = device.ask(
        device.device_authorization_request(client=Client(str(members["client_id"])))
    )

    served = asked.issued or heard(asked) is Answer.INVALID_SCOPE
    given(asked.status < 500, f"a new client hears {describe(asked)}")
    judge.holds(
        "RFC7591-2-none",
        served and not members.get("client_secret"),
        expected="codes for client_id alone, and no client_secret",
        received=f"{describe(asked)}, {'a' if members.get('client_secret') else 'no'} secret",
        evidence=(registered, asked),
    )
    _forgets(world, members)


@verifies("RFC7591-2-default", alone=True)
def test_who_names_no_grant_gets_no_device_grant(device: Device, judge: Judge) -> None:
    """A client that registers without grant_types is one for authorization codes only."""
    world = device.world
    wanted = {"client_name": "devicegrant check", "redirect_uris": [CALLBACK]}
    registered = _registers(world, {**wanted, "token_endpoint_auth_method": "none"})
    members = _registration(registered)
    given(not members.get("client_secret"), "the client has a secret that nobody asked for")

    asked = device.ask(
        device.device_authorization_request(client=Client(str(members["client_id"]))),
        manner="malformed",
    )

    refusals = {Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_CLIENT, Answer.INVALID_REQUEST}
    given(asked.issued or asked.answer in refusals, f"a new client hears {describe(asked)}")
    judge.holds(
        "RFC7591-2-default",
        asked.answer is Answer.UNAUTHORIZED_CLIENT,
        expected="unauthorized_client for a client without this grant",
        received=f"{describe(asked)}; registered for {', '.join(_grants(members)) or 'nothing'}",
        evidence=(registered, asked),
    )
    _forgets(world, members)


def _registers(world: World, metadata: dict[str, Any], manner: Manner = "lawful") -> Exchange:
    """Send a registration; raises `NotApplicable` if the target does not let strangers register."""
    url = world.target.metadata.get("registration_endpoint")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise NotApplicable("the target advertises no registration_endpoint")
    headers = (("content-type", "application/json"), ("accept", "application/json"))
    request = Request("POST", url, headers, json.dumps(metadata).encode())
    sent = world.send(request, who="a new device", door="registration", manner=manner)
    if sent.failure is not None:
        raise unanswered(sent.failure)
    if sent.status in {401, 403, 404, 405}:
        raise NotApplicable(f"strangers cannot register: {describe(sent)}")
    return sent


def _registration(registered: Exchange) -> dict[str, Any]:
    """What the response says of the new client; raises `Inconclusive` if there is none."""
    members = body_of(registered)
    fine = registered.status // 100 == 2 and isinstance(members.get("client_id"), str)
    given(fine, f"the registration was refused: {describe(registered)}")
    return members


def _grants(members: dict[str, Any]) -> list[str]:
    grants = members.get("grant_types")
    return [str(one) for one in grants] if isinstance(grants, list) else []


def _forgets(world: World, members: dict[str, Any]) -> None:
    """Leave no client behind, if the target lets it be removed (RFC 7592 section 2.3)."""
    url, token = members.get("registration_client_uri"), members.get("registration_access_token")
    own = world.target.metadata.get("registration_endpoint")
    if isinstance(url, str) and isinstance(token, str) and _same_origin(url, str(own)):
        request = Request("DELETE", url, (("authorization", f"Bearer {token}"),))
        world.send(request, who="a new device", door="registration", manner="hostile")


def _same_origin(url: str, other: str) -> bool:
    return url.split("/")[:3] == other.split("/")[:3]
