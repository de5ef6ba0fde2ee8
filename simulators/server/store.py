"""Where grants are kept: found by either code, forgotten in the order they came.

Every operation takes the same time with ten grants and with a million.
"""

from __future__ import annotations

from collections import deque

from simulators.server.grant import Grant


class Store:
    """Grants by device code, user code and handle.

    An expired grant is kept for twice its lifetime, so that a late poll still hears expired_token
    (RFC 8628 section 3.5), and then swept.
    """

    def __init__(self) -> None:
        self._by_device_code: dict[str, Grant] = {}
        self._by_user_code: dict[str, Grant] = {}
        self._by_handle: dict[str, Grant] = {}
        self._queue: deque[tuple[float, Grant]] = deque()
        self.find = self._by_device_code.get
        """The grant of a device code, or None: the look-up of every poll."""
        self.find_typed = self._by_user_code.get
        """The grant of a bare user code, or None."""
        self.find_handle = self._by_handle.get
        """The grant of a link without code, or None."""

    def __len__(self) -> int:
        return len(self._by_device_code)

    def add(self, grant: Grant) -> None:
        """Keep a grant until it is of no use to anybody."""
        self._by_device_code[grant.device_code] = grant
        self._by_user_code[grant.user_code] = grant
        if grant.handle:
            self._by_handle[grant.handle] = grant
        lifetime = grant.expires_at - grant.issued_at
        self._queue.append((grant.expires_at + 2 * lifetime, grant))

    @property
    def next_sweep(self) -> float:
        """When there is something to forget, in seconds on the server's clock."""
        return self._queue[0][0] if self._queue else float("inf")

    def sweep(self, now: float, at_most: int = 1000) -> None:
        """Forget grants whose time has come; a few at a time, so that nobody waits for it."""
        while self._queue and self._queue[0][0] <= now and at_most:
            _, grant = self._queue.popleft()
            at_most -= 1
            self._by_device_code.pop(grant.device_code, None)
            self._by_handle.pop(grant.handle, None)
            if self._by_user_code.get(grant.user_code) is grant:
                del self._by_user_code[grant.user_code]
