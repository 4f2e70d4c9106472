"""Ranking articles by their best passage, with made-up passages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.schema import TextNode

from evals.load import load_retrieval
from evals.measure import SEARCH_MEASURES, measured
from evals.metrics import retrieval_values
from evals.retrieval import evaluate, ranked_articles
from evals.workspace import Workspace
from index.search import ScoredPassage


def passage(article_id: str, number: int, score: float) -> ScoredPassage:
    node = TextNode(id_=f"{article_id}#{number}", text="x", metadata={"article_id": article_id})
    return ScoredPassage(node=node, score=score, scores={})


def test_the_best_passage_of_an_article_counts_and_ties_are_set_apart() -> None:
    found = [
        passage("a", 0, 0.9),
        passage("b", 0, 0.8),
        passage("a", 1, 0.8),
        passage("c", 0, 0.8),
        passage("d", 0, 0.1),
    ]
    ranking = ranked_articles(lambda question, k: found, "?")
    assert [article_id for article_id, _ in ranking] == ["a", "b", "c", "d"]
    assert [score for _, score in ranking] == pytest.approx([0.9, 0.8, 0.799999, 0.1])
    assert all(first[1] > second[1] for first, second in pairwise(ranking))


def test_scores_of_bm25_fall_in_single_precision_too() -> None:
    """trec_eval would order these by id, the last one first."""
    found = [passage(f"a{place}", place, 25.0) for place in range(30)]
    singles = [np.float32(score) for _, score in ranked_articles(lambda question, k: found, "?")]
    assert all(first > second for first, second in pairwise(singles))
    ranking = ranked_articles(lambda question, k: found, "?")
    assert retrieval_values({"q": {"a0": 1}}, {"q": ranking})["RR@10"] == [1.0]


def test_searches_deeper_until_there_are_ten_articles() -> None:
    passages = [passage(f"a{i // 60}", i, 1 - i / 10_000) for i in range(1200)]
    depths: list[int] = []

    def search(question: str, k: int) -> Sequence[ScoredPassage]:
        depths.append(k)
        return passages[:k]

    assert len(ranked_articles(search, "?")) == 20
    assert depths == [100, 400, 1600]


def test_a_small_collection_is_searched_once() -> None:
    depths: list[int] = []

    def search(question: str, k: int) -> Sequence[ScoredPassage]:
        depths.append(k)
        return [passage("a", 0, 0.5)]

    assert ranked_articles(search, "?") == [("a", 0.5)]
    assert depths == [100]


def test_run_file_and_metrics_and_going_on(beir: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def search(question: str, k: int) -> Sequence[ScoredPassage]:
        asked.append(question)
        return [passage("d1", 0, 0.7), passage("d2", 0, 0.6)] if "ferry" in question else []

    out = tmp_path / "out"
    first = evaluate(load_retrieval(beir), search, Workspace(out, "run"), lambda done, total: None)
    assert (out / "run.trec").read_text() == "q1 Q0 d1 1 0.700000 footnote\nq1 Q0 d2 2 0.600000 footnote\n"
    metrics = measured(first, SEARCH_MEASURES).metrics
    assert metrics["Success@1"].value == 0.5  # q2 has no results and counts as zero
    assert metrics["RR@10"].n == 2
    again = evaluate(load_retrieval(beir), search, Workspace(out, "run"), lambda done, total: None)
    assert again == first
    assert len(asked) == 2
