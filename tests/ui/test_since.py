"""Saved answers are marked when the articles that they cite are changed or removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.types import Citation
from index.types import Article
from ui.conversations import Conversations
from ui.handlers import messages
from ui.history import Conversation, Turn
from ui.since import outdated, since, told
from ui.words import escape

FERRY = Article("ferry", "Ferry strike ends", "The strike is over. It had lasted nine days.")
WHALE = Article("whale", "Whale seen", "A whale was seen off Tromvik on Sunday.")


def cited(number: int, article: Article, quote: str) -> dict[str, Any]:
    start = article.text.index(quote)
    return Citation(number, article, start, start + len(quote), quote).to_json()


CITATIONS = [cited(1, FERRY, "It had lasted nine days."), cited(2, WHALE, WHALE.text)]


def now(*articles: Article) -> Any:
    return {each.id: each for each in articles}.get


def test_nothing_is_said_of_articles_that_are_as_they_were() -> None:
    assert since(CITATIONS, now(FERRY, WHALE)) == ""


def test_what_became_of_each_is_said() -> None:
    other = replace(FERRY, text="The strike is over. It had lasted ten days.")
    assert since(CITATIONS, now(other)) == (
        "Since this answer: the article of [2] was removed; [1] is no longer in its article."
    )
    assert since(CITATIONS, now()) == "Since this answer: the articles of [1] and [2] were removed."


def test_a_change_beside_the_sentence_is_said_to_be_one() -> None:
    other = replace(FERRY, text=f"{FERRY.text} It was long.")
    assert since(CITATIONS, now(other, WHALE)) == "Since this answer: the article of [1] was changed elsewhere."
    retitled = replace(WHALE, title="Whale seen twice")
    assert since(CITATIONS, now(FERRY, retitled)) == "Since this answer: the article of [2] was changed elsewhere."


def test_an_answer_that_was_saved_without_hashes_is_judged_by_its_sentences() -> None:
    old = [{key: value for key, value in each.items() if key != "article_hash"} for each in CITATIONS]
    assert since(old, now(replace(FERRY, text=f"{FERRY.text} More."), WHALE)) == ""
    assert since(old, now(replace(FERRY, text="Over."), WHALE)) == "Since this answer: [1] is no longer in its article."


def answer() -> dict[str, Any]:
    return {
        "question": "How long?", "interpreted_question": "How long?", "status": "answered", "confidence": 0.9,
        "text": "It had lasted nine days. [1]", "short_answer": "nine days", "citations": CITATIONS, "notice": "",
        "sentences": [{"text": "It had lasted nine days.", "support": "quoted", "citations": [1], "answer": None,
                       "lacking": []}],
        "independent_sources": 1, "nearest": [], "conflicts": [], "written_by": "quotes", "timings_ms": {},
    }  # fmt: skip


def test_an_opened_conversation_says_it_under_its_answers() -> None:
    conversation = Conversation((Turn("How long?", answer(), finished=True), Turn("And?", finished=True)))
    assert "Since this answer" not in str(messages(told(conversation, now(FERRY, WHALE))))
    shown = str(messages(told(conversation, now(WHALE))))
    assert escape("Since this answer: the article of [1] was removed.") in shown


def test_the_list_marks_the_conversations_that_cite_it(tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "conversations.sqlite")
    first = kept.save("local", Conversation((Turn("How long?", answer(), finished=True),)))
    second = kept.save("local", Conversation((Turn("What?", finished=True, problem="none"),)))
    kept.save("other", Conversation((Turn("How long?", answer(), finished=True),)))
    found = kept.cited("local", [first.id, second.id])
    assert found == {
        first.id: [("ferry", FERRY.content_hash), ("whale", WHALE.content_hash)],
        second.id: [],
    }
    assert kept.cited("other", [first.id]) == {first.id: []}
    assert outdated(found, now(FERRY, WHALE)) == set()
    assert outdated(found, now(FERRY)) == {first.id}
    assert outdated(found, now(FERRY, replace(WHALE, text="No whale."))) == {first.id}
    assert outdated({first.id: [("ferry", "")]}, now(replace(FERRY, text="Another."))) == set()
