"""Servers that describe themselves wrongly (RFC 8414, RFC 8628 section 4, OpenID Discovery)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

from harness.wire import DEVICE_CODE_GRANT, Header, Response
from simulators.mutants.mutant import mutant
from simulators.server import Rules

Members = dict[str, object]

_ENDPOINT = "device_authorization_endpoint"
_OAUTH = "/.well-known/oauth-authorization-server"
_OPENID = "/.well-known/openid-configuration"


def _without(document: Members, *names: str) -> Members:
    return {name: value for name, value in document.items() if name not in names}


@mutant("S58", "RFC8628-4-endpoint", bug="indigo-iam/iam #268; ferriskey/ferriskey #1230")
class NotAdvertised(Rules):
    """The metadata does not mention the device grant."""

    def metadata(self, document: Members) -> Members:
        """Neither the endpoint nor the grant type."""
        kept = ["refresh_token", "client_credentials"]
        return {**_without(document, _ENDPOINT), "grant_types_supported": kept}


@mutant("S59", "RFC8628-4-grant-advertised", bug="openstack-experimental/keystone #1268")
class WrongGrantName(Rules):
    """The metadata lists device_code, which is short for nothing."""

    def metadata(self, document: Members) -> Members:
        """Not the URN."""
        return {**document, "grant_types_supported": ["device_code", "refresh_token"]}


@mutant("S60", "RFC8628-4-endpoint", bug="mitreid-connect #1230")
class RelativeEndpoint(Rules):
    """device_authorization_endpoint is a relative URL."""

    def metadata(self, document: Members) -> Members:
        """Its last part alone."""
        short = str(document[_ENDPOINT]).rpartition("/")[2]
        return {**document, _ENDPOINT: short}


@mutant("", "RFC8628-4-endpoint-if-advertised", "RFC8628-4-endpoint", bug="no report known")
class GrantWithoutEndpoint(Rules):
    """The metadata lists the device grant and keeps its endpoint to itself."""

    def metadata(self, document: Members) -> Members:
        """No endpoint."""
        return _without(document, _ENDPOINT)


@mutant("", "RFC9700-2.6-metadata", bug="no report known")
class NoMetadata(Rules):
    """There is no metadata anywhere."""

    def well_known_paths(self, base_path: str) -> tuple[str, ...]:  # noqa: ARG002
        """Nowhere."""
        return ()


@mutant("", "RFC8414-3.1-path", bug="no report known")
class MetadataBehindThePath(Rules):
    """The well-known part comes after the issuer's path, in OAuth's document as in OpenID's."""

    issuer_path: ClassVar[str] = "/home"

    def well_known_paths(self, base_path: str) -> tuple[str, ...]:
        """Appended, both of them."""
        return (f"{base_path}{_OAUTH}", f"{base_path}{_OPENID}")


@mutant("", "RFC8414-3.2-response", bug="no report known")
class MetadataAsText(Rules):
    """The metadata is served as text/plain."""

    def published(self, path: str, response: Response) -> Response:
        """Another type."""
        if ".well-known" not in path:
            return response
        headers: tuple[Header, ...] = (("content-type", "text/plain"), *response.headers[1:])
        return replace(response, headers=headers)


@mutant("", "RFC8414-3.2-empty-arrays", bug="no report known")
class EmptyArrays(Rules):
    """A member of the metadata that has no values is written as an empty array."""

    def metadata(self, document: Members) -> Members:
        """No locales."""
        return {**document, "ui_locales_supported": []}


@mutant("", "RFC8414-3.3-issuer-match", bug="no report known")
class SlashAfterIssuer(Rules):
    """The issuer in the metadata ends in a slash, and that by which it is known does not."""

    def metadata(self, document: Members) -> Members:
        """One character more."""
        return {**document, "issuer": f"{document['issuer']}/"}


@mutant("", "RFC8414-2-issuer", "RFC8414-3.3-issuer-match", bug="no report known")
class NoIssuer(Rules):
    """The metadata has no issuer."""

    def metadata(self, document: Members) -> Members:
        """Leave it out."""
        return _without(document, "issuer")


@mutant("", "RFC8414-2-issuer", "RFC8414-3.3-issuer-match", bug="no report known")
class IssuerWithQuery(Rules):
    """The issuer has a query."""

    def metadata(self, document: Members) -> Members:
        """The tenant goes there."""
        return {**document, "issuer": f"{document['issuer']}?tenant=home"}


@mutant("", "RFC8414-2-token_endpoint", bug="no report known")
class NoTokenEndpoint(Rules):
    """The metadata does not say where tokens are to be had."""

    def metadata(self, document: Members) -> Members:
        """Leave it out."""
        return _without(document, "token_endpoint")


@mutant("", "RFC6749-3.2-no-fragment", bug="no report known")
class TokenEndpointWithFragment(Rules):
    """The token endpoint has a fragment."""

    def metadata(self, document: Members) -> Members:
        """Which no client would send."""
        return {**document, "token_endpoint": f"{document['token_endpoint']}#token"}


@mutant("", "RFC8414-2-response_types", "OIDCDisc-3-required", bug="no report known")
class NoResponseTypes(Rules):
    """The metadata of a server without redirects has no response_types_supported."""

    def metadata(self, document: Members) -> Members:
        """Leave it out."""
        return _without(document, "response_types_supported")


@mutant("", "RFC8414-2-auth-methods", bug="no report known")
class NoneNotListed(Rules):
    """The metadata does not list the way in which public clients are served."""

    def metadata(self, document: Members) -> Members:
        """Only ways with a secret."""
        listed = document["token_endpoint_auth_methods_supported"]
        assert isinstance(listed, list)
        return {
            **document,
            "token_endpoint_auth_methods_supported": [name for name in listed if name != "none"],
        }


@mutant("", "RFC8414-2-alg-values", bug="no report known")
class UnsignedAssertionsAnnounced(Rules):
    """The metadata lists none among the algorithms for client assertions."""

    def metadata(self, document: Members) -> Members:
        """A signature is optional, it says."""
        name = "token_endpoint_auth_signing_alg_values_supported"
        return {**document, name: ["ES256", "none"]}


@mutant("", "RFC8414-2-endpoints-live", bug="no report known")
class DeadEndpoint(Rules):
    """The UserInfo endpoint of the metadata does not exist."""

    def metadata(self, document: Members) -> Members:
        """As it was called in the version before."""
        return {**document, "userinfo_endpoint": f"{document['issuer']}/v1/userinfo"}


@mutant("", "OIDCDisc-3-alg", "RFC9068-2.1-rs256", bug="no report known")
class OnlyEllipticCurves(Rules):
    """ID tokens are never signed with RS256, and there is no key for it."""

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({"id_token_alg": "ES256"})

    def metadata(self, document: Members) -> Members:
        """One algorithm."""
        return {**document, "id_token_signing_alg_values_supported": ["ES256"]}

    def jwks(self, document: Members) -> Members:
        """One key."""
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [key for key in keys if key["kty"] == "EC"]}


@mutant("", "OIDCDisc-3-required", bug="no report known")
class NoSubjectTypes(Rules):
    """The discovery document has no subject_types_supported."""

    def metadata(self, document: Members) -> Members:
        """Leave it out."""
        return _without(document, "subject_types_supported")


@mutant("", "OIDCDisc-same-values", bug="no report known")
class TwoStories(Rules):
    """The two metadata documents name different key sets."""

    def published(self, path: str, response: Response) -> Response:
        """OpenID's is at the version before."""
        if _OPENID not in path:
            return response
        document = json.loads(response.body)
        return replace(
            response, body=json.dumps({**document, "jwks_uri": document["issuer"]}).encode()
        )


@mutant("", "OIDCDisc-3-cors", bug="no report known")
class NoCrossOrigin(Rules):
    """Scripts of other origins cannot call the server."""

    def cross_origin(self) -> tuple[Header, ...]:
        """Not one of them."""
        return ()


@mutant("", "OIDCDisc-3-jwks-private", bug="no report known")
class PrivateKeyPublished(Rules):
    """The key set shows the private half of a key."""

    def jwks(self, document: Members) -> Members:
        """With d."""
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [{**keys[0], "d": keys[0]["x"]}, *keys[1:]]}


@mutant("", "OIDCDisc-3-jwks-use", bug="no report known")
class UseLeftOut(Rules):
    """One key is for encryption, and the others do not say what they are for."""

    def jwks(self, document: Members) -> Members:
        """Whoever encrypts may take the wrong one."""
        keys = document["keys"]
        assert isinstance(keys, list)
        signing = [_without(key, "use") for key in keys]
        return {"keys": [*signing, {**keys[1], "use": "enc", "alg": "RSA-OAEP", "kid": "enc"}]}


@mutant("", "RFC7517-4.5-kid-distinct", bug="no report known")
class KidShared(Rules):
    """The old key and the new one go by the same kid."""

    def jwks(self, document: Members) -> Members:
        """The old one first."""
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [*keys, {**keys[1], "e": "Aw"}]}


@mutant("", "RFC7517-4.1-kty", bug="no report known")
class KeyWithoutType(Rules):
    """A key of the key set does not say of which type it is."""

    def jwks(self, document: Members) -> Members:
        """One more, for what comes next."""
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [*keys, {"kid": "next", "use": "sig", "alg": "EdDSA"}]}


@mutant("", "RFC8628-4-grant-advertised", bug="no report known")
class NoGrantTypes(Rules):
    """The metadata has no grant_types_supported, which means the usual two and not this one."""

    def metadata(self, document: Members) -> Members:
        """Leave it out."""
        assert DEVICE_CODE_GRANT in str(document["grant_types_supported"])
        return _without(document, "grant_types_supported")
