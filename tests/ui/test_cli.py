"""The command line as a person and as a program meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.errors import UsageError
from tests.conftest import ROOT, SEEDS
from ui.ask import read_batch
from ui.cli import main, parser

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    def once(verb: str, *arguments: str) -> tuple[int, str, str]:
        code = main([verb, *arguments, "--index", str(tmp_path / "index")])
        out, err = capsys.readouterr()
        return code, out, err

    return once


def test_no_index_is_exit_code_3_in_one_line(run: Run) -> None:
    for verb, *rest in (["list"], ["show", "x"], ["search", "q"], ["ask", "q"], ["remove", "x"], ["rebuild"]):
        code, out, err = run(verb, *rest)
        assert (code, out) == (3, "")
        assert err.count("\n") == 1 and "footnote add" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "q", "--from", "tomorrow"],
        ["ask", "q", "-k", "0"],
        ["nonsense"],
        ["add"],
        [],
        ["add", "no/such/folder"],
        ["sync", "no/such/folder"],
        ["ask", "q", "--batch", "b.jsonl"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    assert code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2099-12-31", "2099-12-31"),
        ("1399-01-01", "1399-01-01"),
        ("2024-03-01T23:30:00Z", "2024-03-01"),
        ("1 March 2024", "2024-03-01"),
    ],
)
def test_every_iso_date_is_one_and_words_may_name_one(given: str, day: str) -> None:
    options = parser().parse_args(["ask", "q", "--from", given, "--to", given])
    assert (options.date_from, options.date_to) == (day, day)


def batch_of(folder: Path, *lines: object) -> Path:
    path = folder / "batch.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return path


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"history": 5}, '"history" must be'), ({"history": {"a": 1}}, '"history" must be'),
        ({"history": [["q", None]]}, '"history" must be'), ({"history": [["q"]]}, '"history" must be'),
        ({"history": 0}, '"history" must be'), ({"source": 7}, '"source" must be'),
        ({"source": ["a", 7]}, '"source" must be'), ({"source": {"a": 1}}, '"source" must be'),
        ({"articles": 7}, '"articles" must be'), ({"from": 7}, '"from" must be'), ({"to": {}}, '"to" must be'),
        ({"question": 7}, '"question"'), ({"question": None}, '"question"'), ({"id": None}, '"id"'),
        ('{"id": 1, "question": "Where is the café?"}'.encode("latin-1"), "UTF-8"), (b"[" * 100_000, "not JSON"),
        (b"{", "not JSON"), (b"7", "must be an object"),
    ],
)  # fmt: skip
def test_a_line_of_a_batch_that_is_not_right_is_named(tmp_path: Path, wrong: Any, told: str) -> None:
    line = wrong if isinstance(wrong, bytes) else {"id": 2, "question": "Why?", **wrong}
    questions = read_batch(batch_of(tmp_path, {"id": 1, "question": "Fine?"}, line), {})
    assert next(questions)["question"] == "Fine?"
    with pytest.raises(UsageError, match="line 2") as refused:
        next(questions)
    assert told in str(refused.value)


def test_a_line_of_a_batch_goes_over_what_is_common_and_can_be_printed(tmp_path: Path) -> None:
    line = {
        "id": "\ud800",
        "question": "caf\ud800?",
        "source": "A",
        "history": [["q", "a"]],
        "to": None,
        "articles": ["x"],
    }
    (asked,) = read_batch(batch_of(tmp_path, line), {"to": "2024-03-01", "source": ["B"]})
    assert asked == {
        "id": "\ufffd", "question": "caf\ufffd?", "source": ["A"], "history": [["q", "a"]], "articles": ["x"],
        "to": "2024-03-01",
    }  # fmt: skip


def test_bytes_that_are_no_text_on_the_command_line_are_replaced() -> None:
    options = parser().parse_args(["search", "caf\udce9 Fox", "--source", "caf\udce9"])
    assert (options.question, options.source) == ("caf\ufffd Fox", ["caf\ufffd"])


def test_bad_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "eleven")
    code, _, err = run("list")
    assert code == 2 and "FOOTNOTE_THRESHOLD=eleven" in err


@pytest.mark.model
def test_articles_in_and_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Title\n\nText of a.", encoding="utf-8")
    (tmp_path / "in" / "b\x1b[31m.md").write_text("", encoding="utf-8")
    code, out, err = run("add", str(tmp_path / "in"), "--json")
    report = json.loads(out)
    assert code == 1
    assert (report["added"], report["passages"], len(report["skipped"])) == (1, 1, 1)
    assert set(report) == {
        "added", "updated", "unchanged", "removed", "duplicates", "skipped", "passages", "seconds",
    }  # fmt: skip
    assert err.count("\n") == 1 and "there is no text in it" in err and "\x1b" not in err

    code, out, _ = run("list", "--json")
    (listed,) = json.loads(out)
    assert set(listed) == {
        "id", "title", "source", "url", "origin", "date", "updated", "authors", "language", "passages", "duplicates",
    }  # fmt: skip
    assert (listed["id"], listed["date"]) == ("in/a.txt", None)
    assert json.loads(run("show", "in/a.txt", "--json")[1])["text"] == "Text of a."
    assert run("show", "nothing")[0] == 2
    assert run("remove", "in/a.txt", "nothing")[0] == 1
    assert json.loads(run("list", "--json")[1]) == []


@pytest.mark.model
def test_questions_one_and_many(run: Run, tmp_path: Path) -> None:
    assert run("add", str(SEEDS))[0] == 0
    code, out, _ = run("ask", "Who rejected NATO peacekeepers in Ukraine?", "--json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= {
        "question", "interpreted_question", "status", "confidence", "text", "short_answer", "sentences", "citations",
        "nearest", "conflicts", "written_by", "timings_ms",
    }  # fmt: skip
    assert answer["status"] == "answered"
    for citation in answer["citations"]:
        article = json.loads(run("show", citation["article_id"], "--json")[1])
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]

    saved = tmp_path / "answer.json"
    saved.write_text(out, encoding="utf-8")
    code, out, _ = run("verify", str(saved))
    assert code == 0 and f"{len(answer['citations'])} of {len(answer['citations'])} citations intact" in out
    assert run("remove", answer["citations"][0]["article_id"])[0] == 0
    code, out, _ = run("verify", str(saved), "--json")
    assert code == 1 and json.loads(out)[0]["citations"][0]["state"] == "gone"
    assert run("add", str(SEEDS))[0] == 0

    lines: list[dict[str, Any]] = [
        {"id": "2", "question": "When did the rocket lift off?", "from": "2022-11-01", "to": "2022-11-30"},
        {"id": 1, "question": "What did Grushko say about NATO?"},
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    code, out, _ = run("search", "--batch", str(batch), "-k", "3")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [each["id"] for each in found] == ["2", 1]
    assert all(result["date"].startswith("2022-11") for result in found[0]["results"])
    assert [result["rank"] for result in found[1]["results"]] == [1, 2, 3]
    assert set(found[1]["results"][0]) >= {
        "rank", "score", "scores", "article_id", "title", "source", "url", "date", "passage_id", "start", "end", "text",
    }  # fmt: skip

    batch.write_text('{"id": 1, "question": "Fine?"}\n{"question": "no id"}', encoding="utf-8")
    code, out, err = run("ask", "--batch", str(batch))
    assert code == 2 and len(out.splitlines()) == 1 and "line 2" in err


def test_help_needs_no_heavy_import() -> None:
    code = (
        "import sys; sys.argv = ['footnote', '--help']\ntry:\n import ui.cli; ui.cli.main()\nexcept SystemExit: pass\n"
    )
    code += "print(len(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(shown.stdout.splitlines()[-1]) < 250


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, "footnote 0.1.0\n")


def test_a_rebuild_that_is_stopped_says_only_what_is_true(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.cli.run_rebuild", interrupted)
    assert main(["rebuild"]) == 130
    assert "as it was, or rebuilt" in capsys.readouterr().err
