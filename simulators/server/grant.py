"""The life of one grant as a table of states and events; no clock, no sockets.

The table is the whole of it: what is not listed is not allowed and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from simulators.server.tokens import Family


class State(Enum):
    """Where a grant stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"
    EXPIRED = "expired"


class Event(Enum):
    """What can happen to a grant."""

    APPROVE = "approve"
    DENY = "deny"
    REDEEM = "redeem"
    EXPIRE = "expire"


TABLE: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.PENDING, Event.APPROVE): State.APPROVED,
        (State.PENDING, Event.DENY): State.DENIED,
        (State.PENDING, Event.EXPIRE): State.EXPIRED,
        (State.APPROVED, Event.REDEEM): State.REDEEMED,
        (State.APPROVED, Event.EXPIRE): State.EXPIRED,
        (State.DENIED, Event.EXPIRE): State.EXPIRED,
    }
)
"""Every lawful step.  A decision is final, and so is redemption."""


def after(state: State, event: Event) -> State:
    """The state that follows; the same state if the table does not know the step."""
    return TABLE.get((state, event), state)


class Grant(Struct, eq=False, gc=False):
    """One device's request and what became of it; times in seconds on the server's clock.

    `user_code` is the bare form for look-ups, `shown_code` the form with separators.  `asked` is
    the scope that the device named, `scope` the one that the person is asked for and then gave.

    The garbage collector never looks at a grant: a million of them would stop the server for more
    than a second.  So nothing that a grant holds may lead back to it.
    """

    device_code: str
    user_code: str
    shown_code: str
    client_id: str
    asked: tuple[str, ...]
    scope: tuple[str, ...]
    issued_at: float
    expires_at: float
    interval: float
    threshold: float
    """The gap between two polls below which the server says slow_down."""
    handle: str = ""
    """Stands for the user code in `verification_uri_complete`, if it does not carry the code."""
    state: State = State.PENDING
    last_poll: float | None = None
    polls: int = 0
    slow_downs: int = 0
    refusals_told: int = 0
    """How often the device has heard access_denied."""
    audience: str = ""
    """For which resource alone its tokens are made; "" for the server's own (RFC 8707)."""
    details: tuple[Mapping[str, Any], ...] = ()
    """The authorization_details that were asked for (RFC 9396)."""
    browsers: frozenset[str] = frozenset()
    """Where its user code was entered."""
    username: str | None = None
    auth_time: int | None = None
    """When the person signed in, in seconds since 1970."""
    decided_at: float | None = None
    redeemed_at: float | None = None
    family: Family | None = None
    """The tokens that this grant has bought."""

    def __repr__(self) -> str:
        # Without its codes: a printed grant is no key to it.
        return f"<Grant of {self.client_id}, {self.state.value}>"
