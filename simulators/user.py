"""A person: reads the code off the screen, opens the page, says yes, no, or nothing at all."""

from __future__ import annotations

from harness.consent import Outcome, Person, Submission, Visit, Wish
from harness.verdict import Inconclusive, NotApplicable, unanswered
from harness.wire import NoAnswer, Response
from harness.world import Behaviour, World
from simulators.device import Device

_ANSWER = {Wish.APPROVE: True, Wish.DENY: False}


class User:
    """Somebody with an account and a browser of their own.  All times are seconds."""

    def __init__(self, world: World, person: Person) -> None:
        self.world = world
        self.person = person
        self.name = person.username
        self.browser = world.browser(self.name)

    def decides(
        self,
        wish: Wish,
        device: Device,
        *,
        typed: str | None = None,
        by_link: bool = False,
        signed_in: bool = True,
        counts: bool = True,
    ) -> Visit:
        """Go through the target's pages and report how far that went; writes down a decision.

        `typed` is typed in place of the code as displayed, `by_link` opens
        verification_uri_complete, `signed_in=False` stops where the page asks for an account.
        With `counts=False` it is written down that nobody can know whether the decision counts.
        Raises `Inconclusive` if the pages could not be followed or did not answer.
        """
        codes = device.codes
        if by_link and codes.verification_uri_complete is None:
            raise NotApplicable("the target sends no verification_uri_complete")
        if not self.world.consent.pages and (
            typed or by_link or not signed_in or wish is Wish.LOOK
        ):
            raise NotApplicable('page by page steps need consent.kind = "forms" or "browser"')
        began = self._now()
        try:
            visit = self.world.consent.decide(
                codes,
                wish,
                self.person if signed_in else None,
                self.browser,
                typed=typed,
                by_link=by_link,
            )
        except NoAnswer as problem:
            if wish in _ANSWER:
                self._note(codes.user_code, began, approved=_ANSWER[wish], done=None)
            raise unanswered(problem) from None
        done = {Outcome.DECIDED: True, Outcome.REFUSED: False}.get(visit.outcome)
        done = done if counts else None
        if wish in _ANSWER:
            self._note(codes.user_code, began, approved=_ANSWER[wish], done=done)
        if visit.outcome is Outcome.SIGN_IN_FAILED:
            raise Inconclusive(f"{self.name} could not sign in: {visit.message}", "settings")
        if visit.outcome is Outcome.STUCK:
            raise Inconclusive(f"the pages could not be followed: {visit.message}", "person")
        return visit

    def _now(self) -> tuple[float, int]:
        """The time, and how many events are written."""
        return self.world.clock.now(), len(self.world.transcript)

    def _note(
        self, user_code: str, since: tuple[float, int], *, approved: bool, done: bool | None
    ) -> None:
        self.world.transcript.decision(
            self.name,
            user_code,
            approved=approved,
            done=done,
            began=since[0],
            ended=self.world.clock.now(),
            after=since[1],
        )

    def approve(
        self,
        device: Device,
        *,
        typed: str | None = None,
        by_link: bool = False,
        counts: bool = True,
    ) -> Visit:
        """Say yes; raises `Inconclusive` if the target does not let this person."""
        return self._must(Wish.APPROVE, device, typed=typed, by_link=by_link, counts=counts)

    def deny(self, device: Device, *, by_link: bool = False) -> Visit:
        """Say no; raises `Inconclusive` if the target does not let this person."""
        return self._must(Wish.DENY, device, by_link=by_link)

    def _must(
        self,
        wish: Wish,
        device: Device,
        *,
        typed: str | None = None,
        by_link: bool = False,
        counts: bool = True,
    ) -> Visit:
        visit = self.decides(wish, device, typed=typed, by_link=by_link, counts=counts)
        if visit.outcome is not Outcome.DECIDED:
            how = f"{visit.outcome.name.lower()}: {visit.message}"
            raise Inconclusive(f"{self.name} could not {wish.name.lower()} ({how})")
        return visit

    def approves(self, device: Device, after: float = 0.0) -> Behaviour:
        """Say yes after so many seconds."""
        yield after
        self.approve(device)

    def denies(self, device: Device, after: float = 0.0) -> Behaviour:
        """Say no after so many seconds."""
        yield after
        self.deny(device)

    def looks(
        self,
        device: Device,
        *,
        typed: str | None = None,
        by_link: bool = False,
        signed_in: bool = True,
    ) -> Visit:
        """Go as far as the page that offers the decision, and take none."""
        return self.decides(Wish.LOOK, device, typed=typed, by_link=by_link, signed_in=signed_in)

    def presses_again(self, visit: Visit, device: Device, *, approve: bool) -> Response | None:
        """Send the decision of an earlier visit from this browser, as "back" and a click would.

        Returns the response, None if the page did not answer.  Raises `Inconclusive` if the visit
        came to no decision.
        """
        if visit.decision is None:
            raise Inconclusive("the visit offered no decision that could be sent again", "person")
        began = self._now()
        try:
            page = self.browser.submit(visit.decision)
        except NoAnswer:
            return None
        finally:
            self._note(device.user_code, began, approved=approve, done=None)
        return page.response

    def presses_from_elsewhere(self, forged: Submission, device: Device, origin: str) -> None:
        """Let a page of another site send a form with this browser (RFC 6749 section 10.12).

        The browser adds only the cookies that it would send from `origin`.
        """
        began = self._now()
        try:
            with self.browser.cookies.cross_site():
                self.browser.submit(forged, headers=(("origin", origin),))
        except NoAnswer:
            return
        finally:
            self._note(device.user_code, began, approved=True, done=None)

    def forgets(self) -> None:
        """Start afresh, in a browser without cookies."""
        self.browser = self.world.browser(self.name)
