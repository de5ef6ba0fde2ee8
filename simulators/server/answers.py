"""Responses of the endpoints that devices talk to; errors are made once and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.wire import Header, Response
from simulators.server.refusal import Endpoint, Refused

if TYPE_CHECKING:
    from simulators.server.rules import Rules

_USUAL = {
    "authorization_pending": "nobody has approved yet",
    "slow_down": "wait five seconds longer between polls",
    "access_denied": "the request was refused",
    "expired_token": "the device_code has expired",
    "invalid_grant": "the device_code is unknown, used or not for this client",
    "invalid_request": "the device_code is missing or malformed",
    "invalid_client": "the client is unknown or has not proved who it is",
    "server_error": "something went wrong here",
}


class Answers:
    """Makes successes and errors in the way that the rules say."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._made: dict[tuple[object, ...], Response] = {}
        self._polls: dict[str, Response] = {}
        self._headers = {
            "device_authorization": rules.device_headers(),
            "token": rules.token_headers(),
        }

    def headers(self, endpoint: Endpoint) -> tuple[Header, ...]:
        """The headers of every answer of that endpoint."""
        return self._headers.get(endpoint, self._headers["token"])

    def success(self, endpoint: Endpoint, members: dict[str, object]) -> Response:
        """200 with a JSON object."""
        ordered = self._rules.freedom.ordered(members)
        return Response(
            self._rules.success_status(endpoint),
            self.headers(endpoint),
            self._rules.success_body(encoded(ordered), endpoint),
        )

    def poll_error(self, error: str) -> Response:
        """The answer to a poll that gets no tokens (RFC 8628 section 3.5)."""
        found = self._polls.get(error)
        if found is None:
            found = self.error("token", Refused(error, _USUAL.get(error, "see RFC 8628")))
            self._polls[error] = found
        return found

    def error(self, endpoint: Endpoint, refused: Refused, *, basic: bool = False) -> Response:
        """An error (RFC 6749 section 5.2); `basic` if Basic credentials came with the request."""
        key = (
            endpoint,
            refused.error,
            refused.description,
            refused.status,
            refused.allow,
            refused.headers,
            basic,
        )
        found = self._made.get(key)
        if found is None:
            found = self._make(endpoint, refused, basic=basic)
            # What has headers of its own, such as a nonce, is another one every few minutes.
            if not refused.headers:
                self._made[key] = found
        return found

    def _make(self, endpoint: Endpoint, refused: Refused, *, basic: bool) -> Response:
        rules = self._rules
        name = rules.error_name(refused.error)
        status = refused.status or rules.error_status(name, basic=basic)
        headers = self.headers(endpoint)
        challenge = rules.client_challenge()
        if status == 401 and challenge is not None:
            headers = (*headers, ("www-authenticate", challenge))
        if refused.allow is not None:
            headers = (*headers, ("allow", refused.allow))
        headers = (*headers, *refused.headers)
        members = rules.freedom.ordered(rules.error_members(name, refused.description))
        made = Response(status, headers, encoded(members))
        return (
            rules.device_error(made)
            if endpoint == "device_authorization"
            else rules.token_error(made)
        )


def encoded(members: dict[str, object]) -> bytes:
    """A JSON object without blanks."""
    return json.dumps(members, separators=(",", ":")).encode()
