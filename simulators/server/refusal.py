"""A request that is refused, and the names of the endpoints that refuse."""

from __future__ import annotations

from typing import Literal, TypeAlias

from harness.wire import Header

Endpoint: TypeAlias = Literal[
    "device_authorization", "token", "introspection", "revocation", "registration"
]


class Refused(Exception):
    """The request gets an OAuth error (RFC 6749 section 5.2).

    `status` is given only where HTTP has a better word than the error's own status; `headers` are
    those that belong to this error alone.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int | None = None,
        allow: str | None = None,
        headers: tuple[Header, ...] = (),
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
        self.allow = allow
        self.headers = headers
