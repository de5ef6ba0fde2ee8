"""Servers behind today's good practice (RFC 9700, RFC 10027, RFC 6749 section 10)."""

from __future__ import annotations

import random
from types import MappingProxyType

from harness.wire import Header, Request
from simulators.mutants.mutant import mutant
from simulators.server import Account, Client, Rules
from simulators.server.grant import Event, Grant, State
from simulators.server.sessions import Session


@mutant("", "RFC9700-4.16-clickjacking", "RFC9700-4.16-csp", bug="no report known")
class PagesCanBeFramed(Rules):
    """Any site may put the pages into a frame."""

    def page_headers(self, style_hash: str) -> tuple[Header, ...]:
        """Without a policy."""
        unsafe = "content-security-policy"
        return tuple(one for one in super().page_headers(style_hash) if one[0] != unsafe)


@mutant("", "RFC9700-4.16-csp", "RFC9700-4.16-clickjacking", bug="no report known")
class FramesRefusedTheOldWay(Rules):
    """X-Frame-Options alone keeps the pages out of frames."""

    def page_headers(self, style_hash: str) -> tuple[Header, ...]:
        """As in 2010."""
        unsafe = "content-security-policy"
        kept = tuple(one for one in super().page_headers(style_hash) if one[0] != unsafe)
        return (*kept, ("x-frame-options", "DENY"))


@mutant("", "RFC9700-4.12-307", bug="no report known")
class PasswordSentOn(Rules):
    """The redirect after signing in makes the browser send the password once more."""

    pinned = MappingProxyType({"sign_in_first": True, "sends_complete": False})

    def redirect_status(self, request: Request) -> int:
        """307 after the form with the password."""
        signs_in = request.method == "POST" and request.path.endswith("/sign-in")
        return 307 if signs_in else super().redirect_status(request)


@mutant("", "RFC10027-6.1.3-one-time", bug="no report known")
class ApprovedCodeOffered(Rules):
    """A code that was approved opens the consent page again until it is redeemed."""

    def page_accepts(self, grant: Grant) -> bool:
        """Also an approved one."""
        return grant.state is State.APPROVED or super().page_accepts(grant)


@mutant("", "RFC10027-6.1.14-ux-decline", bug="no report known")
class ApprovalPreselected(Rules):
    """Whoever presses Enter approves."""

    def focused_choice(self) -> str | None:
        """Yes."""
        return "approve"


@mutant(
    "",
    "RFC10027-6.1.11-rate-limit",
    "RFC8628-3.1-rate-limited-status",
    bug="no report known",
)
class CodesRunOut(Rules):
    """After forty codes the device authorization endpoint breaks."""

    def user_code(self, rand: random.Random) -> str:
        """One of forty."""
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        if count > 40:
            raise RuntimeError("no code is left")
        return super().user_code(rand)


@mutant(
    "",
    "RFC6749-2.3.1-basic-encoding",
    "RFC8628-3.1-confidential-accepted",
    bug="no report known",
)
class BasicTakenLiterally(Rules):
    """Client id and secret in Basic are not form-decoded."""

    def basic_credentials(self, user: str, password: str) -> tuple[str, str]:
        """As they come."""
        return user, password


@mutant("", "RFC6749-2.3.1-brute-force", bug="no report known")
class NoSecretLimit(Rules):
    """Secrets of clients can be guessed without limit."""

    def wrong_secrets(self) -> int:
        """As many as one likes."""
        return 1_000_000


@mutant("", "RFC6749-10.10-token-entropy", bug="no report known")
class ShortTokens(Rules):
    """Tokens are eight hexadecimal digits after a prefix that never changes."""

    pinned = MappingProxyType({"access_token_format": "opaque"})

    def opaque_token(self, rand: random.Random) -> str:
        """32 bits."""
        return "access-token-of-this-server-" + rand.randbytes(4).hex()


@mutant("", "UA-code-not-auth", bug="no report known")
class CodeSignsIn(Rules):
    """A browser that has brought one code is not asked to sign in for the next."""

    pinned = MappingProxyType({"sign_in_first": False})

    def must_sign_in(self, session: Session) -> bool:
        """Only for the first code."""
        if session.username is not None or session.grant is None:
            return super().must_sign_in(session)
        first = self.__dict__.setdefault("first", {}).setdefault(session.sid, session.grant)
        return first is session.grant


@mutant(
    "",
    "RFC8628-5.4-confirm-possession",
    "RFC8628-3.3.1-complete-no-auto-approve",
    "RFC8628-3.3-choice",
    bug="no report known",
)
class ConsentRemembered(Rules):
    """Once somebody has approved a device, the link of any other is approved by itself."""

    pinned = MappingProxyType({"sends_complete": True})

    def transition(self, state: State, event: Event) -> State:
        """Remember a yes."""
        self.__dict__["approved"] = self.__dict__.get("approved", False) or event is Event.APPROVE
        return super().transition(state, event)

    def approves_on_open(self) -> bool:
        """As before."""
        return bool(self.__dict__.get("approved", False))


@mutant(
    "S53",
    "RFC8628-3.4-unknown-param",
    bug="OpenIdentityPlatform/OpenAM CVE-2026-123542",
    verified=False,
    caught=False,
)
class PkceNotEnforced(Rules):
    """PKCE is offered and not looked at on this grant, for which no specification defines it."""

    def metadata(self, document: dict[str, object]) -> dict[str, object]:
        """Offered."""
        return {**super().metadata(document), "code_challenge_methods_supported": ["S256"]}


@mutant(
    "S54",
    "UA-account-state",
    bug="keycloak CVE-2026-88770 (#52783, PR #52791); Kilo-Org/cloud PR #4328",
)
class LockedAccountToken(Rules):
    """An account that was locked after the approval still gives a token."""

    def may_collect(self, account: Account | None, *, disabled: bool) -> bool:
        """Locked or not."""
        del disabled
        return account is not None


@mutant(
    "S55",
    "UA-user-identity",
    bug="goauthentik/authentik CVE-2024-38371 (GHSA-jq3m-37m7-gp45)",
)
class WeakAccessControl(Rules):
    """The access policy of a client is not looked at in this flow."""

    def may_approve(self, account: Account | None, client: Client) -> bool:  # noqa: ARG002
        """Everybody may use every client."""
        return True


@mutant("S56", "RFC8628-3.3-no-device_code-page", bug="dexidp/dex PR #4928")
class CrossClientCallback(Rules):
    """The client's secret stands in an address that the person's browser is sent to."""

    def redirect_target(self, location: str, grant: Grant | None) -> str:
        """With all that a callback could need."""
        if grant is None:
            return location
        client = self.config.client(grant.client_id)
        mark = "&" if "?" in location else "?"
        return f"{location}{mark}client_secret={client.secret}" if client.secret else location


@mutant("S70", "UA-account-state", bug="antiwork/gumroad PR #5410 (review)")
class RevocationRecheck(Rules):
    """An approved code is good for a token although the person has taken back all access."""

    def was_taken_back(self, grant: Grant, withdrawn_at: float | None) -> bool:  # noqa: ARG002
        """Nobody looks."""
        return False
