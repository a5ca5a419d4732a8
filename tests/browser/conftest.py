"""A served console over a small estate, and pages that fail their test on any error or foreign request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from servers.served import served_console
from servers.tools import program

from browser import small_estate
from browser.screens import DESKTOP
from gateway.store.database import Connection, connect

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. A module's own: Playwright keeps an event loop, which other modules' tests may not meet."""
    path = program("chromium", "Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def conn(database: str, tmp_path: Path) -> Iterator[Connection]:
    """A connection to the small estate's database."""
    with connect(database) as connection:
        small_estate.fill(connection, tmp_path)
        yield connection


@pytest.fixture
def console(database: str, conn: Connection) -> Iterator[str]:
    """The address of the served console."""
    with served_console(database) as address:
        yield f"http://{address}"


@pytest.fixture
def api(console: str) -> Iterator[httpx.Client]:
    """The JSON API, as a program sees it."""
    with httpx.Client(base_url=f"{console}/api/v1") as client:
        yield client


@dataclass
class Watch:
    """What went wrong in a page. `network_errors` are forgiven while a test cuts the network, `refusals` a 401."""

    origin: str
    network_errors: bool = False
    refusals: bool = False
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("request", lambda request: self._asked(request.url))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and not (self.refusals and status == 401):
            self.faults.append(f"{status} {url}")

    def _said(self, kind: str, text: str) -> None:
        forgiven = (self.network_errors and "net::ERR_" in text) or (self.refusals and "401" in text)
        if kind in ("error", "warning") and not forgiven:
            self.faults.append(f"{kind}: {text}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.origin:
            self.faults.append(f"foreign request: {url}")


@pytest.fixture
def watch(console: str) -> Iterator[Watch]:
    """Fails the test when one of its pages had an error or asked another origin for something."""
    found = Watch(urlsplit(console).netloc)
    yield found
    assert not found.faults


@pytest.fixture
def visit(browser: Browser, console: str, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a path of the console in a fresh context: `visit("/", viewport=PHONE)`."""
    contexts: list[BrowserContext] = []

    def _visit(path: str, **options: object) -> Page:
        context = browser.new_context(
            **{"viewport": DESKTOP, "base_url": console, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        )
        context.set_default_timeout(8000)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        page.goto(path)
        return page

    yield _visit
    for context in contexts:
        context.close()
