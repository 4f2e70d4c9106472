"""Reading SQuAD-format paragraphs, with a reader that looks for shared words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bot.read import Evidence
from evals.load import load_reading
from evals.reading import ParagraphReader, evaluate
from evals.workspace import Workspace
from index.passages import Span, Splitter, sentences_of
from index.search import ScoredPassage


class WordCounter:
    """Words as word pieces, letters as a vector."""

    max_pieces = 62

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def cut(self, text: str, pieces: int) -> list[Span]:
        return [(0, len(text))]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        counts = np.array([[1.0 + text.lower().count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for text in texts])
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


@dataclass
class WordReader:
    """The sentence that shares most words with the question; with `numbers`, a number in it is the short answer."""

    numbers: bool = False
    calls: int = 0

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Evidence]:
        self.calls += 1
        wanted = set(re.findall(r"\w+", question.lower())) - {"the", "of", "was", "when", "who"}
        found = []
        for each in passages:
            offset = each.passage.start_char_idx or 0
            for start, end in sentences_of(each.passage):
                text = each.passage.text[start - offset : end - offset]
                score = len(wanted & set(re.findall(r"\w+", text.lower()))) / len(wanted)
                number = re.search(r"\d+", text) if self.numbers else None
                span = (start + number.start(), start + number.end()) if number else None
                found.append(Evidence(each, start, end, score, {}, span))
        return sorted(found, key=lambda evidence: -evidence.score)


def paragraph_reader(reader: WordReader) -> ParagraphReader:
    return ParagraphReader(WordCounter(), Splitter(WordCounter(), passage_pieces=6, overlap_pieces=0), reader)


def test_predictions_probabilities_and_metrics(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    reader = WordReader()
    measured = evaluate(given, lambda: paragraph_reader(reader), 0.5, Workspace(tmp_path / "out", "r"), lambda *_: None)
    predictions = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert predictions == {"s1": "The bridge was built in 1912.", "s2": ""}
    assert json.loads((tmp_path / "out" / "na_prob.json").read_text()) == {"s1": 0.0, "s2": 1.0}
    values = {name: (metric.value, metric.n) for name, metric in measured.metrics.items()}
    # s1: tokens "bridge was built in 1912" against "1912": F1 = 2/6; s2: rightly empty
    assert values["exact_match"] == (0.5, 2)
    assert values["f1"] == (pytest.approx((1 / 3 + 1) / 2), 2)
    assert values["answerable_exact_match"] == (0.0, 1)
    assert values["sentence_contains"] == (1.0, 1)
    assert values["unanswerable_refused"] == values["answerable_answered"] == (1.0, 1)
    assert values["confidence_auroc"] == (1.0, 2)
    assert measured.absent == {}


def test_a_short_answer_is_preferred(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    reader = WordReader(numbers=True)
    measured = evaluate(given, lambda: paragraph_reader(reader), 0.5, Workspace(tmp_path, "r"), lambda *_: None)
    assert json.loads((tmp_path / "predictions.json").read_text()) == {"s1": "1912", "s2": ""}
    assert measured.metrics["exact_match"].value == 1.0


def test_without_unanswerable_questions_there_is_always_an_answer(squad: Path, tmp_path: Path) -> None:
    loaded = json.loads(squad.read_text())
    del loaded["data"][0]["paragraphs"][0]["qas"][1]
    squad.write_text(json.dumps(loaded))
    given = load_reading(squad)
    out = Workspace(tmp_path / "out", "r")
    measured = evaluate(given, lambda: paragraph_reader(WordReader()), 1.1, out, lambda *_: None)
    assert json.loads((tmp_path / "out" / "predictions.json").read_text()) == {"s1": "The bridge was built in 1912."}
    assert set(measured.absent) == {
        "status_right",
        "answerable_answered",
        "unanswerable_refused",
        "confidence_auroc",
    }


def test_what_was_read_is_not_read_again(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    first, second = WordReader(), WordReader()
    results = [
        evaluate(given, lambda reader=reader: paragraph_reader(reader), 0.5, Workspace(tmp_path, "r"), lambda *_: None)
        for reader in (first, second)
    ]
    assert (first.calls, second.calls) == (2, 0)
    assert results[0] == results[1]
