"""Browser sessions: who is signed in, and which code was entered here.

A cookie holds nothing but a random name for the session.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import OrderedDict
from dataclasses import dataclass

from simulators.server.grant import Grant

LIFETIME = 3600.0
"""Seconds without a request after which a session is forgotten."""

AT_MOST = 100_000
"""Sessions kept; beyond it the one used longest ago goes."""


@dataclass(slots=True, eq=False)
class Session:
    """One browser; `seen_at` in seconds on the server's clock."""

    sid: str
    seen_at: float
    username: str | None = None
    auth_time: int | None = None
    """When the person signed in, in seconds since 1970."""
    grant: Grant | None = None
    """The grant whose code was entered here last."""
    waiting: tuple[str, str] | None = None
    """How a code came before sign-in, typed or linked, and its text."""
    outcome: str | None = None
    """What the last page has to tell."""


class Sessions:
    """Every live session by its name."""

    def __init__(self, rand: random.Random) -> None:
        self._rand = rand
        self._key = rand.randbytes(32)
        self._known: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, sid: str, now: float) -> Session | None:
        """The session of that name, if it is alive."""
        session = self._known.get(sid)
        if session is None or now - session.seen_at > LIFETIME:
            return None
        session.seen_at = now
        self._known.move_to_end(sid)
        return session

    def begin(self, now: float) -> Session:
        """A new session; those forgotten by time or by number make room for it."""
        session = Session(self._rand.randbytes(24).hex(), now)
        self._known[session.sid] = session
        while self._known:
            oldest = next(iter(self._known.values()))
            if len(self._known) <= AT_MOST and now - oldest.seen_at <= LIFETIME:
                break
            del self._known[oldest.sid]
        return session

    def rename(self, session: Session) -> None:
        """Give a session a new name when its person signs in, so that no planted one serves."""
        del self._known[session.sid]
        session.sid = self._rand.randbytes(24).hex()
        self._known[session.sid] = session

    def proof(self, session: Session, purpose: str) -> str:
        """What a form of this session carries to show that it is ours (RFC 6749 section 10.12)."""
        message = f"{session.sid}|{purpose}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
