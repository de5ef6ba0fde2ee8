"""Choices about pages: what a person sees, and what may decide over a grant."""

from __future__ import annotations

import hmac

from harness.wire import Header, Request
from simulators.server import codes
from simulators.server.config import Account, Client
from simulators.server.grant import Grant, State
from simulators.server.rules.requests import RequestRules
from simulators.server.sessions import Session


class PageRules(RequestRules):
    """User interaction (RFC 8628 sections 3.3, 5.1, 5.3, 5.4 and 6.1)."""

    def read_typed_code(self, text: str) -> str:
        """The bare user code that a person meant to type (RFC 8628 section 6.1)."""
        return codes.bare(text, self.alphabet())

    def read_linked_code(self, text: str) -> str:
        """The bare user code out of `verification_uri_complete`."""
        return codes.bare(text, self.alphabet())

    def grant_for_unknown_code(self, text: str) -> Grant | None:  # noqa: ARG002
        """What a code that does not exist leads to: nothing."""
        return None

    def page_expired(self, grant: Grant, now: float) -> bool:
        """Whether the user code is too old for the page."""
        return now >= grant.expires_at

    def page_accepts(self, grant: Grant) -> bool:
        """Whether the code is open: a decision is made once.  Age is `page_expired`'s business."""
        return grant.state in {State.PENDING, State.EXPIRED}

    def browsers_for_a_code(self) -> int:
        """In how many browsers one code may be entered (RFC 10027 section 6.1.4)."""
        return 2

    def guesses(self) -> int:
        """How many wrong user codes are let through at once (RFC 8628 section 5.1)."""
        return 15

    def seconds_per_guess(self) -> float:
        """After how many seconds one more wrong code is let through."""
        return 60.0

    def guess_keys(self, username: str | None, peer: str, session: str) -> tuple[str, ...]:  # noqa: ARG002
        """Whose wrong codes are counted together: a session is shed too easily to count."""
        return (f"peer {peer}",) if username is None else (f"peer {peer}", f"account {username}")

    def forgives_after_success(self) -> bool:
        """Whether a right code wipes out the wrong ones before it."""
        return False

    def passwords(self) -> int:
        """How many wrong passwords are let through at once for one account, or one peer."""
        return 15

    def seconds_per_password(self) -> float:
        """After how many seconds one more wrong password is let through."""
        return 20.0

    def must_sign_in(self, session: Session) -> bool:
        """Whether the person has yet to sign in before a decision (RFC 8628 section 3.3)."""
        return session.username is None

    def keeps_code_over_sign_in(self) -> bool:
        """Whether the page still knows the code after signing in."""
        return True

    def approves_on_open(self) -> bool:
        """Whether `verification_uri_complete` alone approves (RFC 8628 section 3.3.1: never)."""
        return False

    def shown_client(self, client: Client) -> str:
        """The name under which the page introduces the device (RFC 8628 section 5.4)."""
        return client.name

    def shown_scope(self, scope: tuple[str, ...]) -> tuple[str, ...]:
        """The scopes that the page puts to the person (RFC 8628 section 3.3)."""
        return scope

    def shown_code(self, grant: Grant) -> str:
        """The code to compare with the device (RFC 8628 section 3.3.1)."""
        return grant.shown_code

    def asks_for_possession(self) -> bool:
        """Whether the page asks if the device is at hand (RFC 8628 section 5.4)."""
        return True

    def offers_denial(self) -> bool:
        """Whether there is a way to say no (RFC 8628 section 3.3)."""
        return True

    def sends_back_to_device(self) -> bool:
        """Whether the last page tells people to return to the device (RFC 8628 section 3.3)."""
        return True

    def hidden_fields(self, grant: Grant) -> dict[str, str]:
        """What the form that decides carries beside its proof of origin."""
        return {"ref": grant.user_code}

    def may_decide(self, session: Session, grant: Grant, expected: str, given: str) -> bool:
        """Whether this form in this session may decide over the grant."""
        return self.is_own_code(session, grant) and self.form_is_genuine(expected, given)

    def is_own_code(self, session: Session, grant: Grant) -> bool:
        """Whether the code was entered in this session."""
        return session.grant is grant

    def form_is_genuine(self, expected: str, given: str) -> bool:
        """Whether the form came from our own page (RFC 6749 section 10.12)."""
        return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))

    def may_approve(self, account: Account | None, client: Client) -> bool:
        """Whether this person may use this client at all."""
        if account is None:
            return True
        allowed = account.clients is None or client.client_id in account.clients
        return allowed and client.client_id not in account.barred

    def records_denial(self) -> bool:
        """Whether a no in the browser reaches the grant."""
        return True

    def redirect_target(self, location: str, grant: Grant | None) -> str:  # noqa: ARG002
        """The address that a page sends the browser on to."""
        return location

    def redirect_status(self, request: Request) -> int:  # noqa: ARG002
        """The status of the redirect that answers `request` (RFC 9700 section 4.12)."""
        return 303

    def focused_choice(self) -> str | None:
        """Which of the two choices is taken by Enter, if one is (RFC 10027 section 6.1.14)."""
        return None

    def cookie_attributes(self) -> str:
        """What follows the session cookie's value."""
        secure = "; Secure" if self.config.issuer.startswith("https:") else ""
        return f"; Path=/; HttpOnly; SameSite=Lax{secure}"

    def page(self, html: bytes) -> bytes:
        """The last word on a page (RFC 8628 section 3.3)."""
        return html

    def page_headers(self, style_hash: str) -> tuple[Header, ...]:
        """Headers of every page (RFC 9700 section 4.16)."""
        policy = (
            f"default-src 'none'; style-src 'sha256-{style_hash}'; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        return (
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", policy),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        )
