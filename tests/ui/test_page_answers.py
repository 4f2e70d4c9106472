"""Real answers on the page, over files of four formats: what is marked is what is quoted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.settings import Settings
from index import ingest
from index.embed import Embedder
from index.library import Index
from tests.fake_embedder import FakeEmbedder
from tests.fakes import FakeBot, FakeIndex
from tests.index.read.documents import column, write_pdf
from tests.ui.conftest import Open
from tests.ui.sites import site_of

pytestmark = [pytest.mark.browser, pytest.mark.server]

ROOT = Path(__file__).parents[2]
TEXT = "The lighthouse at Fell Point was painted blue in 1931 by Jory Penn. It can be seen from twenty miles away."


@pytest.fixture(scope="module")
def four_formats(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Index:
    """The starter articles, every fourth of them made a page, a PDF, a Markdown file and a text."""
    folder = tmp_path_factory.mktemp("four")
    seeds = Index(Settings(_env_file=None, index=folder / "seeds"), create=True, embedder=FakeEmbedder())
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
