"""Servers that take what they must refuse, or demand what nobody has to send."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.wire import Request
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.clients import Credentials
from simulators.server.grant import Grant
from simulators.server.refusal import Endpoint, Refused
from simulators.server.tokens import Family


@mutant("", "RFC8628-3.1-get", "RFC6749-3.2-get-refused", bug="no report known")
class GetAccepted(Rules):
    """Both endpoints serve GET and read the parameters out of the URL."""

    def allows_method(self, method: str, endpoint: Endpoint) -> bool:
        """GET, too."""
        return method == "GET" or super().allows_method(method, endpoint)

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """A GET has none."""
        return not media_type or super().reads_media_type(media_type, endpoint)

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """Out of the query, if it is a GET."""
        if request.method == "GET":
            return request.query
        return super().parameters(request, content_type, endpoint)


@mutant("", "RFC8628-3.1-json-request", "RFC6749-3.2-json-refused", bug="no report known")
class JsonAccepted(Rules):
    """Both endpoints read a JSON object as if it were a form."""

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:
        """JSON, too."""
        return media_type == "application/json" or super().reads_media_type(media_type, endpoint)

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """The members of the object."""
        if not content_type.startswith("application/json"):
            return super().parameters(request, content_type, endpoint)
        try:
            members = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused("invalid_request", "the body is no JSON") from None
        if not isinstance(members, dict):
            raise Refused("invalid_request", "the body is no JSON object")
        return [(name, str(value)) for name, value in members.items()]


@mutant(
    "",
    "RFC8628-3.1-as-form-charset",
    bug="no report known; its milder form is wso2/product-is #22034",
)
class CharsetRefused(Rules):
    """A charset on the form's media type makes the server refuse the request."""

    def parameters(
        self, request: Request, content_type: str, endpoint: Endpoint
    ) -> Sequence[tuple[str, str]]:
        """None, if there is one."""
        if endpoint == "device_authorization" and "charset" in content_type.lower():
            raise Refused("invalid_request", "the media type has a parameter")
        return super().parameters(request, content_type, endpoint)


@mutant(
    "S22",
    "RFC8628-3.1-no-extra-required",
    "RFC7523-2.2-accepted",
    "RFC7591-2-none",
    bug="OpenIdentityPlatform/OpenAM #208, PR #209",
)
class ResponseTypeDemanded(Rules):
    """The device authorization request must have a response_type, which RFC 8628 never mentions."""

    def required(self, endpoint: Endpoint) -> tuple[str, ...]:
        """One more."""
        more = ("response_type",) if endpoint == "device_authorization" else ()
        return (*super().required(endpoint), *more)


@mutant(
    "",
    "RFC8628-3.1-public-accepted",
    "RFC8628-3.2-unauthorized_client",
    "RFC6749-5.2-unauthorized_client",
    "RFC6749-6-invalid",
    "RFC7591-2-default",
    "RFC7591-2-none",
    bug="spring-projects/spring-authorization-server #1116, #1876",
)
class PublicRefused(Rules):
    """Clients without a secret get no codes, though they are registered without one."""

    def check_credentials(self, endpoint: Endpoint, client: Client, shown: Credentials) -> None:
        """Everybody must authenticate."""
        if client.secret is None:
            raise Refused("invalid_client", "this client must authenticate")
        super().check_credentials(endpoint, client, shown)


@mutant("", "RFC8628-3.5-user_code-not-redeemable", bug="no report known")
class UserCodeRedeems(Rules):
    """A poll may name the user_code in place of the device_code."""

    _device_codes: dict[str, str]

    def device_response(self, members: dict[str, object], grant: Grant) -> dict[str, object]:
        """Remember which belongs to which."""
        self.__dict__.setdefault("_device_codes", {})[grant.shown_code] = grant.device_code
        return super().device_response(members, grant)

    def read_device_code(self, text: str) -> str:
        """The device_code behind either."""
        known: dict[str, str] = self.__dict__.get("_device_codes", {})
        return super().read_device_code(known.get(text, text))


@mutant("", "RFC6749-3.2-no-reflect", bug="no report known")
class OddBytesBreak(Rules):
    """A device_code with bytes that are no text runs into an exception."""

    def read_device_code(self, text: str) -> str:
        """Only what can be printed."""
        if not text.isprintable() or not text.isascii():
            raise RuntimeError("the database takes no such text")
        return super().read_device_code(text)


@mutant(
    "",
    "RFC6749-5.2-unsupported_grant_type",
    "RFC8628-3.4-grant_type-as",
    bug="no report known",
)
class UnknownGrantMisnamed(Rules):
    """A grant_type that does not exist is called an invalid grant."""

    def error_name(self, error: str) -> str:
        """The neighbour."""
        return "invalid_grant" if error == "unsupported_grant_type" else super().error_name(error)


@mutant("", "RFC8628-6.1-foreign-chars", bug="no report known")
class StrayCharactersRefused(Rules):
    """A dot or an underscore in the typed code makes it a wrong one."""

    def read_typed_code(self, text: str) -> str:
        """Nothing is dropped but what the screen shows."""
        odd = {".", "_"} - set(self.freedom.code_shape[2])
        return super().read_typed_code("" if odd & set(text) else text)


@mutant("", "OIDC-no-openid", bug="no report known")
class EverybodySignsIn(Rules):
    """A client that asks for itself gets an ID token, though no person has signed in."""

    def token_response(self, members: dict[str, object], family: Family) -> dict[str, object]:
        """One more token."""
        found = super().token_response(members, family)
        return found if family.username is not None else found | {"id_token": "e30.e30.e30"}
