"""The device authorization endpoint (RFC 8628 sections 3.1 and 3.2)."""

from __future__ import annotations

from harness.wire import DEVICE_CODE_GRANT, Request, Response
from simulators.server import codes, details, scope
from simulators.server.config import Client
from simulators.server.grant import Grant
from simulators.server.reading import Read, client_of, read
from simulators.server.realm import Realm
from simulators.server.refusal import Refused

USUAL_INTERVAL = 5
"""Seconds between two polls if the response does not say (RFC 8628 section 3.2)."""


def device_authorization(realm: Realm, request: Request) -> Response:
    """Start a grant and hand out its two codes; raises `Refused`."""
    rules = realm.rules
    got = read(realm, request, "device_authorization")
    if rules.scope_before_client():
        _known_scope(realm, got)
    client = client_of(realm, got, "device_authorization")
    if not rules.may_use("device_authorization", client, DEVICE_CODE_GRANT):
        raise Refused("unauthorized_client", "this client may not use the device grant")
    for name in rules.required("device_authorization"):
        if name not in got.parameters:
            raise Refused("invalid_request", f"{name} is missing")
    grant = _new_grant(realm, client, got.parameters.get("scope"))
    grant.audience = rules.audience(got.parameters.get("resource"))
    grant.details = details.asked(rules, got.parameters.get("authorization_details"))
    if "request_uri" in got.parameters:
        rules.request_uri()
    realm.store.add(grant)
    members = rules.device_response(_announced(realm, client, grant), grant)
    return realm.answers.success("device_authorization", members)


def _known_scope(realm: Realm, got: Read) -> None:
    names = scope.parse(got.parameters.get("scope", "openid"))
    if not all(map(realm.rules.knows_scope, names)):
        raise Refused("invalid_scope", "the scope is unknown")


def _new_grant(realm: Realm, client: Client, named: str | None) -> Grant:
    rules, now = realm.rules, realm.clock.now()
    asked = () if named is None else scope.parse(named)
    put = rules.admissible_scope(client, asked) if asked else rules.scope_when_absent(client)
    device_code, shown, bare = _fresh_codes(realm)
    interval = rules.interval(client)
    return Grant(
        device_code=device_code,
        user_code=bare,
        shown_code=shown,
        client_id=client.client_id,
        asked=asked,
        scope=put,
        issued_at=now,
        expires_at=now + rules.lifetime(client),
        interval=interval,
        threshold=interval,
        handle=realm.rand.randbytes(16).hex() if realm.freedom.complete_is_opaque else "",
    )


def _fresh_codes(realm: Realm) -> tuple[str, str, str]:
    rules, rand = realm.rules, realm.rand
    for _ in range(100):
        shown = rules.user_code(rand)
        # Not by the rule that reads typed codes: a wrong one would make codes collide.
        bare = codes.bare(shown, rules.alphabet())
        if realm.store.find_typed(bare) is None:
            return rules.device_code(rand), shown, bare
    raise RuntimeError("no free user code was found")


def _announced(realm: Realm, client: Client, grant: Grant) -> dict[str, object]:
    rules = realm.rules
    page = realm.address(realm.freedom.verification_path)
    members: dict[str, object] = {
        "device_code": grant.device_code,
        "user_code": grant.shown_code,
        "verification_uri": rules.verification_uri(page, grant),
    }
    if realm.freedom.sends_complete:
        members["verification_uri_complete"] = rules.verification_uri_complete(page, grant)
    lifetime = rules.lifetime(client)
    members["expires_in"] = int(lifetime) if lifetime == int(lifetime) else lifetime
    interval = grant.interval
    if interval != USUAL_INTERVAL or realm.freedom.sends_usual_interval:
        members["interval"] = int(interval) if interval == int(interval) else interval
    return members
