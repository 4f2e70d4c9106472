"""The page in a real browser, over a bot that computes its answers from the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.types import Answer, AnswerSentence, Step
from index.errors import UsageError
from index.types import Article
from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.conftest import EXAMPLES, FOX, QUESTION, Open, Watched
from tests.ui.sites import FakeBots, site_of
from ui.choices import Choices
from ui.history import UNEXPECTED

pytestmark = [pytest.mark.browser, pytest.mark.server]

PHONE = {"width": 390, "height": 844}


def expected(question: str, index: FakeIndex) -> Answer:
    return [event for event in FakeBot(index).stream(question) if isinstance(event, Answer)][-1]


def focused(page: Page) -> str:
    found = page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.tagName")
    return str(found)


def wait_for_focus(page: Page, what: str) -> None:
    page.wait_for_function(
        "what => (document.activeElement.getAttribute('href') || document.activeElement.tagName) === what", arg=what
    )


@pytest.mark.parametrize("question", [QUESTION, EXAMPLES[1], "Which road was crossed by a fox?"])
def test_every_citation_opens_its_article_with_the_quote_marked(watched: Watched, question: str) -> None:
    page = watched.page
    answer = expected(question, FakeIndex([*news(), FOX]))
    assert answer.citations
    watched.ask(question)
    watched.answered()
    assert page.locator(".fn-cite").count() == len(answer.citations)
    for citation in answer.citations:
        link = page.locator(f'a[href="#cite-1-{citation.number}"]')
        assert citation.quote in (link.get_attribute("title") or "")
        link.click()
        mark = page.locator("#fn-right mark")
        expect(mark).to_have_text(citation.quote)
        assert mark.text_content() == citation.quote
        assert page.locator(".fn-text").text_content() == citation.article.text
        expect(page.locator("#fn-right h2")).to_have_text(citation.article.title)
        wait_for_focus(page, "MARK")
        expect(mark).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.locator("#fn-right")).to_be_hidden()
        wait_for_focus(page, f"#cite-1-{citation.number}")


def test_a_long_article_is_scrolled_to_the_sentence(open_page: Open) -> None:
    text = "Nothing is said here. " * 800 + "The otter swam upstream at noon. " + "Nothing more is said. " * 800
    index = FakeIndex([Article("long", "Otters", text)])
    watched = open_page(FakeBot(index), index)
    watched.ask("Where did the otter swim, upstream at noon?")
    watched.answered()
    watched.page.locator(".fn-cite").first.click()
    expect(watched.page.locator("#fn-right mark")).to_be_in_viewport()


def test_the_answer_streams_with_a_line_that_says_what_is_done(open_page: Open) -> None:
    index = FakeIndex(news())
    watched = open_page(FakeBot(index, pause_s=0.6), index)
    watched.ask(QUESTION)
    expect(watched.page.locator(".user-row")).to_have_text(re.compile("harbour bridge close"))
    expect(watched.page.locator(".fn-working")).to_contain_text("Searching 5 articles")
    expect(watched.page.locator(".fn-working")).to_contain_text("Reading 5 passages")
    expect(watched.page.locator(".fn-cite")).to_have_count(1)
    expect(watched.page.locator("#fn-box .stop-button")).to_be_visible()
    watched.answered()
    expect(watched.page.locator(".fn-working")).to_have_count(0)
    expect(watched.page.locator(".fn-short")).to_have_count(1)
    expect(watched.page.locator(".fn-aloud")).to_contain_text("Well supported. The harbour bridge")


def test_stop_ends_the_bots_work(open_page: Open) -> None:
    index = FakeIndex(news())
    bot = FakeBot(index, pause_s=0.3, model_text="word " * 400)
    watched = open_page(bot, index)
    watched.ask(QUESTION)
    watched.page.locator(".fn-draft").wait_for()
    watched.page.locator("#fn-box .stop-button").click()
    expect(watched.page.locator(".fn-turn")).to_contain_text("Stopped.")
    assert bot.closed.wait(20)
    expect(watched.page.locator("#fn-box .submit-button")).to_be_visible()
    watched.page.wait_for_timeout(1_000)
    expect(watched.page.locator(".fn-turn")).to_contain_text("Stopped.")
    watched.ask("And now?")
    expect(watched.page.locator(".fn-turn")).to_have_count(2)
    expect(watched.page.locator(".fn-turn").first).to_contain_text("Stopped.")


def test_a_question_asked_too_early_is_not_lost(open_page: Open) -> None:
    index = FakeIndex(news())
    bot = FakeBot(index, pause_s=0.8)
    watched = open_page(bot, index)
    watched.ask(QUESTION)
    watched.page.locator(".fn-working").wait_for()
    watched.ask(EXAMPLES[1])
    expect(watched.page.locator(".toast-wrap")).to_contain_text("An answer is still on its way")
    watched.answered()
    expect(watched.page.locator("#fn-box textarea")).to_have_value(EXAMPLES[1])
    watched.page.locator("#fn-box .submit-button").click()
    watched.answered(turns=2)
    assert [question for question, _ in bot.asked] == [QUESTION, EXAMPLES[1]]


def test_a_new_conversation_ends_the_answer_under_way(open_page: Open) -> None:
    index = FakeIndex(news())
    bot = FakeBot(index, pause_s=0.3, model_text="word " * 400)
    watched = open_page(bot, index)
    watched.ask(QUESTION)
    watched.page.locator(".fn-draft").wait_for()
    watched.page.locator("#fn-new").click()
    assert bot.closed.wait(20)
    expect(watched.page.locator(".fn-welcome")).to_be_visible()
    watched.page.wait_for_timeout(1_000)
    expect(watched.page.locator(".fn-turn")).to_have_count(0)
    watched.ask(QUESTION)
    watched.page.locator(".fn-draft").wait_for()
    expect(watched.page.locator(".user-row")).to_have_count(1)


def test_not_found_shows_the_nearest_passages_which_open(watched: Watched) -> None:
    page = watched.page
    watched.ask("Who won the chess final in Reykjavik?")
    watched.answered()
    expect(page.locator(".fn-badge")).to_have_text("Not in these articles")
    near = page.locator(".fn-near")
    expect(near).to_have_count(3)
    passage = near.first.locator(".fn-near-text").text_content()
    near.first.click()
    expect(page.locator("#fn-right mark")).to_have_text(passage or "")
    page.keyboard.press("Escape")
    wait_for_focus(page, "#near-1-1")


def test_a_follow_up_says_how_it_was_understood(watched: Watched) -> None:
    watched.ask(QUESTION)
    watched.answered()
    watched.ask("And why does the bridge close?")
    watched.answered(turns=2)
    expect(watched.page.locator(".fn-turn").last).to_contain_text(
        f"Understood as: And why does the bridge close? ({QUESTION})"
    )


def test_an_unsupported_sentence_is_marked(open_page: Open) -> None:
    index = FakeIndex(news())
    watched = open_page(FakeBot(index, model_text="It is made of cheese."), index)
    watched.ask(QUESTION)
    watched.answered()
    expect(watched.page.locator(".fn-unsupported")).to_have_text("It is made of cheese.")
    expect(watched.page.locator(".fn-flag")).to_have_text("no source")
    expect(watched.page.locator(".fn-badge")).to_have_text("Partly supported")
    expect(watched.page.locator(".fn-notice")).to_have_text("It is made of cheese.")


def test_an_example_asks_itself(watched: Watched) -> None:
    watched.page.locator(".fn-example").nth(1).click()
    watched.answered()
    expect(watched.page.locator(".user-row")).to_contain_text(EXAMPLES[1])


def test_a_new_conversation_starts_empty_and_numbers_anew(watched: Watched) -> None:
    page = watched.page
    watched.ask(QUESTION)
    watched.answered()
    page.locator(".fn-cite").first.click()
    page.locator("#fn-right mark").wait_for()
    page.locator("#fn-new").click()
    expect(page.locator(".fn-welcome")).to_be_visible()
    expect(page.locator("#fn-right")).to_be_hidden()
    watched.ask(QUESTION)
    watched.answered()
    page.locator('a[href="#cite-1-1"]').click()
    expect(page.locator("#fn-right mark")).to_be_visible()


def test_sources_filter_open_and_fold_away(watched: Watched) -> None:
    page = watched.page
    expect(page.locator(".fn-row")).to_have_count(6)
    expect(page.locator(".fn-count")).to_have_text("6 articles · newest 30 Apr 2024")
    page.locator("#fn-filter").fill("upland")
    expect(page.locator(".fn-row")).to_have_count(1)
    page.locator(".fn-row").click()
    expect(page.locator("#fn-right h2")).to_have_text("Moor that was drained in 1962 holds water again")
    wait_for_focus(page, "H2")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.className === 'fn-row'")
    page.locator("#fn-filter").fill("nowhere")
    expect(page.locator("#fn-sources .fn-hint")).to_be_visible()
    page.locator("#fn-toggle").click()
    expect(page.locator("#fn-left")).to_be_hidden()
    assert page.locator("#fn-toggle").get_attribute("aria-expanded") == "false"


def test_thousands_of_sources_come_in_pages(open_page: Open) -> None:
    index = FakeIndex([Article(f"a{n}", f"Title number {n}", "A text.", published="2024-01-01") for n in range(5_000)])
    watched = open_page(FakeBot(index), index)
    expect(watched.page.locator(".fn-row")).to_have_count(50)
    watched.page.locator(".fn-more").click()
    expect(watched.page.locator(".fn-row")).to_have_count(250)
    watched.page.locator("#fn-filter").fill("number 4999")
    expect(watched.page.locator(".fn-row")).to_have_count(1)
    expect(watched.page.locator(".fn-more")).to_be_hidden()


def test_an_empty_index_says_how_to_add_articles(open_page: Open) -> None:
    index = FakeIndex()
    watched = open_page(FakeBot(index), index)
    expect(watched.page.locator(".fn-welcome")).to_contain_text("footnote add FOLDER")
    expect(watched.page.locator("#fn-sources .fn-hint")).to_contain_text("Articles that you add appear here")


def test_a_question_too_long_is_refused_and_stays_in_the_box(watched: Watched) -> None:
    watched.ask("x" * 2_001)
    expect(watched.page.locator("#fn-chat .fn-problem")).to_contain_text("2,001 characters, and at most 2,000 fit")
    assert len(watched.page.locator("#fn-box textarea").input_value()) == 2_001
    watched.page.wait_for_timeout(1_000)
    expect(watched.page.locator("#fn-chat .fn-problem")).to_be_visible()
    watched.ask(QUESTION)
    watched.answered()
    expect(watched.page.locator("#fn-chat .fn-problem")).to_be_visible()


def test_a_blank_question_changes_nothing(watched: Watched) -> None:
    watched.ask(QUESTION)
    watched.answered()
    watched.ask("   ")
    watched.page.wait_for_timeout(1_000)
    watched.ask(EXAMPLES[1])
    watched.answered(turns=2)


@pytest.mark.parametrize(
    ("error", "told"), [(UsageError("Start the model."), "Start the model."), (OSError("x"), UNEXPECTED)]
)
def test_errors_say_what_to_do(open_page: Open, error: Exception, told: str) -> None:
    index = FakeIndex(news())
    watched = open_page(FakeBot(index, error=error), index)
    watched.ask(QUESTION)
    expect(watched.page.locator("#fn-chat .fn-problem")).to_have_text(told)
    expect(watched.page.locator("#fn-box .submit-button")).to_be_visible()


def test_an_answer_that_can_not_even_begin_ends_all_the_same(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)

    class Broken(FakeBots):
        def of(self, choices: Choices) -> FakeBot:
            raise OSError("secret")

    watched = open_site(replace(site, bots=Broken(FakeBot(index))))
    watched.ask(QUESTION)
    expect(watched.page.locator("#fn-chat .fn-problem")).to_have_text(UNEXPECTED)
    expect(watched.page.locator("#fn-chat .fn-working")).to_have_count(0)
    expect(watched.page.locator("#fn-box .submit-button")).to_be_visible()


def test_by_keyboard_alone(watched: Watched) -> None:
    page = watched.page
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    watched.answered()
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if focused(page) == "#cite-1-1":
            break
    page.keyboard.press("Enter")
    wait_for_focus(page, "MARK")
    for _ in range(6):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('fn-close')"):
            break
    page.keyboard.press("Enter")
    wait_for_focus(page, "#cite-1-1")
    page.keyboard.press("Tab")
    assert focused(page) == "#cite-1-2"


def test_on_a_phone(open_page: Open) -> None:
    index = FakeIndex(news())
    watched = open_page(FakeBot(index), index, viewport=PHONE)
    page = watched.page
    expect(page.locator("#fn-left")).to_be_hidden()
    watched.ask(QUESTION)
    watched.answered()
    page.locator('a[href="#cite-1-2"]').click()
    mark = page.locator("#fn-right mark")
    expect(mark).to_be_in_viewport()
    wait_for_focus(page, "MARK")
    sheet = page.locator("#fn-right").bounding_box()
    assert sheet and sheet["width"] == PHONE["width"] and sheet["height"] <= 0.73 * PHONE["height"]
    link = page.locator('a[href="#cite-1-2"]').bounding_box()
    assert link and link["y"] + link["height"] <= sheet["y"], "the sentence is behind the sheet"
    page.keyboard.press("Escape")
    page.locator("#fn-toggle").click()
    expect(page.locator(".fn-row")).to_have_count(5)
    page.locator(".fn-row").first.click()
    expect(page.locator("#fn-left")).to_be_hidden()
    expect(page.locator("#fn-right h2")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_a_sentence_lacks_wraps_on_a_narrow_phone(open_page: Open) -> None:
    class Doubted(FakeBot):
        def stream(self, *args: Any, **options: Any) -> Iterator[Step | Answer]:
            lacking = ("“seventeen million pounds”", "“Wilhelmina Featherstonehaugh”", "the quotation “never again”")
            for event in super().stream(*args, **options):
                if isinstance(event, Answer):
                    event = replace(
                        event, sentences=(AnswerSentence("It cost a lot.", "unsupported", (), None, lacking),)
                    )
                yield event

    index = FakeIndex(news())
    watched = open_page(Doubted(index), index, viewport={"width": 360, "height": 740})
    watched.ask(QUESTION)
    watched.answered()
    expect(watched.page.locator(".fn-flag")).to_contain_text("never again")
    sideways = watched.page.locator("html, #fn-chat, #fn-chat *").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX !== 'visible')"
        ".map(e => e.className)"
    )
    assert sideways == []
    flag = watched.page.locator(".fn-flag").bounding_box()
    assert flag and flag["x"] >= 0 and flag["x"] + flag["width"] <= 360
