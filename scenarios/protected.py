"""The resources that a target protects, and what a device needs to get at them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.checks.tokens import scopes
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Inconclusive, NotApplicable, describe, unanswered
from harness.wire import Answer
from simulators.device import Device

NO_TOKEN_OF_YOURS = "devicegrant-this-is-no-token-of-yours-0123456789"
"""What the target has never issued; made of characters that any token may have."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A protected resource and the scope that opens it, "" if that is not known."""

    url: str
    scope: str
    is_userinfo: bool = False

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "UserInfo" if self.is_userinfo else urlsplit(self.url).path or self.url

    def opens_to(self, granted: set[str]) -> bool:
        """Whether a token with this scope should be let in."""
        return scopes(self.scope) <= granted


def protected_by(target: Target) -> list[Protected]:
    """The resource of the settings and UserInfo; raises `NotApplicable` if there is neither."""
    found = []
    if target.resource is not None:
        found.append(Protected(target.resource.url, target.resource.scope))
    if target.userinfo_endpoint is not None:
        found.append(Protected(target.userinfo_endpoint, "openid", is_userinfo=True))
    if not found:
        raise NotApplicable("needs [resource] or a userinfo_endpoint")
    return found


def granted_to(device: Device) -> set[str]:
    """The scope that a token has: what the response says, else what was asked for."""
    told = device.token_response.get("scope")
    return scopes(told if told is not None else device.scope)


def bearer_token(device: Device) -> str:
    """The access token; raises `NotApplicable` if it is bound to a key, and so no bearer token."""
    kind = str(device.token_response.get("token_type", "bearer")).lower()
    if kind != "bearer":
        raise NotApplicable("needs bearer tokens, and the target's are bound to a key")
    return device.access_token


def reached(exchange: Exchange, resource: Protected) -> Exchange:
    """Take for granted that a protected resource is there; raises `Inconclusive` otherwise."""
    if exchange.response is None:
        raise unanswered(exchange.failure)
    if exchange.status in {404, 405, 410} or exchange.status >= 500:
        told = f"{resource.name} answers {describe(exchange)}"
        raise Inconclusive(told, "settings" if exchange.status < 500 else "target")
    if exchange.answer is Answer.BUSY:
        raise Inconclusive(f"the target was busy: {describe(exchange)}")
    return exchange
