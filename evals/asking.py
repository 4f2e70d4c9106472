"""Measuring the whole bot: every question of a set asked over an index, its answers scored against gold."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from evals import followups
from evals.confidence import risk_coverage
from evals.measure import QUESTION_MEASURES, by_tag, cluster_notes, confidences, measured
from evals.provenance import matrix_gflops, peak_memory_mb
from evals.score import GoldArticles, gold_notes, score_answer
from evals.types import EvalResult, Marks, Measured, QAExample, QuestionSet
from evals.workspace import Journal, Workspace
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.types import Answer
    from index.library import Index
    from index.search import ScoredPassage

NO_SHORT_ANSWERS = "a language model writes the answers: they have no short answer"
WARM_UP = "Is it warm?"
"""Asked before anything is timed: the first search opens the index's tables and loads the embedding model."""

PERCENTILES = (50, 95, 99)

Progress = Callable[[int, int], None]


class Asked(Protocol):
    """The part of a bot that is measured."""

    def ask(self, question: str, *, history: Sequence[tuple[str, str]] = (), today: date | None = None) -> Answer: ...

    def search(self, question: str, *, k: int | None = None) -> Sequence[ScoredPassage]: ...


def ask_all(
    examples: Sequence[QAExample], build: Callable[[], Asked], journal: Journal, progress: Progress, today: date
) -> dict[str, dict[str, Any]]:
    """Every question's answer (as `ask --json`, with the id) by id; those in the journal are not asked again.

    A question is asked as if on the day that the set gives for it, else as if on `today`.

    Raises UsageError for a question that the bot won't take, and, once all are asked, where a language model that was
    to write the answers failed: what it did not write is not in the journal, and its figures would be those of the
    quotes that stood in for it.
    """
    bot: Asked | None = None
    failed: dict[str, str] = {}
    for done, example in enumerate(examples, start=1):
        if example.id not in journal:
            bot = bot or build()
            try:
                answer = bot.ask(example.question, history=example.history, today=example.asked_on or today)
            except UsageError as error:
                raise UsageError(f"question {example.id} of the set: {error}") from error
            if answer.model_failed:
                failed[example.id] = answer.notice
            else:
                journal.add({"id": example.id, **answer.to_json()})
        progress(done, len(examples))
    if failed:
        identifier, why = next(iter(failed.items()))
        raise UsageError(
            f"the language model failed at {len(failed)} of {len(examples)} questions (first {identifier}: {why}): see "
            "that it runs, and give the same command again, which asks only these"
        )
    return {example.id: journal[example.id] for example in examples}


def gold_articles(index: Index) -> GoldArticles:
    """The index's articles, for looking up what a set's evidence names."""

    def text_of(article_id: str) -> str | None:
        article = index.article(article_id)
        return article.text if article else None

    return GoldArticles(((each.id, each.origin) for each in index.articles()), text_of)


def measure(
    examples: Sequence[QAExample],
    answers: Mapping[str, Mapping[str, Any]],
    articles: GoldArticles,
    searched: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    by_model: bool = False,
) -> EvalResult:
    """All metrics over the set and over each tag; notes on gold that can't be found; the time that stages took.

    `searched` has what `followups.search_all` found; with `by_model` a language model was to write the answers.
    """
    marks = [score_answer(example, answers[example.id], articles) for example in examples]
    marks = [replace(each, values={**each.values, **searched.get(each.id, {})}) for each in marks]
    reasons = {}
    if by_model:
        if any("exact_match" in each.values for each in marks):
            reasons["exact_match"] = NO_SHORT_ANSWERS
        marks = [
            replace(each, values={name: values for name, values in each.values.items() if name != "exact_match"})
            for each in marks
        ]

    def over(chosen: Sequence[Marks]) -> Measured:
        return measured(chosen, QUESTION_MEASURES, reasons)

    return EvalResult(
        kind="questions",
        questions=len(examples),
        measured=over(marks),
        by_tag=by_tag(marks, over),
        notes=[*gold_notes(examples, articles), *cluster_notes(marks)],
        risk_coverage=risk_coverage(*confidences([each for each in marks if each.right is not None])),
        timings_ms=percentiles([answer["timings_ms"] for answer in answers.values()]),
        marks=marks,
    )


def percentiles(timings_ms: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """By stage the percentiles of what it took, over the answers that went through it."""
    stages = dict.fromkeys(stage for each in timings_ms for stage in each)
    found = {}
    for stage in stages:
        taken = [each[stage] for each in timings_ms if stage in each]
        found[stage] = {f"p{share}": float(np.percentile(taken, share)) for share in PERCENTILES}
    return found


def evaluate(
    given: QuestionSet,
    index: Index,
    build: Callable[[], Asked],
    workspace: Workspace,
    progress: Progress,
    *,
    by_model: bool = False,
) -> EvalResult:
    """Ask, keeping `answers.jsonl`, search for the follow-ups' other forms, keeping `followups.jsonl`, and measure."""
    built: list[Asked] = []
    resources: dict[str, float] = {}

    def once() -> Asked:
        if not built:
            began = time.perf_counter()
            built.append(build())
            built[0].search(WARM_UP)
            resources["start_up_ms"] = (time.perf_counter() - began) * 1000
        return built[0]

    with workspace.journal("answers.jsonl") as journal:
        answers = ask_all(given.examples, once, journal, progress, workspace.day)
    articles = gold_articles(index)

    def search(question: str, k: int) -> Sequence[ScoredPassage]:
        return once().search(question, k=k)

    with workspace.journal("followups.jsonl") as journal:
        searched = followups.search_all(given.examples, answers, search, articles, journal)
    result = measure(given.examples, answers, articles, searched, by_model=by_model)
    resources |= {"peak_memory_mb": peak_memory_mb(), "matrix_gflops": matrix_gflops()}
    return replace(result, resources=resources)
