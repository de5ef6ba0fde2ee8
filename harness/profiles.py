"""Which groups of requirements apply to a target: what its metadata or target file claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.target import Target

ALWAYS = frozenset({"core"})

_BY_ENDPOINT = {
    "registration_endpoint": "ext-registration",
    "pushed_authorization_request_endpoint": "ext-rar-par",
}
_BY_LIST = {
    "dpop_signing_alg_values_supported": "ext-pop",
    "authorization_details_types_supported": "ext-rar-par",
}
_STRONG_AUTH = {
    "private_key_jwt",
    "client_secret_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
}


def claimed(target: Target) -> frozenset[str]:
    """The profiles that are on by default for `target`: core and whatever it claims.

    `bcp` and `orientation` are never claimed, only asked for.
    """
    found = set(ALWAYS | target.profiles)
    metadata: Mapping[str, Any] = target.metadata
    if metadata:
        found.add("metadata")
    if target.userinfo_endpoint or target.resource:
        found.add("bearer")
    if target.introspection_endpoint or target.revocation_endpoint:
        found.add("lifecycle")
    if "openid" in target.scope.split():
        found |= {"oidc", "jwt"}
    if "refresh_token" in _names(metadata, "grant_types_supported"):
        found.add("refresh")
    found |= {profile for name, profile in _BY_ENDPOINT.items() if metadata.get(name)}
    found |= {profile for name, profile in _BY_LIST.items() if metadata.get(name)}
    if _STRONG_AUTH & set(_names(metadata, "token_endpoint_auth_methods_supported")):
        found.add("ext-client-auth")
    if metadata.get("tls_client_certificate_bound_access_tokens") is True:
        found.add("ext-pop")
    return frozenset(found)


def _names(metadata: Mapping[str, Any], member: str) -> list[str]:
    value = metadata.get(member)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
