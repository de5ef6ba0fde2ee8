"""Servers whose answers look wrong (RFC 8628 sections 3.2 and 3.5, RFC 6749 section 5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from harness.wire import Header, Response
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Grant
from simulators.server.refusal import Endpoint

Members = dict[str, object]


@mutant(
    "S08",
    "RFC8628-3.2-interval-sane",
    bug="keycloak #12327, PR #11893; SwissDataScienceCenter/renku #2599",
)
class DefaultIntervalIsLifetime(Rules):
    """The interval is set to the lifetime of the codes."""

    def interval(self, client: Client) -> float:
        """As long as the codes live."""
        return self.lifetime(client)


@mutant("S21", "RFC8628-3.5-pending-status", bug="dexidp/dex #4240, PR #4204")
class Pending401(Rules):
    """authorization_pending comes with 401."""

    def error_status(self, error: str, *, basic: bool) -> int:
        """Unauthorized."""
        return 401 if error == "authorization_pending" else super().error_status(error, basic=basic)


@mutant("S22", "RFC8628-3.5-pending-status", bug="OpenIdentityPlatform/OpenAM #208, PR #209")
class Pending403(Rules):
    """authorization_pending comes with 403."""

    def error_status(self, error: str, *, basic: bool) -> int:
        """Forbidden."""
        return 403 if error == "authorization_pending" else super().error_status(error, basic=basic)


@mutant(
    "S23",
    "RFC8628-3.5-pending-status",
    "RFC8628-3.2-error-not-200",
    "RFC8628-3.2-error-format",
    "RFC8628-3.5-slow_down-status",
    "RFC8628-3.5-access_denied",
    "RFC8628-3.5-expired_token",
    "RFC6749-5.2-invalid_client-status",
    "RFC6749-5.2-www-authenticate",
    "RFC7009-2.1-client-auth",
    "RFC7662-2.1-auth",
    "RFC7662-2.3-error",
    "RFC8705-2-mismatch",
    "RFC9396-5-invalid",
    "RFC9449-5-invalid",
    "RFC9449-5-refresh",
    "RFC9449-8-nonce-as",
    bug="ramosbugs/oauth2-rs #218; panva/openid-client #575; smallstep/cli #1330 (GitHub's server)",
)
class Errors200(Rules):
    """OAuth errors are delivered with 200."""

    def error_status(self, error: str, *, basic: bool) -> int:  # noqa: ARG002
        """OK."""
        return 200


@mutant(
    "S24",
    "RFC8628-3.2-verification_uri",
    bug="OpenIdentityPlatform/OpenAM #204; golang/oauth2 #666",
)
class VerificationUrlName(Rules):
    """The member is called verification_url."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Rename it."""
        return {name.replace("_uri", "_url"): value for name, value in members.items()}


@mutant(
    "S25",
    "RFC8628-3.2-error-not-200",
    "RFC8628-3.1-unknown-client",
    "RFC8628-3.1-client_id-missing",
    "RFC8628-3.1-empty-client_id",
    "RFC8628-3.1-dup-param-as",
    "RFC8628-3.1-confidential-unauth",
    "RFC8628-3.1-confidential-wrong-secret",
    "RFC8628-3.2-invalid_scope",
    "RFC8628-3.2-unauthorized_client",
    bug="authelia/authelia #10404",
)
class EmptySuccess(Rules):
    """What goes wrong at the device authorization endpoint is answered 200 {}."""

    def device_error(self, response: Response) -> Response:
        """Nothing to see."""
        return replace(response, status=200, body=b"{}")


@mutant("S26", "RFC8628-3.2-json", bug="dexidp/dex #2537, PR #2538")
class NoJsonType(Rules):
    """The device authorization response does not say that it is JSON."""

    def device_headers(self) -> tuple[Header, ...]:
        """Plain text."""
        return tuple(
            (name, "text/plain" if name == "content-type" else value)
            for name, value in super().device_headers()
        )

    def device_error(self, response: Response) -> Response:
        """Errors are fine."""
        headers = (("content-type", "application/json"), *response.headers[1:])
        return replace(response, headers=headers)


@mutant("S61", "RFC8628-3.2-expires_in", "RFC8628-3.2-interval-sane", bug="indigo-iam/iam #236")
class ZeroLifetime(Rules):
    """Codes of a dynamically registered client expire at once."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Announce nothing."""
        return {**members, "expires_in": 0}

    def lifetime(self, client: Client) -> float:  # noqa: ARG002
        """None."""
        return 0.001


@mutant(
    "S62",
    "RFC8628-3.2-expires_in-shared",
    bug="learn.microsoft.com Q&A 981553, 993664 (Entra)",
)
class ShorterThanAnnounced(Rules):
    """The user_code is dead after a third of the time that is announced."""

    def page_expired(self, grant: Grant, now: float) -> bool:
        """Early."""
        return now >= grant.issued_at + (grant.expires_at - grant.issued_at) / 3


@mutant("S66", "RFC8628-3.2-expires_in-number", bug="panva/openid-client #478 (Entra v1)")
class StringExpiresIn(Rules):
    """expires_in is a JSON string."""

    def device_response(self, members: Members, grant: Grant) -> Members:  # noqa: ARG002
        """Quote it."""
        return {**members, "expires_in": str(members["expires_in"])}


@mutant("S67", "RFC8628-3.2-verification_uri", bug="better-auth/better-auth PR #5451 (review)")
class NullUri(Rules):
    """verification_uri is null."""

    def verification_uri(self, address: str, grant: Grant) -> object:  # noqa: ARG002
        """Nothing."""
        return None


@mutant(
    "S82",
    "RFC8628-3.5-single-use",
    "RFC8628-3.5-parallel-single-use",
    "RFC8628-3.3-approve-final",
    bug="Dex, read in its source",
    verified=False,
)
class StoredAnswerReplayed(Rules):
    """The token response is stored and served again at every poll."""

    def redeem(self, grant: Grant, now: float, issue: Callable[[], Members]) -> Members:  # noqa: ARG002
        """The same tokens again and again."""
        stored: dict[str, Members] = self.__dict__.setdefault("stored", {})
        if grant.device_code not in stored:
            stored[grant.device_code] = issue()
        return stored[grant.device_code]


@mutant("", "RFC8628-3.2-status", bug="no report known")
class Created201(Rules):
    """Codes are delivered with 201."""

    def success_status(self, endpoint: Endpoint) -> int:
        """Created."""
        return 201 if endpoint == "device_authorization" else 200


@mutant("", "RFC8628-3.2-no-store", bug="no report known")
class DeviceResponseCached(Rules):
    """The device authorization response may be cached."""

    def device_headers(self) -> tuple[Header, ...]:
        """Only the type."""
        return (("content-type", "application/json"),)


@mutant(
    "",
    "RFC8628-3.3-no-device_code-uri",
    "RFC8628-3.3-no-device_code-page",
    bug="no report known",
)
class DeviceCodeInLink(Rules):
    """verification_uri_complete carries the device_code."""

    pinned = MappingProxyType({"sends_complete": True})

    def verification_uri_complete(self, address: str, grant: Grant) -> object:
        """Both codes."""
        return f"{address}?user_code={grant.user_code}&device_code={grant.device_code}"


@mutant(
    "",
    "RFC8628-3.3-no-user_code-in-uri",
    "RFC8628-3.2-verification_uri-short",
    bug="no report known",
)
class UserCodeInUri(Rules):
    """verification_uri embeds the user_code."""

    def verification_uri(self, address: str, grant: Grant) -> object:
        """Like the complete one."""
        return f"{address}?user_code={grant.user_code}"


@mutant("", "RFC8628-5.2-independent", bug="no report known")
class DeviceCodeFromUserCode(Rules):
    """The device_code is computed from the user_code."""

    def device_code(self, rand: random.Random) -> str:
        """Make a user_code and remember it."""
        self.__dict__["last"] = super().device_code(rand)
        return str(self.__dict__["last"])

    def device_response(self, members: Members, grant: Grant) -> Members:
        """Announce a device_code with the user_code in it."""
        return {**members, "device_code": f"{grant.user_code}.{members['device_code']}"}

    def read_device_code(self, text: str) -> str:
        """Take it off again."""
        return text.partition(".")[2]


@mutant(
    "",
    "RFC8628-5.2-entropy",
    "RFC6749-10.10-device-code",
    "RFC8628-5.2-device-guess-limit",
    bug="no report known",
)
class ShortDeviceCode(Rules):
    """Device codes have 40 bits."""

    def device_code(self, rand: random.Random) -> str:
        """Ten hexadecimal digits."""
        return rand.randbytes(5).hex()


@mutant(
    "", "RFC8628-3.2-complete-carries-code", "RFC8628-3.3.1-complete-works", bug="no report known"
)
class SameLinkForAll(Rules):
    """verification_uri_complete is the same for everybody."""

    pinned = MappingProxyType({"sends_complete": True})

    def verification_uri_complete(self, address: str, grant: Grant) -> object:  # noqa: ARG002
        """No code."""
        return f"{address}?start=1"


@mutant("", "RFC8628-5.4-lifetime-max", bug="no report known")
class LongLife(Rules):
    """Codes live for a day."""

    def lifetime(self, client: Client) -> float:  # noqa: ARG002
        """A day, in seconds."""
        return 86400
