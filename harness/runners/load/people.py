"""What people do at the verification page under load: type, mistype, scan, decide; and guess."""

from __future__ import annotations

from harness.consent import Outcome, Visit, Wish
from harness.runners.load.profile import Fate
from harness.verdict import Inconclusive
from scenarios.user_codes import another_code
from simulators.device import Device
from simulators.user import User


def visit_of(user: User, wish: Wish, device: Device, fate: Fate) -> Visit:
    """Go through the pages as this person does; raises `Inconclusive` as `User.decides` does."""
    by_link = fate.scans and device.codes.verification_uri_complete is not None
    if fate.mistypes and not by_link and user.world.consent.pages:
        user.looks(device, typed=another_code(device.user_code))
    return user.decides(wish, device, by_link=by_link)


def guess(user: User, device: Device) -> str:
    """Try a code that is nobody's; returns what came of it, in a word."""
    try:
        visit = user.looks(device, typed=another_code(device.user_code))
    except Inconclusive as trouble:
        return f"no page ({trouble.blame})"
    return "a decision was offered" if visit.outcome is Outcome.OFFERED else visit.outcome.value
