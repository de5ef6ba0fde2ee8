"""Choices about the wire: how requests are read, how answers look."""

from __future__ import annotations

from collections.abc import Sequence

from harness.wire import FORM, Header, Request, Response
from simulators.server import form
from simulators.server.refusal import Endpoint
from simulators.server.rules.settled import Settled

_UNCACHED: tuple[Header, ...] = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
)


class WireRules(Settled):
    """How requests are read and how answers look (RFC 6749 sections 3.2, 5.1 and 5.2)."""

    def allows_method(self, method: str, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Whether a request to an endpoint that takes forms may use this method."""
        return method == "POST"

    def reads_media_type(self, media_type: str, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Whether a body of this media type is read; it is lower-case and has no parameters."""
        return media_type == FORM

    def parameters(
        self,
        request: Request,
        content_type: str,  # noqa: ARG002
        endpoint: Endpoint,  # noqa: ARG002
    ) -> Sequence[tuple[str, str]]:
        """The parameters of a request, in order, with repetitions and empty values."""
        return form.parse(request.body)

    def drops_empty(self, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Whether a parameter without value counts as absent (RFC 6749 section 3.2)."""
        return True

    def refuses_repeats(self, endpoint: Endpoint) -> bool:  # noqa: ARG002
        """Whether a repeated parameter makes the request invalid (RFC 6749 section 3.2)."""
        return True

    def may_repeat(self, name: str) -> bool:
        """Which parameter may come twice all the same (RFC 8707 section 2)."""
        return name == "resource"

    def required(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Parameters without which the request is invalid, beside those of the client.

        At the token endpoint they are those of a poll (RFC 8628 section 3.4).
        """
        return ("device_code",) if endpoint == "token" else ()

    def error_name(self, error: str) -> str:
        """The spelling of an error code."""
        return error

    def error_status(self, error: str, *, basic: bool) -> int:
        """The HTTP status of an error; `basic` if Basic credentials came (RFC 6749 section 5.2)."""
        if error == "invalid_client":
            return 401 if basic else self.freedom.invalid_client_status
        return 500 if error == "server_error" else 400

    def client_challenge(self) -> str | None:
        """What WWW-Authenticate says beside a 401 (RFC 9110 section 15.5.2)."""
        return f'Basic realm="{self.config.issuer}"'

    def error_members(self, error: str, description: str) -> dict[str, object]:
        """The body of an error."""
        return {"error": error, "error_description": description}

    def wrong_method_status(self, method: str) -> int:
        """The status for a method that the endpoint does not take."""
        return self.freedom.wrong_method if method == "GET" else 405

    def wrong_media_type_status(self) -> int:
        """The status for a body that is no form."""
        return self.freedom.wrong_media_type

    def device_headers(self) -> tuple[Header, ...]:
        """Headers of every answer of the device authorization endpoint (RFC 8628 section 3.2)."""
        return _UNCACHED

    def token_headers(self) -> tuple[Header, ...]:
        """Headers of every answer of the token endpoint (RFC 6749 section 5.1)."""
        return (*_UNCACHED, *self.cross_origin())

    def success_body(self, body: bytes, endpoint: Endpoint) -> bytes:  # noqa: ARG002
        """The last word on the bytes of a success."""
        return body

    def success_status(self, endpoint: Endpoint) -> int:  # noqa: ARG002
        """The status of a success (RFC 8628 section 3.2, RFC 6749 section 5.1)."""
        return 200

    def device_error(self, response: Response) -> Response:
        """The last word on an error of the device authorization endpoint."""
        return response

    def token_error(self, response: Response) -> Response:
        """The last word on an error of the token endpoint; it is made once and then reused."""
        return response

    def metadata(self, document: dict[str, object]) -> dict[str, object]:
        """The last word on the metadata (RFC 8414 section 2, RFC 8628 section 4)."""
        return document

    def jwks(self, document: dict[str, object]) -> dict[str, object]:
        """The last word on the published keys (RFC 7517 section 5)."""
        return document

    def well_known_paths(self, base_path: str) -> tuple[str, ...]:
        """Where the metadata is found, for an issuer with or without a path.

        RFC 8414 section 3.1 inserts the well-known part before the issuer's path, OpenID Connect
        Discovery section 4 appends it.
        """
        inserted = (
            f"/.well-known/oauth-authorization-server{base_path}",
            f"/.well-known/openid-configuration{base_path}",
        )
        return (*inserted, f"{base_path}/.well-known/openid-configuration")

    def published(self, path: str, response: Response) -> Response:  # noqa: ARG002
        """The last word on a public document, metadata or keys, at its path."""
        return response

    def cross_origin(self) -> tuple[Header, ...]:
        """Headers that let scripts of other origins in (OpenID Connect Discovery section 3)."""
        allowed = self.freedom.allows_cross_origin
        return (("access-control-allow-origin", "*"),) if allowed else ()
