"""Measures search for questions that need several articles: `python -m evals.multihop QUERIES.jsonl --index DIR`.

Each line of QUERIES has `question` and `gold_ids`, all of which are needed (2WikiMultihop, Ho et al. 2020, has two to
four). An article counts at the rank of its best passage. Compared are the question as it stands, by search alone and
as read, and what the bot makes of it: part by part, and one step after the other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bot.build import build_reader
from bot.calibration import fitted
from bot.clock import Clock
from bot.find import Finder, Findings
from bot.read import behind
from bot.resolve import Resolved
from bot.settings import Settings
from bot.when import When
from evals.intervals import gain, mean
from evals.metrics import retrieval_values
from evals.retrieval import Ranking
from evals.types import Metric
from index.library import Index
from index.search import ScoredPassage

DEPTH = 100
"""Passages that are ranked; fewer are read."""
NEEDED_AMONG = 8

Ranked = Callable[[str], Sequence[ScoredPassage]]


def articles_of(passages: Sequence[ScoredPassage]) -> Ranking:
    """The articles in the order of their best passages, with scores that fall."""
    ids = list(dict.fromkeys(found.article_id for found in passages))
    return [(article_id, 1.0 / rank) for rank, article_id in enumerate(ids, start=1)]


def rankers(finder: Finder) -> dict[str, Ranked]:
    """Ways to rank passages for a question, by name."""

    def found(question: str) -> list[ScoredPassage]:
        return finder.search(question, None, DEPTH)

    def read(question: str) -> list[ScoredPassage]:
        passages = found(question)
        return behind(finder.rank(question, passages[: finder.passages]), passages[finder.passages :])

    def taken_apart(question: str) -> list[ScoredPassage]:
        steps = finder.find(question, Resolved(question, question), When(question), None, Clock())
        findings = _last(steps)
        first = {each.passage.node_id for each in findings.passages}
        return [*findings.passages, *(each for each in found(question) if each.passage.node_id not in first)]

    return {"search alone": found, "as read": read, "taken apart": taken_apart}


def _last(steps: object) -> Findings:
    while True:
        try:
            next(steps)  # type: ignore[call-overload]
        except StopIteration as end:
            findings = end.value
            assert isinstance(findings, Findings)
            return findings


def all_found(gold: Mapping[str, set[str]], run: Mapping[str, Ranking]) -> list[float]:
    """For each question 1.0 where all of its articles are among the first NEEDED_AMONG."""
    return [float(ids <= {article_id for article_id, _ in run[query][:NEEDED_AMONG]}) for query, ids in gold.items()]


def measure(gold: Mapping[str, set[str]], run: Mapping[str, Ranking]) -> dict[str, Metric]:
    """nDCG@10 and the share of questions with all their articles among the first NEEDED_AMONG."""
    values = retrieval_values({query: dict.fromkeys(ids, 1) for query, ids in gold.items()}, run)
    return {
        "nDCG@10": mean(list(np.asarray(values["nDCG@10"], float))),
        f"all of {NEEDED_AMONG}": mean(all_found(gold, run)),
    }


def _words(metric: Metric) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.multihop", description=__doc__)
    parser.add_argument("queries", type=Path, help="questions with gold_ids, a JSON object a line")
    parser.add_argument("--index", type=Path, required=True, help="an index of the articles")
    args = parser.parse_args(given)
    text = gzip.decompress(args.queries.read_bytes()) if args.queries.suffix == ".gz" else args.queries.read_bytes()
    records = [json.loads(line) for line in text.decode("utf-8").splitlines()]
    asked = {record["question"]: set(record["gold_ids"]) for record in records}
    settings = Settings(index=args.index)
    finder = Finder(
        Index(settings), build_reader(), fitted("answer"), passages=settings.passages, threshold=settings.threshold
    )
    whole: dict[str, list[float]] = {}
    for name, rank in rankers(finder).items():
        run = {question: articles_of(rank(question)) for question in asked}
        whole[name] = all_found(asked, run)
        for label, each in measure(asked, run).items():
            print(f"{name}: {label} {_words(each)} (n {each.n})")
    before, after = ([[value] for value in whole[name]] for name in ("search alone", "taken apart"))
    added = gain(before, after)
    print(f"all of {NEEDED_AMONG}, taken apart against search alone: {_words(added)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
