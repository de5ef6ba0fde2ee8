"""How a device's flow ended, and what its token opens: sentences without codes or tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.runners.device_screen import printable
from harness.transcript import Exchange
from harness.verdict import describe
from harness.wire import Answer
from simulators.device import Device

_SHOWN_CLAIMS = ("name", "preferred_username", "email", "sub")
_ERROR = re.compile(r'error="([a-z_]{1,40})"')


def outcome(answer: Answer | None) -> str:
    """The last answer in one sentence for people."""
    if answer is Answer.TOKEN:
        return "Signed in: the device has its token."
    if answer is Answer.DENIED:
        return "Refused: the person said no (access_denied)."
    if answer is Answer.EXPIRED:
        return "Expired: nobody approved in time (expired_token)."
    if answer is None:
        return "The device was never answered."
    return f"No token: the last answer was {answer.value}."


def opened(device: Device) -> Iterator[str]:
    """What the token is, what it opens, and what it must not open."""
    token = device.token_response
    kept = [name for name in ("refresh_token", "id_token") if token.get(name)]
    granted = printable(token.get("scope") or device.scope)
    kind, life = (printable(token.get(name, "?"), 20) for name in ("token_type", "expires_in"))
    yield f"token      {kind}, {life} s, {granted}"
    if kept:
        yield f"           with {' and '.join(kept)} (not shown)"
    target = device.world.target
    if target.userinfo_endpoint and "openid" in granted.split():
        read = device.reads(target.userinfo_endpoint, device.access_token)
        yield f"profile    {_claims(read)}"
    if target.resource is not None:
        read = device.reads(target.resource.url, device.access_token)
        yield f"resource   read: {_verdict(read, refused=False)}"
        written = device.reads(target.resource.url, device.access_token, "POST")
        yield f"           write: {_verdict(written, refused=True)}"
        without = device.reads(target.resource.url, None)
        yield f"           without a token: {_verdict(without, refused=True)}"


def _claims(read: Exchange) -> str:
    members = (read.response.json() if read.response is not None else None) or {}
    told = [printable(members[name], 60) for name in _SHOWN_CLAIMS if members.get(name)]
    return ", ".join(told) if read.status == 200 and told else f"not readable: {describe(read)}"


def _verdict(exchange: Exchange, *, refused: bool) -> str:
    """What a resource said, and whether that was to be expected."""
    got = str(exchange.status) if exchange.response is not None else describe(exchange)
    challenge = exchange.response.header("www-authenticate") if exchange.response else None
    named = _ERROR.search(challenge or "")
    if named:
        got += f" {named[1]}"
    right = exchange.status in {401, 403} if refused else exchange.status == 200
    if right:
        return f"{got}, {'refused as it should be' if refused else 'allowed'}"
    return f"{got}, although it should be {'refused' if refused else 'allowed'}"
