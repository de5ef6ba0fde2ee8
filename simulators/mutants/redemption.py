"""Servers that give tokens for the wrong code, to the wrong client, or twice (RFC 8628)."""

from __future__ import annotations

from collections.abc import Callable

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Event, Grant, State


@mutant(
    "S04",
    "RFC8628-3.5-single-use",
    "RFC8628-3.5-parallel-single-use",
    "RFC8628-3.3-approve-final",
    bug="ferriskey/ferriskey PR #1236",
)
class ApprovedReusable(Rules):
    """An approved code gives tokens again and again."""

    def is_used(self, grant: Grant, now: float) -> bool:  # noqa: ARG002
        """No code is ever used up."""
        return False


@mutant(
    "S05",
    "RFC8628-3.5-parallel-single-use",
    "RFC8628-3.5-single-use",
    bug="better-auth-rs/better-auth-rs PR #63; Kilo-Org/cloud PR #4328; langgenius/mosoo PR #158; "
    "junhoyeo/tokscale PR #546; Layr-Labs/d-inference PR #125",
)
class DoubleIssueRace(Rules):
    """Check and use of a code are two steps; polls that come together all get tokens."""

    def is_used(self, grant: Grant, now: float) -> bool:
        """The mark takes a moment to be seen."""
        recent = grant.redeemed_at is not None and now - grant.redeemed_at < 0.05
        return super().is_used(grant, now) and not recent


@mutant(
    "S06",
    "RFC8628-3.5-success",
    "RFC8628-3.5-parallel-single-use",
    "RFC8628-3.5-slow_down-nonfatal",
    "RFC8628-3.5-approval-during-wait",
    bug="better-auth/better-auth PR #6143; better-auth-rs/better-auth-rs PR #63 (review)",
)
class ConsumeBeforeStore(Rules):
    """The code is used up before the tokens exist, and making them fails."""

    def redeem(
        self, grant: Grant, now: float, issue: Callable[[], dict[str, object]]
    ) -> dict[str, object]:
        """Use up first; then nothing comes of it."""
        del issue
        grant.state = self.transition(grant.state, Event.REDEEM)
        grant.redeemed_at = now
        raise RuntimeError("the token store is away")


@mutant("", "UA-user-identity", bug="no report known")
class CrossTalk(Rules):
    """Tokens are kept for a moment under the client's name, and another code gets them, too."""

    _latest: tuple[float, dict[str, object]] | None = None

    def redeem(
        self, grant: Grant, now: float, issue: Callable[[], dict[str, object]]
    ) -> dict[str, object]:
        """What the latest code bought, if that was just now."""
        members = super().redeem(grant, now, issue)
        if self._latest is None or now - self._latest[0] > 0.5:
            self._latest = (now, members)
        return dict(self._latest[1])


@mutant(
    "S07",
    "RFC8628-3.4-client-binding",
    bug="keycloak CVE-2023-2585 (PR #21271)",
)
class NoClientBinding(Rules):
    """Any client can redeem any client's device_code."""

    def is_issued_to(self, grant: Grant, client: Client) -> bool:  # noqa: ARG002
        """Everybody's."""
        return True


@mutant("S20", "RFC8628-3.4-unknown-device_code", bug="idenplane #858")
class UnknownCodePending(Rules):
    """Every code that does not exist is said to be pending, so that clients poll for ever."""

    def unknown_code(self) -> str:
        """Wait on."""
        return "authorization_pending"


@mutant(
    "S84",
    "RFC8628-3.4-unknown-device_code",
    bug="Dex and Authlib, read in their source",
    verified=False,
)
class UnknownCodeInvalidRequest(Rules):
    """An unknown device_code is called an invalid request, which is arguable."""

    def unknown_code(self) -> str:
        """The neighbour."""
        return "invalid_request"


@mutant("S86", "RFC8628-3.4-client-binding", bug="Ory Hydra, read in its source", verified=False)
class StateOracle(Rules):
    """Whose code it is comes last, so that a foreign client learns whether anybody decided."""

    def foreign_code(self, grant: Grant) -> str:
        """Tell the state."""
        if grant.state is State.PENDING:
            return "authorization_pending"
        return "access_denied" if grant.state is State.DENIED else "invalid_grant"


@mutant(
    "S87",
    "RFC8628-3.5-single-use",
    bug="Spring Authorization Server, read in its source",
    verified=False,
)
class ReuseIsDenied(Rules):
    """A used code is said to be denied, which is arguable."""

    def used(self, grant: Grant, now: float) -> str:  # noqa: ARG002
        """Denied."""
        return "access_denied"


@mutant(
    "S88",
    "RFC8628-3.4-client-binding-harmless",
    bug="Spring Authorization Server, read in its source",
    verified=False,
)
class ForeignPollKillsCode(Rules):
    """A poll by another client ends the rightful client's grant."""

    def foreign_code(self, grant: Grant) -> str:
        """Deny it for everybody."""
        grant.state = State.DENIED
        return super().foreign_code(grant)


@mutant(
    "S89",
    "RFC8628-3.4-unknown-device_code",
    bug="Glewlwyd, read in its source",
    verified=False,
)
class UnknownCodeAccessDenied(Rules):
    """An unknown device_code is said to be denied."""

    def unknown_code(self) -> str:
        """Denied."""
        return "access_denied"
