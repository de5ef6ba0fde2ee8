"""Everything that the endpoints of one server share."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.clock import Clock
from simulators.server.answers import Answers
from simulators.server.config import Config, Seed
from simulators.server.freedom import Freedom
from simulators.server.keys import Keys
from simulators.server.limiter import Limiter
from simulators.server.replays import Replays
from simulators.server.sessions import Sessions
from simulators.server.store import Store
from simulators.server.tokens import Tokens

if TYPE_CHECKING:
    from simulators.server.rules import Rules


class Realm:
    """One server's settings, rules, clock, stores and source of randomness."""

    def __init__(self, config: Config, clock: Clock, rules: Rules, seed: Seed | None) -> None:
        rules.settle(config, Freedom.drawn(seed))
        self.config = config
        self.clock = clock
        self.rules = rules
        self.freedom = rules.freedom
        self.rand = _source(seed, "codes")
        self.keys = Keys(_source(seed, "keys"), seed)
        self.clients = {client.client_id: client for client in config.clients}
        self.accounts = {account.username: account for account in config.accounts}
        self.disabled = {account.username for account in config.accounts if account.disabled}
        self.withdrawn: dict[str, float] = {}
        """When somebody took back all that they had approved, in seconds on the server's clock."""
        self.answers = Answers(rules)
        self.store = Store()
        self.tokens = Tokens(rules, self.keys, _source(seed, "tokens"))
        self.sessions = Sessions(_source(seed, "sessions"))
        self.guesses = Limiter()
        self.passwords = Limiter()
        self.secrets = Limiter()
        self.replays = Replays()
        self.nonce_secret = _source(seed, "nonces").randbytes(16)
        self.base_path = urlsplit(config.issuer).path

    def address(self, path: str) -> str:
        """The absolute URL of a path below the issuer."""
        return self.config.issuer + path

    def is_disabled(self, username: str | None) -> bool:
        """Whether the account is closed; a client acting for itself has none."""
        return username in self.disabled

    def sweep(self, now: float) -> None:
        """Forget what is of no use to anybody any more."""
        self.store.sweep(now)
        self.tokens.sweep(self.clock.unix())


def _source(seed: Seed | None, purpose: str) -> random.Random:
    # One stream for each purpose: what one of them draws does not shift the others.
    return secrets.SystemRandom() if seed is None else random.Random(f"{seed}/{purpose}")
