"""Our retrieval figures and those of a second library, ranx, for the same runs: `make proofs` installs it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from llama_index.core.schema import TextNode

from evals.load import load_retrieval
from evals.metrics import RANKED, RETRIEVAL_MEASURES, retrieval_values
from evals.proofs import IN_RANX, main, of_ranx, ranked_in
from evals.retrieval import Ranking, ranked_articles, trec
from evals.types import Marks
from index.search import ScoredPassage
from tests.evals.test_compare import write_run

pytest.importorskip("ranx", reason="ranx is not installed: pip install -c .constraints.txt -e '.[proofs]'")
pytestmark = [
    pytest.mark.slow,  # numba compiles ranx's measures, the first time for half a minute
    pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning"),  # of ranx's own arithmetic on ids
]

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


def by_query(run: Mapping[str, Ranking]) -> dict[str, dict[str, float]]:
    return {query: dict(ranking) for query, ranking in run.items()}


def test_every_measure_is_compared() -> None:
    assert tuple(IN_RANX) == RETRIEVAL_MEASURES


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize("seed", range(4))
def test_each_query_has_the_same_figures(seed: int, scale: float) -> None:
    qrels, run = drawn(seed, scale)
    ours, theirs = retrieval_values(qrels, run), of_ranx(qrels, by_query(run))
    for name in IN_RANX:
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
    theirs = of_ranx(qrels, ranked_in(tmp_path / "run.trec"))
    ours = retrieval_values(qrels, run)
    for name in IN_RANX:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-9), name


def test_a_finished_run_is_held_against_ranx(beir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {"q1": [("d1", 0.7), ("d2", 0.6)], "q2": [("d1", 0.5), ("d2", 0.4)]}
    values = retrieval_values(load_retrieval(beir).qrels, found)
    folder = write_run(tmp_path / "run", [Marks("q1", {"contains": [1.0]})])
    (folder / "run.trec").write_text(trec(found), encoding="utf-8")
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["metrics"] = {name: {"value": round(sum(both) / 2, 6), "n": 2} for name, both in values.items()}
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    assert main([str(folder), str(beir)]) == 0
    assert "RR@10: 0.750000 and 0.750000, n 2\n" in capsys.readouterr().out
    metrics["metrics"]["RR@10"]["value"] = 0.76
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    assert main([str(folder), str(beir)]) == 1
    assert "RR@10: 0.760000 and 0.750000, n 2  ← THEY DIFFER" in capsys.readouterr().out
