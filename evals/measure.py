"""From single marks to measured results: which names there are, what each says, why one may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from evals.confidence import (
    Statistic,
    auprc,
    aurc,
    auroc,
    brier,
    calibration_error,
    coverage_at,
    f1_score,
    precision,
    with_interval,
)
from evals.followups import CLOSED, FOLLOWUP_MEASURES, gap_closed
from evals.intervals import mean
from evals.metrics import ALL_FOUND, RETRIEVAL_MEASURES
from evals.types import Marks, Measured, Metric


def _of_answerable(statistic: Statistic, marks: Sequence[Marks]) -> Metric | None:
    """A statistic of the confidence, over the questions of which the set says whether they can be answered."""
    known = [each for each in marks if each.answerable is not None]
    return with_interval(
        statistic, [each.confidence for each in known], [bool(each.answerable) for each in known], clusters_of(known)
    )


def _of_answers(statistic: Statistic, marks: Sequence[Marks]) -> Metric | None:
    """A statistic of the confidence, over the answers given whose gold tells whether they are right."""
    judged = [each for each in marks if each.right is not None]
    return with_interval(statistic, *confidences(judged), clusters_of(judged))


def _of_status(statistic: Statistic, answering: bool, marks: Sequence[Marks]) -> Metric | None:
    """A statistic of the decision to answer, or of that to refuse; None where there is only one kind of question."""
    known = [each for each in marks if each.answerable is not None and each.answered is not None]
    if len({each.answerable for each in known}) < 2:
        return None
    decisions = [float(each.answered is answering) for each in known]
    return with_interval(statistic, decisions, [each.answerable is answering for each in known], clusters_of(known))


CONFIDENCE_AUROC = "confidence_auroc"
STATISTICS: Mapping[str, Callable[[Sequence[Marks]], Metric | None]] = {
    CONFIDENCE_AUROC: partial(_of_answerable, auroc),
    "confidence_auprc": partial(_of_answerable, auprc),
    "answered_precision": partial(_of_status, precision, True),
    "answered_f1": partial(_of_status, f1_score, True),
    "refused_precision": partial(_of_status, precision, False),
    "refused_f1": partial(_of_status, f1_score, False),
    "calibration_error": partial(_of_answers, calibration_error),
    "brier": partial(_of_answers, brier),
    "aurc": partial(_of_answers, aurc),
    "coverage_at_90": partial(_of_answers, coverage_at),
    CLOSED: lambda marks: gap_closed(marks, clusters_of(marks)),
}
"""Metrics that are no mean of what single questions earned."""


@dataclass(frozen=True)
class Measure:
    """What a metric says, and the reason when a set or a run has nothing that it could be computed from."""

    about: str
    when_absent: str


NO_GOLD_ANSWER = "no question of the set has a gold answer"
NO_ANSWERABLE = "no question of the set is marked answerable"
NO_UNANSWERABLE = "no question of the set is marked unanswerable"
NO_EVIDENCE = "no question of the set names the article that answers it"
NO_JUDGED = "no answer was given to a question whose gold says whether it is right"
NO_QUOTE = "no question of the set has a gold quote that stands in an article of the index"
NO_STATUS = "the set has not both kinds of question, answerable and not, or none was so decided"
NO_CITATION = "no answer has a citation"

NO_FOLLOWUP = "no question of the set has a history, gold articles and a rewrite by a person"

QUESTION_MEASURES: Mapping[str, Measure] = {
    "status_right": Measure(
        "answered where the set has an answer, not_found where it has none",
        "no question of the set says whether it is answerable",
    ),
    "answerable_answered": Measure("answerable questions that were answered", NO_ANSWERABLE),
    "unanswerable_refused": Measure("unanswerable questions with not_found", NO_UNANSWERABLE),
    "contains": Measure("a gold answer stands in the answer's text; not_found counts as no", NO_GOLD_ANSWER),
    "exact_match": Measure(
        "the short answer is a gold answer (SQuAD's normal form); none given counts as no", NO_GOLD_ANSWER
    ),
    "f1": Measure("token F1 of the short answer, else of the answer's text, best of the golds", NO_GOLD_ANSWER),
    "article_cited": Measure("a gold article is cited; not_found counts as no", NO_EVIDENCE),
    "all_articles_cited": Measure(
        "of questions with gold quotes in several articles: each of these, or a copy of it, is cited",
        "no question of the set has gold quotes in several articles",
    ),
    "evidence_cited": Measure("a citation overlaps a gold quote; not_found counts as no", NO_QUOTE),
    "evidence_recall": Measure("share of a question's gold quotes that a citation overlaps", NO_QUOTE),
    "quote_exact": Measure("citations whose quote is the article's text at its place", NO_CITATION),
    "citation_recall": Measure(
        "share of the gold quotes' characters that is cited; not_found counts as none", NO_QUOTE
    ),
    "citation_precision": Measure("share of the cited characters that is in a gold quote", NO_QUOTE),
    "sentence_cited": Measure("sentences that cite anything", "no answer has a sentence"),
    "number_known": Measure("citation numbers that a citation has", NO_CITATION),
    "answered_precision": Measure("of the questions answered, those that can be; the recall is above", NO_STATUS),
    "answered_f1": Measure("harmonic mean of precision and recall of answering", NO_STATUS),
    "refused_precision": Measure("of the questions refused, those that can't be answered", NO_STATUS),
    "refused_f1": Measure("harmonic mean of precision and recall of refusing", NO_STATUS),
    CONFIDENCE_AUROC: Measure(
        "an answerable question has more confidence than an unanswerable one",
        "the set has not both answerable and unanswerable questions",
    ),
    "confidence_auprc": Measure(
        "average precision of the confidence for answerable questions; by chance: their share",
        "the set has not both answerable and unanswerable questions",
    ),
    "calibration_error": Measure(
        "expected calibration error of the answers given, ten bins; right: with a gold answer, else a gold quote",
        NO_JUDGED,
    ),
    "brier": Measure("mean squared distance of the confidence and whether the answer given is right", NO_JUDGED),
    "aurc": Measure("mean share wrong, were only the surest of the answers given; lower is better", NO_JUDGED),
    "coverage_at_90": Measure(
        "largest share of the answers given, the surest first, of which 90 % are right", NO_JUDGED
    ),
    **{name: Measure(about, NO_FOLLOWUP) for name, about in FOLLOWUP_MEASURES.items()},
    CLOSED: Measure(
        "share of the way from the follow-up as typed to a person's rewrite (RR@10) that resolving it goes",
        "the set has no follow-ups with a rewrite by a person, or the rewrite finds no more than the question as typed",
    ),
}

READING_MEASURES: Mapping[str, Measure] = {
    "exact_match": Measure("the prediction is a gold answer (SQuAD's normal form)", "the set has no questions"),
    "f1": Measure("token F1 of the prediction, best of the gold answers", "the set has no questions"),
    "answerable_exact_match": Measure("exact_match of the answerable questions", NO_ANSWERABLE),
    "answerable_f1": Measure("f1 of the answerable questions", NO_ANSWERABLE),
    "sentence_contains": Measure("a gold answer stands in the best sentence, predicted or not", NO_ANSWERABLE),
    "status_right": Measure("answered or not as the set has it", NO_UNANSWERABLE),
    "answerable_answered": Measure("answerable questions that were answered", NO_UNANSWERABLE),
    "unanswerable_refused": Measure("unanswerable questions without an answer", NO_UNANSWERABLE),
    "answered_precision": Measure("of the questions answered, those that can be", NO_UNANSWERABLE),
    "refused_precision": Measure("of the questions without an answer, those that have none", NO_UNANSWERABLE),
    "refused_f1": Measure("harmonic mean of precision and recall of giving no answer", NO_UNANSWERABLE),
    CONFIDENCE_AUROC: Measure("an answerable question has more confidence than an unanswerable one", NO_UNANSWERABLE),
    "confidence_auprc": Measure("average precision of the confidence for answerable questions", NO_UNANSWERABLE),
}


SEARCH_MEASURES: Mapping[str, Measure] = {
    **{
        name: Measure("as ir-measures has it; a query without results counts as zero", "the set has no queries")
        for name in RETRIEVAL_MEASURES
    },
    ALL_FOUND: Measure(
        "every relevant article is among the first ten, of queries with two to ten of them",
        "no query of the set has two to ten relevant articles",
    ),
}


def measured(
    marks: Sequence[Marks], measures: Mapping[str, Measure], reasons: Mapping[str, str] | None = None
) -> Measured:
    """The mean of each measure over these questions; `reasons` overrules why one is absent."""
    reasons = reasons or {}
    metrics, absent = {}, {}
    clusters = clusters_of(marks)
    for name, measure in measures.items():
        if name in STATISTICS:
            metric = STATISTICS[name](marks)
        else:
            pairs = [
                (value, cluster)
                for each, cluster in zip(marks, clusters, strict=True)
                for value in each.values.get(name, ())
            ]
            metric = mean([value for value, _ in pairs], [cluster for _, cluster in pairs]) if pairs else None
        if metric is None:
            absent[name] = reasons.get(name, measure.when_absent)
        else:
            metrics[name] = metric
    return Measured(metrics, absent)


def clusters_of(marks: Sequence[Marks]) -> list[str]:
    """The cluster of each, its own id where it has none."""
    return [each.cluster or each.id for each in marks]


def confidences(judged: Sequence[Marks]) -> tuple[list[float], list[bool]]:
    """The confidence of each, and whether it was right."""
    return [each.confidence for each in judged], [bool(each.right) for each in judged]


def by_tag(marks: Sequence[Marks], measure: Callable[[Sequence[Marks]], Measured]) -> dict[str, Measured]:
    """The same measures over the questions of each tag, tags in alphabetical order."""
    tags = sorted({tag for each in marks for tag in each.tags})
    return {tag: measure([each for each in marks if tag in each.tags]) for tag in tags}
