"""Servers whose pages let the wrong thing happen (RFC 8628 sections 3.3, 5.1, 5.4 and 6.1)."""

from __future__ import annotations

import random

from simulators.mutants.mutant import mutant
from simulators.server import Account, Client, Rules
from simulators.server.grant import Grant
from simulators.server.sessions import Session


@mutant(
    "S02",
    "RFC8628-3.3-expired-code-page",
    bug="spring-attic/spring-authorization-server #1977, #2006",
)
class ExpiredUserCodeAccepted(Rules):
    """The page takes an expired code and tells the person that all is well."""

    def page_expired(self, grant: Grant, now: float) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant(
    "S42",
    "RFC8628-3.3-interaction",
    "RFC8628-6.1-case",
    "RFC8628-6.1-punctuation",
    bug="goauthentik/authentik #12014, #8861, #10402",
)
class TypedCodeBroken(Rules):
    """The complete link works, typing the code does not."""

    pinned = {"sends_complete": True}  # noqa: RUF012

    def read_typed_code(self, text: str) -> str:  # noqa: ARG002
        """Lost."""
        return ""


@mutant("S43", "RFC8628-3.3.1-complete-works", bug="casdoor/casdoor #5661")
class LoginLosesCode(Rules):
    """Signing in makes the page forget the code."""

    pinned = {"sends_complete": True}  # noqa: RUF012

    def keeps_code_over_sign_in(self) -> bool:
        """No."""
        return False


@mutant(
    "S44",
    "RFC8628-6.1-displayed-accepted",
    "RFC8628-6.1-punctuation",
    "RFC8628-6.1-case",
    bug="better-auth/better-auth PR #6143",
)
class CodeAsShownRefused(Rules):
    """The code is refused with the separator with which it is displayed."""

    pinned = {"code_shape": ("BCDFGHJKLMNPQRSTVWXZ", (3, 3, 3), "-")}  # noqa: RUF012

    def read_typed_code(self, text: str) -> str:
        """Letters only."""
        return text.strip().upper() if text.strip().isalnum() else ""


@mutant("S45", "RFC8628-6.1-case", bug="django-oauth-toolkit PR #1539 (review)")
class CaseSensitiveCode(Rules):
    """Lower-case input is refused."""

    pinned = {"code_shape": ("BCDFGHJKLMNPQRSTVWXZ", (3, 3, 3), "-")}  # noqa: RUF012

    def read_typed_code(self, text: str) -> str:
        """Only as displayed."""
        return super().read_typed_code(text) if text == text.upper() else ""


@mutant("S46", "RFC8628-6.1-charset", bug="mitreid-connect #1216")
class UntypableCode(Rules):
    """User codes mix cases and look-alikes."""

    def alphabet(self) -> str:
        """Everything."""
        return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@mutant(
    "S47",
    "RFC8628-5.1-rate-limit",
    bug="keycloak #51275; element-hq/matrix-authentication-service PR #5972; idenplane #406, #454",
)
class NoCodeRateLimit(Rules):
    """User codes can be guessed without limit."""

    def guesses(self) -> int:
        """As many as one likes."""
        return 1_000_000


@mutant("S48", "RFC8628-5.1-rate-limit-scope", bug="Abblix/Oidc.Server PR #165")
class RateLimitReset(Rules):
    """The count of wrong codes is dropped with the cookies."""

    pinned = {"sign_in_first": True}  # noqa: RUF012

    def guess_keys(self, username: str | None, peer: str, session: str) -> tuple[str, ...]:  # noqa: ARG002
        """The session only."""
        return (f"session {session}",)


@mutant(
    "S49",
    "RFC8628-3.3-no-code-no-effect",
    "RFC8628-3.3-device_code-not-enterable",
    bug="GitLab merge request 252522",
    verified=False,
)
class ConfirmAnyCode(Rules):
    """The page asks for a decision on any code, whether it exists or not."""

    def grant_for_unknown_code(self, text: str) -> Grant | None:
        """A grant of nobody's."""
        return Grant(
            device_code="",
            user_code="",
            shown_code=text[:20],
            client_id="tv",
            asked=(),
            scope=("profile",),
            issued_at=0.0,
            expires_at=float("inf"),
            interval=5.0,
            threshold=5.0,
        )


@mutant(
    "S50",
    "UA-session-binding",
    bug="better-auth CVE-2026-45337 (GHSA-cq3f-vc6p-68fh); django-oauth-toolkit "
    "GHSA-cfrv-vfcq-245m (PR #1819)",
)
class AnySessionDecides(Rules):
    """Whoever is signed in may decide over a code that another session has entered."""

    def may_decide(self, session: Session, grant: Grant, expected: str, given: str) -> bool:  # noqa: ARG002
        """Anybody with a session."""
        return session.username is not None


@mutant(
    "S51",
    "RFC8628-3.3-inform",
    "RFC8628-5.4-show-device",
    "RFC10027-6.1.14-ux-context",
    bug="better-auth CVE-2026-109346",
    verified=False,
)
class ConsentWithoutContext(Rules):
    """The page shows neither client nor scope."""

    def shown_client(self, client: Client) -> str:  # noqa: ARG002
        """Somebody."""
        return "A device"

    def shown_scope(self, scope: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002
        """Something."""
        return ()


@mutant(
    "S52", "RFC6749-10.12-csrf", bug="OpenIdentityPlatform/OpenAM CVE-2026-123545", verified=False
)
class CsrfApprove(Rules):
    """The approval can be sent by a page elsewhere."""

    def form_is_genuine(self, expected: str, given: str) -> bool:  # noqa: ARG002
        """Any form will do."""
        return True

    def cookie_attributes(self) -> str:
        """The cookie goes along with requests from everywhere."""
        return "; Path=/; HttpOnly; SameSite=None; Secure"


@mutant(
    "S72",
    "RFC8628-3.3-authenticate-user",
    "UA-user-identity",
    "UA-account-state",
    "RFC6750-2.1-header",
    "OIDC-5.3.2-sub",
    "OIDC-8-sub-stable",
    "RFC9068-2.2-sub-user",
    bug="ridi-oss/proxy-monster PR #122",
)
class ConfirmBeforeLogin(Rules):
    """A code can be approved without signing in."""

    def must_sign_in(self, session: Session) -> bool:  # noqa: ARG002
        """Nobody needs to."""
        return False

    def may_collect(self, account: Account | None, *, disabled: bool) -> bool:
        """Nobody's token is a token, too."""
        return account is None or super().may_collect(account, disabled=disabled)


@mutant(
    "S83",
    "RFC8628-3.3-deny-recorded",
    "RFC8628-3.3-deny-final",
    "RFC8628-3.5-access_denied-repeat",
    "RFC8628-3.5-decision-not-lost",
    bug="Dex, read in its source",
    verified=False,
)
class DenialOnlyInBrowser(Rules):
    """A refusal is shown in the browser only; the device waits on."""

    def records_denial(self) -> bool:
        """No."""
        return False


@mutant(
    "",
    "RFC8628-3.3.1-complete-no-auto-approve",
    "RFC8628-5.4-confirm-possession",
    "RFC8628-3.3-choice",
    bug="no report known",
)
class LinkApproves(Rules):
    """Whoever is signed in approves by opening the link."""

    pinned = {"sends_complete": True}  # noqa: RUF012

    def approves_on_open(self) -> bool:
        """At once."""
        return True


@mutant("", "RFC8628-3.3.1-complete-shows-code", bug="no report known")
class LinkHidesCode(Rules):
    """The page behind the link does not show the code to compare."""

    pinned = {"sends_complete": True}  # noqa: RUF012

    def shown_code(self, grant: Grant) -> str:  # noqa: ARG002
        """Nothing."""
        return ""

    def hidden_fields(self, grant: Grant) -> dict[str, str]:
        """Not even in a field."""
        return {"ref": grant.user_code}


@mutant("", "RFC8628-3.3-used-code-page", "RFC10027-6.1.3-one-time", bug="no report known")
class UsedCodeOffered(Rules):
    """A code that was used opens the consent page again."""

    def page_accepts(self, grant: Grant) -> bool:  # noqa: ARG002
        """Always."""
        return True


@mutant("", "RFC8628-3.3-no-device_code-page", bug="no report known")
class DeviceCodeOnPage(Rules):
    """The form that decides carries the device_code."""

    def hidden_fields(self, grant: Grant) -> dict[str, str]:
        """As a reference."""
        return {**super().hidden_fields(grant), "device_code": grant.device_code}


@mutant("", "RFC8628-3.3-choice", "RFC10027-6.1.14-ux-decline", bug="no report known")
class NoWayToRefuse(Rules):
    """The page offers no way to say no."""

    def offers_denial(self) -> bool:
        """Only yes."""
        return False


@mutant("", "UA-user-identity", "OIDC-8-sub-stable", bug="no report known")
class EverybodyIsAlice(Rules):
    """Tokens belong to the first account, whoever approved."""

    def id_claims(self, claims: dict[str, object]) -> dict[str, object]:
        """One subject for all."""
        return {**claims, "sub": self.config.accounts[0].sub}


@mutant("", "RFC8628-5.1-distribution", "RFC8628-5.1-entropy", bug="no report known")
class SequentialCodes(Rules):
    """User codes are counted up."""

    def user_code(self, rand: random.Random) -> str:  # noqa: ARG002
        """The next one."""
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        letters, code = self.alphabet(), ""
        for _ in range(8):
            count, place = divmod(count, len(letters))
            code = letters[place] + code
        return code


@mutant("", "RFC8628-5.1-entropy", bug="no report known")
class FourDigits(Rules):
    """User codes have four digits."""

    pinned = {"code_shape": ("0123456789", (4,), "")}  # noqa: RUF012
