"""The pages that people see, in a real browser: sign in, approve, deny, wrong code.

Screenshots go to out/pages/.  Where no Chromium is installed these tests are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.clock import WallClock
from harness.consent import consent_from
from harness.runners.venues import target_of
from harness.transports import Socket
from harness.wire import Answer
from harness.world import World
from simulators.device import Device
from simulators.server import Config, Server
from simulators.server.asgi import listening

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[World, Server]]:
    """A reference server on a socket, and a world to play devices in."""
    made: list[Server] = []

    def serve(issuer: str) -> Server:
        made.append(Server(Config.demo(issuer=issuer, seed=8628), WallClock(), seed=None))
        return made[0]

    with listening(serve):
        target = target_of(made[0])
        world = World(target, WallClock(), lambda: Socket(target), consent_from("none"))
        yield world, made[0]
        world.close()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a phone's size in a browser of its own; complaints of the browser fail the test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        complaints: list[str] = []
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
        )
        yield page
        browser.close()
        assert not complaints


def _device(house: tuple[World, Server]) -> Device:
    world, _ = house
    device = Device(world, world.target.clients["public"])
    device.begin()
    return device


def _picture(page: Page, name: str) -> None:
    folder = Path("out/pages")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def _type_code(page: Page, device: Device, code: str) -> None:
    page.goto(device.codes.verification_uri)
    page.get_by_label("Code shown on your device").fill(code)
    page.get_by_role("button", name="Continue").click()


def _sign_in(page: Page, house: tuple[World, Server], password: str | None = None) -> None:
    account = house[1].config.account("alice")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(account.password if password is None else password)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_signs_in_and_approves(house: tuple[World, Server], page: Page) -> None:
    device = _device(house)
    _type_code(page, device, device.user_code.lower().replace("-", " "))
    _picture(page, "1-sign-in")
    _sign_in(page, house)
    assert page.get_by_text(device.user_code).is_visible()
    assert page.get_by_text("Living Room TV").first.is_visible()
    _picture(page, "2-consent")
    page.get_by_role("button", name="Approve").click()
    assert "go back to your device" in page.inner_text("body")
    _picture(page, "3-approved")
    assert device.poll().answer is Answer.TOKEN


def test_somebody_denies(house: tuple[World, Server], page: Page) -> None:
    device = _device(house)
    page.goto(device.codes.verification_uri_complete or "")
    _sign_in(page, house)
    page.get_by_role("button", name="Deny").click()
    _picture(page, "4-denied")
    assert device.poll().answer is Answer.DENIED


def test_a_wrong_code_may_be_tried_again(house: tuple[World, Server], page: Page) -> None:
    device = _device(house)
    _type_code(page, device, "WRNG-CDWR")
    _picture(page, "5-wrong-code")
    alert = page.get_by_role("alert")
    assert alert.is_visible()
    assert page.get_by_label("Code shown on your device").is_visible()
    assert device.poll().answer is Answer.PENDING


def test_a_wrong_password_may_be_tried_again(house: tuple[World, Server], page: Page) -> None:
    device = _device(house)
    _type_code(page, device, device.user_code)
    _sign_in(page, house, password="not this one")
    _picture(page, "6-wrong-password")
    assert "wrong" in page.get_by_role("alert").inner_text()
    _sign_in(page, house)
    assert page.get_by_role("button", name="Approve").is_visible()


def test_every_control_has_a_name(house: tuple[World, Server], page: Page) -> None:
    device = _device(house)
    _type_code(page, device, device.user_code)
    for _ in range(2):
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("h1").count() == 1
        for control in page.locator("input:not([type=hidden])").all():
            name = control.get_attribute("id")
            assert page.locator(f'label[for="{name}"]').count() == 1
        if page.get_by_label("Password").count():
            _sign_in(page, house)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
