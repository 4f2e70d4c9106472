"""From single marks to measured results: which names there are, what each says, why one may be absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.metrics import auroc_metric, mean
from evals.types import Measured

CONFIDENCE_AUROC = "confidence_auroc"


@dataclass(frozen=True)
class Measure:
    """What a metric says, and the reason when a set or a run has nothing that it could be computed from."""

    about: str
    when_absent: str


NO_GOLD_ANSWER = "no question of the set has a gold answer"
NO_ANSWERABLE = "no question of the set is marked answerable"
NO_UNANSWERABLE = "no question of the set is marked unanswerable"
NO_EVIDENCE = "no question of the set names the article that answers it"
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


@dataclass(frozen=True)
class Marks:
    """What one question earned: by metric name the values that go into its mean (one per citation for quotes).

    `answerable` is None where the set does not say; the question is then left out of the confidence's AUROC.
    """

    id: str
    values: Mapping[str, Sequence[float]]
    confidence: float = 0.0
    answerable: bool | None = None
    tags: Sequence[str] = field(default=())


def measured(
    marks: Sequence[Marks], measures: Mapping[str, Measure], reasons: Mapping[str, str] | None = None
) -> Measured:
    """The mean of each measure over these questions; `reasons` overrules why one is absent."""
    reasons = reasons or {}
    metrics, absent = {}, {}
    for name, measure in measures.items():
        if name == CONFIDENCE_AUROC:
            known = [each for each in marks if each.answerable is not None]
            metric = auroc_metric([m.confidence for m in known], [bool(m.answerable) for m in known])
        else:
            values = [value for each in marks for value in each.values.get(name, ())]
            metric = mean(values) if values else None
        if metric is None:
            absent[name] = reasons.get(name, measure.when_absent)
        else:
            metrics[name] = metric
    return Measured(metrics, absent)


def by_tag(marks: Sequence[Marks], measure: Callable[[Sequence[Marks]], Measured]) -> dict[str, Measured]:
    """The same measures over the questions of each tag, tags in alphabetical order."""
    tags = sorted({tag for each in marks for tag in each.tags})
    return {tag: measure([each for each in marks if tag in each.tags]) for tag in tags}
