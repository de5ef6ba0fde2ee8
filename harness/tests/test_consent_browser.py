"""What a browser remembers and follows: cookies, redirects, refreshes."""

from __future__ import annotations

import pytest

from harness.consent import Browser, Submission
from harness.consent.cookies import Cookies
from harness.wire import Request, Response

HTML = ("content-type", "text/html")


class Web:
    """Answers from a table; remembers what was asked."""

    def __init__(self, **pages: Response) -> None:
        self.pages = {name.replace("_", "/"): page for name, page in pages.items()}
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return self.pages.get(request.path, Response(200, (HTML,), b"<p>end</p>"))


def to(where: str, status: int = 302, *more: tuple[str, str]) -> Response:
    return Response(status, (("location", where), *more))


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_redirect_keeps_the_method_only_where_it_must(status: int, method: str) -> None:
    web = Web(_a=to("b?c=1#d", status))

    page = Browser(web).submit(Submission("POST", "http://h.test/a", (("x", "1"),)))

    last = web.asked[-1]
    assert (last.method, last.url, page.url) == (
        method,
        "http://h.test/b?c=1",
        "http://h.test/b?c=1",
    )
    assert last.body == (b"x=1" if method == "POST" else b"")
    assert (last.header("content-type") is None) == (method == "GET")


def test_redirects_are_followed_fifteen_times() -> None:
    web = Web(_a=to("/a"))

    page = Browser(web).get("http://h.test/a")

    assert page.status == 302
    assert len(web.asked) == 16


def test_a_refresh_is_followed_if_it_is_short_and_leads_elsewhere() -> None:
    soon = Response(200, (HTML, ("refresh", "1; url=/b")))
    late = Response(200, (HTML, ("refresh", "60; url=/b")))
    again = Response(200, (HTML, ("refresh", "1; url=/again")))

    assert Browser(Web(_soon=soon)).get("http://h.test/soon").url == "http://h.test/b"
    assert Browser(Web(_late=late)).get("http://h.test/late").url == "http://h.test/late"
    assert Browser(Web(_again=again)).get("http://h.test/again").url == "http://h.test/again"


def test_a_form_says_where_it_comes_from() -> None:
    web = Web()

    Browser(web, user_agent="me").submit(
        Submission("POST", "http://h.test/a", (), referer="http://h.test/form?x=1#y")
    )

    sent = web.asked[0]
    assert sent.header("referer") == "http://h.test/form?x=1"
    assert sent.header("origin") == "http://h.test"
    assert sent.header("user-agent") == "me"


def test_given_headers_win() -> None:
    web = Web()

    Browser(web).submit(Submission("POST", "http://h.test/a"), headers=[("Origin", "null")])

    assert web.asked[0].header("origin") == "null"


def test_a_cookie_goes_back_to_where_it_came_from() -> None:
    web = Web(_a=to("/b", 302, ("set-cookie", "sid=1; HttpOnly"), ("set-cookie", "x=2; Path=/q")))
    browser = Browser(web)

    browser.get("http://h.test/a")
    browser.get("http://other.test/")
    browser.get("http://h.test/q/r")

    assert [asked.header("cookie") for asked in web.asked] == [None, "sid=1", None, "x=2; sid=1"]


def test_two_browsers_share_nothing() -> None:
    web = Web(_a=Response(200, (HTML, ("set-cookie", "sid=1"))))
    Browser(web).get("http://h.test/a")

    Browser(web).get("http://h.test/a")

    assert web.asked[-1].header("cookie") is None


def test_pages_are_bounded() -> None:
    web = Web(_a=Response(200, (HTML,), b"<p>x</p>" * 1_000_000))

    page = Browser(web).get("http://h.test/a")

    assert len(page.response.body) == 2_000_000


def jar(url: str, *headers: str, now: float = 0.0) -> Cookies:
    cookies = Cookies()
    cookies.store(url, headers, now)
    return cookies


@pytest.mark.parametrize(
    ("header", "url", "sent"),
    [
        ("a=1", "https://idp.test/other", "a=1"),
        ("a=1", "https://sub.idp.test/", ""),
        ("a=1; Domain=idp.test", "https://sub.idp.test/", "a=1"),
        ("a=1; Domain=.IDP.test", "https://sub.idp.test/", "a=1"),
        ("a=1; Domain=evil.test", "https://evil.test/", ""),
        ("a=1; Domain=test", "https://idp.test/", ""),
        ("a=1; Path=/auth", "https://idp.test/auth/x", "a=1"),
        ("a=1; Path=/auth", "https://idp.test/author", ""),
        ("a=1; Secure", "http://idp.test/", ""),
        ("a=1; Max-Age=0", "https://idp.test/", ""),
        ("a=1; Max-Age=60", "https://idp.test/", "a=1"),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://idp.test/", ""),
        ("a=1; expires=Fri, 31-Dec-2099 23:59:59 GMT; max-age=0", "https://idp.test/", ""),
        ("a=1; Expires=soon", "https://idp.test/", "a=1"),
        ("a=b=c; SameSite=Lax", "https://idp.test/", "a=b=c"),
        ("novalue", "https://idp.test/", ""),
        ("=1", "https://idp.test/", ""),
    ],
)
def test_a_cookie_is_sent_where_it_belongs(header: str, url: str, sent: str) -> None:
    cookies = jar("https://idp.test/login", header, now=100.0)

    assert cookies.header_for(url, 100.0) == sent


def test_a_cookie_expires() -> None:
    cookies = jar("https://idp.test/", "a=1; Max-Age=60", now=100.0)

    assert cookies.header_for("https://idp.test/", 159.0) == "a=1"
    assert cookies.header_for("https://idp.test/", 160.0) == ""


def test_a_cookie_can_be_taken_back() -> None:
    cookies = jar("https://idp.test/", "a=1", "b=2", "a=; Max-Age=0")

    assert cookies.header_for("https://idp.test/", 0.0) == "b=2"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:80", "idp.localhost"])
def test_a_loopback_host_may_keep_secure_cookies_without_tls(host: str) -> None:
    cookies = jar(f"http://{host}/", "a=1; Secure")

    assert cookies.header_for(f"http://{host}/", 0.0) == "a=1"


def test_plain_http_elsewhere_stores_no_secure_cookie() -> None:
    assert not len(jar("http://idp.test/", "a=1; Secure"))


def test_cookies_print_without_their_values() -> None:
    cookies = jar("https://idp.test/", "sid=s3cret")

    assert "s3cret" not in repr(list(cookies))
