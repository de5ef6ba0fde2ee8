"""One sign-in before the load: whether it works at all, and how long it takes.

What is learnt is what the plan rests on: the interval that the target announces, how long its codes
live, and on how many pages people will think.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.runners.load.plan import FLAG
from harness.runners.stage import Outside
from harness.target import TargetError, is_loopback
from harness.transcript import Transcript
from harness.verdict import Inconclusive, NotApplicable
from simulators.device import MARGIN, Device
from simulators.user import User


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one sign-in showed; times in seconds.

    `thoughts` is on how many pages somebody stops to think, `pages` how long the pages took
    without that.
    """

    interval: float
    expires_in: float
    thoughts: int = 0
    pages: float = 0.0
    thoughts_by_link: int | None = None
    """The same of somebody who opens verification_uri_complete, if there is any."""

    @property
    def pause(self) -> float:
        """Seconds between two polls of a polite device."""
        return self.interval + MARGIN


def rehearse(venue: Outside, *, decides: bool, permitted: bool = True) -> Rehearsed:
    """Ask for codes, and approve them where people decide; raises `TargetError` with what is wrong.

    The approved code is never redeemed: no token is given for nothing.  Unless `permitted`, pages
    on other machines are wrong, too: a crowd would go there.
    """
    world = venue.world()
    try:
        device = Device(world, venue.target.clients["public"], "rehearsal")
        device.begin()
        found = Rehearsed(device.interval, device.expires_in)
        if not decides or not venue.target.users:
            return found
        began = world.clock.now()
        try:
            User(world, venue.target.users[0]).approve(device)
        finally:
            if not permitted:
                _refuse_strangers(world.transcript)
        seconds = world.clock.now() - began
        thoughts = _thoughts(world.transcript)
        by_link = _thoughts_by_link(venue) if device.codes.verification_uri_complete else None
        return Rehearsed(found.interval, found.expires_in, thoughts, seconds, by_link)
    except Inconclusive as reason:
        raise TargetError(f"a rehearsal with one device came to nothing: {reason.reason}") from None
    finally:
        world.close()


def _thoughts_by_link(venue: Outside) -> int | None:
    """The same with another code and browser; None if the link leads nowhere."""
    world = venue.world()
    try:
        device = Device(world, venue.target.clients["public"], "rehearsal")
        device.begin()
        User(world, venue.target.users[0]).approve(device, by_link=True)
    except (Inconclusive, NotApplicable):
        return None
    finally:
        world.close()
    return _thoughts(world.transcript)


def _thoughts(transcript: Transcript) -> int:
    pages = [one for one in transcript.at("page") if not 300 <= one.status < 400]
    return max(0, len(pages) - 1)


def _refuse_strangers(transcript: Transcript) -> None:
    for exchange in transcript.exchanges:
        if exchange.door == "page" and not is_loopback(exchange.request.url):
            raise TargetError(
                f"people are sent to {urlsplit(exchange.request.url).hostname}, which is not on "
                "this machine; load on a server of others is an attack. If it is yours, or you "
                f"have permission, add {FLAG}"
            )
