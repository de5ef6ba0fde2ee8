"""What all small providers share: one code, two people, sessions, a record of what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from harness.consent import Codes, Person
from harness.wire import Request, Response

ALICE = Person("alice", "rabbit-hole-7")
BOB = Person("bob", "sponge-9")
PASSWORDS = {ALICE.username: ALICE.password, BOB.username: BOB.password}
HOST = "http://idp.test"


@dataclass
class Ask:
    """One request as a site looks at it."""

    method: str
    path: str
    fields: list[tuple[str, str]]
    session: dict[str, str]
    fresh: bool

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]


@dataclass
class Site:
    """A provider; `state` is what the device would hear, `by` who decided."""

    code: str = "WDJB-MJHT"
    state: str = "pending"
    by: str = ""
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    verification_path = "/device"
    link_parameter = "user_code"
    wrong_is_refused = True
    """Whether a code that does not exist is noticed before the decision."""

    def answer(self, ask: Ask) -> Response:
        raise NotImplementedError

    def __call__(self, request: Request) -> Response:
        jar = dict(
            pair.split("=", 1) for pair in (request.header("cookie") or "").split("; ") if pair
        )
        sid = jar.get("sid", "")
        fresh = sid not in self.sessions
        if fresh:
            sid = f"s{len(self.sessions) + 1}"
            self.sessions[sid] = {"csrf": f"t-{sid}"}
        fields = list(request.fields) + _multipart(request)
        fields += parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        self.asked.append(f"{request.method} {request.path}")
        ask = Ask(request.method, request.path, fields, self.sessions[sid], fresh)
        response = self.answer(ask)
        if fresh:
            cookie = ("set-cookie", f"sid={sid}; Path=/; HttpOnly")
            return Response(response.status, (*response.headers, cookie), response.body)
        return response

    def knows(self, typed: str) -> bool:
        """Whether a code is the one that waits for a decision."""
        same = "".join(filter(str.isalnum, typed)).upper() == self.code.replace("-", "")
        return same and self.state == "pending"

    def decide(self, ask: Ask, *, yes: bool) -> None:
        assert self.state == "pending", "decided twice"
        self.state = "approved" if yes else "denied"
        self.by = ask.session.get("user", "")

    def enter(self, ask: Ask, user: str = "username", secret: str = "password") -> bool:
        """Sign in with what was sent."""
        if ask[secret] and PASSWORDS.get(ask[user]) == ask[secret]:
            ask.session["user"] = ask[user]
            return True
        return False


def codes_of(site: Site) -> Codes:
    uri = HOST + site.verification_path
    return Codes(site.code, uri, f"{uri}?{site.link_parameter}={site.code}")


def page(body: str, status: int = 200, title: str = "", head: str = "") -> Response:
    text = (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    )
    return Response(status, (("content-type", "text/html; charset=utf-8"),), text.encode())


def go(where: str, status: int = 302) -> Response:
    return Response(status, (("location", where),))


def _multipart(request: Request) -> list[tuple[str, str]]:
    kind = request.header("content-type") or ""
    if not kind.startswith("multipart/form-data"):
        return []
    found = []
    for part in request.body.decode().split("--" + kind.partition("boundary=")[2]):
        head, _, value = part.partition("\r\n\r\n")
        if 'name="' in head:
            found.append((head.split('name="')[1].split('"')[0], value.removesuffix("\r\n")))
    return found
