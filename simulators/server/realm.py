"""Everything that the endpoints of one server share."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.clock import Clock
from simulators.server.answers import Answers
from simulators.server.clients import Clients
from simulators.server.config import Config, Seed
from simulators.server.freedom import Freedom
from simulators.server.keys import Keys
from simulators.server.limiter import Limiter
from simulators.server.replays import Replays
from simulators.server.sessions import Sessions
from simulators.server.shelf import Shelf, Shelves
from simulators.server.store import Store
from simulators.server.tokens import Tokens

if TYPE_CHECKING:
    from simulators.server.rules import Rules

SWEEP_EVERY = 10.0
"""Seconds between two looks for what can be forgotten."""

AT_A_TIME = 20
"""Things of one kind that a sweep looks at: it delays the request before which it is done."""


class Realm:
    """One server's settings, rules, clock, stores and source of randomness."""

    def __init__(
        self, config: Config, clock: Clock, rules: Rules, seed: Seed | None, shelves: Shelves
    ) -> None:
        rules.settle(config, Freedom.drawn(seed))
        self.config = config
        self.clock = clock
        self.rules = rules
        self.freedom = rules.freedom
        # Servers that share their shelves have the same keys, and never draw the same code.
        common, own = seed, seed
        if shelves.secret is not None:
            common, own = shelves.secret, None
        self.rand = _source(own, "codes")
        self.keys = Keys(_source(common, "keys"), common)
        self.clients = Clients(shelves, config.clients)
        self.accounts = {account.username: account for account in config.accounts}
        self.disabled: Shelf[bool] = shelves.shelf("disabled")
        """Accounts that were closed, or opened, while the server ran."""
        self.withdrawn: Shelf[float] = shelves.shelf("withdrawn")
        """When somebody took back all that they had approved, in seconds on the server's clock."""
        self.answers = Answers(rules)
        self.store = Store(shelves)
        self.tokens = Tokens(shelves, rules, self.keys, _source(own, "tokens"))
        key = _source(common, "forms").randbytes(32)
        self.sessions = Sessions(shelves, _source(own, "sessions"), key)
        self.guesses = Limiter(shelves, "guesses")
        self.passwords = Limiter(shelves, "passwords")
        self.secrets = Limiter(shelves, "secrets")
        self.replays = Replays(shelves)
        self.nonce_secret = _source(common, "nonces").randbytes(16)
        self.base_path = urlsplit(config.issuer).path

    def address(self, path: str) -> str:
        """The absolute URL of a path below the issuer."""
        return self.config.issuer + path

    def is_disabled(self, username: str | None) -> bool:
        """Whether the account is closed; a client acting for itself has none."""
        if username is None:
            return False
        said = self.disabled.get(username)
        account = self.accounts.get(username)
        return (account is not None and account.disabled) if said is None else said

    def sweep(self, now: float) -> float:
        """Forget some of what is of no use to anybody any more; when to come again."""
        unix = self.clock.unix()
        more = [
            place.sweep(now, AT_A_TIME)
            for place in (self.store, self.sessions, self.guesses, self.passwords, self.secrets)
        ]
        more += [place.sweep(unix, AT_A_TIME) for place in (self.tokens, self.replays)]
        return now if any(more) else now + SWEEP_EVERY


def _source(seed: Seed | None, purpose: str) -> random.Random:
    # One stream for each purpose: what one of them draws does not shift the others.
    return secrets.SystemRandom() if seed is None else random.Random(f"{seed}/{purpose}")
