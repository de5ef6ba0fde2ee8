"""A browser with a cookie jar, and a server with one pending grant, for the tests of the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin

from harness.clock import VirtualClock
from harness.wire import DEVICE_CODE_GRANT, Answer, Request, Response, answer_of
from simulators.server import Config, Rules, Server

SCOPE = "openid profile dashboard:read"


@dataclass
class Browser:
    """Follows redirects, keeps cookies, fills in forms."""

    server: Server
    peer: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[Request, Response]] = field(default_factory=list)
    url: str = ""
    page: Response = field(default_factory=lambda: Response(200))

    def get(self, url: str) -> Response:
        return self._go(Request("GET", url))

    def post(self, url: str, fields: Mapping[str, str]) -> Response:
        return self._go(Request.form(url, fields.items()))

    def submit(self, **fields: str) -> Response:
        """Send the form of the page, its hidden fields and these."""
        action = re.search(r'action="([^"]*)"', self.page.text)
        assert action, self.page.text
        return self.post(urljoin(self.url, unescape(action[1])), {**self.hidden(), **fields})

    def hidden(self) -> dict[str, str]:
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page.text)
        return {name: unescape(value) for name, value in found}

    def _go(self, request: Request) -> Response:
        for _ in range(8):
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if cookie:
                request = request.with_header("cookie", cookie)
            if self.peer:
                request = request.with_header("x-devicegrant-peer", self.peer)
            self.page = self.server(request)
            self.url = request.url
            self.seen.append((request, self.page))
            for line in self.page.all_headers("set-cookie"):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            location = self.page.header("location")
            if location is None:
                return self.page
            request = Request("GET", urljoin(self.url, location))
        raise AssertionError("too many redirects")


class Stage:
    """A server on a virtual clock, with a device that has asked and a person who may answer."""

    def __init__(
        self, config: Config | None = None, rules: Rules | None = None, seed: int | None = None
    ) -> None:
        self.clock = VirtualClock()
        self.config = config or Config.demo(seed="tests")
        self.server = Server(self.config, self.clock, rules, seed)
        self.started = self.ask()

    def url(self, name: str) -> str:
        return str(self.server.metadata[name])

    def ask(self, client_id: str = "tv", scope: str | None = SCOPE) -> dict[str, str]:
        fields = {"client_id": client_id} | ({} if scope is None else {"scope": scope})
        answer = self.start(**fields)
        assert answer.status == 200, answer.text
        return answer.json() or {}

    def start(self, **fields: str) -> Response:
        url = self.url("device_authorization_endpoint")
        return self.server(Request.form(url, fields.items()))

    def token(self, **fields: str) -> Response:
        return self.server(Request.form(self.url("token_endpoint"), fields.items()))

    def poll_response(self, **fields: str) -> Response:
        usual = {
            "grant_type": DEVICE_CODE_GRANT,
            "device_code": self.started["device_code"],
            "client_id": "tv",
        }
        return self.token(**{**usual, **fields})

    def poll(self, **fields: str) -> Answer:
        return answer_of(self.poll_response(**fields))

    def browser(self, peer: str = "") -> Browser:
        return Browser(self.server, peer)

    def sign_in(self, browser: Browser, username: str = "alice") -> Response:
        return browser.submit(username=username, password=self.config.account(username).password)

    def consent(self, username: str = "alice", browser: Browser | None = None) -> Browser:
        """Somebody types the code and signs in, in whichever order the server wants."""
        browser = browser or self.browser()
        browser.get(self.started["verification_uri"])
        for _ in range(2):
            if 'name="username"' in browser.page.text:
                self.sign_in(browser, username)
            if 'name="user_code"' in browser.page.text:
                browser.submit(user_code=self.started["user_code"])
        assert 'name="decision"' in browser.page.text, browser.page.text
        return browser

    def decide(self, decision: str = "approve", username: str = "alice") -> Browser:
        browser = self.consent(username)
        browser.submit(decision=decision)
        return browser

    def tokens(self, scope: str = SCOPE) -> dict[str, str]:
        """What an approved device gets."""
        self.started = self.ask(scope=scope)
        self.decide()
        return self.poll_response().json() or {}

    def use(self, method: str, url: str, token: str | None) -> Response:
        headers = () if token is None else (("authorization", f"Bearer {token}"),)
        return self.server(Request(method, url, headers))
