"""RFC 8628 section 3.5: what a poll is answered."""

from __future__ import annotations

from itertools import pairwise

from harness.consent import Outcome, Visit, Wish
from harness.oracle import FORGOTTEN, expiry_slack
from harness.requirements import verifies
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer
from scenarios.claims import payload
from scenarios.outcomes import STILL_OPEN, collects, lived, token_collected
from simulators.device import MARGIN, Device
from simulators.user import User


@verifies(
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    "RFC6749-5.1-access_token",
    "RFC6749-5.1-token_type",
    "RFC6749-5.1-expires_in",
    "RFC6749-5.1-number-types",
    "RFC6749-5.1-json",
    "RFC6749-5.1-no-store",
    "RFC6749-5.1-pragma",
)
def test_a_patient_device_gets_its_token_after_approval(
    device: Device, user: User, judge: Judge
) -> None:
    """A device that keeps to the interval hears authorization_pending until the user says yes."""
    device.begin()

    device.world.run(device.polls_politely(), user.approves(device, after=2.5 * device.interval))

    given(device.polls, "the device never polled")
    judge.answers("RFC8628-3.5-pending", device.polls[0], {Answer.PENDING})
    last = device.polls[-1]
    if last.answer is not Answer.TOKEN:
        last = lived(device, collects(device))
    judge.answers("RFC8628-3.5-success", last, {Answer.TOKEN})


@verifies("RFC8628-3.5-slow_down-exact-interval")
def test_who_keeps_the_interval_is_not_slowed_down(device: Device, judge: Judge) -> None:
    """Six polls at the announced interval, and none of them is too early."""
    device.begin()
    given(device.expires_in > 7 * (device.interval + MARGIN), "the codes do not live long enough")

    for _ in range(6):
        device.world.wait(device.interval + MARGIN)
        heard(device.poll())

    slowed = [poll for poll in device.polls[1:] if poll.answer is Answer.SLOW_DOWN]
    judge.holds(
        "RFC8628-3.5-slow_down-exact-interval",
        not slowed,
        expected="no slow_down for who waits the interval",
        received=f"slow_down to {len(slowed)} polls; gaps {_gaps(device)}",
        evidence=slowed,
    )


@verifies("RFC8628-3.5-slow_down-code", "RFC8628-3.5-slow_down-status")
def test_who_polls_too_fast_is_told_to_slow_down(device: Device, judge: Judge) -> None:
    """A hasty device hears slow_down, or is simply told to wait on; it is not thrown out."""
    device.begin()

    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")
    for _ in range(4):
        device.world.wait(0.2 * device.interval)
        device.poll()

    for poll in device.polls:
        lived(device, poll)
        judge.holds(
            "RFC8628-3.5-slow_down-code",
            heard(poll) in STILL_OPEN,
            expected="slow_down or authorization_pending",
            received=f"{describe(poll)}; gaps {_gaps(device)}",
            tolerated=poll.answer is Answer.INVALID_REQUEST,
            grave=True,
            evidence=(poll,),
        )
    if Answer.SLOW_DOWN not in device.answers:
        judge.note("RFC8628-3.5-slow_down-code", "the target never sends slow_down", device.polls)
        judge.not_applicable("RFC8628-3.5-slow_down-status", "the target never sends slow_down")


@verifies("RFC8628-3.5-slow_down-no-livelock")
def test_who_slows_down_is_served(device: Device, judge: Judge) -> None:
    """After each slow_down the device adds five seconds, and then it is not slowed down again."""
    device.begin()
    needed = sum(device.interval + 5 * k + 1 for k in range(4))
    given(device.expires_in > needed, f"the codes live {device.expires_in:g} s, {needed:g} needed")

    device.waits_and_polls()
    for _ in range(3):
        too_fast = device.poll()
        if heard(too_fast) is not Answer.SLOW_DOWN:
            break
        patient = device.waits_and_polls()
        again = device.waits_and_polls() if heard(patient) is Answer.SLOW_DOWN else patient
        given(patient.answer in STILL_OPEN, f"a waiting device hears {describe(patient)}")
        judge.holds(
            "RFC8628-3.5-slow_down-no-livelock",
            patient.answer is Answer.PENDING,
            expected=f"authorization_pending after {device.pause:g} s",
            received=f"{describe(patient)}, then {describe(again)}; gaps {_gaps(device)}",
            tolerated=again.answer is Answer.PENDING,
            evidence=(patient, again),
        )
    if Answer.SLOW_DOWN not in device.answers:
        judge.not_applicable(
            "RFC8628-3.5-slow_down-no-livelock", "the target never sends slow_down"
        )


@verifies("RFC8628-3.5-slow_down-nonfatal", "RFC8628-3.5-approval-during-wait")
def test_slow_down_does_not_end_the_flow(device: Device, user: User, judge: Judge) -> None:
    """A device that was too fast twice is approved meanwhile and gets its token all the same."""
    device.begin()

    device.waits_and_polls()
    for _ in range(2):
        device.poll()
    user.approve(device)
    polled = device.waits_and_polls()

    if heard(polled) is Answer.PENDING:
        polled = device.waits_and_polls()
    if polled.answer not in {Answer.TOKEN, *STILL_OPEN}:
        again = device.waits_and_polls()
        given(heard(again) is not Answer.TOKEN, f"now and then a poll hears {describe(polled)}")
        given(Answer.SLOW_DOWN in device.answers, f"the device hears {describe(polled)}")
    for requirement in ("RFC8628-3.5-slow_down-nonfatal", "RFC8628-3.5-approval-during-wait"):
        judge.holds(
            requirement,
            polled.answer is Answer.TOKEN,
            expected="a token at the first poll that keeps to the longer interval",
            received=f"{describe(polled)}; gaps {_gaps(device)}",
            evidence=(polled,),
        )


@verifies("RFC8628-3.5-first-poll-immediate")
def test_the_first_poll_is_never_too_early(device: Device, judge: Judge) -> None:
    """The interval lies between two polls, so that the first one has nothing to wait for."""
    device.begin()

    polled = device.poll()

    given(heard(polled) in STILL_OPEN, f"a waiting device hears {describe(polled)}")
    judge.answers("RFC8628-3.5-first-poll-immediate", polled, {Answer.PENDING})


@verifies(
    "RFC8628-3.5-expired_token", "RFC8628-3.2-limited-time", "RFC8628-3.5-expired-over-throttle"
)
def test_a_code_that_nobody_approves_expires(device: Device, judge: Judge) -> None:
    """When nobody ever comes, the device hears expired_token, however fast it asks again."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")

    device.world.wait(device.issued_until() - device.world.clock.now())
    dead_for = device.age - device.expires_in
    late = device.poll()
    at_once = device.poll()

    # A server may have forgotten the code by then, which makes it an unknown one.
    forgotten = {Answer.INVALID_GRANT} if dead_for > FORGOTTEN else set()
    judge.answers(
        "RFC8628-3.5-expired_token",
        late,
        {Answer.EXPIRED} | forgotten,
        tolerated={Answer.INVALID_GRANT},
    )
    judge.holds(
        "RFC8628-3.2-limited-time",
        late.answer not in {Answer.PENDING, Answer.TOKEN},
        expected=f"the code to be dead {device.age - device.expires_in:.0f} s after its time",
        received=describe(late),
        evidence=(late,),
    )
    if late.answer not in {Answer.EXPIRED, Answer.INVALID_GRANT}:
        judge.undecided("RFC8628-3.5-expired-over-throttle", "the code did not expire")
    else:
        judge.holds(
            "RFC8628-3.5-expired-over-throttle",
            heard(at_once) in {Answer.EXPIRED, Answer.INVALID_GRANT},
            expected="expired_token or invalid_grant",
            received=describe(at_once),
            grave=at_once.answer is Answer.BROKEN,
            evidence=(at_once,),
        )


@verifies("RFC8628-3.5-expired-approved")
def test_an_approval_does_not_keep_for_ever(device: Device, user: User, judge: Judge) -> None:
    """A token that was approved in time but not collected in time is gone."""
    device.begin()
    first = device.waits_and_polls()
    given(heard(first) in STILL_OPEN, f"an ordinary poll hears {describe(first)}")
    device.world.wait(0.8 * device.expires_in - device.age)
    user.approve(device)

    grace = expiry_slack(device.expires_in) + device.interval + 1
    device.world.wait(device.expires_in + grace - device.age)
    polled = device.poll()

    judge.answers(
        "RFC8628-3.5-expired-approved",
        polled,
        {Answer.EXPIRED, Answer.INVALID_GRANT, Answer.DENIED},
    )


@verifies("RFC8628-3.2-expires_in-shared")
def test_both_codes_live_as_long_as_announced(device: Device, user: User, judge: Judge) -> None:
    """Somebody who comes late, but in time, can still type the code, and the device gets in."""
    device.begin()
    device.world.wait(0.85 * device.expires_in)
    given(device.expires_in - device.age > 3 * device.interval, "the codes live too briefly")

    visit = user.decides(Wish.APPROVE, device)
    if visit.outcome is Outcome.REFUSED:
        _accepted_when_fresh(device, user, visit)
    polled = collects(device)

    judged = {Answer.TOKEN, Answer.EXPIRED, Answer.INVALID_GRANT, *STILL_OPEN}
    given(polled.answer in judged, f"a device that polls hears {describe(polled)}")
    judge.holds(
        "RFC8628-3.2-expires_in-shared",
        polled.answer is Answer.TOKEN,
        expected=f"a token for codes that live {device.expires_in:g} s, approved after "
        f"{0.85 * device.expires_in:.0f} s",
        received=describe(polled)
        + (f"; the page said: {visit.message}" if visit.outcome is Outcome.REFUSED else ""),
        evidence=(polled,),
    )


def _accepted_when_fresh(late: Device, user: User, visit: Visit) -> None:
    """Take for granted that the page refuses the code for its age, and not any code."""
    fresh = Device(late.world, late.client, "fresh display")
    fresh.begin()
    again = user.decides(Wish.APPROVE, fresh)
    given(again.outcome is Outcome.DECIDED, f"fresh codes are refused as well: {visit.message}")


@verifies("RFC8628-3.5-single-use", "RFC8628-3.5-replay-revokes")
def test_a_code_buys_one_token(device: Device, user: User, judge: Judge) -> None:
    """The token was collected; polling once more with the same code brings nothing."""
    device.begin()
    user.approve(device)
    token_collected(device)
    token = device.access_token

    again = device.waits_and_polls()
    judge.answers(
        "RFC8628-3.5-single-use",
        again,
        {Answer.INVALID_GRANT},
        tolerated={Answer.EXPIRED, Answer.DENIED},
    )
    endpoint = device.world.target.userinfo_endpoint
    if endpoint is not None and again.answer is not Answer.TOKEN:
        used = device.reads(endpoint, token)
        judge.holds(
            "RFC8628-3.5-replay-revokes",
            used.status >= 400,
            received="the first token still works after the code was used again",
            evidence=(used,),
        )
    else:
        judge.not_applicable("RFC8628-3.5-replay-revokes", "needs a userinfo_endpoint")


@verifies("RFC6749-5.1-expires_in-from-response")
def test_a_token_begins_to_age_when_it_is_collected(
    device: Device, user: User, judge: Judge
) -> None:
    """A device that collects its token late gets one with its whole life before it."""
    wait = 30.0
    device.begin()
    given(device.expires_in > wait + 4 * device.interval, "the codes live too briefly")
    user.approve(device)

    device.world.wait(wait)
    device.poll()

    life = device.token_response.get("expires_in")
    claims = payload(device.access_token)
    if not isinstance(claims.get("exp"), int | float):
        raise NotApplicable("needs an access token that shows its expiry, such as a JWT")
    given(isinstance(life, int | float), "the response has no expires_in")
    left = float(claims["exp"]) - device.world.clock.unix()
    judge.holds(
        "RFC6749-5.1-expires_in-from-response",
        abs(left - float(str(life))) <= 10 + device.world.target.slack,
        expected=f"{life} s of life left",
        received=f"{left:.0f} s",
        evidence=device.polls[-1:],
    )


def _gaps(device: Device) -> str:
    """The measured seconds between the polls of a device."""
    began = [poll.began for poll in device.polls]
    return ", ".join(f"{b - a:.2f}" for a, b in pairwise(began)) + " s"
