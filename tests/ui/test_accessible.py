"""axe-core on the main states of the page, light and dark, wide and narrow: nothing serious that is ours."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.conftest import QUESTION, Open
from tests.ui.sites import site_of

pytestmark = [pytest.mark.browser, pytest.mark.server]

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1400, "height": 900}


def violations(page: Page) -> list[str]:
    """`rule (impact): element` of each serious or critical one."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_serious_fault(open_site: Open, tmp_path: Path, scheme: str, size: dict[str, int]) -> None:
    index = FakeIndex(news())
    sides = [{"value": "9.1 million pounds", "citations": [2]}, {"value": "6.4 million pounds", "citations": [1]}]
    bot = FakeBot(index, conflicts=[{"sides": sides}])
    site = site_of(tmp_path, bot, index, examples=[QUESTION])
    page = (watched := open_site(site, viewport=size, color_scheme=scheme, reduced_motion="reduce")).page
    faults = {"empty": violations(page)}
    watched.ask(QUESTION)
    watched.answered()
    faults["answer"] = violations(page)
    page.locator(".fn-cite").first.click()
    expect(page.locator("#fn-right mark")).to_be_visible()
    faults["citation"] = violations(page)
    page.keyboard.press("Escape")
    watched.ask("Who won the chess final in Reykjavik?")
    watched.answered(turns=2)
    faults["not found"] = violations(page)
    for name, button, shut in (
        ("settings", "#fn-settings-open", "#fn-settings"), ("export", "#fn-export-open", "#fn-export"),
    ):  # fmt: skip
        page.locator(button).click()
        expect(page.locator(shut)).to_be_visible()
        faults[name] = violations(page)
        page.keyboard.press("Escape")
    if size is PHONE:
        page.locator("#fn-toggle").click()
    page.locator(".fn-more-filters summary").click()
    faults["filters"] = violations(page)
    page.locator("#fn-add-open").click()
    faults["adding"] = violations(page)
    page.keyboard.press("Escape")
    page.locator("#fn-tab-conversations").click()
    expect(page.locator("#fn-conversations .fn-row")).to_have_count(1)
    faults["conversations"] = violations(page)
    assert {name: found for name, found in faults.items() if found} == {}
    page.evaluate("document.querySelector('.fn-bar').append(document.createElement('button'))")
    assert [each.split(" ")[0] for each in violations(page)] == ["button-name"], "axe sees a fault that is there"


def test_an_answer_is_announced_once_and_nothing_moves_where_that_is_not_wanted(
    open_site: Open, tmp_path: Path
) -> None:
    index = FakeIndex(news())
    bot = FakeBot(index, pause_s=0.3)
    page = (watched := open_site(site_of(tmp_path, bot, index), reduced_motion="reduce")).page
    page.evaluate(
        "() => { window.said = []; const line = document.querySelector('.fn-aloud');"
        " new MutationObserver(() => line.textContent && window.said.push(line.textContent)).observe(line,"
        " {childList: true, characterData: true, subtree: true}); }"
    )
    watched.ask(QUESTION)
    page.locator(".fn-working").wait_for()
    style = page.evaluate("getComputedStyle(document.querySelector('.fn-working'), '::before').animationName")
    assert style == "none"
    watched.answered()
    expect(page.locator(".fn-aloud")).to_contain_text("Well supported.")
    assert len(page.evaluate("window.said")) == 1
    live = page.locator("[aria-live]:not([aria-live=off])").evaluate_all("all => all.map(e => e.className)")
    assert not [each for each in live if "message" in each]


def test_everything_is_reached_by_the_tab_key_and_shows_where_it_is(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    page = (watched := open_site(site_of(tmp_path, FakeBot(index), index))).page
    watched.ask(QUESTION)
    watched.answered()
    page.evaluate("document.activeElement.blur()")
    reached: dict[str, str] = {}
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e), f = e.closest('.input-container');"
            " const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1;"
            " const framed = f && getComputedStyle(f).boxShadow !== 'none';"
            " return [e.id || e.getAttribute('href') || e.className || e.tagName, ring || framed ? 'seen' : '']; }"
        )
        if name in reached:
            continue
        reached[name] = outline
    wanted = {
        "fn-toggle", "fn-new", "fn-export-open", "fn-settings-open", "fn-tab-sources", "fn-add-open", "fn-filter",
        "fn-row", "#cite-1-1", "#do-copy-1", "#do-up-1", "#do-again-1",
    }  # fmt: skip
    assert wanted <= set(reached), wanted - set(reached)
    assert [name for name in wanted if reached[name] != "seen"] == []
