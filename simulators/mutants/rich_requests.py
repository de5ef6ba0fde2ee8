"""Servers that misunderstand whatever is finer than a scope (RFC 9396, RFC 9126, RFC 8707)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.grant import Grant
from simulators.server.refusal import Refused
from simulators.server.rules.extensions import Details


@mutant("", "RFC9396-3-accepted", bug="no report known")
class DetailsNotForDevices(Rules):
    """authorization_details are advertised, and an invalid_request in this grant."""

    def authorization_details(self, details: Details) -> Details:
        """Not here."""
        if details:
            raise Refused("invalid_request", "authorization_details is not supported here")
        return details


@mutant("", "RFC9396-5-invalid", bug="no report known")
class UnknownDetailsAccepted(Rules):
    """Details of any type are accepted, put to the person and granted."""

    def knows_details(self, one: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """All of them."""
        return True


@mutant("", "RFC9396-5-invalid", bug="no report known")
class DetailsErrorMisnamed(Rules):
    """Details that cannot be granted are an invalid_scope."""

    def details_error(self) -> str:
        """The older name."""
        return "invalid_scope"


@mutant("", "RFC9396-7-response", bug="no report known")
class GrantedDetailsUntold(Rules):
    """The device is not told which details it was granted."""

    def granted_details(self, grant: Grant) -> list[Mapping[str, Any]]:  # noqa: ARG002
        """Nothing is said."""
        return []


@mutant("", "RFC9396-7-response", bug="no report known")
class DetailsWidened(Rules):
    """The token is good for more than the person was asked for."""

    def granted_details(self, grant: Grant) -> list[Mapping[str, Any]]:
        """And something else beside."""
        return [*super().granted_details(grant), {"type": "account_transfer"}]


@mutant("", "RFC9126-scope", bug="no report known")
class RequestUriLookedUp(Rules):
    """A request_uri is looked up among the pushed requests, where there are none."""

    def request_uri(self) -> None:
        """The look-up fails, and nobody has thought of that."""
        raise LookupError("no request was pushed")


@mutant("", "RFC8707-2-resource", bug="no report known")
class ResourceRefused(Rules):
    """A device that names a resource is turned away."""

    def audience(self, resource: str | None) -> str:
        """None can be named."""
        if resource is not None:
            raise Refused("invalid_request", "resource is not supported")
        return ""


@mutant("", "RFC8707-2-resource", bug="no report known")
class OneResourceOnly(Rules):
    """Two resources are a parameter that is repeated."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"honours_resource": True})

    def may_repeat(self, name: str) -> bool:  # noqa: ARG002
        """Nothing may."""
        return False
