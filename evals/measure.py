"""From single marks to measured results: which names there are, what each says, why one may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evals.confidence import aurc, auroc, brier, calibration_error, coverage_at, with_interval
from evals.intervals import mean
from evals.metrics import RETRIEVAL_MEASURES
from evals.types import Marks, Measured

CONFIDENCE_AUROC = "confidence_auroc"
OF_ANSWERS = {
    "calibration_error": calibration_error,
    "brier": brier,
    "aurc": aurc,
    "coverage_at_90": coverage_at,
}
"""Statistics of the confidence over the answers given whose gold tells whether they are right."""


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
    "evidence_cited": Measure("a citation overlaps a gold quote; not_found counts as no", NO_QUOTE),
    "evidence_recall": Measure("share of a question's gold quotes that a citation overlaps", NO_QUOTE),
    "quote_exact": Measure("citations whose quote is the article's text at its place", "no answer has a citation"),
    CONFIDENCE_AUROC: Measure(
        "an answerable question has more confidence than an unanswerable one",
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
    CONFIDENCE_AUROC: Measure("an answerable question has more confidence than an unanswerable one", NO_UNANSWERABLE),
}


SEARCH_MEASURES: Mapping[str, Measure] = {
    name: Measure("as ir-measures has it; a query without results counts as zero", "the set has no queries")
    for name in RETRIEVAL_MEASURES
}


def measured(
    marks: Sequence[Marks], measures: Mapping[str, Measure], reasons: Mapping[str, str] | None = None
) -> Measured:
    """The mean of each measure over these questions; `reasons` overrules why one is absent."""
    reasons = reasons or {}
    metrics, absent = {}, {}
    clusters = clusters_of(marks)
    for name, measure in measures.items():
        if name == CONFIDENCE_AUROC:
            known = [each for each in marks if each.answerable is not None]
            answerable = [bool(each.answerable) for each in known]
            metric = with_interval(auroc, [each.confidence for each in known], answerable, clusters_of(known))
        elif name in OF_ANSWERS:
            judged = [each for each in marks if each.right is not None]
            metric = with_interval(OF_ANSWERS[name], *confidences(judged), clusters_of(judged))
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
