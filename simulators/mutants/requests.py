"""Servers that read requests wrongly (RFC 8628 sections 3.1 and 3.4)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.wire import Request
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.refusal import Endpoint, Refused


@mutant(
    "S28",
    "RFC8628-3.1-as-form-body",
    "RFC8628-3.2-error-format",
    "RFC7523-2.2-accepted",
    "RFC7591-2-default",
    "RFC7591-2-none",
    bug="better-auth/better-auth #6350, PR #6364",
)
class FormRefused(Rules):
    """The device authorization endpoint answers forms with 415 and wants JSON."""

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """JSON only."""
        if endpoint == "device_authorization":
            return media_type == "application/json"
        return super().reads_media_type(media_type, endpoint)

    def wrong_media_type_status(self) -> int:
        """Unsupported media type."""
        return 415


@mutant(
    "S29",
    "RFC8628-3.1-as-form-body",
    "RFC8628-3.1-get",
    "RFC8628-3.1-confidential-unauth",
    "RFC7523-2.2-accepted",
    "RFC7591-2-default",
    "RFC7591-2-none",
    bug="FusionAuth/fusionauth-issues #639",
)
class QueryRequired(Rules):
    """Parameters of the device authorization request are only read from the URL."""

    def allows_method(self, method: str, endpoint: Endpoint) -> bool:
        """Any method."""
        return endpoint == "device_authorization" or super().allows_method(method, endpoint)

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """Whatever the body is."""
        return endpoint == "device_authorization" or super().reads_media_type(media_type, endpoint)

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Out of the query."""
        if endpoint == "device_authorization":
            return request.query
        return super().parameters(request, content_type, endpoint)


@mutant("S30", "RFC8628-3.1-as-form-charset", bug="wso2/product-is #22034")
class CharsetDropsScope(Rules):
    """A charset on the media type makes the server forget the scope."""

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Lose one."""
        found = super().parameters(request, content_type, endpoint)
        if "charset" in content_type.lower():
            return [(name, value) for name, value in found if name != "scope"]
        return found


@mutant("S31", "RFC8628-3.1-dup-param-as", "RFC8628-3.4-dup-param", bug="keycloak #11294")
class DupParamsAccepted(Rules):
    """A request may say things twice; the last word counts."""

    def refuses_repeats(self, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Never."""
        return False


@mutant(
    "S32",
    "RFC8628-3.1-scope-optional",
    "RFC6749-3.3-scope-default",
    bug="dexidp/dex #4240; indigo-iam/iam #698; spring-projects/spring-security #19238, #19256; "
    "spring-attic/spring-authorization-server #1718",
)
class ScopeMandatory(Rules):
    """A request without scope is called invalid."""

    def required(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Scope, too."""
        more = ("scope",) if endpoint == "device_authorization" else ()
        return (*super().required(endpoint), *more)


@mutant(
    "S63",
    "RFC8628-3.4-scope-param",
    "RFC8628-3.5-pending",
    "RFC8628-3.5-success",
    "RFC8628-3.5-access_denied",
    "RFC7523-2.2-accepted",
    "RFC9449-5-not-consumed",
    bug="thephpleague/oauth2-server #1411",
)
class ScopeRequiredAtToken(Rules):
    """A poll must repeat the scope, which no device does."""

    def required(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Scope, too."""
        more = ("scope",) if endpoint == "token" else ()
        return (*super().required(endpoint), *more)


@mutant("S57", "RFC6749-3.2-form-charset", bug="goauthentik/authentik #13484")
class EscapesNotDecoded(Rules):
    """Percent-escapes in a device_code are taken literally."""

    pinned = MappingProxyType({"device_code_format": "urlsafe"})

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Decode names and everything else, but not the code."""
        found = super().parameters(request, content_type, endpoint)
        if endpoint != "token":
            return found
        text = request.body.decode("utf-8", "replace")
        raw = dict(pair.split("=", 1) for pair in text.split("&") if "=" in pair)
        return [
            (name, raw.get(name, value) if name == "device_code" else value)
            for name, value in found
        ]


@mutant("S68", "RFC8628-3.1-unknown-client", bug="better-auth/better-auth PR #10135")
class ScopeOracle(Rules):
    """The scope is judged before anybody knows who asks."""

    def client_named(
        self, endpoint: Endpoint, client_id: str | None, clients: Mapping[str, Client]
    ) -> Client:
        """An unknown client hears of scopes."""
        if client_id not in clients and client_id is not None:
            raise Refused("invalid_scope", "the scope is not for this client")
        return super().client_named(endpoint, client_id, clients)


@mutant(
    "S69",
    "HTTP-5xx",
    "RFC7523-2.2-accepted",
    "RFC10027-6.1.11-rate-limit",
    bug="wso2/product-is #16139",
)
class Scope500(Rules):
    """A request that names a scope runs into an exception."""

    def knows_scope(self, name: str) -> bool:
        """Fall over."""
        raise RuntimeError(f"no scope table for {name}")


@mutant("", "HTTP-5xx", "RFC8628-3.2-invalid_scope", bug="no report known")
class UnknownScope500(Rules):
    """A scope that does not exist runs into an exception."""

    def knows_scope(self, name: str) -> bool:
        """Fall over what is not found."""
        if not super().knows_scope(name):
            raise LookupError(name)
        return True


@mutant("", "RFC8628-3.1-unknown-param", "RFC8628-3.4-unknown-param", bug="no report known")
class UnknownParamsRefused(Rules):
    """A parameter that the server does not know makes the request invalid."""

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Refuse what begins with x_."""
        found = super().parameters(request, content_type, endpoint)
        if any(name.startswith("x_") for name, _ in found):
            raise Refused("invalid_request", "an unknown parameter")
        return found


@mutant(
    "",
    "RFC8628-3.1-empty-param",
    "RFC6749-3.2-empty-param",
    "RFC8628-3.1-empty-client_id",
    "RFC8628-3.4-device_code-missing",
    bug="no report known",
)
class EmptyIsAValue(Rules):
    """A parameter without value counts as given."""

    def drops_empty(self, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Keep it."""
        return False


@mutant(
    "",
    "RFC8628-3.2-device_code-unique",
    "RFC6749-10.10-device-code",
    "RFC8628-5.2-entropy",
    bug="no report known",
)
class ThirdRequestRepeatsCode(Rules):
    """Who asks for codes three times without polling gets the device_code of the second time."""

    _asked = 0
    _latest = ""

    def device_code(self, rand: random.Random) -> str:
        """Fresh, but for the impatient."""
        self._asked += 1
        if self._asked < 3:
            self._latest = super().device_code(rand)
        return self._latest

    def read_device_code(self, text: str) -> str:
        """Whoever polls is patient."""
        self._asked = 0
        return super().read_device_code(text)
