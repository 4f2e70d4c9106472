"""Are the figures right? A finished run's, and those that a second library makes of the same run.

`python -m evals.proofs RUN SET` (RUN: the folder of `footnote eval run SET --out RUN`) takes `run.trec` to ranx, or
`predictions.json` to torchmetrics' SQuAD metric, and prints both figures. ir-measures, which computes ours of a search,
goes through trec_eval's C; ranx shares none of that code. Exits with 1 where the two differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from evals.compare import load_run
from evals.load import kind_of, load_reading, load_retrieval
from index.errors import UsageError

IN_RANX: Mapping[str, str] = {
    "Success@1": "hit_rate@1",
    "Success@5": "hit_rate@5",
    "Success@10": "hit_rate@10",
    "RR@10": "mrr@10",
    "nDCG@10": "ndcg@10",
    "R@10": "recall@10",
    "AP@10": "map@10",
}
"""Our measures and ranx's. Its `ndcg_burges` is another one: gains of 2^mark - 1, where trec_eval takes the mark."""
ALIKE = 1e-6
"""metrics.json has six decimals, and torchmetrics computes in single precision."""

Qrels = Mapping[str, Mapping[str, int]]


def library(name: str) -> Any:
    """A second library. Raises UsageError where it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(f"{name} is not installed: pip install -c .constraints.txt -e '.[proofs]'") from error


def of_ranx(qrels: Qrels, run: Mapping[str, Mapping[str, float]]) -> dict[str, list[float]]:
    """What ranx says: by our names of the measures, the values of each query in the order of the qrels.

    It takes no query without results; these count as zero, as they do with us.
    """
    ranx = library("ranx")
    queries = sorted(query for query in qrels if run.get(query))  # sorted, as ranx gives the values
    found = ranx.evaluate(
        ranx.Qrels({query: dict(qrels[query]) for query in queries}),
        ranx.Run({query: dict(run[query]) for query in queries}),
        list(IN_RANX.values()),
        return_mean=False,
    )
    values = {name: dict(zip(queries, map(float, found[theirs]), strict=True)) for name, theirs in IN_RANX.items()}
    return {name: [of_query.get(query, 0.0) for query in qrels] for name, of_query in values.items()}


def ranked_in(path: Path) -> dict[str, dict[str, float]]:
    """The scores of a TREC file by query and article, as ranx reads it."""
    run: dict[str, dict[str, float]] = library("ranx").Run.from_file(str(path), kind="trec").to_dict()
    return run


def of_torchmetrics(predictions: Mapping[str, str], golds: Mapping[str, Sequence[str]]) -> tuple[float, float]:
    """What torchmetrics says: exact match and F1, as fractions, over the questions of `golds`.

    It has no place for a question without gold answers: it is given the empty one.
    """
    answers = {identifier: list(texts) or [""] for identifier, texts in golds.items()}
    found = library("torchmetrics.text").SQuAD()(
        [{"id": identifier, "prediction_text": predictions[identifier]} for identifier in answers],
        [
            {"id": identifier, "answers": {"text": texts, "answer_start": [0] * len(texts)}}
            for identifier, texts in answers.items()
        ],
    )
    return float(found["exact_match"]) / 100, float(found["f1"]) / 100


def theirs(run: Path, set_path: Path) -> dict[str, float]:
    """The figures of a finished run as the second library has them. Raises UsageError for a set of questions."""
    kind = kind_of(set_path)
    if kind == "retrieval":
        qrels = load_retrieval(set_path).qrels
        values = of_ranx(qrels, ranked_in(run / "run.trec"))
        return {name: sum(of_queries) / len(of_queries) for name, of_queries in values.items()}
    if kind == "reading":
        predictions = json.loads((run / "predictions.json").read_text(encoding="utf-8"))
        golds = {example.id: example.answers for example in load_reading(set_path).examples}
        exact, f1 = of_torchmetrics(predictions, golds)
        return {"exact_match": exact, "f1": f1}
    raise UsageError(
        f"{set_path} is no BEIR folder and no SQuAD-format .json: no second library measures whole answers"
    )


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.proofs", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run")
    parser.add_argument("set", type=Path, help="the set that was run")
    args = parser.parse_args(given)
    ours = load_run(args.run).metrics["metrics"]
    differing = 0
    for name, value in theirs(args.run, args.set).items():
        same = abs(ours[name]["value"] - value) <= ALIKE
        differing += not same
        print(
            f"{name}: {ours[name]['value']:.6f} and {value:.6f}, n {ours[name]['n']}{'' if same else '  ← THEY DIFFER'}"
        )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
