"""Where grants are kept: found by either code, forgotten when nobody can ask for them any more.

Every operation takes the same time with ten grants and with a million.
"""

from __future__ import annotations

from simulators.server.grant import Grant
from simulators.server.shelf import Shelf, Shelves


class Store:
    """Grants by device code, user code and handle.

    An expired grant is kept for twice its lifetime, so that a late poll still hears expired_token
    (RFC 8628 section 3.5), and then swept.
    """

    def __init__(self, shelves: Shelves) -> None:
        self._grants: Shelf[Grant] = shelves.shelf("grants", _forgotten_at)
        self._typed: Shelf[str] = shelves.shelf("user codes")
        self._linked: Shelf[str] = shelves.shelf("links")
        self.find = self._grants.get
        """The grant of a device code, or None: the look-up of every poll."""

    def __len__(self) -> int:
        return len(self._grants)

    def find_typed(self, user_code: str) -> Grant | None:
        """The grant of a bare user code, or None."""
        device_code = self._typed.get(user_code)
        return None if device_code is None else self.find(device_code)

    def find_handle(self, handle: str) -> Grant | None:
        """The grant of a link without code, or None."""
        device_code = self._linked.get(handle)
        return None if device_code is None else self.find(device_code)

    def add(self, grant: Grant) -> None:
        """Keep a grant until it is of no use to anybody."""
        self._grants.keep(grant.device_code, grant)
        self._typed.keep(grant.user_code, grant.device_code)
        if grant.handle:
            self._linked.keep(grant.handle, grant.device_code)

    def sweep(self, now: float, at_most: int) -> bool:
        """Forget some of the grants whose time has come; whether there are more."""
        for grant in self._grants.expired(now, at_most):
            if self._typed.get(grant.user_code) == grant.device_code:
                self._typed.drop(grant.user_code)
            if grant.handle:
                self._linked.drop(grant.handle)
        return self._grants.is_due(now)


def _forgotten_at(grant: Grant) -> float:
    return grant.expires_at + 2 * (grant.expires_at - grant.issued_at)
