"""From single marks to measured results: which names there are, what each says, why one may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

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
)
from evals.followups import CLOSED, FOLLOWUP_MEASURES, gap_closed
from evals.intervals import MIN_CLUSTERS, Cases, Numbers, are_enough, interval, mean
from evals.metrics import ALL_FOUND, RETRIEVAL_MEASURES
from evals.types import Marks, Measured, Metric

Case = tuple[float, bool]
"""A score and whether it should be high: what a statistic is made of."""


def _answerable(marks: Marks) -> Case | None:
    """The confidence, of a question of which the set says whether it can be answered."""
    return None if marks.answerable is None else (marks.confidence, marks.answerable)


def _answer(marks: Marks) -> Case | None:
    """The confidence of an answer that was given and whose gold tells whether it is right."""
    return None if marks.right is None else (marks.confidence, marks.right)


def _status(answering: bool, marks: Marks) -> Case | None:
    """The decision to answer, or that to refuse, and whether that is what the question called for."""
    if marks.answerable is None or marks.answered is None:
        return None
    return float(marks.answered is answering), marks.answerable is answering


@dataclass(frozen=True)
class OfCases:
    """A metric that is no mean of what single questions earned, but a statistic of the cases that they make.

    With `both_kinds`, it is none where the questions that make a case are all of one kind.
    """

    statistic: Statistic
    case: Callable[[Marks], Case | None]
    both_kinds: bool = False
    less_is_better: bool = False

    def table(self, marks: Sequence[Marks]) -> Numbers:
        """A column for each question: the score, the truth and 1 for its case, or zeros where it makes none or where
        the statistic has no meaning."""
        found = [self.case(each) for each in marks]
        if self.both_kinds and len({case[1] for case in found if case}) < 2:
            found = [None] * len(found)
        rows = [(*case, 1.0) if case else (0.0, 0.0, 0.0) for case in found]
        return np.array(rows, np.float64).reshape(-1, 3).T

    def value(self, table: Numbers, chosen: Cases) -> float | None:
        """The statistic of the cases that the chosen questions make."""
        scores, truths, known = table[:, chosen]
        kept = known > 0
        return self.statistic(scores[kept], truths[kept] > 0) if kept.any() else None

    def measured(self, marks: Sequence[Marks]) -> Metric | None:
        """The statistic with its interval, over the questions that make a case."""
        table = self.table(marks)
        known = np.flatnonzero(table[2])
        clusters = clusters_of([marks[int(i)] for i in known])
        return interval(lambda cases: self.value(table, known[cases]), len(known), clusters)


CONFIDENCE_AUROC = "confidence_auroc"
STATISTICS: Mapping[str, OfCases] = {
    CONFIDENCE_AUROC: OfCases(auroc, _answerable),
    "confidence_auprc": OfCases(auprc, _answerable),
    "answered_precision": OfCases(precision, partial(_status, True), both_kinds=True),
    "answered_f1": OfCases(f1_score, partial(_status, True), both_kinds=True),
    "refused_precision": OfCases(precision, partial(_status, False), both_kinds=True),
    "refused_f1": OfCases(f1_score, partial(_status, False), both_kinds=True),
    "calibration_error": OfCases(calibration_error, _answer, less_is_better=True),
    "brier": OfCases(brier, _answer, less_is_better=True),
    "aurc": OfCases(aurc, _answer, less_is_better=True),
    "coverage_at_90": OfCases(coverage_at, _answer),
}


@dataclass(frozen=True)
class Measure:
    """What a metric says, and the reason when a set or a run has nothing that it could be computed from."""

    about: str
    when_absent: str


MIN_TAGGED = 5
"""Questions that a tag must be on to be measured."""

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
            metric = STATISTICS[name].measured(marks)
        elif name == CLOSED:
            metric = gap_closed(marks, clusters)
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


def cluster_notes(marks: Sequence[Marks]) -> list[str]:
    """What intervals can't tell of a set that is about a few articles, in words."""
    clusters = clusters_of(marks)
    if are_enough(clusters) or len(set(clusters)) == len(clusters):
        return []
    return [
        f"the questions are about {len(set(clusters))} articles or dialogues: intervals are those of other questions "
        f"on the same (to know of other articles, ask about {MIN_CLUSTERS} or more)"
    ]


def confidences(judged: Sequence[Marks]) -> tuple[list[float], list[bool]]:
    """The confidence of each, and whether it was right."""
    return [each.confidence for each in judged], [bool(each.right) for each in judged]


def by_tag(marks: Sequence[Marks], measure: Callable[[Sequence[Marks]], Measured]) -> dict[str, Measured]:
    """The same measures over the questions of each tag that has MIN_TAGGED, tags in alphabetical order.

    A dialogue's tag is on two or three questions, and a set may have thousands of these: their intervals would take
    long and say nothing.
    """
    of_tag: dict[str, list[Marks]] = {}
    for each in marks:
        for tag in each.tags:
            of_tag.setdefault(tag, []).append(each)
    return {tag: measure(of_tag[tag]) for tag in sorted(of_tag) if len(of_tag[tag]) >= MIN_TAGGED}
