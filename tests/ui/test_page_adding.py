"""Articles added and removed on the page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from index.library import Index
from tests.fakes import FakeBot
from tests.ui.conftest import Open, Watched
from tests.ui.sites import Indexed, site_of
from tests.ui.test_hostile import HOSTILE
from ui.adding import Adding
from ui.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEXT = "The lighthouse at Fell Point was painted blue in 1931 by Jory Penn. It can be seen from twenty miles away."


@pytest.fixture
def growing(index: Index, open_site: Open, tmp_path: Path) -> Iterator[tuple[Watched, Site]]:
    """A page over an empty index to which articles can be added."""
    adding = Adding(index)
    site = site_of(tmp_path / "site", FakeBot(Indexed(index)), Indexed(index), adding=adding)
    yield open_site(site), site
    adding.close()


def choose(page: Page, *files: Path | dict[str, Any]) -> None:
    page.locator("#fn-add-open").click()
    page.locator("#fn-files").set_input_files(list(files))  # type: ignore[arg-type]
    page.locator("#fn-add-start").click()


def test_files_are_added_with_progress_and_can_be_asked_at_once(growing: tuple[Watched, Site], tmp_path: Path) -> None:
    watched, _ = growing
    page = watched.page
    expect(page.locator(".fn-welcome")).to_contain_text("There are no articles yet")
    page.locator('.fn-welcome a[href="#do-add-0"]').click()
    expect(page.locator("#fn-add")).to_be_visible()
    page.keyboard.press("Escape")
    files = []
    for number in range(30):
        files.append(tmp_path / f"report-{number}.txt")
        files[-1].write_text(f"{TEXT} This is what report number {number} has to say about it.")
    bad = tmp_path / "broken.pdf"
    bad.write_bytes(b"not a pdf")
    page.evaluate(
        "() => { window.seen = []; const p = document.querySelector('.fn-progress-text');"
        " new MutationObserver(() => window.seen.push(p.textContent)).observe(p, {childList: true}); }"
    )
    choose(page, *files, bad)
    expect(page.locator(".fn-progress-text")).to_contain_text("1 skipped", timeout=60_000)
    seen = page.evaluate("window.seen")
    assert any("Sending" in each for each in seen) and any("Adding" in each for each in seen), seen
    expect(page.locator(".fn-skipped li")).to_contain_text("broken.pdf:")
    expect(page.locator(".fn-welcome")).to_contain_text("Ask ")
    assert page.locator("#fn-sources .fn-row").count() > 0
    watched.ask("Who painted the lighthouse at Fell Point blue?")
    watched.answered()
    expect(page.locator(".fn-said")).to_contain_text("Jory Penn")
    page.locator("#fn-add-done").click()
    expect(page.locator(".fn-progress")).to_be_hidden()


def test_what_can_not_be_added_is_said_before_and_after(growing: tuple[Watched, Site]) -> None:
    page = growing[0].page
    page.locator("#fn-add-open").click()
    page.locator("#fn-add-start").click()
    expect(page.locator("#fn-add .fn-problem")).to_have_text("Choose files, or give an address or a text.")
    page.locator("#fn-add .fn-cancel").click()
    choose(page, {"name": "<img src=x onerror=window.pwned=1>.exe", "mimeType": "x/x", "buffer": b"x"})
    expect(page.locator(".fn-skipped li")).to_contain_text("Files of this kind are not read")
    assert page.evaluate("window.pwned") is None
    page.locator("#fn-add-open").click()
    page.locator("#fn-address").fill("http://127.0.0.1:1/x")
    page.locator("#fn-add-start").click()
    expect(page.locator(".fn-progress")).to_contain_text("skipped")
    growing[0].complaints[:] = [each for each in growing[0].complaints if "400" not in each]


def test_a_text_is_pasted_removed_and_brought_back(growing: tuple[Watched, Site], index: Index) -> None:
    page = growing[0].page
    page.locator("#fn-add-open").click()
    page.locator("#fn-paste").fill(f"Blue lighthouse at Fell Point\n\n{TEXT}")
    page.locator("#fn-add-start").click()
    expect(page.locator(".fn-progress-text")).to_have_text("1 article added.", timeout=30_000)
    row = page.locator("#fn-sources .fn-row")
    expect(row).to_contain_text("Blue lighthouse at Fell Point")
    page.locator(".fn-remove").click()
    expect(page.locator(".fn-undo")).to_contain_text("Removed “Blue lighthouse at Fell Point”.")
    expect(row).to_have_count(0)
    assert index.articles() == []
    page.locator("#fn-undo").click()
    expect(row).to_have_count(1)
    assert len(index.articles()) == 1


def test_what_was_not_taken_stands_in_the_dialog_still(growing: tuple[Watched, Site]) -> None:
    watched, _ = growing
    page = watched.page
    page.route("**/api/add", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#fn-add-open").click()
    page.locator("#fn-paste").fill(TEXT)
    page.locator("#fn-add-start").click()
    expect(page.locator(".fn-progress-text")).to_have_text("Footnote did not answer. Is it still running?")
    page.unroute("**/api/add")
    page.locator("#fn-add-open").click()
    expect(page.locator("#fn-paste")).to_have_value(TEXT)
    page.locator("#fn-add-start").click()
    expect(page.locator(".fn-progress-text")).to_have_text("1 article added.", timeout=30_000)
    page.locator("#fn-add-open").click()
    expect(page.locator("#fn-paste")).to_have_value("")
    watched.complaints.clear()  # the request that failed, as it must


def test_sending_can_be_stopped_and_the_lot_before_is_not_told_again(growing: tuple[Watched, Site]) -> None:
    watched, _ = growing
    page = watched.page
    choose(page, {"name": "bridge.txt", "mimeType": "text/plain", "buffer": TEXT.encode()})
    expect(page.locator(".fn-progress-text")).to_have_text("1 article added.", timeout=30_000)
    choose(page, {"name": "large.txt", "mimeType": "text/plain", "buffer": b"x" * (20 * 1024 * 1024 + 1)})
    expect(page.locator(".fn-progress-text")).to_have_text("1 skipped.")
    waiting: list[Any] = []
    page.route("**/api/uploads?*", lambda route: waiting.append(route))
    choose(page, *({"name": f"{n}.txt", "mimeType": "text/plain", "buffer": TEXT.encode()} for n in range(3)))
    expect(page.locator(".fn-progress-text")).to_have_text("Sending file 1 of 3")
    page.locator("#fn-add-stop").click()
    waiting[0].continue_()
    expect(page.locator(".fn-progress-text")).to_have_text("Stopped.")
    assert len(waiting) == 1


def test_hostile_file_names_run_nothing(growing: tuple[Watched, Site], index: Index) -> None:
    watched, _ = growing
    page = watched.page
    names = [text.replace("/", "\u2215").replace("\x00", "") for text in HOSTILE]
    files = [
        {"name": f"{name[:180]}{suffix}", "mimeType": "x/x", "buffer": f"{TEXT} Number {number}.".encode()}
        for number, name in enumerate(names)
        for suffix in (".txt", ".exe")
    ]
    page.locator("#fn-add-open").click()
    page.locator("#fn-files").set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator(".fn-chosen li")).to_have_count(9)
    page.locator("#fn-add-start").click()
    expect(page.locator(".fn-progress-text")).to_contain_text(f"{len(names)} skipped", timeout=60_000)
    expect(page.locator(".fn-skipped li")).to_have_count(len(names))
    assert len(index.articles()) >= 25
    foreign = "script, img, svg, iframe, object, embed, form, video, audio, style, link, base, math, [style*=url]"
    assert page.locator(f":is(.fn-progress, .fn-rows, .fn-chosen) :is({foreign})").count() == 0
    for button in page.locator("#fn-sources .fn-row").all()[:5]:
        button.click()
        page.locator("#fn-right h2").wait_for()
    assert page.evaluate("window.pwned") is None
    watched.complaints[:] = [each for each in watched.complaints if "400" not in each]
