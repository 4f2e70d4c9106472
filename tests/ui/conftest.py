"""A page in a real browser over a fake bot, and all that it must not do."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, expect, sync_playwright

from evals.page import BROWSERS
from index.types import Article
from tests.fakes import FakeBot, FakeIndex, free_port, news
from tests.ui.sites import site_of
from ui import server
from ui.site import Site

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-sync", "--disable-default-apps",
]  # fmt: skip
PATIENCE_MS = 60_000
EXAMPLES = ["When will the harbour bridge close to traffic for repairs?", "What did Ana Quill count on the moor?"]
QUESTION = EXAMPLES[0]
FOX = Article(
    "fox", "A 🦊 in the 🌃", "😀😀 A fox was seen. The fox 🦊 crossed “Mill Road” twice.", published="2023-01-05"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        message = f"no browser: none of {', '.join(BROWSERS)} is on the PATH (Debian: apt install chromium)"
        if os.environ.get("FOOTNOTE_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as browser:
        yield browser


@dataclass
class Watched:
    """A page, and all that it must not do, which is looked at when the test is over."""

    page: Page
    url: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.locator("#fn-box textarea").fill(question)
        self.page.keyboard.press("Enter")

    def answered(self, turns: int = 1) -> None:
        expect(self.page.locator(".fn-state")).to_have_count(turns, timeout=PATIENCE_MS)
        expect(self.page.locator("#fn-box .submit-button")).to_be_visible(timeout=PATIENCE_MS)

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits, at most as long as for anything else, while the page goes on."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            self.page.wait_for_timeout(50)

    def watch(self) -> None:
        """Notes every request that leaves this server, every error and every window that opens."""

        def on_request(request: Request) -> None:
            if not request.url.startswith((self.url, "data:", "blob:")):
                self.complaints.append(f"request to {request.url}")

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.complaints.append(f"console: {message.text}")

        def on_dialog(dialog: Dialog) -> None:
            self.complaints.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        self.context.on("request", on_request)
        self.page.on("console", on_console)
        self.page.on("dialog", on_dialog)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("popup", lambda popup: self.complaints.append(f"window: {popup.url}"))


Open = Callable[..., Watched]


@pytest.fixture
def open_site(browser: Browser) -> Iterator[Open]:
    """Serves a site, and opens the page in a fresh browser session; complaints fail the test."""
    with ExitStack() as stack:
        opened: list[Watched] = []

        def start(
            site: Site | str, *, viewport: dict[str, int] | None = None, wait: bool = True, **context_options: Any
        ) -> Watched:
            if isinstance(site, str):
                url = site
            else:
                url = stack.enter_context(server.running(site, host="127.0.0.1", port=free_port()))
            size: Any = viewport or {"width": 1400, "height": 900}
            context = browser.new_context(viewport=size, **context_options)
            stack.callback(context.close)
            watched = Watched(context.new_page(), url, context)
            watched.watch()
            watched.page.set_default_timeout(PATIENCE_MS)
            watched.page.goto(url)
            if wait:
                watched.page.locator(".fn-welcome").wait_for()
            opened.append(watched)
            return watched

        yield start
        for watched in opened:
            assert watched.complaints == []


@pytest.fixture
def open_page(open_site: Open, tmp_path: Path) -> Open:
    """As `open_site`, with a site made of a bot and an index."""

    def start(bot: FakeBot, index: FakeIndex, **options: Any) -> Watched:
        return open_site(site_of(tmp_path / "site", bot, index, examples=EXAMPLES), **options)

    return start


@pytest.fixture
def watched(open_page: Open) -> Watched:
    index = FakeIndex([*news(), FOX])
    return open_page(FakeBot(index), index)
