"""Choices about a device authorization request: scope, codes, lifetime, what is announced."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from simulators.server import codes
from simulators.server.config import SCOPES, Client
from simulators.server.grant import Grant
from simulators.server.refusal import Refused
from simulators.server.rules.settled import Settled


class RequestRules(Settled):
    """What a device gets for its request (RFC 8628 sections 3.1, 3.2, 5.1, 5.2 and 6.1)."""

    def scope_before_client(self) -> bool:
        """Whether the scope is looked at before anybody knows who asks."""
        return False

    def scope_when_absent(self, client: Client) -> tuple[str, ...]:
        """The scope of a request that names none (RFC 6749 section 3.3); may raise `Refused`."""
        scope = tuple(name for name in self.config.default_scope if name in client.scopes)
        if not scope:
            raise Refused("invalid_scope", "this client must name a scope")
        return scope

    def knows_scope(self, name: str) -> bool:
        """Whether the server has such a scope."""
        return name in SCOPES

    def permits_scope(self, client: Client, name: str) -> bool:
        """Whether the client may ask for it."""
        return name in client.scopes

    def admissible_scope(self, client: Client, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """The part of a named scope that is put to the person; raises `Refused`."""
        kept = []
        for name in wanted:
            if self.knows_scope(name) and self.permits_scope(client, name):
                kept.append(name)
            elif not self.freedom.drops_unknown_scope:
                raise Refused("invalid_scope", "the scope is unknown, or not for this client")
        if not kept:
            raise Refused("invalid_scope", "nothing is left of the scope")
        return wanted if len(kept) == len(wanted) else tuple(kept)

    def lifetime(self, client: Client) -> float:  # noqa: ARG002
        """For how many seconds both codes live (RFC 8628 section 3.2)."""
        return self.config.lifetime

    def interval(self, client: Client) -> float:  # noqa: ARG002
        """The least number of seconds between two polls (RFC 8628 section 3.2)."""
        return self.config.interval

    def device_code(self, rand: random.Random) -> str:
        """A new device code (RFC 8628 section 5.2)."""
        return codes.device_code(rand, self.freedom.device_code_format)

    def user_code(self, rand: random.Random) -> str:
        """A new user code as shown to people (RFC 8628 sections 5.1 and 6.1)."""
        _, groups, separator = self.freedom.code_shape
        return codes.user_code(rand, (self.alphabet(), groups, separator))

    def alphabet(self) -> str:
        """The characters of user codes (RFC 8628 section 6.1)."""
        return self.freedom.code_shape[0]

    def verification_uri(self, address: str, grant: Grant) -> object:  # noqa: ARG002
        """Where the person is sent; `address` is the page's (RFC 8628 section 3.2)."""
        return address

    def verification_uri_complete(self, address: str, grant: Grant) -> object:
        """The address that spares typing (RFC 8628 section 3.3.1)."""
        query = {"link": grant.handle} if grant.handle else {"user_code": grant.shown_code}
        return f"{address}?{urlencode(query)}"

    def device_response(
        self,
        members: dict[str, object],
        grant: Grant,  # noqa: ARG002
    ) -> dict[str, object]:
        """The last word on the members of the device authorization response."""
        return members
