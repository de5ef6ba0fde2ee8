"""Choices about dynamic registration, rich authorization requests and pushed ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.wire import DEVICE_CODE_GRANT
from simulators.server.config import REFRESH_TOKEN_GRANT, Auth
from simulators.server.grant import Grant
from simulators.server.refusal import Refused
from simulators.server.rules.settled import Settled

AUTHORIZATION_CODE_GRANT = "authorization_code"
DETAIL_TYPES: Mapping[str, str] = {"dashboard_widget": "Change a widget on your dashboard"}
"""The types of authorization_details, and the words in which a person is asked for them."""

Details = tuple[Mapping[str, Any], ...]


class ExtensionRules(Settled):
    """RFC 7591, RFC 9396, and the device grant's view of RFC 9126."""

    def registrable_grants(self) -> frozenset[str]:
        """The grant_types that a client may register (RFC 7591 section 2)."""
        return frozenset({DEVICE_CODE_GRANT, REFRESH_TOKEN_GRANT, AUTHORIZATION_CODE_GRANT})

    def grants_when_absent(self) -> tuple[str, ...]:
        """The grant_types of a client that names none (RFC 7591 section 2)."""
        return (AUTHORIZATION_CODE_GRANT,)

    def registered_grants(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """The grant_types that a client gets for those it asked for (RFC 7591 section 3.2.1)."""
        return wanted

    def needs_redirect_uris(self, grants: tuple[str, ...]) -> bool:
        """Whether a client of these grants must have a redirect_uri (RFC 7591 section 2)."""
        return AUTHORIZATION_CODE_GRANT in grants

    def registered_method(self, method: Auth) -> Auth:
        """How a client may authenticate that asked for `method` (RFC 7591 section 3.2.1)."""
        return method

    def registered(self, members: dict[str, object]) -> dict[str, object]:
        """The last word on a registration response (RFC 7591 section 3.2.1)."""
        return members

    def authorization_details(self, details: Details) -> Details:
        """The details of a request that could be read; raises `Refused` (RFC 9396 section 3)."""
        return details

    def knows_details(self, one: Mapping[str, Any]) -> bool:
        """Whether the server can grant such an object (RFC 9396 section 5)."""
        kind = one.get("type")
        return isinstance(kind, str) and kind in DETAIL_TYPES

    def details_error(self) -> str:
        """The error for details that cannot be granted (RFC 9396 section 5)."""
        return "invalid_authorization_details"

    def granted_details(self, grant: Grant) -> list[Mapping[str, Any]]:
        """What the token response says of a grant with details (RFC 9396 section 7)."""
        if not self.freedom.enriches_details:
            return list(grant.details)
        picked = {"identifier": "widget-4711", "locations": [self.config.issuer]}
        return [{**picked, **one} for one in grant.details]

    def request_uri(self) -> None:
        """What becomes of a device authorization request that has one; may raise `Refused`.

        Pushed requests concern the authorization endpoint alone (RFC 9126 section 2).
        """
        if not self.freedom.ignores_request_uri:
            raise Refused("invalid_request", "request_uri has no meaning here")
