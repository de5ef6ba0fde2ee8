"""Which answers are lawful under load, and under which name each is counted.

The laws of this file: the oracle decides, never a list of statuses; it is asked only where the
answer is not trivially right, because a load run has thousands of polls a second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.oracle import allowed
from harness.runners.load.quoting import alike, quoted
from harness.transcript import Exchange, Transcript
from harness.verdict import describe
from harness.wire import Answer, NoAnswer

NEEDED = ("device_code", "user_code", "verification_uri", "expires_in")
REUSED = "reset on a reused connection"
EXHAUSTED = "this machine has no more files or ports: use fewer devices, or more machines"
PUT_OFF = {429, 503}
INJECTED = "injected: "
"""How the detail of a failure begins that was put in between on purpose."""
INJECTED_HEADER = "x-devicegrant-injected"
"""The header of a response that was."""
_FAULT = re.compile(r"(?:429|500|503)(?: with Retry-After)?")
_PLAIN = re.compile(r"\d{3} [a-z_, /+.-]*(?:JSON members [a-z_, .-]*)?")
"""What no secret is in, as it has neither digits nor capitals: most servers break in such words."""
_ERRORS = """
access_denied account_selection_required authorization_pending consent_required expired_token
insufficient_scope insufficient_user_authentication interaction_required
invalid_authorization_details invalid_binding_message invalid_client invalid_client_metadata
invalid_dpop_proof invalid_grant invalid_redirect_uri invalid_request invalid_request_object
invalid_request_uri invalid_scope invalid_software_statement invalid_target invalid_token
invalid_user_code login_required missing_user_code need_info registration_not_supported
request_denied request_not_supported request_submitted request_uri_not_supported server_error
slow_down temporarily_unavailable transaction_failed unapproved_software_statement
unauthorized_client unknown_user_id unmet_authentication_requirements unsupported_grant_type
unsupported_response_type unsupported_token_type use_dpop_nonce vp_formats_not_supported
"""
REGISTERED = frozenset(_ERRORS.split())
"""The errors that have a name everybody knows; any other may be anything, a code for instance."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a row of the statistics says: its name, and what was wrong, if anything was.

    `tolerated` is something arguable that is counted and is no failure.  `busy` is what a server
    may say that has too much to do: no fault, and counted for itself.  `injected` names what was
    put in between on purpose, for which nobody is blamed; `lost` says why no answer came, for which
    nobody can be.  `requirement` is what the past says about a poll that is wrong.
    """

    row: str
    wrong: str = ""
    tolerated: str = ""
    busy: bool = False
    injected: str = ""
    lost: str = ""
    requirement: str = ""

    @property
    def told(self) -> str:
        """Why the row counts as failed in Locust's statistics, or nothing."""
        return self.wrong or self.lost or ("put off" if self.busy else "")


class ClosedMeanwhile(NoAnswer):
    """A used connection broke: a server may close one that idles, so this is nobody's fault."""


class Exhausted(NoAnswer):
    """This machine has no more files or ports: nothing was sent, and the target knows nothing."""


def opinion(
    transcript: Transcript, exchange: Exchange, *, wish: str, lives: bool = False
) -> Opinion:
    """Judge one exchange by what went before it; `wish` is what the person on a page wants.

    With `lives` the code of a poll surely lives: then nothing but a decision can be in its way.
    """
    row = {
        "token": "poll",
        "device_authorization": "device authorization",
        "page": f"consent: {wish}",
    }.get(exchange.door, exchange.door)
    injected = _injected(exchange)
    if injected:
        return Opinion(f"{row}: {injected} (injected)", injected=injected)
    # A slow_down with status 429 is a slow_down: the words decide (see `answer_of`).
    if exchange.status in PUT_OFF and (exchange.door != "token" or exchange.answer is Answer.BUSY):
        return Opinion(f"{row}: busy", busy=True)
    if exchange.failure is not None:
        reason = exchange.failure.reason
        if isinstance(exchange.failure, ClosedMeanwhile):
            return Opinion(f"{row}: {REUSED}")
        if isinstance(exchange.failure, Exhausted):
            return Opinion(f"{row}: not sent", lost=EXHAUSTED)
        return Opinion(f"{row}: {reason}", lost=f"no response ({reason})")
    if exchange.door == "token":
        return _poll(transcript, exchange, lives=lives)
    if exchange.door == "device_authorization":
        return _codes(transcript, row, exchange)
    if exchange.status >= 500:
        return Opinion(row, f"{row}: {_said(exchange, transcript)}")
    if exchange.door != "page" and exchange.status != 200:
        return Opinion(row, f"{row} with a fresh token: {_said(exchange, transcript)}")
    return Opinion(row)


def _injected(exchange: Exchange) -> str:
    if exchange.failure is not None:
        words = exchange.failure.detail
        return words.removeprefix(INJECTED) if words.startswith(INJECTED) else ""
    assert exchange.response is not None
    named = exchange.response.header(INJECTED_HEADER) or ""
    return named if _FAULT.fullmatch(named) else ""


def _said(exchange: Exchange, transcript: Transcript) -> str:
    """What came back, in one phrase without secrets or commands in words of the target's own."""
    error = exchange.response.error if exchange.response is not None else None
    if error is not None and error not in REGISTERED:
        return f"{exchange.status} an unregistered error"
    said = describe(exchange)
    return said if _PLAIN.fullmatch(said) else quoted(said, transcript)


def _codes(transcript: Transcript, row: str, exchange: Exchange) -> Opinion:
    body = (exchange.response.json() if exchange.response is not None else None) or {}
    missing = [name for name in NEEDED if name not in body]
    if exchange.status == 200 and not missing:
        return Opinion(row)
    return Opinion(row, f"{row}: {_said(exchange, transcript)}")


def _poll(transcript: Transcript, exchange: Exchange, *, lives: bool) -> Opinion:
    answer = exchange.answer
    assert answer is not None
    row = f"poll: {answer.value}"
    odd = _odd_status(exchange, answer)
    if answer in {Answer.BROKEN, Answer.GARBLED}:
        return Opinion(row, f"poll: {_said(exchange, transcript)}")
    if answer is Answer.PENDING and lives and not transcript.decisions:
        return Opinion(row, tolerated=odd)
    expected = allowed(transcript, exchange)
    if expected is None or answer in expected.allowed:
        return Opinion(row, tolerated=odd)
    lawful = " or ".join(sorted(one.value for one in expected.allowed))
    told = f"poll: {answer.value} although {alike(expected.why)}; lawful: {lawful}"
    if answer in expected.tolerated or answer in expected.unclear:
        return Opinion(row, tolerated=told)
    requirement = expected.instead.get(answer, expected.requirement)
    return Opinion(row, f"{told} ({requirement})", requirement=requirement)


def _odd_status(exchange: Exchange, answer: Answer) -> str:
    """What is to be said of the right words with the wrong status (RFC 6749 section 5.2)."""
    lawful = {200} if answer is Answer.TOKEN else {400, 401}
    pending401 = exchange.status == 401 and answer is not Answer.INVALID_CLIENT
    if exchange.status in lawful and not pending401:
        return ""
    return f"poll: {answer.value} with status {exchange.status}"
