"""Fits the weights of `bot/calibration.json`: `python -m evals.calibrate --index DIR QUESTIONS.jsonl…`.

DIR holds the articles of the questions (see `evals.convert`). Needs scikit-learn (in the `dev` extra). Nothing that is
reported on may be used here: the data are questions on encyclopedia articles, each asked three times: with the articles
that answer it in reach, with them withheld, and with only those of the passages withheld that hold the answer, so that
what is left is on the very matter; and near misses, which nothing answers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.calibration import FILE, Logistic
from bot.quote import chosen
from bot.read import Reads, answer_signals, find_evidence, header, ranked, span_signals
from bot.reader.folder import SERVED, SHIPPED, description
from bot.reader.score import Reader, Reading
from bot.resolve import resolve
from bot.settings import READ_PASSAGES, Settings
from evals.asking import gold_articles
from evals.load import load_questions
from evals.metrics import Span, token_f1
from evals.progress import tell
from evals.reading import paragraph_signals
from evals.score import GoldArticles
from evals.types import QAExample
from evals.withheld import withholding
from index.library import Index
from index.search import ScoredPassage

RIGHT_F1 = 0.5
"""A span inside a gold sentence is right when it shares so much with a gold answer: "Kyiv" for "in Kyiv"."""


@dataclass(frozen=True)
class Trial:
    """A question with what was found and read for it, and where its gold stands."""

    example: QAExample
    question: str
    gold: dict[str, list[Span]]
    passages: list[ScoredPassage]
    readings: list[Reading]

    def is_right(self, article_id: str, start: int, end: int, text: str) -> bool:
        """Whether a stretch of an article is the answer."""
        inside = any(start < gold[1] and gold[0] < end for gold in self.gold.get(article_id, ()))
        return inside and (not self.example.answers or token_f1(text, self.example.answers) >= RIGHT_F1)

    def span_labels(self) -> list[list[bool]]:
        """For each span of each reading whether it is the answer."""
        labels = []
        for found, reading in zip(self.passages, self.readings, strict=True):
            offset, text = found.passage.start_char_idx or 0, found.passage.text
            labels.append(
                [
                    self.is_right(found.article_id, offset + s.start, offset + s.end, text[s.start : s.end])
                    for s in reading.spans
                ]
            )
        return labels


def trials(index: Index, reader: Reads, examples: Sequence[QAExample]) -> Iterator[Trial]:
    """Three trials for each question that its articles answer, one for any other; each passage is read once.

    A question whose gold stands nowhere in the index is left out, and said so.
    """
    articles = gold_articles(index)
    for number, example in enumerate(examples, start=1):
        gold = _gold(example, articles)
        if example.evidence and not gold:
            print(f"left out {example.id}: its gold quote stands in no article of the index", file=sys.stderr)
            continue
        question = resolve(example.question, example.history).text
        filters = [None, withholding(example, articles)] if example.evidence else [None]
        runs = [index.retriever(k=READ_PASSAGES, filters=each).search(question) for each in filters]
        if gold:
            runs.append([found for found in runs[0] if not _answers(found, example, gold)])
        passages = {found.passage.node_id: found for run in runs for found in run}
        texts = [(header(found), found.passage.text) for found in passages.values()]
        readings = dict(zip(passages, reader.score(question, texts), strict=True))
        for run in runs:
            yield Trial(example, question, gold, run, [readings[found.passage.node_id] for found in run])
        tell(number, len(examples))


def holds(found: ScoredPassage, gold: Mapping[str, Sequence[Span]]) -> bool:
    """Whether the passage holds a gold sentence."""
    first, last = found.passage.start_char_idx or 0, found.passage.end_char_idx or 0
    return any(first <= start and end <= last for start, end in gold.get(found.article_id, ()))


def _answers(found: ScoredPassage, example: QAExample, gold: Mapping[str, Sequence[Span]]) -> bool:
    """Whether the passage may answer: it holds a gold sentence or, be it by chance, the words of a gold answer."""
    text = found.passage.text.casefold()
    return holds(found, gold) or any(answer.casefold() in text for answer in example.answers)


def _gold(example: QAExample, articles: GoldArticles) -> dict[str, list[Span]]:
    gold: dict[str, list[Span]] = {}
    for each in example.evidence:
        for article_id, spans in articles.spans(each).items():
            gold.setdefault(article_id, []).extend(spans)
    return gold


def fit_spans(found: Sequence[Trial]) -> dict[str, Any]:
    """Is this span the answer? Over the questions of which one is."""
    rows: list[dict[str, float]] = []
    labels: list[bool] = []
    for trial in found:
        own = [label for passage in trial.span_labels() for label in passage]
        if any(own):
            rows += [signals for passage in span_signals(trial.passages, trial.readings) for signals in passage]
            labels += own
    return fit(rows, labels)


def fit_answers(found: Sequence[Trial], spans: Logistic) -> dict[str, Any]:
    """Is one of the sentences that would be quoted right? Over all trials."""
    rows, labels = [], []
    for trial in found:
        passages = ranked(trial.passages, trial.readings, spans)
        evidence = find_evidence(trial.question, passages)
        if evidence:
            rows.append(answer_signals(trial.question, passages, evidence))
            labels.append(
                any(
                    trial.is_right(best.passage.article_id, best.answer.start, best.answer.end, best.short_answer)
                    for best, _ in chosen(evidence)
                )
            )
    return with_even_chances(fit(rows, labels))


def fit_paragraphs(found: Sequence[Trial], reader: Reads) -> dict[str, Any]:
    """Does a paragraph, read alone and without its headline, answer?

    Over the first passage found for each question that answers it and the first that does not: for near misses that is
    mostly the very passage that they are about.
    """
    rows, labels = [], []
    asked = {trial.example.id: trial for trial in reversed(found)}  # the first trial: nothing withheld
    for trial in asked.values():
        holding = [each for each in trial.passages if holds(each, trial.gold)]
        lacking = [each for each in trial.passages if not _answers(each, trial.example, trial.gold)]
        taken = [*((each, True) for each in holding[:1]), *((each, False) for each in lacking[:1])]
        readings = reader.score(trial.question, [("", each.passage.text) for each, _ in taken])
        for reading, (_, label) in zip(readings, taken, strict=True):
            if reading.spans:
                rows.append(paragraph_signals(reading))
                labels.append(label)
    return with_even_chances(fit(rows, labels))


def fit(
    rows: Sequence[dict[str, float]], labels: Sequence[bool], weights: Sequence[float] | None = None
) -> dict[str, Any]:
    """A logistic regression as `bot.calibration` keeps it; `weights` say how much each row counts (default: alike)."""
    from sklearn.linear_model import LogisticRegression

    names = sorted(rows[0])
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit([[row[name] for name in names] for row in rows], labels, sample_weight=weights)
    return {
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, model.coef_[0], strict=True)},
        "n": len(rows),
        "positive": int(np.sum(labels)),
    }


def with_even_chances(weights: dict[str, Any]) -> dict[str, Any]:
    """The weights as if half of the cases had been right (prior correction, King and Zeng 2001).

    The fit sees fewer right answers than that, since every question is also asked without its articles; how many of
    a person's questions their articles can answer is not known, so neither side is favoured.
    """
    share = weights["positive"] / weights["n"]
    return {**weights, "intercept": round(weights["intercept"] + math.log((1 - share) / share), 4)}


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m evals.calibrate", description=__doc__)
    options.add_argument("questions", type=Path, nargs="+")
    options.add_argument("--index", type=Path, required=True, help="index of the articles")
    given = options.parse_args()

    index = Index(Settings(index=given.index))
    examples = [example for path in given.questions for example in load_questions(path).examples]
    reader = Reader.open(SHIPPED)
    found = list(trials(index, reader, examples))
    spans = fit_spans(found)
    weights = Logistic(spans["intercept"], spans["weights"])
    fitted = {
        **json.loads(FILE.read_text(encoding="utf-8")),  # what others fitted stays
        "span": spans,
        "answer": fit_answers(found, weights),
        "paragraph": fit_paragraphs(found, reader),
        "reason": "span: is this span the answer, over the spans read for questions of which one is; answer: is one of "
        "the sentences that would be quoted right, each question asked with its articles in reach, with them withheld"
        " and with only what answers of them withheld, and near misses; paragraph: does this paragraph, read "
        "alone, hold the answer. The intercepts of the last two are for even chances. Fitted by "
        "evals/calibrate.py.",
        "reader": description(SHIPPED)["sha256"][SERVED],
        "questions": {
            f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in given.questions
        },
    }
    FILE.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
