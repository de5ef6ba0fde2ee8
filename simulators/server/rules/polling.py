"""Choices about a poll: which of its many answers a device hears."""

from __future__ import annotations

from collections.abc import Callable

from harness.wire import DEVICE_CODE_GRANT
from simulators.server.config import Account, Client
from simulators.server.grant import Event, Grant, State, after
from simulators.server.rules.settled import Settled

EARLY_TOLERANCE = 0.1
"""Seconds by which a poll may come before its time: timers and networks are not exact."""

MORE_PATIENCE = 5.0
"""Seconds that each slow_down adds (RFC 8628 section 3.5)."""


class PollRules(Settled):
    """The answer to a poll (RFC 8628 section 3.5)."""

    def grant_named(self, grant_type: str) -> str:
        """The grant_type that goes by this name, too (RFC 8628 section 3.4)."""
        short = grant_type == "device_code" and self.freedom.knows_short_grant_type
        return DEVICE_CODE_GRANT if short else grant_type

    def read_device_code(self, text: str) -> str:
        """The device code as the client meant it."""
        return text

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """The error that a poll at `now` hears, or None if it gets its tokens.

        A foreign client learns and changes nothing.  Final states come before the throttle, so a
        decision is never hidden from anybody.
        """
        if grant is None or not self.is_known(grant):
            return self.unknown_code()
        if not self.is_issued_to(grant, client):
            return self.foreign_code(grant)
        if self.is_used(grant, now):
            return self.used(grant, now)
        if self.has_expired(grant, now):
            return self.expired(grant)
        early = self.is_early(grant, now)
        self.note_poll(grant, now, early=early)
        if grant.state is State.PENDING:
            return self.early(grant) if early else self.pending(grant)
        if grant.state is State.DENIED:
            return self.denied(grant)
        return None

    def transition(self, state: State, event: Event) -> State:
        """The state that follows an event."""
        return after(state, event)

    def is_known(self, grant: Grant) -> bool:  # noqa: ARG002
        """Whether the server finds a grant that it has stored."""
        return True

    def unknown_code(self) -> str:
        """The error for a device code that was never issued (RFC 6749 section 5.2)."""
        return "invalid_grant"

    def is_issued_to(self, grant: Grant, client: Client) -> bool:
        """Whether this client started the grant (RFC 6749 section 5.2)."""
        return grant.client_id == client.client_id

    def foreign_code(self, grant: Grant) -> str:  # noqa: ARG002
        """The error for another client's device code."""
        return "invalid_grant"

    def is_used(self, grant: Grant, now: float) -> bool:  # noqa: ARG002
        """Whether the code has bought its tokens."""
        return grant.state is State.REDEEMED

    def used(self, grant: Grant, now: float) -> str:
        """The error for a used code."""
        return self.freedom.used_after_expiry if now >= grant.expires_at else "invalid_grant"

    def revokes_on_replay(self, grant: Grant, now: float) -> bool:
        """Whether polling a used code takes away what it bought.

        Not within one interval of the success: two polls at once are an accident, not a theft.
        """
        late = grant.redeemed_at is not None and now - grant.redeemed_at >= grant.interval
        return late and self.freedom.replay_revokes

    def has_expired(self, grant: Grant, now: float) -> bool:
        """Whether the device code is too old for this poll."""
        return now >= grant.expires_at

    def expired(self, grant: Grant) -> str:
        """The error for an expired code."""
        grant.state = self.transition(grant.state, Event.EXPIRE)
        return "expired_token"

    def is_early(self, grant: Grant, now: float) -> bool:
        """Whether the poll comes too soon after the one before it."""
        last = self.counts_from(grant)
        return last is not None and now - last < grant.threshold - EARLY_TOLERANCE

    def counts_from(self, grant: Grant) -> float | None:
        """Where the gap before this poll began; None if it is free."""
        return grant.last_poll

    def note_poll(self, grant: Grant, now: float, *, early: bool) -> None:
        """Remember a poll, before its answer is chosen."""
        grant.polls += 1
        if not early:
            grant.last_poll = now
            grant.threshold = self.threshold_after_patience(grant)
            return
        grant.slow_downs += 1
        if self.freedom.early_poll_counts:
            grant.last_poll = now
        grant.threshold = self.threshold_after_slow_down(grant)

    def threshold_after_slow_down(self, grant: Grant) -> float:
        """The gap demanded after a poll that came too early, in seconds."""
        return grant.threshold + MORE_PATIENCE if self.freedom.threshold_rises else grant.threshold

    def threshold_after_patience(self, grant: Grant) -> float:
        """The gap demanded after a well-spaced poll, in seconds."""
        return grant.interval if self.freedom.threshold_falls_back else grant.threshold

    def early(self, grant: Grant) -> str:  # noqa: ARG002
        """The error for a poll that came too early."""
        return "slow_down"

    def pending(self, grant: Grant) -> str:  # noqa: ARG002
        """The error while the person has not decided."""
        return "authorization_pending"

    def seconds_held(self, grant: Grant) -> float:  # noqa: ARG002
        """For how long a poll waits for a decision before it is answered (CIBA section 10.1)."""
        return 0.0

    def denied(self, grant: Grant) -> str:
        """The error after a refusal, the first time and later."""
        grant.refusals_told += 1
        return "access_denied" if grant.refusals_told == 1 else self.freedom.denied_again

    def may_collect(self, account: Account | None, *, disabled: bool) -> bool:
        """Whether the account that approved may still hand out access."""
        return account is not None and not disabled

    def was_taken_back(self, grant: Grant, withdrawn_at: float | None) -> bool:
        """Whether the person has withdrawn all access since they approved this grant."""
        decided = grant.decided_at
        return withdrawn_at is not None and decided is not None and decided <= withdrawn_at

    def redeem(
        self, grant: Grant, now: float, issue: Callable[[], dict[str, object]]
    ) -> dict[str, object]:
        """Make the tokens with `issue`, then use the code up; both under the server's lock."""
        members = issue()
        grant.state = self.transition(grant.state, Event.REDEEM)
        grant.redeemed_at = now
        return members
