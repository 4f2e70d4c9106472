"""Which sentences are quoted, and which articles stand behind each."""

from __future__ import annotations

import pytest

from bot.cite import Citations
from bot.quote import asks_for_course, chosen, quote, sentences_wanted
from bot.read import Evidence, FoundAnswer
from index.passages import sentence_spans
from index.types import Article
from tests.bot.test_read import scored

TEXTS = {
    "a": "The strike ended on Friday. It had lasted nine days.",
    "b": "Workers were out for nine days, the harbour master said.",
    "c": "After nine days the ferries sail again.",
    "d": "For the Nine Days of it no ferry sailed.",
    "e": "The strike lasted eight days, the company says.",
}


def evidence(article_id: str, answer: str, score: float) -> Evidence:
    text = TEXTS[article_id]
    start = text.index(answer)
    sentence = next(span for span in sentence_spans(text) if span[0] <= start < span[1])
    return Evidence(scored(text, article_id), *sentence, FoundAnswer(start, start + len(answer), score))


def citations(gone: str = "") -> Citations:
    return Citations(
        lambda found: None if found.article_id == gone else Article(found.article_id, "T", TEXTS[found.article_id])
    )


ALL = [
    evidence("a", "nine days", 0.9),
    evidence("b", "nine days", 0.8),
    evidence("e", "eight days", 0.7),
    evidence("c", "nine days", 0.6),
    evidence("d", "Nine Days", 0.5),
    evidence("a", "Friday", 0.2),
]


def test_the_same_answer_is_said_once_and_three_articles_cited_for_it() -> None:
    quoted = quote(ALL, citations())
    assert [sentence.text for sentence in quoted.sentences] == ["It had lasted nine days.", TEXTS["e"]]
    assert [sentence.citations for sentence in quoted.sentences] == [(1, 2, 3), (4,)]
    assert quoted.short_answer == "nine days"
    start, end = quoted.sentences[0].answer or (0, 0)
    assert quoted.sentences[0].text[start:end] == "nine days"
    assert quoted.sentences[1].answer is None


def test_a_day_that_answers_something_else_too_is_no_second_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEXTS, "f", "The rail strike in Leeds began on Monday.")
    monkeypatch.setitem(TEXTS, "g", "The walkout of nurses at the hospital started on Monday.")
    monkeypatch.setitem(TEXTS, "h", "On Monday the strike of the rail workers in Leeds began.")
    given = [evidence(each, "Monday", score) for each, score in (("f", 0.9), ("g", 0.8), ("h", 0.7))]
    assert [(best.text, [each.text for each in others]) for best, others in chosen(given)] == [
        (TEXTS["f"], [TEXTS["h"]]),
        (TEXTS["g"], []),
    ]


def test_unlikely_answers_are_not_quoted() -> None:
    assert [best.short_answer for best, _ in chosen(ALL)] == ["nine days", "eight days"]
    assert [best.short_answer for best, _ in chosen([ALL[0], evidence("a", "Friday", 0.46)])] == ["nine days", "Friday"]


def test_an_article_that_is_gone_leaves_its_answer_to_the_next() -> None:
    quoted = quote(ALL, citations(gone="a"))
    assert quoted.sentences[0].text == TEXTS["b"] and quoted.sentences[0].citations == (1, 2)
    assert quoted.short_answer == "nine days"


def test_nothing_is_quoted_of_nothing() -> None:
    assert quote([], citations()) == quote([ALL[0]], citations(gone="a"))
    assert quote([], citations()).sentences == ()


@pytest.mark.parametrize(
    ("question", "sentences", "course"),
    [
        ("Which other Florida cities does it serve?", 5, False),
        ("Which countries are willing to send troops?", 5, False),
        ("List the victims.", 5, False),
        ("How did the strike unfold?", 5, True),
        ("What was the course of events in Lervik?", 5, True),
        ("How long did the strike last?", 3, False),
        ("Which country was hit?", 3, False),
        ("Who named the ship?", 3, False),
    ],
)
def test_lists_and_courses_of_events_have_more_sentences(question: str, sentences: int, course: bool) -> None:
    assert (sentences_wanted(question), asks_for_course(question)) == (sentences, course)


def test_a_course_of_events_is_told_in_the_order_of_the_days() -> None:
    days = {"a": "2026-03-09", "e": "2026-03-02", "b": "2026-03-05"}
    found = []
    for article_id, answer, score in (("a", "Friday", 0.9), ("e", "eight days", 0.8), ("b", "harbour master", 0.7)):
        each = evidence(article_id, answer, score)
        each.passage.node.metadata["date"] = days[article_id]
        found.append(each)
    quoted = quote(found, citations(), by_day=True)
    assert [sentence.text for sentence in quoted.sentences] == [TEXTS["e"], TEXTS["b"], "The strike ended on Friday."]
    assert quoted.short_answer == "eight days"
