"""Finds a server's endpoints: RFC 8414 metadata first, then OpenID Connect Discovery.

The laws of this file: whatever the server sends back becomes either endpoints or one `TargetError`
that says what was asked and what came; the document itself is kept, because it is judged later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from harness.target import Target, TargetError, is_web_url
from harness.wire import NoAnswer, Request, Response


def well_known_urls(issuer: str) -> list[str]:
    """Where metadata of `issuer` may be found, in the order tried (RFC 8414 sections 3.1 and 5)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")

    def at(new: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, new, "", ""))

    urls = [
        at(f"/.well-known/oauth-authorization-server{path}"),
        at(f"{path}/.well-known/openid-configuration"),
        at(f"/.well-known/openid-configuration{path}"),
    ]
    return list(dict.fromkeys(urls))


def discover(target: Target, send: Callable[[Request], Response]) -> Target:
    """The target with its endpoints filled in; what the target file names is left as it is.

    Does nothing if the file names no issuer.  Raises `TargetError` if the two endpoints that the
    grant needs are still unknown afterwards.
    """
    if target.issuer is None:
        return target
    tried: list[str] = []
    found: list[dict[str, Any]] = []
    for url in well_known_urls(target.issuer):
        try:
            response = send(Request("GET", url, (("accept", "application/json"),)))
        except NoAnswer as problem:
            if problem.reason in {"refused", "unresolved", "tls"}:
                raise TargetError(_unreachable(url, problem)) from None
            tried.append(f"{url}: {problem.detail}")
            continue
        document = response.json()
        if response.status != 200 or document is None:
            tried.append(f"{url}: {_what(response)}")
            continue
        found.append(document)
        if "device_authorization_endpoint" not in document:
            tried.append(f"{url}: JSON, but without device_authorization_endpoint")
    for document in found:
        target = _filled(target, document)
    for key in ("device_authorization_endpoint", "token_endpoint"):
        if not getattr(target, key):
            asked = "\n  ".join(tried)
            raise TargetError(
                f"no {key} is known: {target.issuer} does not publish one. If it has one, name it "
                f"in a target file.\n  {asked}"
            )
    return target


_ENDPOINTS = (
    "device_authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
)


def _filled(target: Target, document: dict[str, Any]) -> Target:
    changes: dict[str, Any] = {} if target.metadata else {"metadata": document}
    for name in _ENDPOINTS:
        value = document.get(name)
        if not getattr(target, name) and isinstance(value, str) and value:
            # A relative URL is a fault of its own, judged elsewhere; it must not end the run.
            absolute = _absolute(target.issuer or "", value)
            if not is_web_url(absolute):
                raise TargetError(f"{target.issuer} publishes {name} = {value[:200]!r}: no web URL")
            changes[name] = absolute
    return replace(target, **changes)


def _absolute(issuer: str, value: str) -> str:
    try:
        return urljoin(f"{issuer}/", value)
    except ValueError:
        return value


def _unreachable(url: str, problem: NoAnswer) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc} cannot be reached: {problem.detail}"


def _what(response: Response) -> str:
    if 300 <= response.status < 400:
        return f"{response.status}, a redirect to {(response.header('location') or '?')[:200]}"
    kind = response.media_type or "no media type"
    if response.status == 200 and "json" in kind:
        return "200, but the body is no JSON object"
    return f"{response.status} {kind}"
