"""Follow-ups: what search finds for the question as typed, for what the bot made of it, and for a person's rewrite.

The share of the gap closed is that of Voskarides et al. 2020 (QuReTeC), section 5: 0 is the question as typed, 1 what a
person would have asked out of the blue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from evals.intervals import Cases, interval
from evals.metrics import RANKED
from evals.retrieval import Search, ranked_articles
from evals.score import GoldArticles
from evals.types import Marks, Metric, QAExample
from evals.workspace import Journal

FORMS = ("raw", "resolved", "rewrite")
HIT_DEPTH = 5
FOLLOWUP_MEASURES: Mapping[str, str] = {
    f"{form}_{measure}": f"{about} is searched for: {what}"
    for form, about in zip(
        FORMS, ("a follow-up as typed", "a follow-up as understood", "a person's rewrite of it"), strict=True
    )
    for measure, what in (
        ("Success@5", "a gold article is among the first five"),
        ("RR@10", "1 / rank of the first gold article among ten"),
    )
}
CLOSED = "followup_gap_closed"


def is_measured(example: QAExample) -> bool:
    """Whether a question is a follow-up of which it is known what to find and how a person would have put it."""
    return bool(example.history and example.rewrite and example.evidence and example.answerable)


def search_all(
    examples: Sequence[QAExample],
    answers: Mapping[str, Mapping[str, Any]],
    search: Search,
    articles: GoldArticles,
    journal: Journal,
) -> dict[str, dict[str, list[float]]]:
    """The values of FOLLOWUP_MEASURES of each follow-up, by its id; those in the journal are not searched again."""
    for example in filter(is_measured, examples):
        if example.id not in journal:
            understood = str(answers[example.id]["interpreted_question"])
            asked = dict(zip(FORMS, (example.question, understood, example.rewrite or ""), strict=True))
            ranks = {form: _rank(search, question, example, articles) for form, question in asked.items()}
            journal.add({"id": example.id, "ranks": ranks})
    return {example.id: dict(_values(journal[example.id]["ranks"])) for example in examples if example.id in journal}


def _rank(search: Search, question: str, example: QAExample, articles: GoldArticles) -> int | None:
    """The rank, from 1, of the first gold article; None where none is found."""
    gold = {i for each in example.evidence for i in articles.ids(each.article_id)}
    ranking = ranked_articles(search, question)
    return next((rank for rank, (article_id, _) in enumerate(ranking, start=1) if article_id in gold), None)


def _values(ranks: Mapping[str, int | None]) -> Iterator[tuple[str, list[float]]]:
    for form in FORMS:
        rank = ranks[form]
        yield f"{form}_Success@5", [float(rank is not None and rank <= HIT_DEPTH)]
        yield f"{form}_RR@10", [1 / rank if rank is not None and rank <= RANKED else 0.0]


def gap_closed(marks: Sequence[Marks], clusters: Sequence[str]) -> Metric | None:
    """(resolved - raw) / (rewrite - raw), of the means of RR@10; None where the rewrites find no more than the rest."""
    pairs = [(each, cluster) for each, cluster in zip(marks, clusters, strict=True) if "rewrite_RR@10" in each.values]
    columns = np.array([[each.values[f"{form}_RR@10"][0] for form in FORMS] for each, _ in pairs]).reshape(-1, 3)

    def closed(cases: Cases) -> float | None:
        raw, resolved, rewrite = columns[cases].mean(axis=0)
        return float((resolved - raw) / (rewrite - raw)) if rewrite > raw else None

    return interval(closed, len(pairs), [cluster for _, cluster in pairs])
