"""What metadata documents must say (RFC 8414, RFC 8628 section 4, OpenID Connect Discovery).

Each document is judged for itself; what one of them leaves out, another may have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harness.target import Target, is_loopback
from harness.transcript import Exchange, Transcript
from harness.verdict import Judge, describe
from harness.wire import DEVICE_CODE_GRANT

OPENID = "openid-configuration"
_TELLING = {"issuer", "token_endpoint", "authorization_endpoint", "jwks_uri"}
"""A JSON object with none of these is no metadata, wherever it was found."""
_SHARED = (
    "issuer",
    "jwks_uri",
    "token_endpoint",
    "device_authorization_endpoint",
    "grant_types_supported",
)
_JWT_METHODS = {"private_key_jwt", "client_secret_jwt"}
_WITH_CODE = {"authorization_code", "implicit"}


@dataclass(frozen=True, slots=True)
class Document:
    """A metadata document and where it came from."""

    exchange: Exchange
    body: Mapping[str, Any]

    @property
    def openid(self) -> bool:
        """Whether it was found where OpenID Connect Discovery section 4 puts it."""
        return OPENID in self.exchange.request.path

    @property
    def grants(self) -> list[Any] | None:
        """The grant types that it lists, None if it lists none."""
        value = self.body.get("grant_types_supported")
        return value if isinstance(value, list) else None

    def text(self, member: str) -> str | None:
        """A member that is a string; None for anything else."""
        value = self.body.get(member)
        return value if isinstance(value, str) else None


def documents(transcript: Transcript) -> list[Document]:
    """The documents that were found, in order."""
    found = []
    for exchange in transcript.at("metadata"):
        body = exchange.response.json() if exchange.response else None
        if exchange.status // 100 == 2 and body is not None and body.keys() & _TELLING:
            found.append(Document(exchange, body))
    return found


def absolute(url: object) -> bool:
    """Whether a member is an absolute web URL."""
    return isinstance(url, str) and _scheme(url) in {"http", "https"}


def secure(url: object, target: Target) -> bool:
    """Whether a member is an https URL, or one of this machine, where http will do."""
    if not isinstance(url, str) or not absolute(url):
        return False
    return _scheme(url) == "https" or target.loopback or is_loopback(url)


def check(transcript: Transcript, target: Target, judge: Judge) -> None:
    """Judge every metadata document of a transcript."""
    found = documents(transcript)
    for exchange in transcript.at("metadata"):
        _response(exchange, found, judge)
    for document in found:
        _issuer(document, target, judge)
        _members(document, target, judge)
        _signing(document, judge)
        if document.openid:
            _openid(document, judge)
    if found:
        _device_grant(found, target, judge)
        _agreement(found, judge)


def _response(exchange: Exchange, found: list[Document], judge: Judge) -> None:
    response = exchange.response
    assert response is not None
    document = any(one.exchange is exchange for one in found)
    # Some servers answer any path with their home page: that is no metadata that went wrong.
    broken = response.status == 200 and "json" in response.media_type and response.json() is None
    if document or broken:
        judge.holds(
            "RFC8414-3.2-response",
            document and response.status == 200 and response.media_type == "application/json",
            expected="200 with one JSON object as application/json",
            received=f"{describe(exchange)} as {response.media_type or 'no media type'}",
            evidence=(exchange,),
        )


def _issuer(document: Document, target: Target, judge: Judge) -> None:
    evidence = (document.exchange,)
    issuer = document.text("issuer")
    judge.holds(
        "RFC8414-2-issuer",
        secure(issuer, target) and not _has_tail(issuer or ""),
        expected="issuer as an https URL without query and fragment",
        received=_shown(document.body, "issuer"),
        evidence=evidence,
    )
    if target.issuer is not None:
        slash = (issuer or "").rstrip("/") == target.issuer.rstrip("/")
        hint = "; if the final slash is right there, write it into the settings, too" * slash
        judge.holds(
            "RFC8414-3.3-issuer-match",
            issuer == target.issuer,
            expected=f"{target.issuer}, from which the URL was made",
            received=_shown(document.body, "issuer") + hint,
            evidence=evidence,
        )


def _members(document: Document, target: Target, judge: Judge) -> None:
    evidence, body = (document.exchange,), document.body
    endpoint = document.text("token_endpoint")
    judge.holds(
        "RFC8414-2-token_endpoint",
        secure(endpoint, target),
        expected="token_endpoint as an absolute https URL",
        received=_shown(body, "token_endpoint"),
        evidence=evidence,
    )
    judge.holds(
        "RFC6749-3.2-no-fragment",
        "#" not in (endpoint or target.token_endpoint),
        received="a token_endpoint with a fragment",
        evidence=evidence,
    )
    judge.holds(
        "RFC8414-2-response_types",
        isinstance(body.get("response_types_supported"), list),
        expected="response_types_supported as an array",
        received=_shown(body, "response_types_supported"),
        evidence=evidence,
    )
    empty = sorted(name for name, value in body.items() if value == [])
    judge.holds(
        "RFC8414-3.2-empty-arrays",
        not empty,
        expected="no member without a value",
        received=f"{', '.join(empty)[:120]} as an empty array",
        evidence=evidence,
    )
    if absent := sorted(name for name, value in body.items() if value is None):
        told = f"{', '.join(absent)[:120]} as null, which could as well be left out"
        judge.note("RFC8414-3.2-empty-arrays", told, evidence)


def _signing(document: Document, judge: Judge) -> None:
    name = "token_endpoint_auth_signing_alg_values_supported"
    algorithms = document.body.get(name)
    methods = _names(document.body.get("token_endpoint_auth_methods_supported"))
    if not methods & _JWT_METHODS and algorithms is None:
        judge.not_applicable("RFC8414-2-alg-values", "the metadata lists no method with a JWT")
        return
    listed = _names(algorithms)
    judge.holds(
        "RFC8414-2-alg-values",
        listed and "none" not in listed,
        expected=f"{name} without none",
        received=_shown(document.body, name),
        evidence=(document.exchange,),
    )


def _openid(document: Document, judge: Judge) -> None:
    evidence, body = (document.exchange,), document.body
    judge.holds(
        "OIDCDisc-3-alg",
        "RS256" in _names(body.get("id_token_signing_alg_values_supported")),
        expected="id_token_signing_alg_values_supported with RS256",
        received=_shown(body, "id_token_signing_alg_values_supported"),
        evidence=evidence,
    )
    wanted = ("jwks_uri", "authorization_endpoint", "response_types_supported")
    missing = {one for one in (*wanted, "subject_types_supported") if one not in body}
    devices_only = document.grants is not None and not _names(document.grants) & _WITH_CODE
    judge.holds(
        "OIDCDisc-3-required",
        not missing,
        expected="jwks_uri, authorization_endpoint, response_types_supported and "
        "subject_types_supported",
        received=f"a document without {', '.join(sorted(missing))}",
        tolerated=devices_only and missing <= {"authorization_endpoint", wanted[2]},
        evidence=evidence,
    )


def _device_grant(found: list[Document], target: Target, judge: Judge) -> None:
    name = "device_authorization_endpoint"
    publishing = [one for one in found if name in one.body]
    evidence = [one.exchange for one in publishing or found]
    wrong = [one for one in publishing if not secure(one.body[name], target)]
    other = [one for one in publishing if one.body[name] != target.device_authorization_endpoint]
    seen = (wrong or other or publishing or found)[0]
    judge.holds(
        "RFC8628-4-endpoint",
        publishing and not wrong and not other,
        expected=f"{name} as an absolute https URL, the one that the grant runs on",
        received=_shown(seen.body, name),
        grave=bool(wrong),
        evidence=evidence,
    )
    for document in publishing:
        _grant_types(document, judge)
    if not publishing:
        reason = "the metadata has no device_authorization_endpoint"
        judge.not_applicable("RFC8628-4-grant-advertised", reason)
    advertised = [one for one in found if DEVICE_CODE_GRANT in _names(one.grants)]
    if advertised or publishing:
        judge.holds(
            "RFC8628-4-endpoint-if-advertised",
            publishing,
            expected=f"{name} beside the grant type in grant_types_supported",
            received="the grant type alone",
            evidence=evidence,
        )
    else:
        reason = "the metadata does not mention the device grant"
        judge.not_applicable("RFC8628-4-endpoint-if-advertised", reason)


def _grant_types(document: Document, judge: Judge) -> None:
    listed = _names(document.grants)
    short = sorted(name for name in listed if "device" in name.lower())
    judge.holds(
        "RFC8628-4-grant-advertised",
        DEVICE_CODE_GRANT in listed,
        expected=f"grant_types_supported with {DEVICE_CODE_GRANT}",
        received=", ".join(short)[:120] or _shown(document.body, "grant_types_supported"),
        grave=bool(short),
        evidence=(document.exchange,),
    )


def _agreement(found: list[Document], judge: Judge) -> None:
    if len({one.exchange.request.url for one in found}) < 2:
        judge.not_applicable("OIDCDisc-same-values", "there is one metadata document only")
        return
    differing = sorted(set(_differing(found)))
    judge.holds(
        "OIDCDisc-same-values",
        not differing,
        expected="the same values in all documents",
        received=f"different values of {', '.join(differing)}",
        evidence=[one.exchange for one in found],
    )


def _differing(found: list[Document]) -> Iterator[str]:
    for name in _SHARED:
        values = [one.body[name] for one in found if name in one.body]
        if name == "grant_types_supported":
            values = [sorted(_names(value)) for value in values]
        if any(value != values[0] for value in values):
            yield name


def _names(value: object) -> set[str]:
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _has_tail(url: str) -> bool:
    return "?" in url or "#" in url


def _scheme(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.scheme if parts.hostname else ""


def _shown(body: Mapping[str, Any], name: str) -> str:
    return f"{name} {body[name]!r:.120}" if name in body else f"no {name}"
