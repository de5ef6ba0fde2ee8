"""One request of a browser: its session, its form, and the ways to answer it."""

from __future__ import annotations

from harness.wire import FORM, Header, Request, Response
from simulators.server import form, looks
from simulators.server.grant import Grant
from simulators.server.realm import Realm
from simulators.server.sessions import Session

PEER_HEADER = "x-devicegrant-peer"
"""Where the skin on the socket notes who is at the other end; what a client sends there is lost."""

MOST_BYTES = 16 * 1024
"""The largest form that a page reads."""


class Visit:
    """A browser's request, while it is being answered."""

    def __init__(self, realm: Realm, request: Request) -> None:
        self.realm = realm
        self.request = request
        self.now = realm.clock.now()
        self.peer = request.header(PEER_HEADER) or ""
        self.cookie = "__Host-session" if realm.config.issuer.startswith("https:") else "session"
        self._sid = self._cookie_value()
        self.session = realm.sessions.find(self._sid, self.now) if self._sid else None
        self._fields: dict[str, str] | None = None

    def _cookie_value(self) -> str:
        for name, value in self.request.headers:
            if name.lower() == "cookie":
                for part in value.split(";"):
                    key, _, found = part.strip().partition("=")
                    if key == self.cookie:
                        return found
        return ""

    def path(self, step: str = "") -> str:
        """The path of a page of the interaction."""
        return f"{self.realm.base_path}{self.realm.freedom.verification_path}{step}"

    def field(self, name: str) -> str:
        """A form field, or nothing."""
        if self._fields is None:
            kind = (self.request.header("content-type") or "").partition(";")[0].strip().lower()
            readable = kind == FORM and len(self.request.body) <= MOST_BYTES
            self._fields = dict(form.parse(self.request.body)) if readable else {}
        return self._fields.get(name, "")

    def begin(self) -> Session:
        """The session of this browser, a new one if there is none."""
        if self.session is None:
            self.session = self.realm.sessions.begin(self.now)
        return self.session

    def html(self, body: bytes, status: int = 200, *more: Header) -> Response:
        """A page."""
        rules = self.realm.rules
        headers = rules.page_headers(looks.STYLE_HASH)
        return Response(status, (*headers, *self._set_cookie(), *more), rules.page(body))

    def redirect(self, step: str, grant: Grant | None = None) -> Response:
        """On to another page, by GET."""
        rules = self.realm.rules
        target = rules.redirect_target(self.path(step), grant)
        headers = (
            ("location", target),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
        )
        return Response(rules.redirect_status(self.request), (*headers, *self._set_cookie()))

    def trouble(self, title: str, text: str, status: int = 400) -> Response:
        """A page that says what went wrong, with a way to start again."""
        return self.html(looks.message(title, text, self.path()), status)

    def _set_cookie(self) -> tuple[Header, ...]:
        session = self.session
        if session is None or session.sid == self._sid:
            return ()
        attributes = self.realm.rules.cookie_attributes()
        return (("set-cookie", f"{self.cookie}={session.sid}{attributes}"),)
