"""A file that the page exported is checked against the articles as they are now, whichever format it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.types import Answer
from bot.verify import check, saved_answers
from index.errors import UsageError
from tests.fakes import FakeBot, FakeIndex, news
from ui.export import Exported, ExportedTurn, to_html, to_json, to_markdown

QUESTION = "When will the harbour bridge close to traffic for repairs?"
FORMATS = {"md": to_markdown, "html": to_html, "json": to_json}


@pytest.fixture(params=FORMATS)
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    answers = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    turns = tuple(ExportedTurn(each.question, each.to_json()) for each in answers)
    path = tmp_path / f"conversation.{request.param}"
    path.write_text(FORMATS[request.param](Exported("The bridge", "2026-11-25", turns)), encoding="utf-8", newline="")
    return path


def states(path: Path, index: FakeIndex) -> list[str]:
    return [check(each, index.article).state for answer in saved_answers(path) for each in answer["citations"]]


def test_untouched_articles_give_nothing_to_report(exported: Path) -> None:
    found = states(exported, FakeIndex(news()))
    assert found and set(found) == {"intact"}


def test_a_change_elsewhere_in_the_article_is_told_by_its_hash(exported: Path) -> None:
    index = FakeIndex(replace(each, text=f"{each.text} One more line.") for each in news())
    cited = [each for answer in saved_answers(exported) for each in answer["citations"]]
    assert [check(each, FakeIndex(news()).article).article_changed for each in cited] == [False] * len(cited)
    found = [check(each, index.article) for each in cited]
    assert {(each.state, each.article_changed) for each in found} == {("intact", True)}


def test_one_changed_character_of_a_cited_sentence_is_found_100_of_100(exported: Path) -> None:
    (answer,) = saved_answers(exported)
    cited = answer["citations"][0]
    article = FakeIndex(news()).article(cited["article_id"])
    assert article is not None
    places = [cited["start"] + n % len(cited["quote"]) for n in range(100)]
    for turn, place in enumerate(places):
        other = chr(ord("A") + turn % 26)
        other = other if article.text[place] != other else "?"
        index = FakeIndex(news())
        index.replace(replace(article, text=article.text[:place] + other + article.text[place + 1 :]))
        assert "changed" in states(exported, index), place


def test_what_moved_and_what_went_is_told(exported: Path) -> None:
    index = FakeIndex(replace(each, text="New first line. " + each.text) for each in news())
    assert set(states(exported, index)) == {"moved"}
    assert set(states(exported, FakeIndex())) == {"gone"}


def test_a_quote_that_was_changed_in_the_file_is_not_intact(exported: Path) -> None:
    text = exported.read_text("utf-8")
    assert "will close" in text
    exported.write_text(text.replace("will close", "will never close"), encoding="utf-8", newline="")
    assert "changed" in states(exported, FakeIndex(news()))


DAMAGE = {"md": "*characters*", "html": "data-article-id", "json": '"quote"'}
"""What is missing when a citation of each format was damaged."""


def test_a_damaged_file_is_said_to_be_so(exported: Path) -> None:
    text = exported.read_text("utf-8")
    cut = DAMAGE[exported.suffix.removeprefix(".")]
    assert cut in text
    exported.write_text(text.replace(cut, "x", 1), encoding="utf-8", newline="")
    with pytest.raises(UsageError, match=exported.name):
        list(saved_answers(exported))


@pytest.mark.parametrize(
    "content",
    [
        "", "hello", "<html><body>hello</body></html>", "<!doctype html>",
        "*Exported from Footnote.\n\n## Q\n\n*article* x *characters* 1–2\n",
        '{"answers": [1]}', '{"answers": [{"citations": [{"n": "1"}]}]}', "[" * 5_000, "\x00" * 100,
        "<html><section class=turn><blockquote data-n=x></blockquote></section>",
    ],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.md"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"x\.md"):
        list(saved_answers(path))
