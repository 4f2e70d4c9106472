"""The scripts that are run by hand: the reader measured alone, and searches compared with and without it."""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from evals import fusion, reader
from evals.fusion import articles_of, gains, scores
from index.library import Index
from tests.conftest import ROOT

OPENINGS = (
    ("The bridge over the Osm was built by Ilse Brandt in 1912.", "Who built the bridge over the Osm?", "Ilse Brandt"),
    ("The ferry from Lervik carries nine hundred people a day.", "Where does the ferry come from?", "Lervik"),
    ("The bakery in Trell was founded by Piet Maas.", "Who founded the bakery in Trell?", "Piet Maas"),
)


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    """Three articles of two paragraphs; the second ones hold no answer and are the wrong paragraphs."""
    data = []
    for number, (text, question, answer) in enumerate(OPENINGS):
        asked = {"id": f"q{number}", "question": question}
        asked["answers"] = [{"text": answer, "answer_start": text.index(answer)}]  # type: ignore[assignment]
        other = f"Much was written about {text.split()[1]} later, and people still go there on Sundays."
        paragraphs = [{"context": text, "qas": [asked]}, {"context": other, "qas": []}]
        data.append({"title": f"Town {number}", "paragraphs": paragraphs})
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    return path


@pytest.mark.model
def test_the_reader_alone_is_measured(squad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reader.main(["--squad", str(squad)]) == 0
    printed = capsys.readouterr().out
    of_f1 = [float(value) for value in re.findall(r"^  F1: ([\d.]+)", printed, re.M)]
    assert len(of_f1) == 2 and min(of_f1) > 0.6  # 8-bit and float32, on questions that no reader should miss
    assert float(re.search(r"difference of F1: (-?[\d.]+)", printed)[1]) == pytest.approx(of_f1[0] - of_f1[1], abs=1e-3)  # type: ignore[index]
    assert printed.count("AUROC of confidence: 1.0000") == 2  # the own paragraph over BM25's best of either kind
    assert "false answers at 0.5" in printed


@pytest.mark.model
def test_searches_are_compared_with_and_without_the_reader(
    seeds_index: Index, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (ROOT / "evals" / "sets" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [record for record in map(json.loads, lines) if record.get("evidence") and not record.get("history")]
    (tmp_path / "some.jsonl").write_text("\n".join(json.dumps(each) for each in islice(asked, 6)), encoding="utf-8")
    assert fusion.main(["--index", str(seeds_index.folder), "--read", str(tmp_path / "some.jsonl")]) == 0
    printed = capsys.readouterr().out
    assert "some.jsonl: 6 questions" in printed
    rows = dict(re.findall(r"^\| ([^|]+) \| ([\d.]+) \|", printed, re.M))
    assert {"BM25", "dense", "as found (shipped)", "as found, then read (shipped)"} <= rows.keys()
    assert float(rows["as found (shipped)"]) >= 0.5
    assert "reading adds to MRR@10: " in printed


def test_the_metrics_of_a_ranking_by_hand() -> None:
    assert scores(["x", "a", "b"], frozenset({"a"})) == (0.0, 1.0, 0.5, pytest.approx(1 / np.log2(3)))
    assert scores(["a"], frozenset({"a", "b"}))[3] == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert scores([], frozenset({"a"})) == (0.0, 0.0, 0.0, 0.0)
    assert articles_of([("a#2", 0.9), ("b#0", 0.8), ("a#0", 0.7)]) == ["a", "b"]


def test_what_reading_adds_is_the_mean_of_differences() -> None:
    before, after = np.array([[0, 0, 0, 0.5], [1, 1, 1, 1.0]]), np.array([[1, 0, 0.5, 1.0], [1, 1, 1, 1.0]])
    lines = list(gains({"as found (shipped)": before, "as found, then read (shipped)": after}))
    assert lines[0].startswith("reading adds to Hit@1: +0.500 [")
    assert list(gains({"BM25": before})) == []
