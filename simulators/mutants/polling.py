"""Servers that answer polls wrongly (RFC 8628 section 3.5)."""

from __future__ import annotations

from types import MappingProxyType

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Event, Grant, State


@mutant(
    "S01",
    "RFC8628-3.5-expired_token",
    "RFC8628-3.2-limited-time",
    "RFC8628-3.5-expired-over-throttle",
    bug="spring-attic/spring-authorization-server #1556, #1885, PR #1889",
)
class ExpiredStaysPending(Rules):
    """A code that nobody approved says authorization_pending for ever after its expiry."""

    def has_expired(self, grant: Grant, now: float) -> bool:
        """Only a decided grant ages."""
        return grant.state is not State.PENDING and super().has_expired(grant, now)


@mutant("S03", "RFC8628-3.5-expired-approved", bug="authlib/authlib #324")
class ApprovedNeverExpires(Rules):
    """Expiry is looked at only while a code is pending; an approved one keeps for ever."""

    def has_expired(self, grant: Grant, now: float) -> bool:
        """An approved grant does not age."""
        return grant.state is not State.APPROVED and super().has_expired(grant, now)


@mutant("S09", "RFC8628-3.5-slow_down-no-livelock", bug="H2CK/oidc PR #716")
class SlowDownLivelock(Rules):
    """Each refused poll restarts the timer and raises the interval twofold: nobody gets through."""

    pinned = MappingProxyType({"early_poll_counts": True, "threshold_falls_back": False})

    def threshold_after_slow_down(self, grant: Grant) -> float:
        """More than the device adds."""
        return 2 * grant.threshold + 10


@mutant(
    "S10",
    "RFC8628-3.5-slow_down-no-livelock",
    bug="thephpleague/oauth2-server PR #1410, #1464",
)
class LastPollNotSaved(Rules):
    """The time of a poll that got slow_down is lost, and with it the way back to the interval."""

    def is_early(self, grant: Grant, now: float) -> bool:
        """Once too early, always too early."""
        return grant.slow_downs > 0 or super().is_early(grant, now)


@mutant("S11", "RFC8628-3.5-first-poll-immediate", bug="Abblix/Oidc.Server #281, PR #293")
class FirstPollThrottled(Rules):
    """The interval is counted from the issue of the codes: a first poll can be too early."""

    def counts_from(self, grant: Grant) -> float | None:
        """From the issue."""
        return grant.issued_at if grant.last_poll is None else grant.last_poll


@mutant(
    "S12",
    "RFC8628-3.5-approval-during-wait",
    "RFC8628-3.5-slow_down-nonfatal",
    "RFC8628-3.5-slow_down-no-livelock",
    "RFC8628-3.5-decision-not-lost",
    "RFC8628-3.5-expired_token",
    bug="charmbracelet/crush #3399 (GitHub's server as observed)",
)
class ThrottleHidesApproval(Rules):
    """The throttle comes before the decision and escalates without limit."""

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """Ask for 30 s more after every early poll, whatever was decided."""
        if grant is not None and grant.slow_downs and grant.last_poll is not None:
            wanted = grant.interval + 30 * grant.slow_downs
            early = now - grant.last_poll < wanted
        else:
            early = False
        if grant is not None and early:
            grant.slow_downs += 1
            grant.last_poll = now
            return self.early(grant)
        return super().judge(grant, client, now)


@mutant(
    "S13",
    "RFC8628-3.5-slow_down-code",
    bug="mitreid-connect #1215; idenplane #325",
    caught=False,
)
class NoSlowDown(Rules):
    """Polling fast has no effect at all, which RFC 8628 does not forbid."""

    def is_early(self, grant: Grant, now: float) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant(
    "S14",
    "RFC8628-3.5-expired-over-throttle",
    "RFC8628-3.5-expired_token",
    bug="DuendeArchive/IdentityServer4 #3860",
)
class ThrottleBeforeExpiry500(Rules):
    """A fast poll of an expired code runs into an exception."""

    def expired(self, grant: Grant) -> str:
        """Fail on the second poll."""
        grant.slow_downs += 1
        if grant.state is State.EXPIRED:
            raise RuntimeError("the throttle found no grant")
        return super().expired(grant)


@mutant(
    "S15",
    "RFC8628-3.3-deny-recorded",
    "RFC8628-3.5-access_denied-repeat",
    "RFC8628-3.5-decision-not-lost",
    bug="ory/hydra #4110, PR #4111",
)
class DenialLost(Rules):
    """The person's no is never told to the device."""

    def denied(self, grant: Grant) -> str:  # noqa: ARG002
        """Still pending, until expiry."""
        return "authorization_pending"


@mutant("S16", "RFC8628-3.3-deny-final", bug="keycloak #36811")
class DenyThenApprove(Rules):
    """After a no, going back in the browser and pressing yes brings a token."""

    def transition(self, state: State, event: Event) -> State:
        """A denial can be overruled."""
        if (state, event) == (State.DENIED, Event.APPROVE):
            return State.APPROVED
        return super().transition(state, event)


@mutant("S17", "RFC8628-3.3-approve-final", "RFC8628-3.5-single-use", bug="Abblix/Oidc.Server #459")
class LateApprovalResurrects(Rules):
    """A late approval revives a code that was already redeemed."""

    def transition(self, state: State, event: Event) -> State:
        """Redemption is not the end."""
        if (state, event) == (State.REDEEMED, Event.APPROVE):
            return State.APPROVED
        return super().transition(state, event)


@mutant(
    "S18",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-access_denied",
    bug="wso2/product-is #9060, #10120, #21192, #10884",
)
class AllStatesInvalidGrant(Rules):
    """Pending, denied and expired all sound alike: invalid_grant."""

    def error_name(self, error: str) -> str:
        """One name for all."""
        three = {"authorization_pending", "access_denied", "expired_token", "slow_down"}
        return "invalid_grant" if error in three else error


@mutant(
    "S19",
    "RFC8628-3.5-error-member",
    "RFC8628-3.4-grant_type-as",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    bug="OpenIdentityPlatform/OpenAM #627, PR #670",
)
class SecondPollDeclined(Rules):
    """The second poll of a pending grant hears authorization_declined."""

    def pending(self, grant: Grant) -> str:
        """Patience for one poll."""
        return "authorization_pending" if grant.polls < 2 else "authorization_declined"


@mutant(
    "S65",
    "RFC8628-3.5-pending",
    "RFC8628-3.4-grant_type-as",
    "RFC8628-3.5-success",
    "RFC8628-3.5-slow_down-code",
    "RFC8628-3.5-access_denied",
    "RFC8628-3.5-expired_token",
    bug="DuendeArchive/IdentityServer4 #2870",
)
class NodeLocalState(Rules):
    """Codes live on one of two nodes behind a balancer; every third poll asks the other one."""

    def is_known(self, grant: Grant) -> bool:
        """By turns."""
        grant.polls += 1
        return grant.polls % 3 != 0


@mutant(
    "S71",
    "RFC8628-3.5-decision-not-lost",
    "RFC8628-3.3-deny-recorded",
    "RFC8628-3.5-success",
    "RFC8628-3.3-deny-final",
    "RFC8628-3.5-approval-during-wait",
    bug="nestrilabs/nestri PR #318; vouch-sh/vouch PR #266",
)
class PollErasesApproval(Rules):
    """A poll that arrives with the decision writes a stale copy of the grant back."""

    def note_poll(self, grant: Grant, now: float, *, early: bool) -> None:
        """Undo what was decided at this very moment."""
        super().note_poll(grant, now, early=early)
        if grant.decided_at is not None and now - grant.decided_at < 0.02:
            grant.state = State.PENDING


@mutant(
    "S85",
    "RFC8628-3.5-expired_token",
    "RFC8628-3.2-limited-time",
    bug="Ory Hydra, read in its source",
    verified=False,
)
class DecisionBeforeExpiry(Rules):
    """Whether anybody decided is looked at before the expiry."""

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """An undecided grant of this client is pending, whatever its age."""
        mine = grant is not None and self.is_issued_to(grant, client)
        undecided = grant is not None and grant.state is State.PENDING
        if grant is not None and mine and undecided and now >= grant.expires_at:
            return "authorization_pending"
        return super().judge(grant, client, now)


@mutant("", "RFC8628-3.5-expired_token", bug="no report known")
class ClocksApart(Rules):
    """Two nodes answer, one of them behind: a code that is over for the first lives on for it."""

    def judge(self, grant: Grant | None, client: Client, now: float) -> str | None:
        """The node in time answers first, then for two seconds the one that is behind."""
        mine = grant is not None and self.is_issued_to(grant, client)
        if grant is None or not mine or self.is_used(grant, now) or now < grant.expires_at:
            return super().judge(grant, client, now)
        if 0.1 < now - grant.expires_at < 2:
            return super().judge(grant, client, grant.expires_at - 0.01)
        return "expired_token"
