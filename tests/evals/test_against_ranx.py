"""Our retrieval figures and those of a second library, ranx, for the same runs: `make proofs` installs it.

ir-measures, which computes ours, goes through pytrec_eval, a build of trec_eval's C; ranx shares none of that code.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from llama_index.core.schema import TextNode

from evals.metrics import RANKED, RETRIEVAL_MEASURES, retrieval_values
from evals.retrieval import Ranking, ranked_articles, trec
from index.search import ScoredPassage

ranx = pytest.importorskip("ranx", reason="ranx is not installed: pip install -c .constraints.txt -e '.[proofs]'")
pytestmark = [
    pytest.mark.slow,  # numba compiles ranx's measures, the first time for half a minute
    pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning"),  # of ranx's own arithmetic on ids
]

NAMES = {
    "Success@1": "hit_rate@1",
    "Success@5": "hit_rate@5",
    "Success@10": "hit_rate@10",
    "RR@10": "mrr@10",
    "nDCG@10": "ndcg@10",
    "R@10": "recall@10",
    "AP@10": "map@10",
}
"""Ours and ranx's. Its `ndcg_burges` is another measure: gains of 2^mark - 1, where trec_eval takes the mark."""

Qrels = dict[str, dict[str, int]]
ARTICLES = [f"a{n}" for n in range(60)]
SCALES = {"probabilities": 1.0, "BM25": 40.0, "log odds": -7.0}


def passages(chance: random.Random, scale: float) -> list[ScoredPassage]:
    """Up to sixty passages of up to thirty articles, best first, many with one score; for some questions none."""
    count = chance.choice((0, 1, 3, 8, 15, 60))
    kinds = chance.choice((1, 2, 5, 1000))  # so many scores there are: with few of them nearly all passages tie
    scores = sorted((scale * chance.randrange(1, kinds + 1) / kinds for _ in range(count)), reverse=True)
    pool = chance.sample(ARTICLES, 30)
    return [
        ScoredPassage(
            node=TextNode(id_=f"p{place}", text="x", metadata={"article_id": chance.choice(pool)}),
            score=score,
            scores={},
        )
        for place, score in enumerate(scores)
    ]


def judged(chance: random.Random) -> dict[str, int]:
    """One to twenty marked articles, some marked as not relevant, at least one as relevant."""
    marks = {article: chance.choice((-1, 0, 1, 1, 2, 4)) for article in chance.sample(ARTICLES, chance.randint(1, 20))}
    return {**marks, chance.choice(ARTICLES): chance.choice((1, 2))}


def drawn(seed: int, scale: float, queries: int = 120) -> tuple[Qrels, dict[str, Ranking]]:
    """Qrels, and the run that `ranked_articles` makes of the passages."""
    chance = random.Random(seed)
    qrels = {f"q{n}": judged(chance) for n in range(queries)}
    run = {}
    for query in qrels:
        run[query] = ranked_articles(partial(first, passages(chance, scale)), query)
    return qrels, run


def first(found: Sequence[ScoredPassage], question: str, k: int) -> Sequence[ScoredPassage]:
    """A search that knows its passages."""
    return found[:k]


def of_ranx(qrels: Qrels, run: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, list[float]]:
    """Each measure's values in the order of the qrels. Queries without results are zero, as we count them: ranx takes
    none that are empty in a run of its own."""
    queries = [query for query in qrels if run.get(query)]
    found = ranx.evaluate(
        ranx.Qrels({query: qrels[query] for query in queries}),
        ranx.Run({query: dict(run[query]) for query in queries}),
        list(NAMES.values()),
        return_mean=False,
    )
    in_order = sorted(queries)  # as ranx gives the values
    values = {name: dict(zip(in_order, map(float, found[theirs]), strict=True)) for name, theirs in NAMES.items()}
    return {name: [of_query.get(query, 0.0) for query in qrels] for name, of_query in values.items()}


def test_every_measure_is_compared() -> None:
    assert tuple(NAMES) == RETRIEVAL_MEASURES


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize("seed", range(4))
def test_each_query_has_the_same_figures(seed: int, scale: float) -> None:
    qrels, run = drawn(seed, scale)
    ours, theirs = retrieval_values(qrels, run), of_ranx(qrels, run)
    for name in NAMES:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-9), name
    # that the draw has what is hard: queries without results, several relevant articles, and neither all right
    assert any(not ranking for ranking in run.values()) and any(len(ranking) > RANKED for ranking in run.values())
    assert sum(sum(mark > 0 for mark in marks.values()) > 1 for marks in qrels.values()) > 60
    assert 0.1 < sum(ours["Success@10"]) / len(qrels) < 0.9


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
def test_the_run_file_says_the_same(scale: float, tmp_path: Path) -> None:
    """Who reads `run.trec` with ranx gets the figures of `metrics.json`."""
    qrels, run = drawn(99, scale)
    (tmp_path / "run.trec").write_text(trec(run), encoding="utf-8")
    read = ranx.Run.from_file(str(tmp_path / "run.trec"), kind="trec")
    theirs = of_ranx(qrels, {query: list(scores.items()) for query, scores in read.to_dict().items()})
    ours = retrieval_values(qrels, run)
    for name in NAMES:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-9), name
