"""Search for questions that need several articles."""

from __future__ import annotations

import pytest
from llama_index.core.schema import TextNode

from evals.multihop import all_found, articles_of, measure
from index.search import ScoredPassage


def passage_of(article_id: str) -> ScoredPassage:
    return ScoredPassage(node=TextNode(text="x", metadata={"article_id": article_id}), score=0.5, scores={})


def test_an_article_counts_at_its_best_passage() -> None:
    ranking = articles_of([passage_of("b"), passage_of("a"), passage_of("b"), passage_of("c")])
    assert [article for article, _ in ranking] == ["b", "a", "c"]
    assert [score for _, score in ranking] == sorted((score for _, score in ranking), reverse=True)


def test_all_of_a_questions_articles_must_be_among_the_first_eight() -> None:
    gold = {"q1": {"a", "b"}, "q2": {"a", "z"}}
    first = [(name, 1.0 / rank) for rank, name in enumerate("abcdefghz", start=1)]
    assert all_found(gold, {"q1": first, "q2": first}) == [1.0, 0.0]
    found = measure(gold, {"q1": first, "q2": first})
    assert found["all of 8"].value == 0.5
    # q1 is perfect; of q2 the second stands at rank 9: (1 + 1/log2(10)) / (1 + 1/log2(3))
    assert found["nDCG@10"].value == pytest.approx((1 + (1 + 1 / 3.321928) / (1 + 1 / 1.584963)) / 2, abs=1e-4)
