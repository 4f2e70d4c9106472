"""Fits the weights of `bot/calibration.json`: `python -m evals.calibrate --squad FILE --clapnq FILE FILE --index DIR`.

Needs scikit-learn (in the `dev` extra). Nothing that is reported on may be used here: the data are questions on
encyclopedia articles, each asked twice, with the article that answers it in the index and with it filtered out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.vector_stores.types import FilterOperator, MetadataFilter, MetadataFilters

from bot.calibration import FILE, Logistic
from bot.read import SentenceReader, answer_signals
from bot.settings import Settings
from index.ingest import write_articles
from index.library import Index
from index.types import Article

SEED = 20261124
SQUAD_ARTICLES = 40
QUESTIONS_PER_ARTICLE = 6
PASSAGES = 24


@dataclass(frozen=True)
class Asked:
    """A question, the article that answers it, and the stretches of its text that do (none: it doesn't)."""

    question: str
    article_id: str
    gold: tuple[tuple[int, int], ...]


def squad(path: Path) -> Iterator[tuple[Article, list[Asked]]]:
    """Articles of a SQuAD file, their paragraphs joined, with some of their questions."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        entries = json.load(file)["data"]
    chosen = random.Random(SEED).sample(entries, SQUAD_ARTICLES)
    for entry in chosen:
        identifier = f"squad/{entry['title']}"
        text, asked = "", []
        for paragraph in entry["paragraphs"]:
            context = paragraph["context"].replace("\n", " ")
            for qa in paragraph["qas"]:
                start = len(text) + qa["answers"][0]["answer_start"]
                span = (start, start + len(qa["answers"][0]["text"]))
                asked.append(Asked(qa["question"], identifier, (span,)))
            text += context + "\n\n"
        sample = random.Random(SEED).sample(asked, min(QUESTIONS_PER_ARTICLE, len(asked)))
        yield Article(identifier, entry["title"].replace("_", " "), text.rstrip()), sample


def clapnq(path: Path) -> Iterator[tuple[Article, list[Asked]]]:
    """The passages of a ClapNQ file as articles, each with its question."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            passage = record["passages"][0]
            text = passage["text"].strip()
            chosen = {sentence for output in record["output"] for sentence in output.get("selected_sentences", [])}
            spans = [(text.find(s), text.find(s) + len(s)) for s in sorted(chosen) if s in text]
            identifier = f"clapnq/{record['id']}"
            yield Article(identifier, passage["title"], text), [Asked(record["input"], identifier, tuple(spans))]


def samples(
    index: Index, reader: SentenceReader, asked: Sequence[Asked]
) -> Iterator[tuple[list[tuple[dict[str, float], bool]], Any]]:
    """For each question, with its article and without: the sentences' signals and whether each holds the answer."""
    for number, one in enumerate(asked):
        without = MetadataFilters(
            filters=[MetadataFilter(key="article_id", operator=FilterOperator.NE, value=one.article_id)]
        )
        for filters in (None, without):
            passages = index.retriever(k=PASSAGES, filters=filters).search(one.question)
            evidence = reader.read(one.question, passages)
            labelled = [
                (
                    found.signals,
                    found.passage.article_id == one.article_id
                    and any(found.start < end and start < found.end for start, end in one.gold),
                )
                for found in evidence
            ]
            yield labelled, (one, passages, evidence)
        if number % 50 == 0:
            print(f"{number} of {len(asked)} questions", file=sys.stderr)


def fit(rows: Sequence[dict[str, float]], labels: Sequence[bool]) -> dict[str, Any]:
    """A logistic regression as `bot.calibration` keeps it."""
    from sklearn.linear_model import LogisticRegression

    names = sorted(rows[0])
    model = LogisticRegression(C=1.0, max_iter=1000).fit([[row[name] for name in names] for row in rows], labels)
    weights = {name: round(float(weight), 4) for name, weight in zip(names, model.coef_[0], strict=True)}
    return {
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": weights,
        "n": len(rows),
        "positive": int(np.sum(labels)),
    }


def with_even_chances(weights: dict[str, Any]) -> dict[str, Any]:
    """The weights as if half of the questions had been answered right (prior correction, King and Zeng 2001).

    The fit sees fewer right answers than that, since every question is also asked without its article; how many of
    a person's questions their articles can answer is not known, so neither side is favoured.
    """
    share = weights["positive"] / weights["n"]
    return {**weights, "intercept": round(weights["intercept"] + math.log((1 - share) / share), 4)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--squad", type=Path, required=True)
    options.add_argument("--clapnq", type=Path, nargs="+", required=True)
    options.add_argument("--index", type=Path, required=True, help="folder for the index of these articles")
    given = options.parse_args()

    index = Index(Settings(index=given.index), create=True)
    pairs = [*squad(given.squad), *(pair for path in given.clapnq for pair in clapnq(path))]
    with index.writing():
        write_articles(index, [article for article, _ in pairs if not index.article(article.id)])
        index.store.maintain()
    asked = [one for _, questions in pairs for one in questions]

    unweighted = SentenceReader(index.embedder, Logistic(0.0, {"cosine": 1.0}))
    found = list(samples(index, unweighted, asked))
    sentences = [pair for labelled, _ in found for pair in labelled if any(label for _, label in labelled)]
    fitted: dict[str, Any] = {"sentence": fit([s for s, _ in sentences], [label for _, label in sentences])}

    weights = Logistic(fitted["sentence"]["intercept"], fitted["sentence"]["weights"])
    rows, labels = [], []
    for labelled, (one, passages, evidence) in found:
        weighed = sorted(
            (
                (replace(each, score=weights.probability(each.signals)), label)
                for each, (_, label) in zip(evidence, labelled, strict=True)
            ),
            key=lambda pair: -pair[0].score,
        )
        if weighed:
            rows.append(answer_signals(one.question, passages, [each for each, _ in weighed]))
            labels.append(any(label for _, label in weighed[:3]))
    fitted["answer"] = with_even_chances(fit(rows, labels))
    fitted["reason"] = (
        "sentence: does this sentence overlap the gold answer, over the sentences of questions where one does; "
        "answer: is the gold answer among the first three sentences, each question asked with its article in the index"
        " and with it filtered out; the intercept is for even chances. Fitted by evals/calibrate.py."
    )
    fitted["data"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (given.squad, *given.clapnq)}
    FILE.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
