"""Can the bot tell what its articles don't hold? Each question is asked with its articles and with them withheld.

`python -m evals.withheld --index DIR QUESTIONS.jsonl…` prints how well the confidence tells the two apart, how often
the answer stands in the first sentence quoted and in the first three, how well the confidence is calibrated, and how
long answers took. Every question is answered here, whatever its confidence; the threshold is applied afterwards.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from llama_index.core.vector_stores.types import FilterOperator, MetadataFilter, MetadataFilters

from bot.build import build_bot
from bot.settings import Settings
from evals.asking import gold_articles
from evals.confidence import auroc, calibration_error, with_interval
from evals.intervals import mean
from evals.load import load_questions
from evals.metrics import contains
from evals.provenance import peak_memory_mb
from evals.score import GoldArticles
from evals.types import Metric, QAExample
from index.errors import UsageError
from index.library import Index

if TYPE_CHECKING:
    from bot.pipeline import Bot
    from bot.types import Answer


@dataclass(frozen=True)
class Trial:
    """A question's answers with its articles in reach and without them; `without` is None where the index holds none of
    them, so that none could be withheld."""

    example: QAExample
    with_articles: Answer
    without: Answer | None


def withholding(example: QAExample, articles: GoldArticles) -> MetadataFilters | None:
    """A filter that keeps the question's gold articles out of the search; None where the index holds none of them."""
    ids = dict.fromkeys(i for each in example.evidence for i in articles.ids(each.article_id))
    left_out = [MetadataFilter(key="article_id", value=each, operator=FilterOperator.NE) for each in ids]
    return MetadataFilters(filters=left_out) if left_out else None  # an empty filter would let everything through


def trials(bot: Bot, examples: Sequence[QAExample]) -> Iterator[Trial]:
    """Asks every question that has gold answers and names its articles twice."""
    articles = gold_articles(bot.index)
    for example in examples:
        if example.evidence and example.answers:
            without = withholding(example, articles)
            yield Trial(
                example,
                bot.ask(example.question, history=example.history, today=example.asked_on),
                bot.ask(example.question, history=example.history, filters=without, today=example.asked_on)
                if without
                else None,
            )


def measure(found: Sequence[Trial], threshold: float) -> dict[str, Metric]:
    """The metrics by name. An answer is right when a gold answer stands in its quoted sentences, whichever article they
    are of: other articles on an event may well tell the same, so a question is not sure to be unanswerable without its
    own."""
    paired = [(trial, trial.without) for trial in found if trial.without]
    articles, of_paired = [_article(trial) for trial in found], [_article(trial) for trial, _ in paired]
    first = [_holds(trial.with_articles, trial.example, 1) for trial in found]
    three = [_holds(trial.with_articles, trial.example) for trial in found]
    elsewhere = [_holds(without, trial.example) for trial, without in paired]
    both = [trial.with_articles for trial, _ in paired] + [without for _, without in paired]
    confidences = [answer.confidence for answer in both]
    right = [bool(_holds(trial.with_articles, trial.example)) for trial, _ in paired] + [bool(v) for v in elsewhere]
    measured: dict[str, Metric | None] = {
        "answer in the first sentence": mean(first, articles),
        "answer in the sentences quoted": mean(three, articles),
        "short answer holds it": mean(
            [contains(trial.with_articles.short_answer or "", trial.example.answers) for trial in found], articles
        ),
    }
    if paired:
        clusters, kinds = of_paired * 2, [True] * len(paired) + [False] * len(paired)
        within = [float(trial.with_articles.confidence >= threshold) for trial, _ in paired]
        refused = [float(without.confidence < threshold) for _, without in paired]
        measured |= {
            "answer in the sentences quoted of other articles": mean(elsewhere, of_paired),
            "AUROC of the confidence": with_interval(auroc, confidences, kinds, clusters),
            "AUROC for a right answer": with_interval(auroc, confidences, right, clusters),
            "answered with the articles": mean(within, of_paired),
            "refused without them": mean(refused, of_paired),
            "calibration error of all": with_interval(calibration_error, confidences, right, clusters),
        }
    given = [case for case in zip(confidences, right, of_paired * 2, strict=True) if case[0] >= threshold]
    if given:
        sure, true, of = [c for c, _, _ in given], [r for _, r, _ in given], [a for _, _, a in given]
        measured["right, of the answers given"] = mean([float(value) for value in true], of)
        measured["calibration error of the answers given"] = with_interval(calibration_error, sure, true, of)
    return {name: metric for name, metric in measured.items() if metric is not None}


def _article(trial: Trial) -> str:
    return trial.example.evidence[0].article_id


def _holds(answer: Answer, example: QAExample, sentences: int | None = None) -> float:
    return contains(" ".join(sentence.text for sentence in answer.sentences[:sentences]), example.answers)


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.withheld", description=__doc__)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="write every answer to this file, as `footnote ask --json` prints it")
    args = parser.parse_args(given)
    settings = Settings(index=args.index)
    index = Index(settings)
    bot = build_bot(settings.model_copy(update={"threshold": 0.0}), index)
    bot.ask("Is it warm?")
    if args.out is not None:
        args.out.write_text("", encoding="utf-8")
    for path in args.questions:
        found = list(trials(bot, load_questions(path).examples))
        if not found:
            raise UsageError(f"{path} has no question with gold answers that names the articles they stand in")
        times = [trial.with_articles.timings_ms["total"] for trial in found]
        p50, p95 = np.percentile(times, [50, 95])
        print(
            f"{path}: {len(found)} questions with their articles and without, {index.store.count()} passages; ", end=""
        )
        print(f"an answer took p50 {p50:.0f} ms, p95 {p95:.0f} ms; {peak_memory_mb():.0f} MB of memory at most")
        if alone := sum(trial.without is None for trial in found):
            print(
                f"{alone} of them name articles that the index lacks: only how often the answer is quoted counts them"
            )
        for name, metric in measure(found, settings.threshold).items():
            print(f"{name}: {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})")
        if args.out is not None:
            answers = [each for trial in found for each in (trial.with_articles, trial.without) if each]
            with args.out.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(answer.to_json(), ensure_ascii=False) + "\n" for answer in answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
