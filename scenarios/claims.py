"""Whose token a device holds, as far as the target tells."""

from __future__ import annotations

import base64
import json
from typing import Any

from harness.wire import Answer
from simulators.device import Device


def subject(device: Device) -> str | None:
    """The `sub` of the ID token, else of userinfo, else None."""
    if device.polls and device.polls[-1].answer is Answer.TOKEN:
        claims = payload(str(device.token_response.get("id_token", "")))
        if isinstance(claims.get("sub"), str):
            return str(claims["sub"])
    endpoint = device.world.target.userinfo_endpoint
    if endpoint is None:
        return None
    profile = device.reads(endpoint, device.access_token)
    body = (profile.response.json() if profile.response else None) or {}
    return str(body["sub"]) if isinstance(body.get("sub"), str) else None


def payload(jwt: str) -> dict[str, Any]:
    """The claims of a JWT without checking its signature; empty if it is none."""
    parts = jwt.split(".")
    if len(parts) != 3:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
