"""RFC 8628 section 3.1: a device asks for codes."""

from __future__ import annotations

from dataclasses import replace

from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import FORM, Answer
from scenarios.outcomes import codes_are_issued
from scenarios.wrong_requests import (
    EXTRAS,
    PROBE,
    UNKNOWN_CLIENT,
    as_json,
    in_the_query,
    typed,
)
from simulators.device import Device


@verifies(
    "RFC8628-3.1-as-form-body",
    "RFC8628-3.1-tls-as",
    "RFC8628-3.1-dup-response",
    "RFC8628-3.2-status",
    "RFC8628-3.2-json",
    "RFC8628-3.2-device_code",
    "RFC8628-3.2-user_code",
    "RFC8628-3.2-verification_uri",
    "RFC8628-3.2-verification_uri-https",
    "RFC8628-3.2-verification_uri-short",
    "RFC8628-3.2-expires_in",
    "RFC8628-3.2-expires_in-number",
    "RFC8628-3.2-interval-number",
    "RFC8628-3.2-interval-sane",
    "RFC8628-3.2-complete-optional",
    "RFC8628-3.2-no-store",
    "RFC8628-3.3-no-device_code-uri",
    "RFC8628-3.3-no-user_code-in-uri",
    "RFC8628-5.2-independent",
    "RFC8628-5.4-lifetime-min",
    "RFC8628-5.4-lifetime-max",
)
def test_a_display_asks_for_codes(device: Device, judge: Judge) -> None:
    """A display sends its client_id in a form, and nothing else, and gets two codes."""
    asked = device.ask()

    heard(asked)
    in_query = asked if asked.issued else device.ask(in_the_query(asked.request), manner="hostile")
    judge.holds(
        "RFC8628-3.1-as-form-body",
        asked.issued or not (in_query.issued or asked.status in {404, 405, 415}),
        expected="the parameters to be read from the form",
        received=describe(asked)
        + (", and codes when they stand in the URL" if in_query.issued else ""),
        evidence=(asked,),
    )
    given(asked.issued, f"no codes were issued: {describe(asked)}")


@verifies("RFC8628-3.1-no-extra-required", "RFC8628-3.1-public-accepted")
def test_a_client_without_a_secret_is_served(device: Device, judge: Judge) -> None:
    """A public client names itself, sends a scope, and nothing more is demanded of it."""
    if device.client.auth != "none":
        raise NotApplicable("[clients.public] has a secret")
    asked = device.ask()

    if heard(asked) in {Answer.INVALID_CLIENT, Answer.UNAUTHORIZED_CLIENT}:
        judge.holds(
            "RFC8628-3.1-public-accepted",
            condition=False,
            expected="codes for a public client that names itself",
            received=describe(asked),
            evidence=(asked,),
        )
        return
    helped_by = None
    if not asked.issued:
        helped_by = next(
            (name for name, value in EXTRAS if _with(device, name, value).issued), None
        )
        given(helped_by, f"no codes were issued: {describe(asked)}")
    judge.holds("RFC8628-3.1-public-accepted", asked.issued or helped_by, evidence=(asked,))
    judge.holds(
        "RFC8628-3.1-no-extra-required",
        asked.issued,
        expected="codes for client_id and scope",
        received=f"{describe(asked)}, but codes when {helped_by} is added",
        evidence=(asked,),
    )


def _with(device: Device, name: str, value: str) -> Exchange:
    request = device.device_authorization_request(plus=[(name, value)])
    return device.ask(request, manner="hostile", note=f"with {name}")


@verifies("RFC8628-3.1-as-form-charset")
def test_a_charset_changes_nothing(device: Device, judge: Judge) -> None:
    """Some libraries add a charset to the form's media type; the server reads the same form."""
    usual = device.ask()
    given(usual.issued, f"no codes were issued: {describe(usual)}")

    with_charset = device.ask(typed(usual.request, f"{FORM}; charset=UTF-8"))

    heard(with_charset)
    judge.holds(
        "RFC8628-3.1-as-form-charset",
        with_charset.issued,
        expected="codes, as without a charset",
        received=describe(with_charset),
        evidence=(with_charset,),
    )


@verifies(
    "RFC8628-3.1-client_id-missing", "RFC8628-3.1-empty-client_id", "RFC8628-3.2-error-format"
)
def test_nobody_gets_codes_anonymously(device: Device, judge: Judge) -> None:
    """A request that does not say which client it comes from is refused."""
    codes_are_issued(device)
    bare = replace(device.client, auth="none")
    missing = device.ask(
        device.device_authorization_request(without={"client_id"}, client=bare), manner="malformed"
    )
    empty = device.ask(
        device.device_authorization_request(
            without={"client_id"}, client=bare, plus=[("client_id", "")]
        ),
        manner="malformed",
    )

    lawful = {Answer.INVALID_REQUEST, Answer.INVALID_CLIENT}
    neighbours = {Answer.UNAUTHORIZED_CLIENT}
    judge.answers("RFC8628-3.1-client_id-missing", missing, lawful, tolerated=neighbours)
    judge.holds(
        "RFC8628-3.1-empty-client_id",
        heard(empty) in lawful and empty.answer is missing.answer,
        expected=f"the same as without client_id: {describe(missing)}",
        received=describe(empty),
        tolerated=not empty.issued and 400 <= empty.status < 500,
        evidence=(missing, empty),
    )


@verifies("RFC8628-3.1-unknown-client", "RFC8628-3.2-error-not-200")
def test_an_unknown_client_gets_no_codes(device: Device, judge: Judge) -> None:
    """A client_id that nobody registered is refused as invalid_client."""
    codes_are_issued(device)
    asked = device.ask(
        device.device_authorization_request(client=UNKNOWN_CLIENT), manner="malformed"
    )

    judge.holds(
        "RFC8628-3.1-unknown-client",
        heard(asked) is Answer.INVALID_CLIENT,
        expected="invalid_client",
        received=describe(asked),
        tolerated=asked.response is not None and asked.response.error and asked.status < 500,
        evidence=(asked,),
    )
    judge.holds(
        "RFC8628-3.2-error-not-200",
        asked.issued or asked.status >= 300,
        expected="a status of 4xx",
        received=describe(asked),
        evidence=(asked,),
    )


@verifies("RFC8628-3.1-scope-optional", "RFC8628-3.1-empty-param")
def test_scope_may_be_left_out(device: Device, judge: Judge) -> None:
    """Leaving scope out is no mistake, and an empty one is the same as none."""
    codes_are_issued(device)
    without = device.ask(device.device_authorization_request(without={"scope"}))
    empty = device.ask(device.device_authorization_request(without={"scope"}, plus=[("scope", "")]))

    judge.holds(
        "RFC8628-3.1-scope-optional",
        without.issued or heard(without) is Answer.INVALID_SCOPE,
        expected="codes or invalid_scope",
        received=describe(without),
        evidence=(without,),
    )
    heard(empty)
    judge.holds(
        "RFC8628-3.1-empty-param",
        (empty.issued, empty.status, empty.answer)
        == (without.issued, without.status, without.answer),
        expected=f"the same as without scope: {describe(without)}",
        received=describe(empty),
        evidence=(without, empty),
    )


@verifies("RFC8628-3.1-unknown-param")
def test_unknown_parameters_are_ignored(device: Device, judge: Judge) -> None:
    """A parameter that the server has never heard of changes nothing."""
    usual = device.ask()
    given(usual.issued, f"no codes were issued: {describe(usual)}")

    probed = device.ask(device.device_authorization_request(plus=[PROBE]))

    heard(probed)
    judge.holds(
        "RFC8628-3.1-unknown-param",
        probed.issued,
        expected="codes, as without it",
        received=describe(probed),
        evidence=(probed,),
    )


@verifies("RFC8628-3.1-dup-param-as")
def test_repeated_parameters_are_refused(device: Device, judge: Judge, target: Target) -> None:
    """A request that says something twice is an invalid request."""
    usual = device.ask()
    given(usual.issued, f"no codes were issued: {describe(usual)}")
    same = [("client_id", device.client.client_id)]
    twice = [device.device_authorization_request(plus=same)]
    scopes = target.scope.split()
    if len(scopes) > 1:
        twice.append(
            device.device_authorization_request(scope=scopes[0], plus=[("scope", scopes[1])])
        )
    for request in twice:
        asked = device.ask(request, manner="malformed")
        judge.answers("RFC8628-3.1-dup-param-as", asked, {Answer.INVALID_REQUEST})
    if (second := target.clients.get("second")) is not None:
        other = [("client_id", second.client_id)]
        asked = device.ask(device.device_authorization_request(plus=other), manner="malformed")
        judge.holds(
            "RFC8628-3.1-dup-param-as",
            heard(asked) is Answer.INVALID_REQUEST,
            expected="invalid_request for two different client_ids",
            received=describe(asked),
            grave=asked.issued,
            evidence=(asked,),
        )


@verifies("RFC8628-3.1-get")
def test_a_link_does_not_start_a_flow(device: Device, judge: Judge) -> None:
    """Opening the endpoint like a page, with the parameters in the URL, gives no codes."""
    codes_are_issued(device)
    asked = device.ask(in_the_query(device.device_authorization_request()), manner="hostile")

    judge.holds(
        "RFC8628-3.1-get",
        heard(asked) and not asked.issued and asked.status < 500,
        expected="405, 404 or 400",
        received=describe(asked),
        evidence=(asked,),
    )


@verifies("RFC8628-3.1-json-request")
def test_json_is_no_form(device: Device, judge: Judge) -> None:
    """The parameters as a JSON object are not what RFC 8628 defines."""
    codes_are_issued(device)
    asked = device.ask(as_json(device.device_authorization_request()), manner="hostile")

    judge.holds(
        "RFC8628-3.1-json-request",
        heard(asked) and not asked.issued and asked.status < 500,
        expected="invalid_request or 415",
        received=describe(asked),
        grave=asked.status >= 500,
        evidence=(asked,),
    )
