"""The server as a function from request to response: routes, one lock, and a shield."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from harness.clock import Clock
from harness.wire import Request, Response
from simulators.server import cross_origin, lifecycle, metadata, pages, registration, resource
from simulators.server.config import Config, Seed
from simulators.server.device_authorization import device_authorization
from simulators.server.freedom import Freedom
from simulators.server.memory import Memory
from simulators.server.reading import sent_basic
from simulators.server.realm import Realm
from simulators.server.refusal import Endpoint, Refused
from simulators.server.rules import Rules
from simulators.server.shelf import Shelves
from simulators.server.token import token

Handler: TypeAlias = Callable[[Realm, Request], Response]


class Server:
    """The reference authorization server: call it with a request, it answers.

    It is safe to call from many threads, does no I/O and never raises.  With a `seed` all codes,
    tokens and free choices follow from it; without, they are random and the defaults.  `shelves`
    is where it keeps things, its own memory unless said otherwise.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        rules: Rules | None = None,
        seed: Seed | None = None,
        shelves: Shelves | None = None,
    ) -> None:
        shelves = Memory() if shelves is None else shelves
        self.realm = Realm(config, clock, Rules() if rules is None else rules, seed, shelves)
        self.last_fault: Exception | None = None
        """What went wrong inside at the latest 500, for those who test the server itself."""
        self._turn = shelves.turn
        self._clock = clock
        self._next_sweep = 0.0
        self._routes = _routes(self.realm)
        self._forms = _forms(self.realm)
        self._token_url = self.realm.address(self.freedom.token_path)
        free, base = self.freedom, self.realm.base_path
        self._cross_origin = {
            f"{base}{path}" for path in (free.token_path, free.userinfo_path, free.jwks_path)
        } | {""}

    @property
    def config(self) -> Config:
        """The settings that the server was made with."""
        return self.realm.config

    @property
    def freedom(self) -> Freedom:
        """The free choices of this server."""
        return self.realm.freedom

    @property
    def metadata(self) -> dict[str, object]:
        """The metadata as published (RFC 8414)."""
        return metadata.document(self.realm)

    def disable(self, username: str) -> None:
        """Close an account: its approved grants and its tokens are worth nothing from now on."""
        with self._turn:
            self.realm.disabled.keep(username, thing=True)

    def enable(self, username: str) -> None:
        """Open a closed account again."""
        with self._turn:
            self.realm.disabled.keep(username, thing=False)

    def withdraw(self, username: str) -> None:
        """Take back all that somebody approved: what devices have, and what they may yet get."""
        with self._turn:
            self.realm.withdrawn.keep(username, self._clock.now())
            self.realm.tokens.revoke_all(username)

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        path = "" if request.url == self._token_url else path_of(request.url)
        form = ("token", token) if not path else self._forms.get(path)
        try:
            if request.method == "OPTIONS" and path in self._cross_origin:
                return cross_origin.answer(self.realm.rules, request)
            with self._turn:
                now = self._clock.now()
                if now >= self._next_sweep:
                    self._next_sweep = self.realm.sweep(now)
                if form is not None:
                    return self._served(request, *form)
                handler = self._routes.get(path)
                response = _not_found() if handler is None else handler(self.realm, request)
        except Exception as fault:  # noqa: BLE001 (whatever breaks in here, a client gets an answer)
            self.last_fault = fault
            response = self.realm.answers.poll_error("server_error")
        return _without_body(response) if request.method == "HEAD" else response

    def _served(self, request: Request, endpoint: Endpoint, handler: Handler) -> Response:
        try:
            return handler(self.realm, request)
        except Refused as refused:
            basic = sent_basic(request)
            response = self.realm.answers.error(endpoint, refused, basic=basic)
            return _without_body(response) if request.method == "HEAD" else response


def path_of(url: str) -> str:
    """The path of an absolute URL, at least "/"; never raises, whatever the URL is like."""
    start = url.find("/", url.find("://") + 3)
    if start < 0:
        return "/"
    return url[start:].partition("#")[0].partition("?")[0]


def _forms(realm: Realm) -> dict[str, tuple[Endpoint, Handler]]:
    free, base = realm.freedom, realm.base_path
    return {
        f"{base}{free.device_path}": ("device_authorization", device_authorization),
        f"{base}{free.token_path}": ("token", token),
        f"{base}{metadata.INTROSPECTION_PATH}": ("introspection", lifecycle.introspection),
        f"{base}{metadata.REVOCATION_PATH}": ("revocation", lifecycle.revocation),
        f"{base}{registration.PATH}": ("registration", registration.registration),
    }


def _routes(realm: Realm) -> dict[str, Handler]:
    free, base = realm.freedom, realm.base_path
    page = f"{base}{free.verification_path}"
    return {
        **dict.fromkeys(realm.rules.well_known_paths(base), metadata.discovery),
        f"{base}{free.jwks_path}": metadata.jwks,
        f"{base}{free.userinfo_path}": resource.userinfo,
        f"{base}/dashboard": resource.dashboard,
        f"{base}{metadata.AUTHORIZATION_PATH}": pages.authorize,
        f"{base}/": pages.home,
        page: pages.verification,
        f"{page}{pages.SIGN_IN}": pages.sign_in,
        f"{page}{pages.CONFIRM}": pages.confirm,
        f"{page}{pages.DONE}": pages.done,
    }


def _not_found() -> Response:
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Response(404, headers, b'{"error":"invalid_request","error_description":"no such path"}')


def _without_body(response: Response) -> Response:
    return Response(response.status, response.headers)
