"""What becomes of tokens: introspection (RFC 7662) and revocation (RFC 7009)."""

from __future__ import annotations

from harness.wire import Request, Response
from simulators.server.answers import encoded
from simulators.server.reading import client_of, read
from simulators.server.realm import Realm
from simulators.server.refusal import Refused
from simulators.server.scope import joined


def introspection(realm: Realm, request: Request) -> Response:
    """Whether a token is alive, for clients that have proved who they are; raises `Refused`."""
    rules = realm.rules
    got = read(realm, request, "introspection")
    if rules.introspection_needs_client() and client_of(realm, got, "introspection").public:
        raise Refused("invalid_client", "introspection is for confidential clients")
    text = got.parameters.get("token")
    if text is None:
        raise Refused("invalid_request", "token is missing")
    unix = realm.clock.unix()
    access, refresh = realm.tokens.inspect(text), realm.tokens.inspect_refresh(text)
    members: dict[str, object] = {"active": False}
    if access is not None and rules.token_is_good(
        access, unix, disabled=realm.is_disabled(access.family.username)
    ):
        members = {
            "active": True,
            "token_type": rules.type_for(access.bound),
            "client_id": access.family.client_id,
            "scope": joined(access.scope),
            "sub": access.family.sub,
            "iss": realm.config.issuer,
            "aud": access.family.audience or realm.config.issuer,
            "iat": access.issued_at,
            "exp": access.expires_at,
            "jti": access.jti,
            **rules.confirmation(access.bound),
        }
    elif refresh is not None and refresh.expires_at > unix:
        alive = not (refresh.used or refresh.family.revoked)
        if alive and not realm.is_disabled(refresh.family.username):
            members = {"active": True, "client_id": refresh.family.client_id}
            members |= {"exp": refresh.expires_at, "sub": refresh.family.sub}
    members = rules.introspection(members, text)
    if members["active"] is False:
        # Nothing else is said about a token that is not alive (RFC 7662 section 2.2).
        return Response(200, realm.answers.headers("introspection"), encoded(members))
    return realm.answers.success("introspection", members)


def revocation(realm: Realm, request: Request) -> Response:
    """End a token and all its kin; an unknown token is as good as revoked; raises `Refused`."""
    rules = realm.rules
    got = read(realm, request, "revocation")
    client = client_of(realm, got, "revocation")
    text = got.parameters.get("token")
    if text is None:
        raise Refused("invalid_request", "token is missing")
    found = rules.token_to_revoke(text, got.parameters.get("token_type_hint"), realm.tokens)
    if found is not None:
        if not rules.may_revoke(found.family, client):
            raise Refused("invalid_grant", "the token was issued to another client")
        rules.revoke(found)
    return Response(200, realm.answers.headers("revocation"), b"{}")
