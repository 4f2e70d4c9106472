"""Measures a reader on a SQuAD 1.1 file: `python -m bot.reader.evaluate --reader DIR --squad FILE`.

Exact match and F1 as the SQuAD paper defines them (Rajpurkar et al. 2016, section 6.1), and how well the
verdict and the span margin tell a question's own paragraph from the best wrong one of its article, and of the
other articles.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bot.reader.corpus import hard_negatives
from bot.reader.score import Reader, Reading
from bot.reader.sources import Paragraph, Question, held_out_titles, read_text

log = logging.getLogger(__name__)

RESAMPLES = 1000
SEED = 13


def normal_form(answer: str) -> str:
    """Lower case, without punctuation, articles and needless spaces."""
    letters = "".join(c for c in answer.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", letters).split())


def exact_match(found: str, answer: str) -> float:
    """1.0 where both have one normal form."""
    return float(normal_form(found) == normal_form(answer))


def f1(found: str, answer: str) -> float:
    """Harmonic mean of precision and recall over the words of the normal forms."""
    words, wanted = normal_form(found).split(), normal_form(answer).split()
    if not words or not wanted:
        return float(words == wanted)
    common = sum((Counter(words) & Counter(wanted)).values())
    return 2 * common / (len(words) + len(wanted))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores above a negative, ties counting half."""
    order = np.sort(np.asarray(negative))
    above = np.searchsorted(order, positive, side="left") + np.searchsorted(order, positive, side="right")
    return float(above.mean() / 2 / len(order))


def interval(values: Sequence[float]) -> list[float]:
    """95 % bootstrap interval of the mean."""
    numbers = np.asarray(values)
    drawn = np.random.default_rng(SEED).integers(len(numbers), size=(RESAMPLES, len(numbers)))
    return [round(float(x), 4) for x in np.quantile(numbers[drawn].mean(1), [0.025, 0.975])]


def evaluate(reader: Reader, articles: list[dict[str, Any]], sample: int | None) -> dict[str, Any]:
    """Metrics with their n over `sample` questions (all: None) of SQuAD articles, read without headers."""
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for number, article in enumerate(articles):
        for paragraph in article["paragraphs"]:
            paragraphs.append(Paragraph(paragraph["context"], number))
            for asked in paragraph["qas"]:
                answers = tuple(dict.fromkeys(answer["text"] for answer in asked["answers"]))
                questions.append(Question(asked["question"], len(paragraphs) - 1, answers, (), True, False, False))
    if sample is not None and sample < len(questions):
        questions = random.Random(SEED).sample(questions, sample)
    same, other = hard_negatives([""] * len(articles), paragraphs, questions)

    def read(numbers: Sequence[int]) -> list[Reading]:
        pairs = [(q.text, "", paragraphs[n].text) for q, n in zip(questions, numbers, strict=True) if n >= 0]
        return reader.score_pairs(pairs)

    own = read([q.paragraph for q in questions])
    found = [
        paragraphs[q.paragraph].text[r.spans[0].start : r.spans[0].end] if r.spans else ""
        for q, r in zip(questions, own, strict=True)
    ]
    best = {
        name: [max(measure(text, answer) for answer in q.answers) for q, text in zip(questions, found, strict=True)]
        for name, measure in (("exact_match", exact_match), ("f1", f1))
    }
    report: dict[str, Any] = {"n": len(questions)}
    for name, values in best.items():
        report[name] = {"mean": round(float(np.mean(values)), 4), "interval": interval(values)}
    signals: dict[str, Callable[[Reading], float]] = {
        "answerable": lambda r: r.answerable,
        "margin": lambda r: (r.spans[0].score if r.spans else -100.0) - r.no_answer,
        "relevance": lambda r: r.relevance,
    }
    for kind, wrong in (("same_article", same[:, 0]), ("other_article", other[:, 0])):
        readings = read([int(n) for n in wrong])
        report[kind] = {"n_wrong": len(readings)} | {
            f"auroc_{name}": round(auroc([signal(r) for r in own], [signal(r) for r in readings]), 4)
            for name, signal in signals.items()
        }
    return report


def main(given: list[str] | None = None) -> None:
    """Logs the metrics as one JSON line, and writes them to `--out` if given."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.evaluate", description="Measure a reader.")
    parser.add_argument("--reader", type=Path, required=True, help="folder of the reader")
    parser.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 file")
    parser.add_argument("--held-out", action="store_true", help="only the articles that training holds out")
    parser.add_argument("--sample", type=int, help="so many questions, drawn at random")
    parser.add_argument("--threads", type=int, default=2, help="processor cores to use")
    parser.add_argument("--out", type=Path, help="write the metrics to this file too")
    args = parser.parse_args(given)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    articles = json.loads(read_text(args.squad))["data"]
    if args.held_out:
        titles = held_out_titles(articles)
        articles = [article for article in articles if article["title"] in titles]
    report = evaluate(Reader.open(args.reader), articles, args.sample)
    log.info(json.dumps(report))
    if args.out is not None:
        args.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
