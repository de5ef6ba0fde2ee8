"""RFC 8414, RFC 8628 section 4 and OpenID Connect Discovery: what the target says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from harness.checks.metadata import Document, absolute
from harness.discovery import well_known_urls
from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Door
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, Request
from harness.world import World
from scenarios.outcomes import STILL_OPEN
from scenarios.published import fetch_keys, fetch_metadata, fetch_misplaced
from simulators.device import Device

_ELSEWHERE = "https://scripts.example"
_DEVICE_ENDPOINT = "device_authorization_endpoint"
_POSTED: Mapping[str, Door] = {
    _DEVICE_ENDPOINT: "device_authorization",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "introspection_endpoint": "introspection",
    "revocation_endpoint": "revocation",
}


@verifies(
    "RFC9700-2.6-metadata",
    "RFC8414-3.1-path",
    "RFC8414-6.1-tls",
    "RFC8414-3.2-response",
    "RFC8414-3.2-empty-arrays",
    "RFC8414-3.3-issuer-match",
    "RFC8414-2-issuer",
    "RFC8414-2-token_endpoint",
    "RFC8414-2-response_types",
    "RFC8414-2-alg-values",
    "RFC8628-4-endpoint",
    "RFC8628-4-grant-advertised",
    "RFC6749-3.2-no-fragment",
    "OIDCDisc-3-alg",
    "OIDCDisc-3-required",
    "OIDCDisc-same-values",
)
def test_the_target_describes_itself(world: World, judge: Judge) -> None:
    """Somebody who knows the issuer alone finds a document that says where everything is."""
    found = fetch_metadata(world)
    _somewhere(world, found, judge)
    _well_placed(world, found, judge)
    if not found:
        raise NotApplicable("no metadata was found")
    if not any(document.openid for document in found):
        raise NotApplicable("there is no OpenID Connect discovery document")


def _somewhere(world: World, found: list[Document], judge: Judge) -> None:
    asked = list(world.transcript.at("metadata"))
    given(asked, "no well-known URL answered", "network")
    busy = [one for one in asked if one.answer is Answer.BUSY]
    given(found or not busy, "the target was busy")
    judge.holds(
        "RFC9700-2.6-metadata",
        found,
        expected="metadata as JSON at a well-known URL",
        received=", ".join(f"{one.request.path}: {describe(one)}" for one in asked)[:300],
        evidence=asked,
    )


def _well_placed(world: World, found: list[Document], judge: Judge) -> None:
    inserted = {one.exchange.request.url for one in found} - {_appended(world.target)}
    if inserted or not found:
        if found:
            judge.holds("RFC8414-3.1-path", condition=True, evidence=[found[0].exchange])
        return
    misplaced = fetch_misplaced(world)
    claims = misplaced is not None and misplaced.status == 200 and misplaced.response
    if (
        claims
        and misplaced
        and misplaced.response
        and "issuer" in (misplaced.response.json() or {})
    ):
        judge.holds(
            "RFC8414-3.1-path",
            condition=False,
            expected=f"metadata at {well_known_urls(str(world.target.issuer))[0]}",
            received=f"metadata at {misplaced.request.url}",
            evidence=(misplaced,),
        )
    else:
        what = "metadata is found where OpenID Connect Discovery puts it, and nowhere else"
        judge.note("RFC8414-3.1-path", what, [one.exchange for one in found])


def _appended(target: Target) -> str:
    return f"{(target.issuer or '').rstrip('/')}/.well-known/openid-configuration"


@verifies("RFC8414-2-endpoints-live", "RFC8628-4-endpoint-if-advertised", "OIDCDisc-3-cors")
def test_what_is_announced_is_there(world: World, judge: Judge) -> None:
    """Every endpoint that the metadata names answers, whatever it says to an empty request."""
    found = fetch_metadata(world)

    _cross_origin(world, judge)
    for name, url in dict(_named(found)).items():
        empty = Request.form(url, [])
        answered = world.send(empty, who="reader", door=_POSTED[name], manner="hostile")
        if answered.response is None or answered.answer is Answer.BUSY:
            judge.undecided("RFC8414-2-endpoints-live", f"{name}: {describe(answered)}", "network")
            continue
        judge.holds(
            "RFC8414-2-endpoints-live",
            answered.status < 500 and answered.status != 404,
            expected=f"something at the {name}",
            received=describe(answered),
            evidence=(answered,),
        )
        if name == _DEVICE_ENDPOINT:
            judge.holds(
                "RFC8628-4-endpoint-if-advertised",
                answered.status != 404,
                expected="the device authorization endpoint where the metadata puts it",
                received=describe(answered),
                grave=True,
                evidence=(answered,),
            )
    if not found:
        raise NotApplicable("no metadata was found")
    given(list(_named(found)), "the metadata names no endpoint")


def _named(found: list[Document]) -> Iterator[tuple[str, str]]:
    for document in found:
        for name in _POSTED:
            url = document.text(name)
            if url is not None and absolute(url):
                yield name, url


def _cross_origin(world: World, judge: Judge) -> None:
    target = world.target
    called: dict[Door, str | None] = {
        "token": target.token_endpoint,
        "userinfo": target.userinfo_endpoint,
        "jwks": target.jwks_uri,
    }
    for door, url in called.items():
        if url is None:
            continue
        headers = (("origin", _ELSEWHERE), ("access-control-request-method", "POST"))
        request = Request("OPTIONS", url, headers)
        asked = world.send(request, who="script", door=door, manner="hostile")
        if asked.response is not None:
            judge.holds(
                "OIDCDisc-3-cors",
                asked.response.header("access-control-allow-origin") is not None,
                received=f"no word to scripts of other origins at {urlsplit(url).path}",
                evidence=(asked,),
            )


@verifies("RFC8414-2-auth-methods")
def test_the_ways_to_authenticate_are_those_announced(
    world: World, device: Device, judge: Judge
) -> None:
    """Clients are served in the way that they use, so the metadata must list it."""
    found = fetch_metadata(world)
    if not found:
        raise NotApplicable("no metadata was found")
    confidential = world.target.clients.get("confidential")
    kiosk = [Device(world, confidential, "kiosk")] if confidential is not None else []

    for client in (device, *kiosk):
        client.begin()
        polled = client.waits_and_polls()
        served = heard(polled) in STILL_OPEN
        given(served or polled.answer is Answer.INVALID_CLIENT, f"a poll hears {describe(polled)}")
        for document in found:
            value = document.body.get("token_endpoint_auth_methods_supported")
            listed = value if isinstance(value, list) else ["client_secret_basic"]
            judge.holds(
                "RFC8414-2-auth-methods",
                served == (client.client.auth in listed),
                expected="methods that the token endpoint takes, and all of them listed",
                received=f"{client.client.auth} is {'' if served else 'not '}taken and "
                f"{'' if client.client.auth in listed else 'not '}listed",
                evidence=(document.exchange, polled),
            )


@verifies(
    "OIDCDisc-3-jwks-private",
    "OIDCDisc-3-jwks-use",
    "RFC7517-4.1-kty",
    "RFC7517-4.5-kid-distinct",
    "RFC9068-2.1-rs256",
)
def test_the_keys_are_public_and_well_named(world: World) -> None:
    """Whoever verifies a token finds public keys, and can tell them apart."""
    if world.target.jwks_uri is None:
        raise NotApplicable("needs a jwks_uri")

    keys = fetch_keys(world)

    given(keys is not None, "the jwks_uri led to no key set")
    given(keys, "the key set is empty")
