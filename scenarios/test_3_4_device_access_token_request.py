"""RFC 8628 section 3.4: a device polls the token endpoint."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from harness.checks.tokens import scopes
from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, describe, given, heard
from harness.wire import DEVICE_CODE_GRANT, Answer, Request
from scenarios.claims import payload
from scenarios.outcomes import (
    STILL_OPEN,
    brings_token,
    changes_nothing,
    collects,
    token_collected,
)
from scenarios.wrong_requests import (
    PROBE,
    as_json,
    in_the_query,
)
from simulators.device import Device
from simulators.user import User


@verifies(
    "RFC8628-3.4-grant_type-as",
    "RFC8628-3.4-public-guess",
    "RFC6749-3.2-tls",
    "RFC6749-5.2-error-json",
    "RFC6749-5.2-error-charset",
    "RFC6749-5.2-error_uri",
    "RFC6749-5.2-no-cache-error",
    "RFC6749-5.2-no-token-on-error",
    "RFC8628-3.5-error-member",
    "RFC8628-3.5-pending-status",
)
def test_the_grant_has_one_name(device: Device, judge: Judge) -> None:
    """The long URN is the grant's name; the short one is a grant that hardly anybody knows."""
    device.begin()

    polled = device.waits_and_polls()
    device.waits()
    short = device.sends(
        device.token_request(without={"grant_type"}, plus=[("grant_type", "device_code")])
    )

    # Codes were issued to this client: refusing it here is not the policy of both endpoints.
    if device.client.auth != "none":
        judge.not_applicable("RFC8628-3.4-public-guess", "[clients.public] has a secret")
    elif heard(polled) in {*STILL_OPEN, Answer.INVALID_CLIENT, Answer.UNAUTHORIZED_CLIENT}:
        judge.answers("RFC8628-3.4-public-guess", polled, STILL_OPEN)
    given(heard(polled) in STILL_OPEN, f"an ordinary poll hears {describe(polled)}")
    judge.holds("RFC8628-3.4-grant_type-as", condition=True, evidence=(polled,))
    pending = heard(short) in STILL_OPEN
    if not pending and short.answer is not Answer.UNSUPPORTED_GRANT_TYPE:
        polled = device.waits_and_polls()
    if pending or describe(short) == describe(polled):
        # No rule forbids further names, and a device that keeps to the URN meets none of them.
        told = "the grant goes by the name device_code, too"
        judge.note("RFC8628-3.4-grant_type-as", told, [short])
        return
    judge.holds(
        "RFC8628-3.4-grant_type-as",
        short.answer is Answer.UNSUPPORTED_GRANT_TYPE,
        expected="unsupported_grant_type for the grant_type device_code",
        received=describe(short),
        tolerated=400 <= short.status < 500,
        evidence=(short,),
    )


@verifies("RFC8628-3.4-device_code-missing")
def test_a_poll_needs_a_device_code(device: Device, judge: Judge) -> None:
    """A poll without device_code, or with an empty one, is an invalid request."""
    device.begin()

    for plus in ([], [("device_code", "")]):
        device.waits()
        asked = device.sends(device.token_request(without={"device_code"}, plus=plus))
        judge.answers(
            "RFC8628-3.4-device_code-missing",
            asked,
            {Answer.INVALID_REQUEST},
            tolerated={Answer.INVALID_GRANT},
        )


@verifies("RFC8628-3.4-client_id-missing")
def test_a_poll_says_who_polls(device: Device, judge: Judge) -> None:
    """A device_code alone, without any client, is not answered like a poll."""
    device.begin()
    bare = replace(device.client, auth="none")

    device.waits()
    asked = device.sends(device.token_request(without={"client_id"}, client=bare))

    judge.answers(
        "RFC8628-3.4-client_id-missing",
        asked,
        {Answer.INVALID_REQUEST, Answer.INVALID_CLIENT},
        tolerated={Answer.UNAUTHORIZED_CLIENT, Answer.INVALID_GRANT},
    )


@verifies("RFC8628-3.4-unknown-param", "RFC6749-3.2-empty-param", "RFC6749-3.2-form-charset")
def test_a_poll_is_read_like_any_form(device: Device, judge: Judge) -> None:
    """Unknown and empty parameters change nothing, and every character may be escaped."""
    device.begin()

    device.waits()
    probed = device.sends(device.token_request(plus=[PROBE]), note="an unknown parameter")
    device.waits()
    empty = [("scope", "")]
    if device.client.auth == "none":
        empty.append(("client_secret", ""))
    emptied = device.sends(device.token_request(plus=empty), note="empty parameters")
    device.waits()
    escaped = device.sends(_escaped(device), note="every character percent-encoded")

    changes_nothing(judge, "RFC8628-3.4-unknown-param", device, probed)
    changes_nothing(judge, "RFC6749-3.2-empty-param", device, emptied)
    changes_nothing(judge, "RFC6749-3.2-form-charset", device, escaped)


@verifies("RFC8628-3.4-dup-param")
def test_a_poll_says_nothing_twice(
    device: Device, other_device: Device, user: User, judge: Judge
) -> None:
    """A poll with two device_codes is invalid, and surely buys nothing."""
    device.begin()
    other_device.begin()

    device.waits()
    same = device.sends(device.token_request(plus=[("device_code", device.device_code)]))
    judge.answers("RFC8628-3.4-dup-param", same, {Answer.INVALID_REQUEST})
    user.approve(other_device)
    device.waits()
    two = device.sends(device.token_request(plus=[("device_code", other_device.device_code)]))
    judge.answers("RFC8628-3.4-dup-param", two, {Answer.INVALID_REQUEST}, grave={Answer.TOKEN})


@verifies("RFC8628-3.4-unknown-device_code")
def test_a_code_that_nobody_issued_is_no_grant(device: Device, judge: Judge) -> None:
    """Polling with a made-up device_code, or with half of a real one, ends at once."""
    device.begin()
    own = device.waits_and_polls()
    given(heard(own) in STILL_OPEN, f"an ordinary poll hears {describe(own)}")
    code = device.device_code
    made_up = "".join(_next(char) for char in reversed(code))

    for wrong in (made_up, code[: len(code) // 2]):
        device.waits()
        polled = device.sends(device.token_request(device_code=wrong))
        judge.answers(
            "RFC8628-3.4-unknown-device_code",
            polled,
            {Answer.INVALID_GRANT},
            tolerated={Answer.EXPIRED, Answer.INVALID_REQUEST, Answer.DENIED},
        )


@verifies("RFC8628-3.4-scope-param", "RFC6749-3.3-scope-not-wider")
def test_a_poll_cannot_ask_for_more(
    device: Device, user: User, judge: Judge, target: Target
) -> None:
    """The scope was settled when the codes were issued; a poll needs none and cannot widen it."""
    names = target.scope.split()
    device.begin()
    user.approve(device)
    polled = collects(device)
    if heard(polled) is Answer.INVALID_SCOPE or heard(polled) is Answer.INVALID_REQUEST:
        judge.answers("RFC8628-3.4-scope-param", polled, {Answer.TOKEN})
    brings_token(judge, "RFC8628-3.4-scope-param", polled)
    given(len(names) > 1, "needs a target file whose scope has two names", "settings")

    narrow = names[0]
    device.begin(scope=narrow)
    user.approve(device)
    device.waits()
    request = device.token_request(plus=[("scope", target.scope)])
    greedy = device.sends(request, note="asks for more than was approved")

    given(heard(greedy) is not Answer.BROKEN, f"the device hears {describe(greedy)}")
    if greedy.answer is Answer.TOKEN and greedy.response is not None:
        body = greedy.response.json() or {}
        # Without a scope member the token is for what the device authorization request named,
        # unless the token itself says more.
        inside = payload(str(body.get("access_token"))).get("scope", narrow)
        granted = scopes(body.get("scope", inside)) | scopes(inside)
        extra = granted & set(names[1:])
        judge.holds(
            "RFC8628-3.4-scope-param",
            not extra or _always_granted(device, user, narrow, extra),
            expected=f"no more than {narrow!r}",
            received=f"a token for {' '.join(sorted(granted))[:80]!r}",
            evidence=(greedy,),
        )
    else:
        judge.answers(
            "RFC8628-3.4-scope-param",
            greedy,
            {Answer.INVALID_SCOPE, Answer.INVALID_REQUEST},
            tolerated={Answer.INVALID_GRANT},
        )


def _always_granted(device: Device, user: User, narrow: str, extra: set[str]) -> bool:
    """Whether the target grants the extra scopes anyway, so that the poll widened nothing."""
    device.begin(scope=narrow)
    user.approve(device)
    token_collected(device)
    return extra <= set(str(device.token_response.get("scope", "")).split())


@verifies("RFC6749-5.2-grant_type-missing", "RFC6749-5.2-unsupported_grant_type")
def test_the_token_endpoint_knows_what_it_is_asked(device: Device, judge: Judge) -> None:
    """A token request without a grant, or for one that does not exist, is told so."""
    device.begin()
    missing = device.sends(device.token_request(without={"grant_type"}))
    unknown = device.sends(
        device.token_request(
            without={"grant_type", "device_code"}, plus=[("grant_type", "urn:example:none")]
        )
    )

    judge.answers(
        "RFC6749-5.2-grant_type-missing",
        missing,
        {Answer.INVALID_REQUEST},
        tolerated={Answer.UNSUPPORTED_GRANT_TYPE},
    )
    judge.answers(
        "RFC6749-5.2-unsupported_grant_type",
        unknown,
        {Answer.UNSUPPORTED_GRANT_TYPE},
        tolerated={Answer.INVALID_REQUEST, Answer.UNAUTHORIZED_CLIENT},
    )


@verifies("RFC6749-3.2-get-refused", "RFC6749-3.2-json-refused")
def test_a_token_is_not_fetched_by_a_link(device: Device, user: User, judge: Judge) -> None:
    """An approved code in a URL brings no token: URLs end up in logs."""
    device.begin()
    as_object = device.sends(as_json(device.token_request()), manner="hostile")
    user.approve(device)
    device.waits()
    fetched = device.sends(in_the_query(device.token_request()), manner="hostile")

    judge.holds(
        "RFC6749-3.2-json-refused",
        heard(as_object) not in {*STILL_OPEN, Answer.BROKEN},
        expected="invalid_request or 415",
        received=describe(as_object),
        grave=as_object.answer is Answer.BROKEN,
        evidence=(as_object,),
    )
    judge.holds(
        "RFC6749-3.2-get-refused",
        heard(fetched) is not Answer.TOKEN and fetched.status < 500,
        expected="405, 404 or 400",
        received=describe(fetched),
        tolerated=fetched.answer is not Answer.TOKEN,
        evidence=(fetched,),
    )


@verifies("RFC6749-3.2-no-reflect")
def test_odd_bytes_do_no_harm(device: Device, judge: Judge) -> None:
    """A device_code of odd or very many bytes does no harm and does not come back as a page."""
    device.begin()
    markup = "<script>alert(4711)</script>"
    start = f"grant_type={DEVICE_CODE_GRANT}&client_id={device.client.client_id}&device_code="
    bodies = [
        start.encode() + b"%00%00",
        start.encode() + b"\xff\xfe%ff%fe",
        start.encode() + urlencode({"": "'\"\\`" + markup}).removeprefix("=").encode(),
        start.encode() + b"A" * 100_000,
    ]

    for body in bodies:
        request = device.token_request()
        kept = tuple(h for h in request.headers if h[0] != "authorization")
        sent = device.sends(Request("POST", request.url, kept, body), manner="hostile")
        _harmless(sent, markup, judge)


def _harmless(sent: Exchange, markup: str, judge: Judge) -> None:
    if sent.response is None:
        judge.undecided("RFC6749-3.2-no-reflect", f"no response: {sent.failure}", "network")
        return
    html = "html" in sent.response.media_type or not sent.response.media_type
    reflected = html and markup in sent.response.text
    judge.holds(
        "RFC6749-3.2-no-reflect",
        sent.status < 500 and not reflected,
        expected="400 or 413, and no markup that was sent",
        received="the markup, as a page" if reflected else describe(sent),
        evidence=(sent,),
    )


@verifies("RFC8628-3.5-user_code-not-redeemable")
def test_the_user_code_buys_no_token(device: Device, user: User, judge: Judge) -> None:
    """What everybody can read off the screen does not work in place of the device_code."""
    device.begin()
    user.approve(device)

    device.waits()
    polled = device.sends(device.token_request(device_code=device.user_code))

    judge.holds(
        "RFC8628-3.5-user_code-not-redeemable",
        heard(polled) is not Answer.TOKEN,
        expected="invalid_grant",
        received=describe(polled),
        evidence=(polled,),
    )


def _escaped(device: Device) -> Request:
    request = device.token_request()
    code = "".join(f"%{byte:02X}" for byte in device.device_code.encode())
    fields = [(name, value) for name, value in request.fields if name != "device_code"]
    return replace(request, body=f"{urlencode(fields)}&device_code={code}".encode())


def _next(char: str) -> str:
    """Another character of the same kind."""
    if char.isdigit():
        return str((int(char) + 1) % 10)
    if char.isascii() and char.isalpha():
        return chr(ord(char) + 1) if char not in "zZ" else chr(ord(char) - 25)
    return char
