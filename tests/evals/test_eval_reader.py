"""Measuring the reader alone: written questions against near misses; the reader counts words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from bot.reader.score import Reader
from bot.reader.sources import sha256_text
from evals.reader import load_held_out_written, written_told
from tests.fakes import WordReader


def test_written_questions_that_training_holds_out_are_told_from_near_misses(tmp_path: Path) -> None:
    titles = [f"Mill{chr(97 + number)}" for number in range(20)]
    contexts = [f"The bridge of {title} was opened in {1900 + number}." for number, title in enumerate(titles)]
    data = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": text,
                    "qas": [{"question": "When?", "answers": [{"text": "19", "answer_start": text.index("19")}]}],
                }
            ],
        }
        for title, text in zip(titles, contexts, strict=True)
    ]
    squad, path = tmp_path / "squad.json", tmp_path / "written.jsonl"
    squad.write_text(json.dumps({"data": data}), encoding="utf-8")
    records: list[dict[str, Any]] = [
        {
            "paragraph": sha256_text(text),
            "questions": [
                {"question": f"When was the bridge of {title} opened?", "answer": [len(text) - 5, len(text) - 1]},
                {"question": "Who paid the tall engineer?"},
            ],
        }
        for title, text in zip(titles, contexts, strict=True)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    _, _, questions = load_held_out_written(squad, path)
    assert [question.answerable for question in questions] == [True, False] * 2  # of two of the twenty articles
    f1, answerable, *_, missed = written_told(cast(Reader, WordReader()), *load_held_out_written(squad, path))
    assert f1.strip().startswith("F1: 1.0000")
    assert answerable.strip().startswith("AUROC of answerable: 1.0000")
    assert missed.strip().startswith("false answers at 0.5: 0.0000")
