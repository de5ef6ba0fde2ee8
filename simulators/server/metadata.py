"""Metadata and keys (RFC 8414, RFC 8628 section 4, OpenID Connect Discovery)."""

from __future__ import annotations

import json

from harness.wire import DEVICE_CODE_GRANT, Header, Request, Response
from simulators.server import registration
from simulators.server.config import CLIENT_CREDENTIALS_GRANT, REFRESH_TOKEN_GRANT, SCOPES
from simulators.server.realm import Realm
from simulators.server.rules.extensions import DETAIL_TYPES
from simulators.server.signatures import ASYMMETRIC

_HEADERS: tuple[Header, ...] = (
    ("content-type", "application/json"),
    ("cache-control", "max-age=300"),
    ("access-control-allow-origin", "*"),
)

AUTHORIZATION_PATH = "/authorize"
INTROSPECTION_PATH = "/introspect"
REVOCATION_PATH = "/revoke"


def document(realm: Realm) -> dict[str, object]:
    """The metadata, the same for OAuth and for OpenID Connect.

    No client here has a redirect_uri, so every request to the authorization endpoint is refused;
    it is listed because OpenID Connect Discovery section 3 and RFC 8414 section 2 demand one, and
    at least one response type.
    """
    free, at = realm.freedom, realm.address
    methods = ["none", "client_secret_basic", "client_secret_post"]
    methods += ["client_secret_jwt", "private_key_jwt"]
    methods += ["tls_client_auth"] if realm.config.takes_certificates else []
    algorithms = [*ASYMMETRIC, "HS256"]
    return realm.rules.metadata(
        {
            "issuer": realm.config.issuer,
            "device_authorization_endpoint": at(free.device_path),
            "token_endpoint": at(free.token_path),
            "authorization_endpoint": at(AUTHORIZATION_PATH),
            "userinfo_endpoint": at(free.userinfo_path),
            "introspection_endpoint": at(INTROSPECTION_PATH),
            "revocation_endpoint": at(REVOCATION_PATH),
            "jwks_uri": at(free.jwks_path),
            "grant_types_supported": [
                DEVICE_CODE_GRANT,
                REFRESH_TOKEN_GRANT,
                CLIENT_CREDENTIALS_GRANT,
            ],
            "response_types_supported": ["none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": methods[1:],
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "tls_client_certificate_bound_access_tokens": realm.config.takes_certificates,
            "dpop_signing_alg_values_supported": list(ASYMMETRIC),
            "registration_endpoint": at(registration.PATH),
            "authorization_details_types_supported": list(DETAIL_TYPES),
            "scopes_supported": list(SCOPES),
            "claims_supported": ["sub", "name", "email", "iss", "auth_time", "at_hash"],
        }
    )


def discovery(realm: Realm, request: Request) -> Response:
    """The metadata document (RFC 8414 section 3.2)."""
    return _json(realm, request, document(realm))


def jwks(realm: Realm, request: Request) -> Response:
    """The public keys (RFC 7517 section 5)."""
    return _json(realm, request, realm.rules.jwks(realm.keys.public()))


def _json(realm: Realm, request: Request, members: dict[str, object]) -> Response:
    if request.method not in {"GET", "HEAD"}:
        return Response(405, (("allow", "GET, HEAD"), *_HEADERS), b'{"error":"invalid_request"}')
    made = Response(200, _HEADERS, json.dumps(members).encode())
    return realm.rules.published(request.path, made)
