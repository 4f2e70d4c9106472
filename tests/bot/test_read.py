"""What is made of readings: weighed answers, the sentences around them, signals, the order of passages."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.schema import NodeWithScore, TextNode

from bot.calibration import Logistic
from bot.read import (
    Evidence,
    FoundAnswer,
    PassageReader,
    ReadPassage,
    answer_signals,
    behind,
    find_evidence,
    log_odds,
    ranked,
    span_signals,
)
from bot.reader.score import Reading, Span
from index.passages import Splitter, sentence_spans
from index.search import ScoredPassage
from index.types import Article
from tests.fake_embedder import FakeEmbedder
from tests.fakes import WordReader

TEXT = "Ferries stopped on Monday. The union in Lervik wants 4.5 percent. Talks go on."
QUESTION = "How much does the union want?"
WEIGHTS = Logistic(0.0, {"margin": 1.0, "fused": 0.5})


def scored(text: str, article_id: str = "a", *, score: float = 0.5, start: int = 0) -> ScoredPassage:
    """A passage that begins at `start` of its article."""
    sentences = [offset + start for span in sentence_spans(text) for offset in span]
    metadata = {
        "article_id": article_id,
        "rev": 1,
        "title": "Ferry strike",
        "date": "2024-05-06",
        "sentences": sentences,
    }
    node = TextNode(
        id_=f"{article_id}#{start}", text=text, start_char_idx=start, end_char_idx=start + len(text), metadata=metadata
    )
    return ScoredPassage(node=node, score=score, scores={"dense": 0.4, "text": 6.0})


def reading(*spans: tuple[str, float], text: str = TEXT, no_answer: float = 0.0, relevance: float = 0.0) -> Reading:
    """A reading whose spans are these stretches of the text, with their scores."""
    found = tuple(Span(text.index(words), text.index(words) + len(words), score) for words, score in spans)
    return Reading(found, no_answer, relevance, answerable=1.0)


def test_signals_by_hand() -> None:
    passages = [scored(TEXT, score=0.8), scored(TEXT, "b", score=0.2)]
    readings = [reading(("4.5 percent", 5.0), no_answer=2.0, relevance=1.0), reading(("Monday", 1.0), relevance=1.0)]
    (first,), (second,) = span_signals(passages, readings)
    assert first == {"margin": 3.0, "answerable": 1.0, "relevance": pytest.approx(0.0), "fused": 0.8}
    assert (second["margin"], second["fused"]) == (1.0, 0.2)
    assert span_signals([], []) == []


def test_passages_are_put_in_the_order_of_their_answers() -> None:
    passages = [scored(TEXT, "a", score=0.9), scored(TEXT, "b", score=0.1), scored("…", "c", score=0.5)]
    readings = [reading(("Monday", -2.0), ("4.5 percent", -1.0)), reading(("4.5 percent", 4.0)), Reading((), 0, 0, 0)]
    read = ranked(passages, readings, WEIGHTS)
    assert [each.article_id for each in read] == ["b", "a", "c"]
    assert [each.score for each in read] == [each.scores["reader"] for each in read]
    assert read[1].answers[0].score > read[1].answers[1].score
    assert read[2].score == 0.0 and read[2].answers == ()


def test_what_was_not_read_comes_behind_in_its_order() -> None:
    read = ranked([scored(TEXT)], [reading(("Monday", 0.0))], WEIGHTS)
    order = behind(read, [scored(TEXT, "b", score=0.9), scored(TEXT, "c", score=0.4)])
    assert [each.article_id for each in order] == ["a", "b", "c"]
    scores = [each.score or 0.0 for each in order]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3
    assert behind([], [scored(TEXT, score=0.9)])[0].score == 0.9


def test_evidence_is_the_whole_sentence_at_its_place_in_the_article() -> None:
    passage = scored(TEXT, start=100)
    (evidence,) = find_evidence(QUESTION, ranked([passage], [reading(("4.5 percent", 3.0))], WEIGHTS))
    assert evidence.text == "The union in Lervik wants 4.5 percent."
    assert (evidence.start, evidence.end) == (100 + TEXT.index("The union"), 100 + TEXT.index(" Talks"))
    assert evidence.short_answer == "4.5 percent"
    start, end = evidence.answer_in_text
    assert evidence.text[start:end] == "4.5 percent"


def test_an_answer_over_a_sentence_end_has_both_sentences_and_one_sentence_comes_once() -> None:
    over = find_evidence(QUESTION, ranked([scored(TEXT)], [reading(("4.5 percent. Talks", 3.0))], WEIGHTS))
    assert [each.text for each in over] == ["The union in Lervik wants 4.5 percent. Talks go on."]
    twice = find_evidence(QUESTION, ranked([scored(TEXT)], [reading(("Lervik", 1.0), ("4.5 percent", 2.0))], WEIGHTS))
    assert [each.short_answer for each in twice] == ["4.5 percent"]


def test_what_several_articles_tell_goes_before_what_one_does() -> None:
    def order(passages: list[ScoredPassage], *scores: float) -> list[str]:
        """Of two passages that tell "4.5 percent" and one that tells "Monday", by these scores."""
        told = zip(("4.5 percent", "4.5 percent", "Monday"), scores, strict=True)
        read = ranked(passages, [reading(each) for each in told], WEIGHTS)
        return [f"{each.short_answer} in {each.passage.article_id}" for each in find_evidence(QUESTION, read)]

    a, b, c = scored(TEXT, "a"), scored(TEXT, "b"), scored(TEXT, "c", start=100)
    assert order([a, b, c], 0.5, 0.8, 1.0) == ["4.5 percent in b", "4.5 percent in a", "Monday in c"]
    assert order([a, b, c], -0.5, 0.0, 1.0)[0] == "Monday in c"  # what is much less likely stays behind
    assert order([a, scored(TEXT, "a", start=100), c], 0.5, 0.8, 1.0)[0] == "Monday in c"  # one article tells it
    copies = [each.model_copy(update={"story": 7}) for each in (a, b)]
    assert order([*copies, c], 0.5, 0.8, 1.0)[0] == "Monday in c"  # and so do copies of one


def test_a_sentence_about_another_year_than_the_one_asked_about_is_no_evidence() -> None:
    text = "Norvia won in May 2022. The next one, in 2023, was in Lervik."
    read = ranked([scored(text)], [reading(("Norvia", 3.0), ("Lervik", 1.0), text=text)], WEIGHTS)
    assert [each.short_answer for each in find_evidence("Who won in 2023?", read)] == ["Lervik"]
    assert [each.short_answer for each in find_evidence("Who won in 2022?", read)] == ["Norvia"]
    assert [each.short_answer for each in find_evidence("Who won?", read)] == ["Norvia", "Lervik"]


@given(
    st.lists(st.sampled_from(["Rain fell.", "Ann left in 1912!", "“Why?” he said.", "\n", "Ö 😀 x."]), min_size=1),
    st.data(),
)
def test_evidence_is_always_exact(parts: list[str], data: st.DataObject) -> None:
    article = Article("a", "T", " ".join(parts))
    passages = [
        ScoredPassage(node=node, score=0.5, scores={})
        for node in Splitter(FakeEmbedder(), "english", passage_pieces=12, overlap_pieces=4).split(article, 1)
    ]
    readings = []
    for each in passages:
        length = len(each.passage.text)
        start = data.draw(st.integers(0, length - 1))
        end = data.draw(st.integers(start + 1, length))
        readings.append(Reading((Span(start, end, 1.0),), 0.0, 0.0, 0.0))
    for found in find_evidence(QUESTION, ranked(passages, readings, WEIGHTS)):
        assert article.text[found.start : found.end] == found.text
        answer = article.text[found.answer.start : found.answer.end]
        assert answer == found.short_answer


def test_it_is_a_llama_index_postprocessor() -> None:
    nodes = [
        NodeWithScore(node=scored(text, name).node, score=0.5) for name, text in (("a", "Rain fell."), ("b", TEXT))
    ]
    reader = WordReader()
    order = PassageReader(reader, WEIGHTS).postprocess_nodes(nodes, query_str="What does the union in Lervik want?")
    assert [node.node.metadata["article_id"] for node in order] == ["b", "a"]
    assert all(isinstance(node, ReadPassage) for node in order)
    assert reader.pairs[0] == ("What does the union in Lervik want?", "Ferry strike · 2024-05-06", "Rain fell.")
    with pytest.raises(ValueError, match="query_str"):
        PassageReader(reader, WEIGHTS).postprocess_nodes(nodes)


def evidence_of(answer: str, score: float, article_id: str = "a") -> Evidence:
    start = TEXT.index(answer)
    found = FoundAnswer(start, start + len(answer), score)
    return Evidence(scored(TEXT, article_id), *next(s for s in sentence_spans(TEXT) if s[0] <= start < s[1]), found)


def test_answer_signals_by_hand() -> None:
    evidence = [evidence_of("4.5 percent", 0.9), evidence_of("4.5 percent", 0.8, "b"), evidence_of("Monday", 0.5)]
    readings = [replace(reading(("4.5 percent", 3.0)), answerable=each) for each in (1.5, 2.5)]
    passages = ranked([scored(TEXT), scored(TEXT, "b")], readings, WEIGHTS)
    signals = answer_signals("What does the union in Lervik want in Tromvik?", passages, evidence)
    assert signals["score"] == pytest.approx(math.log(9))
    assert signals["lead"] == pytest.approx(math.log(9))  # over Monday's even odds, not over the same answer again
    assert signals["answerable"] == 2.5
    assert (signals["dense"], signals["text"]) == (0.4, pytest.approx(6.0 / 4))  # union, Lervik, want, Tromvik
    assert signals["covered"] == pytest.approx(3 / 4)
    assert signals["names_missing"] == pytest.approx(1 / 2)
    assert answer_signals("Anything?", [], []) == {}


def test_log_odds_are_bounded() -> None:
    assert log_odds(0.5) == 0.0
    assert (log_odds(0.0), log_odds(1.0), log_odds(1e-30)) == (-7.0, 7.0, -7.0)
