"""Compares rankings over one index, fused in different ways and read: `python -m evals.fusion --index DIR QUESTIONS…`.

QUESTIONS are JSON lines with `question` and either `evidence` (as in the question sets) or `gold_ids`; questions
without a gold article are left out. An article counts at the rank of its best passage. Both searches run once for
each question and every fusion is made from the same two rankings, as `index.search` makes it. With `--read` the shipped
ranking stands there too, as `footnote search` gives it before and after the reader has put it in order.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bot.build import build_reader
from bot.read import PassageReader
from bot.settings import READ_PASSAGES, Settings
from evals.intervals import gain, mean
from index.fusion import Ranking, convex, reciprocal_rank
from index.library import Index
from index.search import DENSE_WEIGHT, ScoredPassage
from index.store import LEG_DEPTH

WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
METRICS = ("Hit@1", "Hit@10", "MRR@10", "nDCG@10")


@dataclass(frozen=True)
class Legs:
    """One question's two rankings of passages, what is wanted, and how long both took."""

    gold: frozenset[str]
    dense: Ranking
    text: Ranking
    ms: float
    found: Ranking = ()
    read: Ranking = ()


def questions(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """The questions of a file that have gold articles, with those."""
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    for line in text.decode("utf-8").splitlines():
        record = json.loads(line)
        gold = record["gold_ids"] if "gold_ids" in record else [e["article_id"] for e in record.get("evidence", [])]
        if gold:
            yield record["question"], frozenset(gold)


def search(index: Index, path: Path, reader: PassageReader | None = None) -> Iterator[Legs]:
    """Both rankings for each question, and with a reader what it makes of them; model and index are warm."""
    index.store.dense(index.embedder.get_query_embedding("warm"), 1)
    for question, gold in questions(path):
        started = time.perf_counter()
        vector = index.embedder.get_query_embedding(question)
        dense = index.store.dense(vector, LEG_DEPTH)
        text = index.store.text(question, LEG_DEPTH)
        ms = (time.perf_counter() - started) * 1000
        found = index.retriever(k=READ_PASSAGES, every_copy=True).search(question) if reader else []
        read = reader.read(question, found) if reader else []
        yield Legs(gold, dense, text, ms, ranking_of(found), ranking_of(read))


def ranking_of(passages: Sequence[ScoredPassage]) -> Ranking:
    """Passages as (id, score)."""
    return [(found.passage.node_id, float(found.score or 0.0)) for found in passages]


def articles_of(ranking: Ranking) -> list[str]:
    """The articles in the order of their best passages."""
    return list(dict.fromkeys(passage_id.rpartition("#")[0] for passage_id, _ in ranking))


def scores(articles: list[str], gold: frozenset[str]) -> tuple[float, ...]:
    """The four metrics of one question."""
    ranks = [rank for rank, article in enumerate(articles[:10], start=1) if article in gold]
    gain = sum(1 / np.log2(rank + 1) for rank in ranks)
    best = sum(1 / np.log2(rank + 1) for rank in range(1, min(10, len(gold)) + 1))
    first = ranks[0] if ranks else 0
    return float(first == 1), float(bool(first)), 1 / first if first else 0.0, float(gain / best)


def compare(found: list[Legs]) -> Mapping[str, np.ndarray]:
    """Each method's metrics, (questions, 4)."""
    methods: dict[str, Callable[[Legs], Ranking]] = {
        "BM25": lambda legs: legs.text,
        "dense": lambda legs: legs.dense,
        "RRF (k 60)": lambda legs: reciprocal_rank(legs.dense, legs.text),
    }
    for weight in sorted({*WEIGHTS, DENSE_WEIGHT}):
        shipped = " (shipped)" if weight == DENSE_WEIGHT else ""
        methods[f"convex {weight}{shipped}"] = partial(_convex, weight)
    if found[0].read:
        methods["as found (shipped)"] = lambda legs: legs.found
        methods["as found, then read (shipped)"] = lambda legs: legs.read
    return {
        name: np.array([scores(articles_of(method(legs)), legs.gold) for legs in found])
        for name, method in methods.items()
    }


def gains(compared: Mapping[str, np.ndarray]) -> Iterator[str]:
    """What reading changes for the same questions, with 95 % bootstrap intervals of the mean difference."""
    if "as found (shipped)" in compared:
        two = [compared["as found (shipped)"].T, compared["as found, then read (shipped)"].T]
        for name, before, after in zip(METRICS, *two, strict=True):
            added = gain([[float(value)] for value in before], [[float(value)] for value in after])
            yield f"reading adds to {name}: {added.value:+.3f} [{added.low:+.3f}, {added.high:+.3f}]"


def _convex(weight: float, legs: Legs) -> Ranking:
    return convex(legs.dense, legs.text, weight)


def table(compared: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The lines of a Markdown table; MRR with its 95 % bootstrap interval."""
    yield "| method | " + " | ".join(METRICS) + " |"
    yield "|---" * (len(METRICS) + 1) + "|"
    for name, values in compared.items():
        means = [f"{value:.3f}" for value in values.mean(axis=0)]
        reciprocal = mean([float(value) for value in values[:, 2]])
        means[2] += f" [{reciprocal.low:.3f}, {reciprocal.high:.3f}]"
        yield f"| {name} | " + " | ".join(means) + " |"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m evals.fusion", description=__doc__)
    options.add_argument("questions", type=Path, nargs="+")
    options.add_argument("--index", type=Path, required=True)
    options.add_argument("--read", action="store_true", help="measure the reader's order too")
    given: Any = options.parse_args(arguments)
    index = Index(Settings(index=given.index))
    reader = build_reader() if given.read else None
    for path in given.questions:
        found = list(search(index, path, reader))
        p50, p95 = np.percentile([legs.ms for legs in found], [50, 95])
        print(f"{path.name}: {len(found)} questions, {index.store.count()} passages, ", end="")
        print(f"both searches one after the other p50 {p50:.0f} ms, p95 {p95:.0f} ms\n")
        compared = compare(found)
        print(*table(compared), *gains(compared), sep="\n", end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
