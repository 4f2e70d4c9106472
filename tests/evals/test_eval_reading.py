"""Reading SQuAD-format paragraphs, with a reader that looks for shared words."""

from __future__ import annotations

import json
from pathlib import Path

from bot.calibration import Logistic
from evals.load import load_reading
from evals.measure import READING_MEASURES, measured
from evals.reading import ParagraphReader, evaluate
from evals.workspace import Workspace
from tests.fakes import WordReader


def paragraph_reader(reader: WordReader) -> ParagraphReader:
    return ParagraphReader(reader, Logistic(0.0, {"margin": 2.0}))


def test_predictions_probabilities_and_metrics(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    reader = WordReader()
    marks = evaluate(given, lambda: paragraph_reader(reader), 0.5, Workspace(tmp_path / "out", "r"), lambda *_: None)
    predictions = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert predictions == {"s1": "1912", "s2": ""}
    no_answer = json.loads((tmp_path / "out" / "na_prob.json").read_text())
    assert no_answer["s1"] < 0.5 < no_answer["s2"]
    results = measured(marks, READING_MEASURES)
    values = {name: (metric.value, metric.n) for name, metric in results.metrics.items()}
    assert values["exact_match"] == values["f1"] == (1.0, 2)
    assert values["answerable_exact_match"] == (1.0, 1)
    assert values["sentence_contains"] == (1.0, 1)
    assert values["unanswerable_refused"] == values["answerable_answered"] == (1.0, 1)
    assert values["confidence_auroc"] == (1.0, 2)
    assert results.absent == {}


def test_the_sentence_around_the_answer_is_kept(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    evaluate(given, lambda: paragraph_reader(WordReader()), 0.5, Workspace(tmp_path, "r"), lambda *_: None)
    lines = [json.loads(line) for line in (tmp_path / "readings.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["s1", "s2"]
    assert lines[0]["sentence"] == "The bridge was built in 1912."


def test_without_unanswerable_questions_there_is_always_an_answer(squad: Path, tmp_path: Path) -> None:
    loaded = json.loads(squad.read_text())
    del loaded["data"][0]["paragraphs"][0]["qas"][1]
    squad.write_text(json.dumps(loaded))
    given = load_reading(squad)
    out = Workspace(tmp_path / "out", "r")
    marks = evaluate(given, lambda: paragraph_reader(WordReader()), 1.1, out, lambda *_: None)
    assert json.loads((tmp_path / "out" / "predictions.json").read_text()) == {"s1": "1912"}
    assert set(measured(marks, READING_MEASURES).absent) == {
        "status_right",
        "answerable_answered",
        "unanswerable_refused",
        "answered_precision",
        "refused_precision",
        "refused_f1",
        "confidence_auroc",
        "confidence_auprc",
    }


def test_what_was_read_is_not_read_again(squad: Path, tmp_path: Path) -> None:
    given = load_reading(squad)
    first, second = WordReader(), WordReader()
    results = [
        evaluate(given, lambda reader=reader: paragraph_reader(reader), 0.5, Workspace(tmp_path, "r"), lambda *_: None)
        for reader in (first, second)
    ]
    assert (len(first.pairs), len(second.pairs)) == (2, 0)
    assert results[0] == results[1]
