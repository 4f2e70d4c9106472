"""The whole page in a real browser: real answers in four formats, adding, conversations that last, people apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.settings import Settings
from index import ingest
from index.embed import Embedder
from index.library import Index
from tests.fakes import FakeBot, FakeIndex, free_port, news
from tests.index.read.documents import column, write_pdf
from tests.ui.conftest import EXAMPLES, QUESTION, Open, Watched
from tests.ui.sites import FakeBots, Indexed, site_of
from tests.ui.test_hostile import HOSTILE
from ui import server
from ui.adding import Adding
from ui.limits import Limits
from ui.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEXT = "The lighthouse at Fell Point was painted blue in 1931 by Jory Penn. It can be seen from twenty miles away."


# --- real answers ---


@pytest.fixture(scope="module")
def four_formats(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Index:
    """The starter articles, every fourth of them made a page, a PDF, a Markdown file and a text."""
    folder = tmp_path_factory.mktemp("four")
    seeds = Index(Settings(_env_file=None, index=folder / "seeds"), create=True, embedder=embedder)
    ingest.add(seeds, [ROOT / "seeds"])
    files = folder / "files"
    files.mkdir()
    for number, summary in enumerate(sorted(seeds.articles(), key=lambda each: each.id)):
        article = seeds.article(summary.id)
        assert article is not None
        name, paragraphs = f"article-{number}", article.text.split("\n\n")
        if number % 4 == 0:
            (files / f"{name}.txt").write_text(f"{article.title}\n\n{article.text}")
        elif number % 4 == 1:
            (files / f"{name}.md").write_text(f"# {article.title}\n\n{article.text}")
        elif number % 4 == 2:
            body = "".join(f"<p>{each}</p>" for each in paragraphs)
            (files / f"{name}.html").write_text(
                f"<title>{article.title}</title><article><h1>{article.title}</h1>{body}"
            )
        else:
            write_pdf(files / f"{name}.pdf", [column(article.text, width=95)], {"Title": article.title})
    index = Index(Settings(_env_file=None, index=folder / "index"), create=True, embedder=embedder)
    report = ingest.add(index, [files])
    assert not report.skipped
    return index


@pytest.mark.model
@pytest.mark.slow
def test_the_marked_text_is_the_quote_in_thirty_answers_over_four_formats(
    four_formats: Index, open_site: Open, tmp_path: Path
) -> None:
    from bot.build import build_bot
    from ui.choices import Bots

    settings = four_formats.settings
    assert isinstance(settings, Settings)
    bots = Bots(build_bot(settings, four_formats), settings)
    site = replace(site_of(tmp_path, FakeBot(FakeIndex()), four_formats), bots=bots)
    questions = [json.loads(line)["question"] for line in (ROOT / "evals/sets/seeds.jsonl").read_text().splitlines()]
    watched = open_site(site)
    page = watched.page
    answered, formats, pictures = 0, dict.fromkeys((".txt", ".md", ".html", ".pdf"), 0), 0
    for question in questions:
        page.locator("#fn-new").click()
        expect(page.locator(".fn-turn")).to_have_count(0)
        watched.ask(question)
        watched.answered()
        (listed,) = site.conversations.listed("local", limit=1)
        answer = site.conversations.load("local", listed.id).answer(1)
        assert answer is not None
        answered += bool(answer["citations"])
        for citation in answer["citations"]:
            page.locator(f'a[href="#cite-1-{citation["n"]}"]').first.click()
            mark = page.locator("#fn-right mark")
            expect(page.locator("#fn-right h2")).to_have_text(citation["title"])
            expect(mark).to_be_in_viewport()
            assert mark.text_content() == citation["quote"]
            article = four_formats.article(citation["article_id"])
            assert article is not None and page.locator(".fn-text").text_content() == article.text
            suffix = Path(article.origin).suffix
            formats[suffix] += 1
            if suffix == ".pdf" and pictures < 2:
                page.wait_for_function("document.querySelector('.fn-picture img').naturalWidth > 500")
                assert f"Page {citation['page']} of the PDF" in page.locator(".fn-picture").inner_text()
                pictures += 1
            page.keyboard.press("Escape")
        if answered >= 30 and all(formats.values()):
            break
    assert answered >= 30 and all(formats.values()) and pictures, (answered, formats)


# --- adding ---


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


# --- scope ---


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


# --- conversations ---


def test_a_conversation_outlasts_a_reload_and_a_restart(open_site: Open, tmp_path: Path) -> None:
    index = FakeIndex(news())
    port = free_port()

    def served() -> Any:
        return server.running(site_of(tmp_path, FakeBot(index), index), host="127.0.0.1", port=port)

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
    page.locator('a[href="#do-again-1"]').click()
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


# --- reading ---


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
