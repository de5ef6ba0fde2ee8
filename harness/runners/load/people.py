"""What people do at the verification page under load: type, mistype, scan, decide; and guess."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.consent import Outcome, Visit, Wish
from harness.oracle import expiry_slack
from harness.runners.load.quoting import quoted
from harness.verdict import Inconclusive
from scenarios.user_codes import another_code
from simulators.user import User

if TYPE_CHECKING:
    from harness.runners.load.sign_in import SignIn
    from simulators.device import Device


def visits(flow: SignIn) -> None:
    """Decide, if the device still waits; nobody would hear of what breaks here, so it is counted.

    When the pages are done with, the flow knows whether it was approved.
    """
    try:
        if not flow.over:
            _decides(flow)
    except Exception as problem:  # noqa: BLE001 -- see above
        flow.stage.tally.broke(problem)


def _decides(flow: SignIn) -> None:
    wish, tally, device = flow.fate.wish, flow.stage.tally, flow.device
    assert wish is not None
    began = tally.clock.now()
    line = flow.stage.opens(partial(_thinks, flow))
    flow.deciding = (began, len(flow.transcript))
    flow.hindered = False
    problem, excused = "", False
    person = tally.venue.target.users[flow.fate.person]
    try:
        user = User(flow.world(line).whole, person)
        visit = _visit(user, wish, flow)
        if visit.outcome is not Outcome.DECIDED:
            problem = f"{visit.outcome.value}: {visit.message}"
            # A server may limit wrong codes by address (RFC 8628 section 5.1), and all share one.
            excused = visit.outcome is Outcome.REFUSED and tally.tries_wrong_codes
    except Inconclusive as trouble:
        problem, excused = trouble.reason, trouble.blame != "target"
    finally:
        line.close()
        flow.deciding = None
    if not problem and wish is Wish.APPROVE:
        flow.approved_at = tally.clock.now()
    too_late = device.age > device.expires_in - expiry_slack(device.expires_in)
    excused |= flow.hindered or too_late
    if problem:
        problem = quoted(problem, flow.transcript, [person.password])
    tally.decided(wish, tally.clock.now() - began, problem, excused=excused)


def _visit(user: User, wish: Wish, flow: SignIn) -> Visit:
    device, fate = flow.device, flow.fate
    pages = user.world.consent.pages
    by_link = pages and fate.scans and device.codes.verification_uri_complete is not None
    if fate.mistypes and not by_link and pages:
        user.looks(device, typed=another_code(device.user_code))
    return user.decides(wish, device, by_link=by_link)


def _thinks(flow: SignIn) -> None:
    """Read the page first; what follows a redirect is the browser's doing, nobody's thought."""
    pages = (one for one in reversed(flow.transcript.exchanges) if one.door == "page")
    latest = next(pages, None)
    if latest is not None and not 300 <= latest.status < 400:
        flow.stage.tally.thinks(flow.fate.to_read)


def guess(user: User, device: Device) -> str:
    """Try a code that is nobody's; returns what came of it, in a word.

    Raises `NotApplicable` if there is no page to type it into.
    """
    try:
        visit = user.looks(device, typed=another_code(device.user_code))
    except Inconclusive as trouble:
        return f"no page ({trouble.blame})"
    return "a decision was offered" if visit.outcome is Outcome.OFFERED else visit.outcome.value
