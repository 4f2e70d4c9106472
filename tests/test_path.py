"""The whole path with the real model: the seeds in, a cited answer out."""

from __future__ import annotations

import json

import pytest

from bot.build import build_bot
from bot.pipeline import Bot
from bot.settings import Settings
from index.library import Index
from tests.conftest import ROOT

pytestmark = [pytest.mark.model, pytest.mark.slow]

EXAMPLES = [json.loads(line) for line in (ROOT / "evals/sets/seeds.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def bot(seeds_index: Index) -> Bot:
    return build_bot(Settings(index=seeds_index.folder), seeds_index)


def test_the_first_question_of_every_newcomer(bot: Bot) -> None:
    answer = bot.ask("Who rejected NATO peacekeepers in Ukraine, and what did he propose instead?")
    assert answer.status == "answered"
    quotes = " ".join(citation.quote for citation in answer.citations)
    assert "rejected the possible deployment of NATO peacekeepers in Ukraine, proposing instead" in quotes
    assert {citation.article.id for citation in answer.citations} == {"seeds/nato-peacekeepers.txt"}


def test_something_the_articles_do_not_hold(bot: Bot) -> None:
    answer = bot.ask("How do I change the oil filter of a lawn mower?")
    assert answer.status == "not_found" and answer.nearest


def test_the_question_set_fits_the_seeds(seeds_index: Index) -> None:
    assert len(EXAMPLES) >= 200
    assert len({example["id"] for example in EXAMPLES}) == len(EXAMPLES)
    unanswerable = [example for example in EXAMPLES if not example["answerable"]]
    assert len(unanswerable) == 60 and sum("on-topic" in example["tags"] for example in unanswerable) == 30
    assert len({tag for example in EXAMPLES for tag in example["tags"] if tag.startswith("dialogue-")}) >= 20
    for example in EXAMPLES:
        for evidence in example.get("evidence", []):
            article = seeds_index.article(evidence["article_id"])
            assert article is not None, evidence
            assert evidence["quote"] in article.text, (example["id"], evidence["quote"])
        assert bool(example.get("evidence")) == example["answerable"]


def test_the_seeds_are_what_the_readme_says(seeds_index: Index) -> None:
    articles = [seeds_index.article(summary.id) for summary in seeds_index.articles()]
    assert len(articles) == 40
    for article in articles:
        assert article is not None
        words = len(article.text.split())
        assert 190 <= words <= 520, (article.id, words)
        assert "Required fields" not in article.text and "newsletter" not in article.text.casefold()
        assert article.text.count(article.title) == 0
