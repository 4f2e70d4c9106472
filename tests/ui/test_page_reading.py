"""From the answer to its proof: conflicts, hover cards, keys, and what became of a cited article."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.conftest import QUESTION, Open, Watched
from tests.ui.sites import site_of

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEXT = "The lighthouse at Fell Point was painted blue in 1931 by Jory Penn. It can be seen from twenty miles away."


def test_a_conflict_is_shown_side_by_side(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    sides = [{"value": "9.1 million pounds", "citations": [2]}, {"value": "6.4 million pounds", "citations": [1]}]
    page = (watched := open_site(site_of(tmp_path, FakeBot(index, conflicts=[{"sides": sides}]), index))).page
    watched.ask("What will the bridge repairs cost, how many million pounds?")
    watched.answered()
    expect(page.locator(".fn-side")).to_have_count(2)
    first, second = (page.locator(".fn-side").nth(n).bounding_box() for n in range(2))
    assert first and second and first["y"] == second["y"] and first["x"] < second["x"]
    page.locator(".fn-side a").first.click()
    expect(page.locator("#fn-right mark")).to_be_visible()


def test_hovering_shows_outlet_date_and_quote_and_j_and_k_go_through_them(watched: Watched) -> None:
    page = watched.page
    watched.ask(QUESTION)
    watched.answered()
    page.locator(".fn-cite").first.hover()
    expect(page.locator(".fn-card")).to_contain_text("Lindmouth Courier · 11 February 2024")
    expect(page.locator(".fn-card-quote")).to_contain_text("“The harbour bridge in Lindmouth will close")
    page.mouse.move(5, 500)
    expect(page.locator(".fn-card")).to_be_hidden()
    page.locator(".fn-cite").first.focus()
    expect(page.locator(".fn-card")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".fn-step span")).to_have_text("2 of 3")
    page.keyboard.press("k")
    expect(page.locator(".fn-step span")).to_have_text("1 of 3")
    page.locator('[data-step="1"]').click()
    expect(page.locator(".fn-step span")).to_have_text("2 of 3")
    page.keyboard.press("Escape")
    page.locator("#fn-box textarea").fill("")
    page.keyboard.type("jk")
    expect(page.locator("#fn-box textarea")).to_have_value("jk")


def test_what_became_of_a_cited_article_is_said(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    page = (watched := open_site(site_of(tmp_path, FakeBot(index), index))).page
    watched.ask(QUESTION)
    watched.answered()
    article = index.article("harbour-1")
    assert article is not None
    index.replace(replace(article, text="A new first line. " + article.text))
    page.locator(".fn-cite").first.click()
    expect(page.locator(".fn-changed")).to_have_text(
        "The article was changed after this answer; the sentence stands here now."
    )
    expect(page.locator("#fn-right mark")).to_be_visible()
    page.keyboard.press("Escape")
    index.replace(replace(article, text=article.text.replace("4 March", "5 March")))
    page.locator(".fn-cite").first.click()
    expect(page.locator(".fn-changed")).to_contain_text("It does not say this any more: “The harbour bridge")
    expect(page.locator("#fn-right mark")).to_have_count(0)
