"""The token endpoint (RFC 8628 sections 3.4 and 3.5, RFC 6749 sections 4.4, 5 and 6)."""

from __future__ import annotations

from harness.wire import DEVICE_CODE_GRANT, Request, Response
from simulators.server import scope, sender
from simulators.server.config import CLIENT_CREDENTIALS_GRANT, REFRESH_TOKEN_GRANT, Client
from simulators.server.grant import Grant
from simulators.server.reading import Read, client_of, read
from simulators.server.realm import Realm
from simulators.server.refusal import Refused
from simulators.server.tokens import Binding, Family


def token(realm: Realm, request: Request) -> Response:
    """Answer a token request of any grant; raises `Refused`."""
    got = read(realm, request, "token")
    grant_type = got.parameters.get("grant_type")
    if grant_type is None:
        raise Refused("invalid_request", "grant_type is missing")
    client = client_of(realm, got, "token")
    grant_type = realm.rules.grant_named(grant_type)
    serve = _SERVED.get(grant_type)
    if serve is None:
        raise Refused("unsupported_grant_type", "this grant_type is not supported")
    if not realm.rules.may_use("token", client, grant_type):
        raise Refused("unauthorized_client", "this client may not use this grant_type")
    return serve(realm, client, got)


def _poll(realm: Realm, client: Client, got: Read) -> Response:
    rules, parameters = realm.rules, got.parameters
    for name in rules.required("token"):
        if name not in parameters:
            raise Refused("invalid_request", f"{name} is missing")
    now = realm.clock.now()
    grant = realm.store.find(rules.read_device_code(parameters["device_code"]))
    try:
        shown = sender.binding(realm, client, got)
    except Refused:
        if grant is not None:
            rules.proof_refused(grant)
        raise
    error = rules.judge(grant, client, now)
    if grant is None or error is not None:
        if grant is not None and grant.family is not None:
            _note_replay(realm, grant, client, now)
        if grant is not None and error == "authorization_pending":
            realm.clock.sleep(rules.seconds_held(grant))
        return realm.answers.poll_error(error or "invalid_grant")
    account = realm.accounts.get(grant.username or "")
    may_collect = rules.may_collect(account, disabled=realm.is_disabled(grant.username))
    if not may_collect or rules.was_taken_back(grant, realm.withdrawn.get(grant.username or "")):
        return realm.answers.poll_error(rules.denied(grant))
    wanted = scope.parse(parameters["scope"]) if "scope" in parameters else ()
    granted = rules.token_scope(grant, client, wanted)
    family = grant.family = Family(
        client_id=client.client_id,
        sub=account.sub if account is not None else "nobody",
        username=grant.username,
        scope=granted,
        auth_time=grant.auth_time,
        audience=grant.audience,
    )
    members = rules.redeem(
        grant, now, lambda: _issued(realm, client, family, grant.asked, shown=shown)
    )
    if grant.details and (told := rules.granted_details(grant)):
        members["authorization_details"] = told
    return realm.answers.success("token", members)


def _note_replay(realm: Realm, grant: Grant, client: Client, now: float) -> None:
    # Only a client that the code was issued to can have stolen or lost it.
    rules = realm.rules
    if grant.family is not None and rules.is_issued_to(grant, client):
        grant.family.revoked |= rules.revokes_on_replay(grant, now)


def _refresh(realm: Realm, client: Client, got: Read) -> Response:
    rules, unix = realm.rules, realm.clock.unix()
    text = got.parameters.get("refresh_token")
    if text is None:
        raise Refused("invalid_request", "refresh_token is missing")
    found = realm.tokens.inspect_refresh(text)
    if found is None or found.expires_at <= unix or not rules.refresh_belongs(found.family, client):
        text = "the refresh_token is unknown, expired or not this client's"
        raise Refused(rules.bad_refresh_token(), text)
    family = found.family
    shown = sender.binding(realm, client, got)
    if found.bound is not None and shown != found.bound:
        raise Refused("invalid_grant", "the refresh_token is bound to another key or certificate")
    if found.used:
        family.revoked |= rules.reuse_revokes()
    if found.used or family.revoked or realm.is_disabled(family.username):
        raise Refused(rules.bad_refresh_token(), "the refresh_token is no longer valid")
    named = got.parameters.get("scope")
    granted = rules.refresh_scope(family, scope.parse(named) if named is not None else ())
    found.used = rules.rotates(client)
    members = _issued(realm, client, family, family.scope, granted, text, shown=shown)
    return realm.answers.success("token", members)


def _client_credentials(realm: Realm, client: Client, got: Read) -> Response:
    rules = realm.rules
    named = got.parameters.get("scope")
    asked = scope.parse(named) if named is not None else ()
    granted = rules.admissible_scope(client, asked) if asked else tuple(sorted(client.scopes))
    family = Family(client.client_id, sub=client.client_id, username=None, scope=granted)
    bound = rules.bound_to(sender.binding(realm, client, got))
    text, lifetime = realm.tokens.access(client, family, granted, realm.clock.unix(), bound)
    kind = rules.type_for(bound)
    members: dict[str, object] = {"access_token": text, "token_type": kind, "expires_in": lifetime}
    if rules.announces_scope(asked, granted):
        members["scope"] = scope.joined(granted)
    return realm.answers.success("token", rules.token_response(members, family))


def _issued(
    realm: Realm,
    client: Client,
    family: Family,
    asked: scope.Scope,
    granted: scope.Scope | None = None,
    old_refresh: str | None = None,
    *,
    shown: Binding | None = None,
) -> dict[str, object]:
    """The members of a token response.

    `old_refresh` is the token that has just been used, `shown` what the client proved to hold.
    """
    rules, unix, tokens = realm.rules, realm.clock.unix(), realm.tokens
    names = family.scope if granted is None else granted
    bound = rules.bound_to(shown)
    text, lifetime = tokens.access(client, family, names, unix, bound)
    # A confidential client's refresh token is its own anyway: nobody else can use it.
    held = shown if shown is not None and rules.binds_refresh_token(client, shown) else None
    members: dict[str, object] = {
        "access_token": text,
        "token_type": rules.type_for(bound),
        "expires_in": lifetime,
    }
    if old_refresh is None:
        if rules.gives_refresh_token(client, names):
            members["refresh_token"] = tokens.refresh(family, unix, held)
    elif rules.rotates(client):
        members["refresh_token"] = tokens.refresh(family, unix, held)
    if rules.announces_scope(asked, names):
        members["scope"] = scope.joined(names)
    if rules.gives_id_token(names):
        members["id_token"] = tokens.id_token(client, family, text, unix)
    return rules.token_response(members, family)


_SERVED = {
    DEVICE_CODE_GRANT: _poll,
    REFRESH_TOKEN_GRANT: _refresh,
    CLIENT_CREDENTIALS_GRANT: _client_credentials,
}
