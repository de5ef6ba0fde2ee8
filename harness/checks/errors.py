"""What an error must look like, at the token and the device authorization endpoint.

RFC 6749 section 5.2, RFC 8628 sections 3.2 and 3.5.
"""

from __future__ import annotations

import re

from harness.transcript import Exchange, Transcript
from harness.verdict import Judge, describe
from harness.wire import FORM, Answer, Response, answer_of

REGISTERED = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "authorization_pending",
    "slow_down",
    "access_denied",
    "expired_token",
    "server_error",
    "temporarily_unavailable",
    "invalid_target",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "invalid_authorization_details",
    "unmet_authentication_requirements",
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
}
"""Names out of the registry of OAuth extension errors that a token endpoint may use."""

_STATUS_RULE = {
    Answer.PENDING: "RFC8628-3.5-pending-status",
    Answer.SLOW_DOWN: "RFC8628-3.5-slow_down-status",
    Answer.DENIED: "RFC8628-3.5-access_denied",
    Answer.EXPIRED: "RFC8628-3.5-expired_token",
}
_TELLING = {401, 403, 428, 429}
"""Statuses that real servers use instead of 400, with the right word in the body."""
_ERROR_TEXT = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*\Z")
_ERROR_URI = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every error answer of a transcript."""
    for exchange in transcript.exchanges:
        response = exchange.response
        if response is None or exchange.door not in {"token", "device_authorization"}:
            continue
        if exchange.manner == "hostile" or not _form_post(exchange):
            continue
        answer = answer_of(response)
        if answer in {Answer.BUSY, Answer.BROKEN} or (
            response.status < 300 and response.error is None
        ):
            continue
        if exchange.door == "device_authorization":
            _at_device_endpoint(exchange, response, judge)
        else:
            _at_token_endpoint(exchange, response, answer, judge)
        _text(exchange, response, judge)


def _form_post(exchange: Exchange) -> bool:
    kind = (exchange.request.header("content-type") or "").partition(";")[0]
    return exchange.request.method == "POST" and kind.strip().lower() == FORM


def _at_device_endpoint(exchange: Exchange, response: Response, judge: Judge) -> None:
    fine = response.status == 400 or (response.status == 401 and response.error == "invalid_client")
    judge.holds(
        "RFC8628-3.2-error-format",
        fine and response.error and response.media_type == "application/json",
        expected="400 (401 for invalid_client) with a JSON member error",
        received=f"{describe(exchange)} as {response.media_type or 'no media type'}",
        tolerated=response.error and response.status in _TELLING,
        evidence=(exchange,),
    )


def _at_token_endpoint(
    exchange: Exchange, response: Response, answer: Answer, judge: Judge
) -> None:
    evidence = (exchange,)
    judge.holds(
        "RFC6749-5.2-error-json",
        response.error and response.media_type == "application/json",
        expected="application/json with error as a string",
        received=f"{describe(exchange)} as {response.media_type or 'no media type'}",
        evidence=evidence,
    )
    if response.error is None:
        return
    if answer in _STATUS_RULE:
        rule = _STATUS_RULE[answer]
        if response.status != 400 or rule.endswith("-status"):
            judge.holds(
                rule,
                response.status == 400,
                expected=f"400 {answer.value}",
                received=describe(exchange),
                tolerated=response.status in _TELLING,
                grave=response.status < 300 or response.status >= 500,
                evidence=evidence,
            )
    else:
        lawful = {400, 401} if answer is Answer.INVALID_CLIENT else {400}
        judge.holds(
            "RFC6749-5.2-invalid_client-status",
            response.status in lawful,
            expected=" or ".join(map(str, sorted(lawful))),
            received=describe(exchange),
            tolerated=response.status in _TELLING,
            evidence=evidence,
        )
    judge.holds(
        "RFC8628-3.5-error-member",
        response.error in REGISTERED,
        expected="an error name that is registered",
        received=describe(exchange),
        evidence=evidence,
    )
    judge.holds(
        "RFC6749-5.2-no-cache-error",
        "no-store" in (response.header("cache-control") or "").lower(),
        received="an error answer without Cache-Control: no-store",
        evidence=evidence,
    )


def _text(exchange: Exchange, response: Response, judge: Judge) -> None:
    body = response.json()
    if body is None or "error" not in body:
        return
    evidence = (exchange,)
    # Some serialisers write null for what is not there.
    tokens = [name for name in ("access_token", "refresh_token", "id_token") if body.get(name)]
    judge.holds(
        "RFC6749-5.2-no-token-on-error",
        not tokens,
        expected="no token beside an error",
        received=f"{', '.join(tokens)} beside {describe(exchange)}",
        evidence=evidence,
    )
    error, description = str(body["error"]), str(body.get("error_description", ""))
    odd = dict.fromkeys(char for char in error + description if not _ERROR_TEXT.match(char))
    judge.holds(
        "RFC6749-5.2-error-charset",
        not odd,
        expected='printable ASCII without " and \\',
        received=f"{' '.join(map(ascii, odd))[:60]} in {description!r:.80}",
        grave=not _ERROR_TEXT.match(error),
        evidence=evidence,
    )
    if "error_uri" in body:
        uri = body["error_uri"]
        judge.holds(
            "RFC6749-5.2-error_uri",
            isinstance(uri, str) and _ERROR_URI.match(uri),
            expected="error_uri as a URI reference",
            received=f"{uri!r:.80}",
            evidence=evidence,
        )
    else:
        judge.holds("RFC6749-5.2-error_uri", condition=True, evidence=evidence)
