"""What a person wants at the verification page, and what came of it (RFC 8628 section 3.3).

Values only.  Nothing here knows how a page looks or how a request is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.consent.pages import Page
    from harness.consent.session import Browser
    from harness.consent.submission import Submission


class Wish(Enum):
    """What the person wants to answer."""

    APPROVE = "approve"
    DENY = "deny"
    LOOK = "look"
    """Go as far as the page that offers the decision, and take none."""


class Outcome(Enum):
    """How a visit ended."""

    DECIDED = "decided"
    """The wish was carried out.  After LOOK: the server decided without asking anybody."""
    OFFERED = "offered"
    """LOOK only: a decision is offered and was not taken."""
    REFUSED = "refused"
    """The server did not accept the code: the code form again, an error page, or a notice."""
    SIGN_IN = "sign_in"
    """Stopped at a sign-in page, because nobody was there to sign in."""
    SIGN_IN_FAILED = "sign_in_failed"
    """The server did not accept the name or the password."""
    STUCK = "stuck"
    """No way was found; the message says what the page has and which setting helps."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What the device shows to its user (RFC 8628 section 3.3)."""

    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits before the browser."""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Visit:
    """What happened at the verification page.

    `page` is the last page and `pages` all of them, in order.  `steps` can be read aloud: it
    contains neither codes nor passwords.  `decision` is the submission that took the decision, or
    would take it (LOOK: the approval); it can be sent again, from this browser or another one.
    `refusal` is the submission that would refuse, where a page offered one.  `code_sent` tells
    whether the server has seen the code: a page that takes code, password and decision in one form
    offers a decision before it knows for what.
    """

    outcome: Outcome
    page: Page | None = None
    pages: list[Page] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    decision: Submission | None = None
    message: str = ""
    refusal: Submission | None = None
    code_sent: bool = False


class Consent(Protocol):
    """The way in which a person's decision reaches the server."""

    @property
    def pages(self) -> bool:
        """Whether single page steps can be taken: looking, mistyping, opening the complete link."""
        ...

    def decide(
        self,
        codes: Codes,
        wish: Wish,
        person: Person | None,
        browser: Browser,
        *,
        typed: str | None = None,
        by_link: bool = False,
    ) -> Visit:
        """Visit the verification page as `person` and carry out `wish`.

        `typed` is what the person types instead of the code as displayed.  `by_link` opens
        `verification_uri_complete` (RFC 8628 section 3.3.1).  Without a `person` nobody signs in.
        Raises `NoAnswer` if the network gave none, and nothing else.
        """
        ...
