"""Measuring the reader alone: each question of a SQuAD-format set over its own paragraph, without an index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from evals.measure import READING_MEASURES, Marks, measured
from evals.metrics import contains, exact_match, status_right, token_f1
from evals.types import Measured, Paragraph, QAExample, ReadingSet
from evals.workspace import Journal, Workspace
from index.passages import searched_text
from index.search import ScoredPassage
from index.types import Article

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from bot.read import Evidence, EvidenceReader
    from bot.settings import Settings

Progress = Callable[[int, int], None]


class TextEmbedder(Protocol):
    """Unit-length vectors of texts, one row each."""

    def embed(self, texts: Sequence[str]) -> np.ndarray: ...


class ArticleSplitter(Protocol):
    """Cuts an article into passages."""

    def split(self, article: Article, rev: int) -> list[TextNode]: ...


@dataclass(frozen=True)
class ParagraphReader:
    """A reader and what turns a paragraph into the passages that it reads."""

    embedder: TextEmbedder
    splitter: ArticleSplitter
    reader: EvidenceReader

    def passages(self, paragraph: Paragraph) -> list[ScoredPassage]:
        """The paragraph's passages, with embeddings and not scored yet. They carry no title, as in SQuAD."""
        nodes = self.splitter.split(Article(paragraph.id, "", paragraph.text), rev=0)
        vectors = self.embedder.embed([searched_text(node) for node in nodes]) if nodes else ()
        for node, vector in zip(nodes, vectors, strict=True):
            node.embedding = [float(value) for value in vector]
        return [ScoredPassage(node=node, score=0.0, scores={"dense": 0.0, "text": 0.0}) for node in nodes]

    def read(self, question: str, passages: Sequence[ScoredPassage], text: str) -> dict[str, Any]:
        """The best sentence of all passages, the short answer in it (or the sentence again), the confidence.

        With no index there is no full-text score: passages have the cosine alone, scaled to 0..1.
        """
        if not passages:
            return {"prediction": "", "sentence": "", "confidence": 0.0}
        asked = self.embedder.embed([question])[0]
        scored = [_scored(found, float(np.dot(asked, found.passage.embedding or ()))) for found in passages]
        evidence = self.reader.read(question, sorted(scored, key=lambda found: -(found.score or 0.0)))
        if not evidence:
            return {"prediction": "", "sentence": "", "confidence": 0.0}
        best: Evidence = evidence[0]
        start, end = best.answer or (best.start, best.end)
        return {
            "prediction": text[start:end],
            "sentence": text[best.start : best.end],
            "confidence": round(float(best.score), 6),
        }


def _scored(found: ScoredPassage, cosine: float) -> ScoredPassage:
    return ScoredPassage(node=found.passage, score=(1 + cosine) / 2, scores={"dense": cosine, "text": 0.0})


def build_reader(settings: Settings) -> ParagraphReader:
    """The bot's reader with the embedder and splitter of the settings. Raises ModelUnavailable."""
    from bot.build import build_reader as build_evidence_reader
    from index.embed import Embedder
    from index.passages import Splitter

    embedder = Embedder.load(settings)
    return ParagraphReader(embedder, Splitter(embedder, settings.language), build_evidence_reader(embedder))


def read_all(
    given: ReadingSet, build: Callable[[], ParagraphReader], journal: Journal, progress: Progress
) -> dict[str, dict[str, Any]]:
    """Every question's reading by id; those in the journal are not read again, nor the model loaded for them."""
    total = len(given.examples)
    reader: ParagraphReader | None = None
    done = 0
    for paragraph in given.paragraphs:
        passages: list[ScoredPassage] | None = None
        for example in paragraph.examples:
            if example.id not in journal:
                reader = reader or build()
                passages = reader.passages(paragraph) if passages is None else passages
                journal.add({"id": example.id, **reader.read(example.question, passages, paragraph.text)})
            done += 1
            progress(done, total)
    return {example.id: journal[example.id] for example in given.examples}


def predictions(given: ReadingSet, readings: Mapping[str, Mapping[str, Any]], threshold: float) -> dict[str, str]:
    """The official predictions. Where the set has unanswerable questions, too little confidence is no answer: ""."""
    abstains = given.has_unanswerable
    return {
        identifier: "" if abstains and reading["confidence"] < threshold else reading["prediction"]
        for identifier, reading in readings.items()
    }


def measure(given: ReadingSet, readings: Mapping[str, Mapping[str, Any]], predicted: Mapping[str, str]) -> Measured:
    """SQuAD's metrics as fractions (0..1), over all questions and over the answerable ones, and abstention."""
    abstains = given.has_unanswerable
    marks = [_marks(example, readings[example.id], predicted[example.id], abstains) for example in given.examples]
    return measured(marks, READING_MEASURES)


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
    return Marks(example.id, values, reading["confidence"], example.answerable)


def evaluate(
    given: ReadingSet,
    build: Callable[[], ParagraphReader],
    threshold: float,
    workspace: Workspace,
    progress: Progress,
) -> Measured:
    """Read, write `predictions.json` and `na_prob.json`, measure."""
    with workspace.journal("readings.jsonl") as journal:
        readings = read_all(given, build, journal, progress)
    predicted = predictions(given, readings, threshold)
    workspace.write_json("predictions.json", predicted)
    no_answer = {identifier: round(1.0 - reading["confidence"], 6) for identifier, reading in readings.items()}
    workspace.write_json("na_prob.json", no_answer)
    return measure(given, readings, predicted)
