"""Protected resources: UserInfo, and a dashboard to read and to write (RFC 6750)."""

from __future__ import annotations

from harness.wire import Header, Request, Response
from simulators.server.answers import encoded
from simulators.server.realm import Realm
from simulators.server.tokens import Access, claims_for

_HEADERS: tuple[Header, ...] = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
)

_DESCRIPTIONS = {
    "invalid_request": "the Authorization header is malformed or repeated",
    "invalid_token": "the access token is unknown, expired or revoked",
    "insufficient_scope": "the access token does not cover this",
}


def userinfo(realm: Realm, request: Request) -> Response:
    """Claims about the person (OpenID Connect Core section 5.3)."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return _wrong_method("GET, HEAD, POST")
    found = _bearer(realm, request, "openid")
    if isinstance(found, Response):
        return found
    account = realm.accounts.get(found.family.username or "")
    if account is None:
        return _challenge(realm, 403, "insufficient_scope", "openid")
    return Response(200, _HEADERS, encoded(dict(claims_for(account, found.scope))))


def dashboard(realm: Realm, request: Request) -> Response:
    """A resource that one scope may read and another may change."""
    if request.method not in {"GET", "HEAD", "POST", "PUT"}:
        return _wrong_method("GET, HEAD, POST, PUT")
    found = _bearer(realm, request, realm.rules.scope_for_resource(request.method))
    if isinstance(found, Response):
        return found
    members: dict[str, object] = {"sub": found.family.sub, "client_id": found.family.client_id}
    done = "read" if request.method in {"GET", "HEAD"} else "written"
    return Response(200, _HEADERS, encoded({**members, "dashboard": done}))


def _bearer(realm: Realm, request: Request, scope: str) -> Access | Response:
    """The token that came with a request, or the refusal (RFC 6750 section 3)."""
    sent = [value for name, value in request.headers if name.lower() == "authorization"]
    if not sent or (len(sent) == 1 and sent[0].partition(" ")[0].lower() != "bearer"):
        # Who shows nothing, or nothing of our kind, is not told what would be wrong with it.
        return _challenge(realm, 401, None, None)
    text = sent[0].partition(" ")[2].strip()
    if len(sent) > 1 or not text or " " in text:
        return _challenge(realm, 400, "invalid_request", None)
    access = realm.rules.access_behind(text, realm.tokens)
    disabled = access is not None and realm.is_disabled(access.family.username)
    good = realm.rules.token_is_good(access, realm.clock.unix(), disabled=disabled)
    if access is None or not good:
        return _challenge(realm, 401, "invalid_token", None)
    if not realm.rules.covers(access, scope):
        return _challenge(realm, 403, "insufficient_scope", scope)
    return access


def _challenge(realm: Realm, status: int, error: str | None, scope: str | None) -> Response:
    challenge = realm.rules.bearer_challenge(error, scope)
    headers = (*_HEADERS, ("www-authenticate", challenge))
    if error is None:
        return Response(status, headers, b"{}")
    members: dict[str, object] = {"error": error, "error_description": _DESCRIPTIONS[error]}
    return Response(status, headers, encoded(members))


def _wrong_method(allow: str) -> Response:
    body = encoded({"error": "invalid_request", "error_description": "wrong method"})
    return Response(405, (*_HEADERS, ("allow", allow)), body)
