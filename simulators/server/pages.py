"""What a person does: enter the code, sign in, approve or deny (RFC 8628 sections 3.3 and 5)."""

from __future__ import annotations

import hmac
import math

from harness.wire import Request, Response
from simulators.server import details, form, looks
from simulators.server.config import Account
from simulators.server.grant import Event, Grant
from simulators.server.realm import Realm
from simulators.server.sessions import Session
from simulators.server.visit import Visit

SIGN_IN, CONFIRM, DONE = "/sign-in", "/confirm", "/done"

LONGEST_SHOWN = 20
"""Characters of a wrong code that the page repeats; a device_code typed by mistake is longer."""

LONGEST_KEPT = 200
"""Characters of what was entered that a session keeps until its person has signed in."""

_READS = {"GET", "HEAD"}

_OUTCOMES = {
    "approved": ("Your device is connected", "You said yes."),
    "denied": ("Access was denied", "You said no, and the device gets nothing."),
    "barred": ("Access was denied", "Your account may not be used with this device."),
}


def verification(realm: Realm, request: Request) -> Response:
    """The page of `verification_uri`, where a code is typed or comes with the link."""
    visit = Visit(realm, request)
    if request.method == "POST":
        return _enter(visit, "typed", visit.field("user_code"))
    if request.method not in _READS:
        return _wrong_method(visit)
    query = form.parse_query(request.url.partition("?")[2].partition("#")[0])
    for name in ("user_code", "link"):
        if query.get(name):
            return _enter(visit, name, query[name])
    if realm.freedom.sign_in_first and realm.rules.must_sign_in(visit.begin()):
        return visit.redirect(SIGN_IN)
    return _ask_for_code(visit)


def home(realm: Realm, request: Request) -> Response:
    """The root, for people who open the issuer's address: the way to the page for codes."""
    return Visit(realm, request).redirect("")


def _ask_for_code(visit: Visit, trouble: str | None = None, typed: str = "") -> Response:
    digits = visit.realm.rules.alphabet().isdigit()
    # A code can be mended where it stands; what is longer than any code is not shown again.
    body = looks.enter(
        visit.path(), trouble, typed if len(typed) <= LONGEST_SHOWN else "", digits=digits
    )
    return visit.html(body, 200 if trouble is None else 400)


def _enter(visit: Visit, how: str, text: str) -> Response:
    """Take a code: typed, or as `user_code` or `link` of verification_uri_complete."""
    realm, rules = visit.realm, visit.realm.rules
    if realm.freedom.sign_in_first and rules.must_sign_in(visit.begin()):
        visit.begin().waiting = (how, text[:LONGEST_KEPT])
        return visit.redirect(SIGN_IN)
    if not text.strip():
        return _ask_for_code(visit, "Please type the code that your device shows.")
    session = visit.session
    username = session.username if session is not None else None
    keys = rules.guess_keys(username, visit.peer, session.sid if session is not None else "")
    leak = rules.seconds_per_guess()
    wait = realm.guesses.wait(keys, visit.now, rules.guesses(), leak)
    if wait > 0:
        return _too_many(visit, wait, "wrong codes")
    grant = _find(realm, how, text)
    if grant is None:
        realm.guesses.charge(keys, visit.now, leak)
        return _ask_for_code(visit, "No device shows this code. Please check it.", text)
    if rules.page_expired(grant, visit.now):
        return _ask_for_code(visit, "This code has expired. Please start again on the device.")
    if not rules.page_accepts(grant):
        return _ask_for_code(visit, "This code has been used. Please start again on the device.")
    if rules.forgives_after_success():
        realm.guesses.clear(keys)
    session = visit.begin()
    browsers = grant.browsers | {session.browser}
    if len(browsers) > rules.browsers_for_a_code():
        return _ask_for_code(
            visit, "This code was used too often. Please start again on the device."
        )
    grant.browsers = browsers
    session.grant = grant
    if how != "typed" and rules.approves_on_open() and not rules.must_sign_in(session):
        return _decide(visit, session, grant, Event.APPROVE)
    return visit.redirect(CONFIRM, grant)


def _find(realm: Realm, how: str, text: str) -> Grant | None:
    if how == "link":
        return realm.store.find_handle(text)
    rules = realm.rules
    read = rules.read_typed_code if how == "typed" else rules.read_linked_code
    return realm.store.find_typed(read(text)) or rules.grant_for_unknown_code(text)


def sign_in(realm: Realm, request: Request) -> Response:
    """The page where a person signs in; whoever is signed in already may change the account."""
    visit = Visit(realm, request)
    if request.method in _READS:
        return visit.html(looks.sign_in(visit.path(SIGN_IN), _sign_in_proof(visit)))
    if request.method != "POST":
        return _wrong_method(visit)
    session, now = visit.session, visit.now
    if session is None or not realm.rules.form_is_genuine(
        _sign_in_proof(visit), visit.field("proof")
    ):
        return visit.trouble("Please start again", "This form is no longer valid.", 403)
    username = visit.field("username").strip()
    keys = (f"peer {visit.peer}", f"account {username[:80]}")
    capacity, leak = realm.rules.passwords(), realm.rules.seconds_per_password()
    wait = realm.passwords.wait(keys, now, capacity, leak)
    if wait > 0:
        return _too_many(visit, wait, "failed attempts to sign in")
    account = _account(realm, username, visit.field("password"))
    if account is None:
        realm.passwords.charge(keys, now, leak)
        trouble = "User name or password is wrong."
        form_again = looks.sign_in(visit.path(SIGN_IN), _sign_in_proof(visit), trouble, username)
        return visit.html(form_again, 400)
    session.username = account.username
    session.auth_time = int(realm.clock.unix())
    realm.sessions.rename(session)
    return _go_on(visit, session)


def _go_on(visit: Visit, session: Session) -> Response:
    """What a person wanted before the sign-in page came between."""
    waiting, session.waiting = session.waiting, None
    if not visit.realm.rules.keeps_code_over_sign_in():
        session.grant = waiting = None
    if waiting is not None:
        return _enter(visit, *waiting)
    return visit.redirect("" if session.grant is None else CONFIRM, session.grant)


def _sign_in_proof(visit: Visit) -> str:
    return visit.realm.sessions.proof(visit.begin(), "sign-in")


def _account(realm: Realm, username: str, password: str) -> Account | None:
    account = realm.accounts.get(username)
    right = account.password if account is not None else ""
    same = hmac.compare_digest(right.encode(), password.encode("utf-8", "replace"))
    if account is None or not same or realm.is_disabled(username):
        return None
    return account


def confirm(realm: Realm, request: Request) -> Response:
    """The page that says who asks for what, and the decision (RFC 8628 sections 3.3 and 5.4)."""
    visit = Visit(realm, request)
    session = visit.session
    if request.method == "POST":
        return _answer(visit)
    if request.method not in _READS:
        return _wrong_method(visit)
    if session is None or session.grant is None:
        return visit.redirect("")
    if realm.rules.must_sign_in(session):
        return visit.redirect(SIGN_IN, session.grant)
    if realm.rules.page_expired(session.grant, visit.now):
        return _ask_for_code(visit, "This code has expired. Please start again on the device.")
    if not realm.rules.page_accepts(session.grant):
        return _ask_for_code(visit, "This code has been used. Please start again on the device.")
    return visit.html(_consent(visit, session, session.grant))


def _consent(visit: Visit, session: Session, grant: Grant) -> bytes:
    realm, rules = visit.realm, visit.realm.rules
    account = realm.accounts.get(session.username or "")
    scope = rules.consented_scope(grant.scope, account.scopes if account is not None else None)
    choices = [("approve", "Approve")]
    if rules.offers_denial():
        choices.append(("deny", "Deny"))
    if realm.freedom.deny_first:
        choices.reverse()
    return looks.consent(
        visit.path(CONFIRM),
        {**rules.hidden_fields(grant), "proof": _proof(visit, session, grant)},
        client=rules.shown_client(realm.clients[grant.client_id]),
        person=account.claims.get("name", account.username) if account is not None else "nobody",
        scope=(*rules.shown_scope(scope), *details.in_words(grant.details)),
        code=rules.shown_code(grant),
        warns=rules.asks_for_possession(),
        choices=choices,
        focused=rules.focused_choice(),
        other_account=visit.path(SIGN_IN),
    )


def _proof(visit: Visit, session: Session, grant: Grant) -> str:
    return visit.realm.sessions.proof(session, f"decide {grant.device_code}")


def _answer(visit: Visit) -> Response:
    """Take a decision, if it comes from the session and the form that may decide."""
    realm, rules, session = visit.realm, visit.realm.rules, visit.session
    grant = realm.store.find_typed(visit.field("ref"))
    if session is None or grant is None:
        return visit.trouble("Please start again", "This form is no longer valid.", 403)
    expected = _proof(visit, session, grant)
    if not rules.may_decide(session, grant, expected, visit.field("proof")):
        return visit.trouble("Please start again", "This form is no longer valid.", 403)
    if rules.must_sign_in(session):
        session.grant = grant
        return visit.redirect(SIGN_IN, grant)
    event = {"approve": Event.APPROVE, "deny": Event.DENY}.get(visit.field("decision"))
    if event is None:
        return visit.trouble("Nothing was decided", "Please approve or deny.")
    if rules.page_expired(grant, visit.now):
        return _ask_for_code(visit, "This code has expired. Please start again on the device.")
    return _decide(visit, session, grant, event)


def _decide(visit: Visit, session: Session, grant: Grant, event: Event) -> Response:
    realm, rules = visit.realm, visit.realm.rules
    account = realm.accounts.get(session.username or "")
    outcome = "approved" if event is Event.APPROVE else "denied"
    scope = rules.consented_scope(grant.scope, account.scopes if account is not None else None)
    allowed = rules.may_approve(account, realm.clients[grant.client_id])
    if event is Event.APPROVE and (not allowed or not scope):
        event, outcome = Event.DENY, "barred"
    if event is Event.APPROVE or rules.records_denial():
        state = rules.transition(grant.state, event)
        if state is grant.state:
            return visit.trouble("Already answered", "This request was answered before.")
        grant.state = state
        grant.decided_at = visit.now
        grant.username = session.username
        grant.auth_time = session.auth_time
        grant.scope = scope or grant.scope
    session.outcome = outcome
    return visit.redirect(DONE, grant)


def done(realm: Realm, request: Request) -> Response:
    """The last page, which sends people back to their device."""
    visit = Visit(realm, request)
    if request.method not in _READS:
        return _wrong_method(visit)
    if visit.session is None or visit.session.outcome is None:
        return visit.redirect("")
    title, text = _OUTCOMES[visit.session.outcome]
    if realm.rules.sends_back_to_device():
        text += " You can close this page and go back to your device."
    return visit.html(looks.message(title, text))


def authorize(realm: Realm, request: Request) -> Response:
    """The authorization endpoint: no client has a redirect_uri, so there is nothing to grant."""
    text = "No client of this server may use this page. Please enter the code of your device."
    return Visit(realm, request).trouble("Nothing to do here", text)


def _too_many(visit: Visit, wait: float, what: str) -> Response:
    seconds = math.ceil(wait)
    text = f"There were too many {what}. Please wait {seconds} seconds and try again."
    body = looks.message("Please wait", text, visit.path())
    return visit.html(body, 429, ("retry-after", str(seconds)))


def _wrong_method(visit: Visit) -> Response:
    body = looks.message("Nothing to do here", "This page cannot be used in that way.")
    return visit.html(body, 405, ("allow", "GET, HEAD, POST"))
