"""Browser sessions: who is signed in, and which code was entered here.

A cookie holds nothing but a random name for the session.
"""

from __future__ import annotations

import hashlib
import hmac
import random

from msgspec import Struct

from simulators.server.grant import Grant
from simulators.server.shelf import Shelf, Shelves

LIFETIME = 3600.0
"""Seconds without a request after which a session is forgotten."""

AT_MOST = 100_000
"""Sessions kept; beyond it the one used longest ago goes."""


class Session(Struct, eq=False, gc=False):
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
    browser: str = ""
    """The name that it began with, and keeps when `sid` changes."""


class Sessions:
    """Every live session by its name."""

    def __init__(self, shelves: Shelves, rand: random.Random, key: bytes) -> None:
        self._rand = rand
        self._key = key
        self._known: Shelf[Session] = shelves.shelf("sessions", _forgotten_at, AT_MOST)

    def __len__(self) -> int:
        return len(self._known)

    def find(self, sid: str, now: float) -> Session | None:
        """The session of that name, if it is alive."""
        session = self._known.get(sid)
        if session is None or now - session.seen_at > LIFETIME:
            return None
        session.seen_at = now
        return session

    def begin(self, now: float) -> Session:
        """A new session."""
        sid = self._rand.randbytes(24).hex()
        session = Session(sid, now, browser=sid)
        self._known.keep(session.sid, session)
        return session

    def rename(self, session: Session) -> None:
        """Give a session a new name when its person signs in, so that no planted one serves."""
        self._known.drop(session.sid)
        session.sid = self._rand.randbytes(24).hex()
        self._known.keep(session.sid, session)

    def sweep(self, now: float, at_most: int) -> bool:
        """Forget some of the sessions that nobody uses; whether there are more."""
        self._known.expired(now, at_most)
        return self._known.is_due(now)

    def proof(self, session: Session, purpose: str) -> str:
        """What a form of this session carries to show that it is ours (RFC 6749 section 10.12)."""
        message = f"{session.sid}|{purpose}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def _forgotten_at(session: Session) -> float:
    return session.seen_at + LIFETIME
