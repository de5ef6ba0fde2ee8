"""Protected resources: UserInfo, and a dashboard to read and to write (RFC 6750)."""

from __future__ import annotations

from harness.wire import Header, Request, Response
from simulators.server import sender
from simulators.server.answers import encoded
from simulators.server.realm import Realm
from simulators.server.refusal import Refused
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
    members = realm.rules.userinfo(claims_for(account, found.scope))
    headers = (("content-type", realm.rules.userinfo_type()), *_HEADERS[1:])
    return Response(200, (*headers, *realm.rules.cross_origin()), encoded(dict(members)))


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
    scheme = sent[0].partition(" ")[0] if sent else ""
    if not sent or (len(sent) == 1 and not realm.rules.reads_scheme(scheme)):
        # Who shows nothing, or nothing of our kind, is not told what would be wrong with it.
        return _challenge(realm, 401, None, None)
    text = sent[0].partition(" ")[2].strip()
    if len(sent) > 1 or not text or " " in text:
        return _challenge(realm, 400, "invalid_request", None)
    access = realm.rules.access_behind(text, realm.tokens)
    disabled = access is not None and realm.is_disabled(access.family.username)
    good = realm.rules.token_is_good(access, realm.clock.unix(), disabled=disabled)
    url = request.url.partition("?")[0]
    if access is None or not good or not realm.rules.is_audience(access, url):
        return _challenge(realm, 401, "invalid_token", None)
    refused = _not_the_holder(realm, request, access, scheme.lower(), text)
    if refused is not None:
        return refused
    if not realm.rules.covers(access, scope):
        return _challenge(realm, 403, "insufficient_scope", scope)
    return access


def _not_the_holder(
    realm: Realm, request: Request, access: Access, scheme: str, text: str
) -> Response | None:
    """The refusal of a bound token that somebody else sends (RFC 9449 section 7, RFC 8705 3)."""
    try:
        shown = sender.shown_by(realm, request, scheme, text)
    except Refused as refused:
        challenge = realm.rules.dpop_challenge(refused.error)
        members: dict[str, object] = {"error": refused.error}
        headers = (*_HEADERS, *realm.rules.cross_origin(), ("www-authenticate", challenge))
        return Response(401, headers, encoded(members))
    if realm.rules.holder_fits(access.bound, shown, scheme):
        return None
    return _challenge(realm, 401, "invalid_token", None)


def _challenge(realm: Realm, status: int, error: str | None, scope: str | None) -> Response:
    challenge = realm.rules.bearer_challenge(error, scope)
    headers = (*_HEADERS, *realm.rules.cross_origin(), ("www-authenticate", challenge))
    if error is None:
        return Response(status, headers, b"{}")
    members: dict[str, object] = {"error": error, "error_description": _DESCRIPTIONS[error]}
    return Response(status, headers, encoded(members))


def _wrong_method(allow: str) -> Response:
    body = encoded({"error": "invalid_request", "error_description": "wrong method"})
    return Response(405, (*_HEADERS, ("allow", allow)), body)
