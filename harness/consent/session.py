"""One person's browser: cookies, redirects, refreshes.  It runs no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from harness.clock import WallClock
from harness.consent.cookies import Cookies
from harness.consent.pages import Page
from harness.consent.reading import MAX_BYTES, read_page
from harness.consent.submission import Submission, absolute, is_web
from harness.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.wire import Header

MAX_REDIRECTS = 15
LONGEST_REFRESH = 10.0
"""Seconds; a page that refreshes later than this is meant to be read."""

_USER_AGENT = "Mozilla/5.0 (compatible; devicegrant)"


class Browser:
    """Sends what a page's forms and links say, and remembers what a browser remembers.

    `send` carries each request; what it raises passes through untouched.  `page` is the page on
    display, `seen` every page that was on display, `signed_in_as` the name under which somebody
    signed in with this browser.  `now` gives Unix time in seconds and decides when cookies expire.
    """

    def __init__(
        self,
        send: Callable[[Request], Response],
        *,
        user_agent: str = _USER_AGENT,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._send = send
        self._user_agent = user_agent
        self._now = now or WallClock().unix
        self.cookies = Cookies()
        self.page: Page | None = None
        self.seen: list[Page] = []
        self.signed_in_as: str | None = None

    def get(self, url: str, headers: Iterable[Header] = ()) -> Page:
        """Open an address; returns the page that is shown in the end."""
        return self.submit(Submission("GET", url), headers=headers)

    def submit(self, submission: Submission, *, headers: Iterable[Header] = ()) -> Page:
        """Press what `submission` came from; returns the page that is shown in the end.

        A page of status 3xx means that more than 15 redirects came in a row, or that the last one
        leads out of the web.
        """
        request = submission.request(headers)
        page = self._show(request, submission.referer)
        for _ in range(MAX_REDIRECTS):
            if page.refresh is None or page.refresh[0] > LONGEST_REFRESH:
                break
            target = urldefrag(page.refresh[1]).url
            if not is_web(target) or target == urldefrag(page.url).url:
                break
            page = self._show(Request("GET", target), page.url)
        return page

    def _show(self, request: Request, referer: str) -> Page:
        response = Response(0)
        for _ in range(MAX_REDIRECTS + 1):
            request = Request(
                request.method, urldefrag(request.url).url, request.headers, request.body
            )
            response = self._ask(request, referer)
            target = _location(request.url, response)
            if target is None:
                break
            referer = referer if request.method == "GET" else request.url
            request = _redirected(request, response.status, target)
        page = read_page(request.url, response)
        self.page = page
        self.seen.append(page)
        return page

    def _ask(self, request: Request, referer: str) -> Response:
        headers: list[Header] = [
            ("user-agent", self._user_agent),
            ("accept", "text/html,application/xhtml+xml,*/*;q=0.5"),
            ("accept-language", "en"),
        ]
        cookie = self.cookies.header_for(request.url, self._now())
        if cookie:
            headers.append(("cookie", cookie))
        if referer:
            headers.append(("referer", urldefrag(referer).url))
        if request.method != "GET":
            headers.append(("origin", _origin(referer or request.url)))
        given = {name.lower() for name, _ in request.headers}
        kept = [header for header in headers if header[0] not in given]
        full = Request(request.method, request.url, (*kept, *request.headers), request.body)
        response = self._send(full)
        self.cookies.store(request.url, response.all_headers("set-cookie"), self._now())
        if len(response.body) > MAX_BYTES:
            return Response(response.status, response.headers, response.body[:MAX_BYTES])
        return response


def _location(url: str, response: Response) -> str | None:
    location = response.header("location")
    if response.status not in {301, 302, 303, 307, 308} or not location:
        return None
    target = absolute(url, location)
    return target if is_web(target) else None


def _redirected(request: Request, status: int, target: str) -> Request:
    kept = tuple(header for header in request.headers if header[0].lower() != "cookie")
    if status in {307, 308}:
        return Request(request.method, target, kept, request.body)
    plain = tuple(header for header in kept if header[0].lower() != "content-type")
    return Request("GET", target, plain)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
