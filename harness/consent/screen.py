"""kind = "browser": through the provider's pages in a Chromium of this machine, scripts included.

The walk is the same as without scripts; what differs is that fields are filled and buttons pressed
on a screen.  What Chromium sends is not written down: it makes its own requests.
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from harness.consent.cookies import Cookie
from harness.consent.ending import Progress
from harness.consent.reading import read_page
from harness.consent.walk import Walk
from harness.wire import NoAnswer, Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import BrowserContext
    from playwright.sync_api import Page as Tab
    from playwright.sync_api import Response as Loaded

    from harness.consent.pages import Page
    from harness.consent.session import Browser
    from harness.consent.submission import Act, Submission
    from harness.consent.visit import Codes, Person, Visit, Wish
    from harness.wire import Header

_T = TypeVar("_T")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PAGE_TIMEOUT = 20_000.0
"""Milliseconds that a page may take to load."""
ACT_TIMEOUT = 3_000.0
QUIET_TIMEOUT = 4_000.0
STILL, LOOKS = 150.0, 30
"""A page is done when it looks the same twice, so many milliseconds apart; so often is looked."""


def chromium_path() -> str:
    """Where Chromium is; raises `ValueError` if there is none, or no Playwright to drive it."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        raise ValueError(
            '[consent] kind = "browser" needs the package playwright; kind = "forms" does not'
        ) from None
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ValueError(
            f'[consent] kind = "browser" needs one of these programs: {", ".join(NAMES)}'
        )
    return found


class Screens:
    """One Chromium with a window, and cookies, for every person.

    All of them live on one thread, because that is how Playwright wants it; so visits come one
    after another.
    """

    pages = True

    def __init__(self) -> None:
        self._path = chromium_path()
        self._harmless: set[str] = set()
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._chromium: Chromium | None = None
        self._windows: WeakKeyDictionary[Browser, BrowserContext] = WeakKeyDictionary()
        self._all: list[BrowserContext] = []
        threading.Thread(target=self._work, name="chromium", daemon=True).start()

    def decide(
        self,
        codes: Codes,
        wish: Wish,
        person: Person | None,
        browser: Browser,
        *,
        typed: str | None = None,
        by_link: bool = False,
    ) -> Visit:
        """Visit the verification page on a screen and carry out `wish` (see `Consent`)."""
        progress = Progress(codes, wish, person, typed, by_link, harmless=self._harmless)
        return self._on_thread(lambda: self._walk(progress, browser))

    def _walk(self, progress: Progress, browser: Browser) -> Visit:
        context = self._window(browser)
        tab = context.new_page()
        try:
            screen = Screen(tab, browser)
            return Walk(progress, screen).run()
        finally:
            _share_cookies(context, browser)
            tab.close()

    def _window(self, browser: Browser) -> BrowserContext:
        if self._chromium is None:
            from playwright.sync_api import sync_playwright

            root = hasattr(os, "geteuid") and os.geteuid() == 0
            self._chromium = (
                sync_playwright()
                .start()
                .chromium.launch(executable_path=self._path, args=["--no-sandbox"] if root else [])
            )
        wanted = set(self._windows.values())
        for context in [one for one in self._all if one not in wanted]:
            context.close()
            self._all.remove(context)
        if browser not in self._windows:
            context = self._chromium.new_context(locale="en-GB")
            context.set_default_timeout(ACT_TIMEOUT)
            self._windows[browser] = context
            self._all.append(context)
        return self._windows[browser]

    def _work(self) -> None:
        while True:
            self._jobs.get()()

    def _on_thread(self, act: Callable[[], _T]) -> _T:
        done: queue.SimpleQueue[tuple[_T | None, BaseException | None]] = queue.SimpleQueue()

        def job() -> None:
            try:
                done.put((act(), None))
            except BaseException as problem:  # noqa: BLE001  (raised again where it was asked for)
                done.put((None, problem))

        self._jobs.put(job)
        result, problem = done.get()
        if problem is not None:
            raise problem
        return result  # type: ignore[return-value]  # a result, since there was no problem


class Screen:
    """A tab of Chromium that can be used like a `Browser`."""

    def __init__(self, tab: Tab, browser: Browser) -> None:
        self._tab = tab
        self._browser = browser
        self._snapshot = (files("harness.consent") / "snapshot.js").read_text("utf-8")
        self._loaded = Response(200)
        self.page: Page | None = None
        self.seen: list[Page] = browser.seen
        tab.on("response", self._note)

    @property
    def signed_in_as(self) -> str | None:
        """The name under which somebody signed in."""
        return self._browser.signed_in_as

    @signed_in_as.setter
    def signed_in_as(self, name: str | None) -> None:
        self._browser.signed_in_as = name

    def get(self, url: str, headers: Iterable[Header] = ()) -> Page:  # noqa: ARG002
        """Open an address; raises `NoAnswer` if nothing answers there."""
        from playwright.sync_api import Error

        try:
            self._tab.goto(url, timeout=PAGE_TIMEOUT, wait_until="load")
        except Error as problem:
            # A download or a redirect out of the web aborts the load, but is no network's fault.
            if "ERR_ABORTED" not in problem.message:
                text = problem.message.partition("\n")[0]
                reason = "timeout" if "Timeout" in text else "refused"
                raise NoAnswer(reason, text) from None  # type: ignore[arg-type]
        return self._shown()

    def submit(self, submission: Submission, *, headers: Iterable[Header] = ()) -> Page:
        """Do on the screen what `submission` says; without that, open its address."""
        if not submission.acts:
            return self.get(submission.url, headers)
        for act in submission.acts:
            self._do(act)
        return self._shown()

    def _do(self, act: Act) -> None:
        from playwright.sync_api import Error

        handle = self._tab.evaluate_handle(f"() => window.__devicegrant[{int(act.mark)}]")
        control = handle.as_element()
        if control is None:
            return
        try:
            if act.what == "fill":
                control.fill(act.value)
            elif act.what == "select":
                control.select_option(act.value)
            elif act.what in {"tick", "untick"}:
                control.set_checked(act.what == "tick")
            elif act.what == "enter":
                control.press("Enter", no_wait_after=True)
            else:
                control.click(no_wait_after=True)
        except Error:
            # Covered or drawn over by something: the control itself can still be clicked.
            if act.what in {"tick", "untick", "press"}:
                control.evaluate("node => node.click()")

    def _shown(self) -> Page:
        from playwright.sync_api import Error

        html = ""
        for _ in range(LOOKS):
            try:
                self._tab.wait_for_load_state("load", timeout=PAGE_TIMEOUT)
                self._tab.wait_for_load_state("networkidle", timeout=QUIET_TIMEOUT)
            except Error:
                pass
            before, html = html, self._html()
            if html and html == before:
                break
            self._tab.wait_for_timeout(STILL)
        if self._tab.url.startswith("chrome-error:"):
            raise NoAnswer("reset", "Chromium got no answer")
        loaded = self._loaded
        kept = tuple(header for header in loaded.headers if header[0] != "content-type")
        headers = (("content-type", "text/html; charset=utf-8"), *kept)
        page = read_page(self._tab.url, Response(loaded.status, headers, html.encode()))
        self.page = page
        self.seen.append(page)
        return page

    def _html(self) -> str:
        from playwright.sync_api import Error

        try:
            return str(self._tab.evaluate(self._snapshot))
        except Error:
            return ""  # the page is just being replaced by another

    def _note(self, loaded: Loaded) -> None:
        request = loaded.request
        if request.is_navigation_request() and request.frame == self._tab.main_frame:
            headers = tuple((name.lower(), value) for name, value in loaded.headers.items())
            if not 300 <= loaded.status < 400:
                self._loaded = Response(loaded.status, headers)


def _share_cookies(context: BrowserContext, browser: Browser) -> None:
    """Let the simple browser have the cookies, so that a decision can be sent again from it."""
    for found in context.cookies():
        one: dict[str, Any] = dict(found)
        domain = str(one["domain"])
        browser.cookies.keep(
            Cookie(
                name=one["name"],
                value=one["value"],
                domain=domain.lstrip("."),
                host_only=not domain.startswith("."),
                path=one["path"],
                secure=one["secure"],
                http_only=one["httpOnly"],
                expires=one["expires"] if one["expires"] > 0 else None,
            )
        )
