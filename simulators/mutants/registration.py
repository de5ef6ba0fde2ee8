"""Servers at which a device can hardly register (RFC 7591)."""

from __future__ import annotations

from harness.wire import DEVICE_CODE_GRANT
from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.config import Auth


@mutant("", "RFC7591-2-grant", bug="no report known")
class DeviceGrantDropped(Rules):
    """A device that registers gets every grant it asks for but the device grant."""

    def registered_grants(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Without it."""
        return tuple(one for one in wanted if one != DEVICE_CODE_GRANT)


@mutant("", "RFC7591-2-default", bug="no report known")
class DeviceGrantByDefault(Rules):
    """A client that names no grant_types gets all there are."""

    def grants_when_absent(self) -> tuple[str, ...]:
        """All."""
        return tuple(sorted(self.registrable_grants()))


@mutant("", "RFC7591-2-redirect", bug="no report known")
class RedirectUriDemanded(Rules):
    """A device cannot register without a redirect_uri that it will never use."""

    def needs_redirect_uris(self, grants: tuple[str, ...]) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant("", "RFC7591-3.2.1-echo", bug="no report known")
class RegistrationNotEchoed(Rules):
    """A registration is answered with a client_id and nothing else."""

    def registered(self, members: dict[str, object]) -> dict[str, object]:
        """The name alone, and the secret if there is one."""
        return {name: one for name, one in members.items() if name.startswith("client_")}


@mutant("", "RFC7591-2-none", bug="no report known")
class SecretForEverybody(Rules):
    """A device that registers as public is given a secret, and must show it."""

    def registered_method(self, method: Auth) -> Auth:
        """Some secret, in any case."""
        return "client_secret_basic" if method == "none" else method
