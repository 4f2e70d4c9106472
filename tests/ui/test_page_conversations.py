"""Conversations that last, are found, exported and judged; and whom and what a question is asked of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.fakes import FakeBot, FakeIndex, free_port, news
from tests.ui.conftest import EXAMPLES, QUESTION, Open, Watched
from tests.ui.sites import FakeBots, site_of
from ui import server
from ui.limits import Limits

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEXT = "The lighthouse at Fell Point was painted blue in 1931 by Jory Penn. It can be seen from twenty miles away."


Served = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """Starts a server each time that it is called, over the same conversations and at the same address."""
    index, port = FakeIndex(news()), free_port()
    return lambda: server.running(site_of(tmp_path, FakeBot(index), index), host="127.0.0.1", port=port)


def test_a_conversation_outlasts_a_reload_and_a_restart(open_site: Open, served: Served) -> None:
    with served() as url:
        watched = open_site(url)
        page = watched.page
        watched.ask(QUESTION)
        watched.answered()
        said = page.locator(".fn-said").inner_text()
        assert "?c=" in page.url
        page.reload()
        expect(page.locator(".fn-said")).to_have_text(said)
        page.locator(".fn-cite").first.click()
        expect(page.locator("#fn-right mark")).to_be_visible()
    watched.complaints.clear()  # the connection was lost, as it must be
    with served():
        page.reload()
        expect(page.locator(".fn-said")).to_have_text(said)
        watched.ask("And why does the bridge close?")
        watched.answered(turns=2)
        expect(page.locator(".fn-turn").last).to_contain_text(
            f"Understood as: And why does the bridge close? ({QUESTION})"
        )
        page.locator("#fn-new").click()
        expect(page.locator(".fn-welcome")).to_be_visible()
        assert "?c=" not in page.url
        page.locator("#fn-tab-conversations").click()
        expect(page.locator("#fn-conversations .fn-row")).to_have_count(1)
        page.locator("#fn-conversations .fn-row").click()
        expect(page.locator(".fn-turn")).to_have_count(2)
    watched.complaints.clear()


def test_a_page_that_stays_open_goes_on_when_its_server_comes_back(open_site: Open, served: Served) -> None:
    with served() as url:
        watched = open_site(url)
        page = watched.page
        watched.ask(QUESTION)
        watched.answered()
    with served():
        page.locator(".fn-cite").first.click()
        expect(page.locator("#fn-right mark")).to_be_visible()
        watched.ask("And why does the bridge close?")
        watched.answered(turns=2)
        expect(page.locator(".fn-turn").last).to_contain_text("Understood as: And why does the bridge close?")
    watched.complaints.clear()  # the connection was lost, as it must be


def test_conversations_are_found_renamed_and_deleted(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    page = (watched := open_site(site_of(tmp_path, FakeBot(index), index))).page
    watched.ask(QUESTION)
    watched.answered()
    page.locator("#fn-new").click()
    watched.ask(EXAMPLES[1])
    watched.answered()
    page.locator("#fn-tab-conversations").click()
    rows = page.locator("#fn-conversations .fn-row")
    expect(rows).to_have_count(2)
    page.locator("#fn-conversation-words").fill("sphagnum")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Rename:")).click()
    page.locator("#fn-prompt-text").fill("  <b>Moss</b> ")
    page.keyboard.press("Enter")
    expect(rows).to_contain_text("<b>Moss</b>")
    page.get_by_role("button", name=re.compile("^Delete:")).click()
    expect(page.locator("#fn-prompt")).to_contain_text("Delete “<b>Moss</b>”? This can't be undone.")
    page.locator("#fn-prompt-done").click()
    expect(rows).to_have_count(0)
    expect(page.locator(".fn-welcome")).to_be_visible()
    page.locator("#fn-conversation-words").fill("")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(QUESTION)


def test_editing_and_asking_again_take_the_place_of_the_last_answer(watched: Watched) -> None:
    page = watched.page
    watched.ask(QUESTION)
    watched.answered()
    page.locator(".fn-turn").evaluate("turn => turn.dataset.old = 'yes'")
    page.locator('a[href="#do-again-1"]').click()
    expect(page.locator(".fn-turn[data-old]")).to_have_count(0)  # else the old answer is taken for the new one
    watched.answered()
    expect(page.locator(".fn-turn")).to_have_count(1)
    page.locator('a[href="#do-edit-1"]').click()
    expect(page.locator("#fn-box textarea")).to_have_value(QUESTION)
    watched.ask(EXAMPLES[1])
    expect(page.locator(".user-row")).to_have_text(re.compile(re.escape(EXAMPLES[1])))
    watched.answered()
    watched.ask("And why does the bridge close?")
    watched.answered(turns=2)
    page.locator('a[href="#do-understood-2"]').click()
    expect(page.locator("#fn-box textarea")).to_have_value(f"And why does the bridge close? ({EXAMPLES[1]})")
    page.locator("#fn-box textarea").fill("")
    watched.ask(QUESTION)
    watched.answered(turns=3)


def test_thumbs_go_to_the_log_with_their_reason(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)
    page = (watched := open_site(site)).page
    watched.ask(QUESTION)
    watched.answered()
    page.locator('a[href="#do-up-1"]').click()
    expect(page.locator(".fn-up")).to_have_class(re.compile("fn-done"))
    page.locator('a[href="#do-down-1"]').focus()
    page.keyboard.press("Space")
    page.locator("#fn-prompt-text").fill("The wrong bridge")
    page.locator("#fn-prompt-done").click()
    expect(page.locator(".fn-down")).to_have_class(re.compile("fn-done"))
    lines = [json.loads(line) for line in site.feedback.read_text().splitlines()]
    assert [(each["verdict"], each["reason"]) for each in lines] == [("up", ""), ("down", "The wrong bridge")]


def test_an_export_is_verified_and_an_answer_copied(open_site: Open, tmp_path: Path) -> None:
    from bot.verify import check, saved_answers

    index = FakeIndex(news())
    watched = open_site(site_of(tmp_path, FakeBot(index), index), permissions=["clipboard-read", "clipboard-write"])
    page = watched.page
    expect(page.locator("#fn-export-open")).to_be_disabled()
    watched.ask(QUESTION)
    watched.answered()
    for suffix, name in (("md", "Markdown"), ("html", "Web page"), ("json", "JSON")):
        page.locator("#fn-export-open").click()
        with page.expect_download() as download:
            page.locator("#fn-export").get_by_text(name, exact=True).click()
        assert download.value.suggested_filename.endswith(f".{suffix}")
        path = tmp_path / f"x.{suffix}"
        download.value.save_as(path)
        states = [check(each, index.article).state for answer in saved_answers(path) for each in answer["citations"]]
        assert states and set(states) == {"intact"}
    page.locator('a[href="#do-copy-1"]').click()
    expect(page.locator(".fn-toast")).to_have_text("Copied, with its references.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1] Harbour bridge to close for eleven weeks of repairs · Lindmouth Courier · 11 February 2024" in copied


def test_only_ticked_articles_or_those_of_an_outlet_are_asked(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    bot = FakeBot(index)
    page = (watched := open_site(site_of(tmp_path, bot, index))).page
    expect(page.locator(".fn-scope p")).to_have_text("Questions go to all 5 articles")
    page.locator('#fn-sources [aria-label*="Moor that was drained"]').first.check()
    expect(page.locator("#fn-box textarea")).to_have_attribute("placeholder", "Ask 1 ticked article")
    watched.ask(EXAMPLES[1])
    watched.answered()
    expect(page.locator(".fn-turn")).to_contain_text("Asked only: 1 ticked article.")
    assert [each.value for each in bot.filtered[-1].filters] == [["peat"]]
    page.locator("#fn-scope-clear").click()
    page.locator(".fn-more-filters summary").click()
    page.locator("#fn-outlet").select_option("Lindmouth Courier")
    page.locator("#fn-from").fill("2024-01-01")
    expect(page.locator("#fn-sources .fn-row")).to_have_count(1)
    expect(page.locator("#fn-sources .fn-hint")).to_have_text("1 article of 5")
    watched.ask("Who won the chess final in Reykjavik?")
    watched.answered(turns=2)
    expect(page.locator(".fn-turn").last).to_contain_text(
        "Searched: articles of Lindmouth Courier, from 1 January 2024."
    )
    assert [each.value for each in bot.filtered[-1].filters] == ["2024-01-01", ["Lindmouth Courier"]]
    page.locator("#fn-scope-clear").click()
    watched.ask(QUESTION)
    watched.answered(turns=3)
    assert bot.filtered[-1] is None


def test_settings_are_kept_and_a_language_model_is_tried(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)
    page = (watched := open_site(site)).page
    page.locator("#fn-settings-open").click()
    page.get_by_label("written by a language model").check()
    page.locator("#fn-settings-save").click()
    expect(page.locator("#fn-settings .fn-problem")).to_contain_text("Name the language model")
    page.locator("#fn-llm").fill("ollama/small")
    page.locator("#fn-llm-test").click()
    expect(page.locator(".fn-llm-said")).to_have_text("It works. It said: hello from ollama/small")
    page.get_by_label("often: answer only when sure").check()
    page.locator("#fn-passages").fill("7")
    page.locator("#fn-settings-save").click()
    expect(page.locator("#fn-settings")).to_be_hidden()
    watched.ask(QUESTION)
    watched.answered()
    assert isinstance(site.bots, FakeBots)
    assert site.bots.chosen[-1].model_dump() == {
        "llm": "ollama/small", "sureness": "strict", "passages": 7, "drop_unsupported": False,
    }  # fmt: skip
    page.reload()
    page.locator("#fn-settings-open").click()
    expect(page.locator("#fn-llm")).to_have_value("ollama/small")
    expect(page.locator("#fn-passages")).to_have_value("7")


def test_two_people_do_not_see_each_other(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)
    first = open_site(site)
    first.ask(QUESTION)
    second = open_site(first.url)
    expect(second.page.locator(".fn-turn")).to_have_count(0)
    second.ask(EXAMPLES[1])
    first.answered()
    second.answered()
    expect(first.page.locator(".user-row")).to_have_count(1)
    expect(second.page.locator(".user-row")).to_contain_text(EXAMPLES[1])


def test_who_asks_too_much_is_told_and_keeps_the_question(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    limits = Limits(questions_a_minute=1)
    page = (watched := open_site(site_of(tmp_path, FakeBot(index), index, limits=limits))).page
    watched.ask(QUESTION)
    watched.answered()
    watched.ask(EXAMPLES[1])
    expect(page.locator(".fn-toast")).to_contain_text("You asked 1 question within a minute. Ask again in")
    expect(page.locator("#fn-box textarea")).to_have_value(EXAMPLES[1])
    expect(page.locator(".fn-turn")).to_have_count(1)
