"""The tables of docs/results.md, and that nothing else of it is touched."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from evals import kept, results
from evals.compare import load_run
from evals.convert import chunking
from evals.load import load_questions
from evals.results import BEGIN, END, Task, replaced, run_task, tables, tasks
from index.errors import UsageError
from tests.evals.test_compare import marks, write_run


def metrics(kind: str, **values: float) -> dict[str, Any]:
    return {
        "kind": kind,
        "questions": 7,
        "metrics": {name: {"value": v, "low": v - 0.1, "high": v + 0.1, "n": 7} for name, v in values.items()},
        "timings_ms": {"total": {"p50": 12.4, "p95": 30.0}} if kind == "questions" else {},
        "made_by": {"machine": {"processor": "P", "cores": 2, "system": "Linux"}},
        "resources": {"matrix_gflops": 66},
    }


def test_each_kind_has_its_table() -> None:
    text = tables([("own", metrics("questions", contains=0.5)), ("squad", metrics("reading", f1=0.8, exact_match=0.7))])
    assert text.startswith("Machine: P, 2 cores, Linux, 66 GFLOP/s.\n\n### Whole answers\n\n| set | n | status right |")
    assert "| own | 7 | – | 0.500 [0.400, 0.600] | – | – | – | – | – | 12 / 30 |" in text
    assert "| squad | 7 | 0.700 [0.600, 0.800] | 0.800 [0.700, 0.900] | – |" in text
    assert "### Search" not in text


def test_only_what_is_between_the_marks_is_replaced() -> None:
    document = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replaced(document, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert replaced(replaced(document, "new"), "newer") == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"
    with pytest.raises(UsageError, match="lacks the line"):
        replaced("no marks", "new")


def test_the_document_has_its_marks() -> None:
    document = (results.ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert document.count(BEGIN) == document.count(END) == 1


def test_only_the_sets_that_are_there_are_run(tmp_path: Path) -> None:
    assert [task.name for task in tasks(None, tmp_path, None)] == ["seeds"]
    (tmp_path / "data" / "ir" / "med").mkdir(parents=True)
    (tmp_path / "data" / "ir" / "med" / "qrels.tsv").touch()
    found = list(tasks(tmp_path / "data", tmp_path, None))
    assert found[1:] == [Task("med", tmp_path / "data" / "ir" / "med")]


def test_what_was_run_with_all_the_same_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("set.jsonl", "articles/a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    task = Task("a set", tmp_path / "set.jsonl", articles=tmp_path / "articles")
    ran: list[Path] = []

    def counted(settings: Settings, set_path: Path, out: Path, **given: object) -> dict[str, Any]:
        ran.append(out)
        if not out.exists():
            write_run(out, [marks("q", 1.0)])
        return dict(load_run(out).metrics)

    monkeypatch.setattr(kept, "run", counted)
    first = run_task(task, tmp_path / "out")
    assert run_task(task, tmp_path / "out") == first and ran == [tmp_path / "out" / "a-set"]
    (tmp_path / "articles" / "b.md").write_text("new", encoding="utf-8")
    run_task(task, tmp_path / "out")
    assert len(ran) == 2
    run_task(replace(task, threshold=0.0), tmp_path / "out")
    assert len(ran) == 3
    (tmp_path / "out" / "a-set" / "metrics.json").rename(tmp_path / "killed.json")  # a run that was not finished
    with pytest.raises(UsageError, match="no finished run"):
        run_task(replace(task, threshold=0.0), tmp_path / "out")
    assert len(ran) == 4


def test_one_set_by_its_name_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = f"{BEGIN}\n{END}\n"
    (tmp_path / "results.md").write_text(document, encoding="utf-8")
    command = ["--write", str(tmp_path / "results.md"), "--out", str(tmp_path / "out"), "--only"]
    with pytest.raises(UsageError, match="no set sedes"):
        results.main([*command, "sedes"])
    monkeypatch.setattr(results, "run_task", lambda task, out: metrics("questions"))
    assert results.main([*command, "seeds"]) == 0
    assert "| seeds |" in capsys.readouterr().out
    assert (tmp_path / "results.md").read_text(encoding="utf-8") == document


def test_chunking_questions_carry_their_excerpts(tmp_path: Path) -> None:
    document = {"id": "state_of_it", "text": "One thing. Another thing."}
    reference = {"content": "Another thing.", "start_index": 11, "end_index": 25}
    asked = {"question": "What else?", "corpus_id": "state_of_it", "references": [reference, reference]}
    for name, record in (("a.jsonl.gz", document), ("questions.jsonl.gz", asked)):
        (tmp_path / name).write_bytes(gzip.compress(json.dumps(record).encode()))
    made = chunking([tmp_path / "a.jsonl.gz", tmp_path / "questions.jsonl.gz"])
    assert made.articles == [{"id": "state_of_it", "title": "state of it", "text": "One thing. Another thing."}]
    (tmp_path / "q.jsonl").write_text(json.dumps(made.questions[0]))
    (example,) = load_questions(tmp_path / "q.jsonl").examples
    assert [(each.article_id, each.quote) for each in example.evidence] == [("state_of_it", "Another thing.")]
