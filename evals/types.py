"""The nouns of evaluation: examples with their gold, the three kinds of set, and measured results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

Kind = Literal["retrieval", "reading", "questions"]
"""What a set measures: search alone (BEIR folder), the reader alone (SQuAD format), the whole bot (questions)."""


@dataclass(frozen=True)
class Evidence:
    """Where the gold answer stands: an article, by its id or the end of its path, and its words if known."""

    article_id: str
    quote: str | None = None


@dataclass(frozen=True)
class QAExample:
    """One question with what is known of its right answer.

    `answers` are equally good; `answerable` is None where the set does not say. `history` holds the earlier
    (question, answer) turns of the dialogue, oldest first, and `rewrite` what a person would ask out of the blue
    instead. `asked_on` is the day from which its "last week" is counted.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    evidence: tuple[Evidence, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    rewrite: str | None = None
    asked_on: date | None = None


@dataclass(frozen=True)
class RetrievalSet:
    """A BEIR folder: `queries` (id to text) and `qrels` (query id to article id to relevance), as in the files.

    Only queries with at least one relevant article are in it; `notes` says what was left out.
    """

    corpus: Path
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A SQuAD paragraph with its questions. `id` is `TITLE#NUMBER`, unique in its file."""

    id: str
    text: str
    examples: tuple[QAExample, ...]


@dataclass(frozen=True)
class ReadingSet:
    """A file in SQuAD's format."""

    paragraphs: tuple[Paragraph, ...]

    @property
    def examples(self) -> list[QAExample]:
        """All questions, in the order of the file."""
        return [example for paragraph in self.paragraphs for example in paragraph.examples]

    @property
    def has_unanswerable(self) -> bool:
        """Whether a reader may abstain, as in SQuAD 2.0; in version 1.1 every question has an answer."""
        return any(example.answerable is False for example in self.examples)


@dataclass(frozen=True)
class QuestionSet:
    """Questions for the whole bot, in the order of the file."""

    examples: tuple[QAExample, ...]


@dataclass(frozen=True)
class Metric:
    """A mean over `n` cases with its 95 % interval, `low` to `high`."""

    value: float
    n: int
    low: float
    high: float

    def to_json(self) -> dict[str, float | int]:
        return {
            "value": round(self.value, 6),
            "n": self.n,
            "low": round(self.low, 6),
            "high": round(self.high, 6),
        }


@dataclass(frozen=True)
class Measured:
    """Metrics by name, and for each that can't be computed the reason why."""

    metrics: Mapping[str, Metric]
    absent: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "metrics": {name: metric.to_json() for name, metric in self.metrics.items()},
            "absent": dict(self.absent),
        }


@dataclass(frozen=True)
class Marks:
    """What one question earned: by metric name the values that go into its mean (one per citation for quotes).

    `answerable` is None where the set does not say; the question is then left out of the confidence's AUROC. `right`
    is whether the answer given is right; None where none was given or the gold does not tell. `answered` is False
    where the bot said that there is no answer, None where that can't be (a search, say). Questions of one `cluster`
    (an article, a dialogue) are drawn together when intervals are made, for they are not independent.
    """

    id: str
    values: Mapping[str, Sequence[float]]
    confidence: float = 0.0
    answerable: bool | None = None
    tags: Sequence[str] = field(default=())
    right: bool | None = None
    cluster: str = ""
    answered: bool | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "values": {name: list(values) for name, values in self.values.items()},
            "confidence": self.confidence,
            "answerable": self.answerable,
            "tags": list(self.tags),
            "right": self.right,
            "cluster": self.cluster,
            "answered": self.answered,
        }


@dataclass(frozen=True)
class Judged:
    """What a language model, `by` its name, made of the answers: an opinion, kept apart from what is measured.

    Of all `answers` given, `errors` counts those that it failed at (`first_error` in words), `unclear` those on which
    it said neither yes nor no, `not_asked` those that it was given up before. `unfaithful` has its reasons by question.
    """

    measured: Measured
    by: str = ""
    answers: int = 0
    errors: int = 0
    unclear: int = 0
    not_asked: int = 0
    first_error: str = ""
    unfaithful: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.measured.to_json(),
            "by": self.by,
            "answers": self.answers,
            "errors": self.errors,
            "unclear": self.unclear,
            "not_asked": self.not_asked,
            "first_error": self.first_error,
            "unfaithful": dict(self.unfaithful),
        }


@dataclass(frozen=True)
class EvalResult:
    """What a run came to; its JSON form is `metrics.json`, that of its `marks` `marks.jsonl`, and that of its `gold`,
    which is what each question asked and what would have been right, `gold.jsonl`.

    `questions` counts those of the set. `risk_coverage` is over the answers given, as `evals.confidence` says.
    `timings_ms` has percentiles by stage, `resources` the start-up time, the most memory and the machine's speed;
    nothing else differs from run to run. `judged` is None unless it was asked for. `made_by` says what produced it:
    versions, settings, hashes, machine, the index's recipe.
    """

    kind: Kind
    questions: int
    measured: Measured
    by_tag: Mapping[str, Measured] = field(default_factory=dict)
    notes: Sequence[str] = ()
    risk_coverage: Sequence[tuple[float, float, float]] = ()
    timings_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    resources: Mapping[str, float] = field(default_factory=dict)
    made_by: Mapping[str, Any] = field(default_factory=dict)
    marks: Sequence[Marks] = ()
    gold: Sequence[Mapping[str, Any]] = ()
    judged: Judged | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "questions": self.questions,
            **self.measured.to_json(),
            "by_tag": {tag: measured.to_json() for tag, measured in self.by_tag.items()},
            "notes": list(self.notes),
            **({"judged": self.judged.to_json()} if self.judged else {}),
            "risk_coverage": [
                {"coverage": coverage, "risk": round(risk, 6), "confidence": round(confidence, 6)}
                for coverage, risk, confidence in self.risk_coverage
            ],
            "timings_ms": {
                stage: {name: round(ms, 1) for name, ms in of_stage.items()}
                for stage, of_stage in self.timings_ms.items()
            },
            "resources": {name: round(value) for name, value in self.resources.items()},
            "made_by": dict(self.made_by),
        }
