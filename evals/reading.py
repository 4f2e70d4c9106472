"""Measuring the reader alone: each question of a SQuAD-format set over its own paragraph, without an index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from bot.calibration import Logistic, fitted
from evals.metrics import contains, exact_match, status_right, token_f1
from evals.types import Marks, QAExample, ReadingSet
from evals.workspace import Journal, Workspace
from index.passages import sentence_spans

if TYPE_CHECKING:
    from bot.reader.score import Reading
    from bot.settings import Settings

Progress = Callable[[int, int], None]

READ_AT_ONCE = 64
"""Questions read together, so that a paragraph is tokenised once for several; a killed run repeats as many at most."""


class ReadsPairs(Protocol):
    """What reads (question, header, text) triples: a reading for each, in order."""

    def score_pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[Reading]: ...


@dataclass(frozen=True)
class ParagraphReader:
    """A reader, what turns its scores into a confidence, and the language whose sentences it quotes."""

    reader: ReadsPairs
    confidence: Logistic
    language: str = "english"

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """For each (question, paragraph): the short answer, the sentence that it stands in, and how likely it is
        that the paragraph answers. The paragraph is read without a headline, as SQuAD's leaderboard has it."""
        readings = self.reader.score_pairs([(question, "", text) for question, text in pairs])
        return [self._read(text, reading) for (_, text), reading in zip(pairs, readings, strict=True)]

    def _read(self, text: str, reading: Reading) -> dict[str, Any]:
        if not reading.spans:
            return {"prediction": "", "sentence": "", "confidence": 0.0}
        best = reading.spans[0]
        touched = [
            (start, end) for start, end in sentence_spans(text, self.language) if start < best.end and best.start < end
        ]
        return {
            "prediction": text[best.start : best.end],
            "sentence": text[touched[0][0] : touched[-1][1]] if touched else "",
            "confidence": round(self.confidence.probability(paragraph_signals(reading)), 6),
        }


def paragraph_signals(reading: Reading) -> dict[str, float]:
    """The named signals that one paragraph, read alone, answers: `margin` of the best span over there being no
    answer, and the log odds `answerable`."""
    return {"margin": reading.spans[0].score - reading.no_answer, "answerable": reading.answerable}


def build_reader(settings: Settings) -> ParagraphReader:
    """The reader that the project ships. Raises ModelUnavailable."""
    from bot.reader.folder import SHIPPED
    from bot.reader.score import Reader

    return ParagraphReader(Reader.open(SHIPPED), fitted("paragraph"), settings.language)


def read_all(
    given: ReadingSet, build: Callable[[], ParagraphReader], journal: Journal, progress: Progress
) -> dict[str, dict[str, Any]]:
    """Every question's reading by id; those in the journal are not read again, nor the model loaded for them."""
    asked = [(example, paragraph.text) for paragraph in given.paragraphs for example in paragraph.examples]
    left = [(example, text) for example, text in asked if example.id not in journal]
    progress(len(asked) - len(left), len(asked))
    reader = build() if left else None
    for first in range(0, len(left), READ_AT_ONCE):
        assert reader is not None
        some = left[first : first + READ_AT_ONCE]
        readings = reader.read([(example.question, text) for example, text in some])
        for (example, _), reading in zip(some, readings, strict=True):
            journal.add({"id": example.id, **reading})
        progress(len(asked) - len(left) + first + len(some), len(asked))
    return {example.id: journal[example.id] for example, _ in asked}


def predictions(given: ReadingSet, readings: Mapping[str, Mapping[str, Any]], threshold: float) -> dict[str, str]:
    """The official predictions. Where the set has unanswerable questions, too little confidence is no answer: ""."""
    abstains = given.has_unanswerable
    return {
        identifier: "" if abstains and reading["confidence"] < threshold else reading["prediction"]
        for identifier, reading in readings.items()
    }


def marks_of(given: ReadingSet, readings: Mapping[str, Mapping[str, Any]], predicted: Mapping[str, str]) -> list[Marks]:
    """SQuAD's metrics as fractions (0..1), over all questions and over the answerable ones, and abstention."""
    abstains = given.has_unanswerable
    return [
        replace(
            _marks(example, readings[example.id], predicted[example.id], abstains),
            cluster=paragraph.id.rpartition("#")[0],
        )
        for paragraph in given.paragraphs
        for example in paragraph.examples
    ]


def _marks(example: QAExample, reading: Mapping[str, Any], predicted: str, abstains: bool) -> Marks:
    exact, f1 = exact_match(predicted, example.answers), token_f1(predicted, example.answers)
    values = {"exact_match": [exact], "f1": [f1]}
    if example.answerable:
        values |= {"answerable_exact_match": [exact], "answerable_f1": [f1]}
        values["sentence_contains"] = [contains(reading["sentence"], example.answers)]
    if abstains:
        right = status_right("answered" if predicted else "not_found", bool(example.answerable))
        kind = "answerable_answered" if example.answerable else "unanswerable_refused"
        values |= {"status_right": [right], kind: [right]}
    return Marks(example.id, values, reading["confidence"], example.answerable, answered=bool(predicted))


def evaluate(
    given: ReadingSet,
    build: Callable[[], ParagraphReader],
    threshold: float,
    workspace: Workspace,
    progress: Progress,
) -> list[Marks]:
    """Read, write `predictions.json` and `na_prob.json`, mark."""
    with workspace.journal("readings.jsonl") as journal:
        readings = read_all(given, build, journal, progress)
    predicted = predictions(given, readings, threshold)
    workspace.write_json("predictions.json", predicted)
    no_answer = {identifier: round(1.0 - reading["confidence"], 6) for identifier, reading in readings.items()}
    workspace.write_json("na_prob.json", no_answer)
    return marks_of(given, readings, predicted)
