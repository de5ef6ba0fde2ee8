"""kind = "browser": pages that are made by scripts, in a Chromium of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.consent import Browser, Codes, Consent, Outcome, Wish, consent_from
from harness.consent.screen import chromium_path
from harness.tests.consent_sites import ALICE, Site
from harness.tests.consent_sites.frame import Ask, page
from harness.wire import NoAnswer, Request, Response


def _missing() -> str:
    try:
        chromium_path()
    except ValueError as problem:
        return str(problem)
    return ""


pytestmark = pytest.mark.skipif(bool(_missing()), reason=_missing() or "Chromium is there")

APPLICATION = """
<div id="root">Loading</div><script>
const root = document.getElementById('root').attachShadow({mode: 'open'});
const ask = async (data) => {
  const answer = await fetch('/api', {method: 'POST', body: new URLSearchParams(data)});
  show((await answer.json()).next);
};
const value = (name) => root.querySelector(`[name=${name}]`).value;
const pages = {
  code: ['<h1>Enter code</h1><input name="code" placeholder="Code"><div role="button">Next</div>',
         () => ask({step: 'code', code: value('code')})],
  wrong: ['<h1>Enter code</h1><p>Invalid code</p><input name="code" placeholder="Code">'
          + '<div role="button">Next</div>', () => ask({step: 'code', code: value('code')})],
  login: ['<form><label>User name <input name="user"></label><label>Password '
          + '<input type="password" name="secret"></label>'
          + '<button type="button">Log in</button></form>',
          () => ask({step: 'login', user: value('user'), secret: value('secret')})],
  consent: ['<h1>Allow the TV?</h1><button>Deny</button><button>Allow</button>',
            (event) => ask({step: 'consent', answer: event.target.textContent})],
  done: ['<h1>Thank you</h1>', () => {}],
};
const show = (name) => {
  root.innerHTML = pages[name][0];
  root.querySelectorAll('button, [role=button]').forEach(
    (button) => button.addEventListener('click', pages[name][1]));
};
setTimeout(() => show('code'), 200);
</script>
"""


class Application(Site):
    """One page whose scripts do everything, in a shadow root and without forms."""

    def answer(self, ask: Ask) -> Response:
        if ask.path != "/api":
            return page(APPLICATION)
        following = "wrong"
        if ask["step"] == "code" and self.knows(ask["code"]):
            following = "login"
        elif ask["step"] == "login" and self.enter(ask, "user", "secret"):
            following = "consent"
        elif ask["step"] == "consent":
            self.decide(ask, yes=ask["answer"] == "Allow")
            following = "done"
        body = b'{"next": "%s"}' % following.encode()
        return Response(200, (("content-type", "application/json"),), body)


@contextmanager
def served(site: Site) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = tuple(self.headers.items())
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            response = site(request)
            self.send_response(response.status)
            for name, text in response.headers:
                self.send_header(name, text)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/device"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unused(request: Request) -> Response:
    raise AssertionError(request.url)


@pytest.fixture(scope="module")
def screens() -> Consent:
    return consent_from("browser")


@pytest.mark.parametrize(
    ("wish", "outcome", "state"),
    [
        (Wish.APPROVE, Outcome.DECIDED, "approved"),
        (Wish.DENY, Outcome.DECIDED, "denied"),
        (Wish.LOOK, Outcome.OFFERED, "pending"),
    ],
    ids=lambda value: value.value if isinstance(value, Wish) else "",
)
def test_an_application_is_used_like_any_page(
    screens: Consent, wish: Wish, outcome: Outcome, state: str
) -> None:
    site = Application()
    with served(site) as uri:
        found = screens.decide(Codes(site.code, uri), wish, ALICE, Browser(unused))

    assert (found.outcome, site.state) == (outcome, state), found


def test_a_wrong_code_is_refused_on_a_screen(screens: Consent) -> None:
    site = Application()
    with served(site) as uri:
        found = screens.decide(
            Codes(site.code, uri), Wish.APPROVE, ALICE, Browser(unused), typed="QQQQ-QQQQ"
        )

    assert (found.outcome, site.state) == (Outcome.REFUSED, "pending"), found


def test_a_server_that_is_not_there_gives_no_answer(screens: Consent) -> None:
    with pytest.raises(NoAnswer):
        screens.decide(Codes("X", "http://127.0.0.1:9/"), Wish.LOOK, ALICE, Browser(unused))
