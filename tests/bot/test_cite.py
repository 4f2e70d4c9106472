"""Citations: exact places, numbers in order, marks of a model read right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cite import BEGUN_MARKS, Citations, closest_sentence, marks_before_stops, split_marks
from bot.types import Answer, AnswerSentence, Citation
from index.passages import Splitter
from index.search import ScoredPassage
from index.types import Article
from tests.fake_embedder import FakeEmbedder

ARTICLE = Article("a", "Talks", "Talks opened on Monday. The minister left on Tuesday. Nobody knows why.")


def passage() -> ScoredPassage:
    (node,) = Splitter(FakeEmbedder()).split(ARTICLE, rev=1)
    return ScoredPassage(node=node, score=1.0, scores={"dense": 1.0, "text": 1.0})


def test_a_citation_must_be_exact() -> None:
    assert Citation(1, ARTICLE, 0, 23, "Talks opened on Monday.").to_json()["quote"] == "Talks opened on Monday."
    with pytest.raises(ValueError, match="is not the quote"):
        Citation(1, ARTICLE, 1, 24, "Talks opened on Monday.")
    with pytest.raises(ValueError, match="is not the quote"):
        Citation(1, ARTICLE, 0, 0, "")


def test_the_same_place_keeps_its_number() -> None:
    citations = Citations(lambda _: ARTICLE)
    assert citations.cite(passage(), 24, 53) == 1
    assert citations.cite(passage(), 0, 23) == 2
    assert citations.cite(passage(), 24, 53) == 1
    assert [citation.quote for citation in citations.all()] == [
        "The minister left on Tuesday.",
        "Talks opened on Monday.",
    ]


def test_another_revision_of_an_article_is_quoted_by_its_own_text() -> None:
    old, new = passage(), passage()
    new.node.metadata["rev"] = 2
    longer = replace(ARTICLE, text=f"Late news. {ARTICLE.text}")
    citations = Citations(lambda found: ARTICLE if found is old else longer)
    assert (citations.cite(old, 0, 23), citations.cite(new, 11, 34), citations.cite(new, 0, 23)) == (1, 2, 3)
    assert [each.quote for each in citations.all()] == [*["Talks opened on Monday."] * 2, longer.text[:23]]


@pytest.mark.parametrize("begun", ["[", "[1", "[1, 2] [3", "【passages", "[1][2] "])
def test_marks_that_have_begun(begun: str) -> None:
    assert BEGUN_MARKS.fullmatch(begun)


@pytest.mark.parametrize("text", ["[1, " * 5_000 + "x", "[ " * 5_000 + "x", "[1] " * 5_000 + "x"])
def test_many_marks_that_become_none_are_read_in_time(text: str) -> None:
    assert BEGUN_MARKS.fullmatch(text) is None


def test_an_answer_that_is_read_anew_is_numbered_anew() -> None:
    fetched: list[str] = []

    def article(found: ScoredPassage) -> Article:
        fetched.append(found.article_id)
        return ARTICLE

    citations = Citations(article)
    citations.cite(passage(), 24, 53)
    citations.restart()
    assert citations.cite(passage(), 0, 23) == 1
    assert [citation.quote for citation in citations.all()] == ["Talks opened on Monday."]
    assert fetched == ["a"]


def test_an_article_that_is_gone_is_not_cited() -> None:
    citations = Citations(lambda _: None)
    assert citations.cite(passage(), 0, 23) is None
    assert citations.all() == ()


def test_the_closest_sentence_of_a_passage() -> None:
    start, end = closest_sentence("On Tuesday the minister had gone, having left.", passage())
    assert ARTICLE.text[start:end] == "The minister left on Tuesday."


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("He said so. [1] She did not. [2][3]", "He said so [1]. She did not [2][3]."),
        ("“No.” [1] Yes [2].", "“No [1].” Yes [2]."),
        ("He said so. 【1】 She did not. [Passage 2]", "He said so 【1】. She did not [Passage 2]."),
        ("He said so [1]. Fine.", "He said so [1]. Fine."),
    ],
)
def test_marks_go_before_the_stop(text: str, moved: str) -> None:
    assert marks_before_stops(text) == moved


@pytest.mark.parametrize(
    ("sentence", "bare", "numbers"),
    [
        ("It rose [1].", "It rose.", [1]),
        ("It rose [1][2].", "It rose.", [1, 2]),
        ("It rose [1, 3].", "It rose.", [1, 3]),
        ("It rose [1-3].", "It rose.", [1, 2, 3]),
        ("It rose [1–2, 3].", "It rose.", [1, 2, 3]),
        ("It rose 【1】.", "It rose.", [1]),
        ("It rose [Passage 1].", "It rose.", [1]),
        ("It rose [passages 1 and 3].", "It rose.", [1, 3]),
        ("It rose [2][2].", "It rose.", [2]),
        ("It rose [99].", "It rose.", []),
        ("It rose [0].", "It rose.", []),
        ("It rose [a].", "It rose [a].", []),
        ("In [2024] it rose.", "In [2024] it rose.", []),
    ],
)
def test_marks_of_passages_that_exist(sentence: str, bare: str, numbers: list[int]) -> None:
    assert split_marks(sentence, ["p1", "p2", "p3"]) == (bare, numbers)


def test_the_text_of_an_answer_carries_its_numbers() -> None:
    answer = Answer(
        question="q",
        interpreted_question="q",
        status="answered",
        confidence=0.9,
        sentences=(AnswerSentence("One.", "quoted", (1,)), AnswerSentence("Two.", "quoted", (2, 3))),
    )
    assert answer.text == "One. [1] Two. [2][3]"
    assert answer.to_json()["written_by"] == "quotes"
