"""The run's folder: what is gone on with, what is started anew; and the record of what produced a result."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from bot.settings import Settings
from evals.provenance import files_hash, set_hash, settings_record
from evals.workspace import Workspace
from index.errors import UsageError


def note(workspace: Workspace, identifier: str) -> list[str]:
    with workspace.journal("answers.jsonl") as journal:
        before = [i for i in ("a", "b") if i in journal]
        journal.add({"id": identifier})
        return before


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    assert note(Workspace(tmp_path, "run"), "a") == []
    assert note(Workspace(tmp_path, "run"), "b") == ["a"]


def test_another_run_and_a_finished_one_start_anew(tmp_path: Path) -> None:
    note(Workspace(tmp_path, "run"), "a")
    workspace = Workspace(tmp_path, "other settings")
    assert note(workspace, "a") == []
    workspace.write_json("metrics.json", {})
    assert note(Workspace(tmp_path, "other settings"), "a") == []
    assert not (tmp_path / "metrics.json").exists()


def test_what_goes_on_is_of_the_day_on_which_it_began(tmp_path: Path) -> None:
    assert Workspace(tmp_path, "run").day == date.today()
    started = json.loads((tmp_path / "started.json").read_text(encoding="utf-8"))
    (tmp_path / "started.json").write_text(json.dumps({**started, "day": "2026-01-31"}), encoding="utf-8")
    assert Workspace(tmp_path, "run").day == date(2026, 1, 31)
    assert Workspace(tmp_path, "run").day == date(2026, 1, 31)
    assert Workspace(tmp_path, "another").day == date.today()


def test_a_torn_or_foreign_tail_is_dropped(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "run")
    note(workspace, "a")
    sound = (tmp_path / "answers.jsonl").read_bytes()
    for tail in (b'{"id": "b"', b'{"id": "b"}', b"\x00\x00\n", b"[1]\n", b'{"no": 1}\n{"id": "b"}\n'):
        (tmp_path / "answers.jsonl").write_bytes(sound + tail)
        with workspace.journal("answers.jsonl") as journal:
            assert "a" in journal
            assert len(journal) == 1
        assert (tmp_path / "answers.jsonl").read_bytes() == sound


def test_a_fresh_index_is_kept_for_the_same_articles_only(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "run", index="articles 1")
    workspace.index_folder.mkdir()
    (workspace.index_folder / "catalogue.sqlite").touch()
    assert Workspace(tmp_path, "other run", index="articles 1").index_folder.exists()
    assert Workspace(tmp_path, "run over another index").index_folder.exists()
    assert Workspace(tmp_path, "run", index="articles 1").index_folder.exists()
    assert not Workspace(tmp_path, "run", index="articles 2").index_folder.exists()


def test_somebody_elses_index_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(UsageError, match="not of an earlier run"):
        Workspace(tmp_path, "run", index="articles")
    assert (tmp_path / "index").exists()


@pytest.mark.parametrize("name", ["gold.jsonl", "answers.jsonl", "report.md", "metrics.json", "run.bm25.trec"])
def test_somebody_elses_files_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").touch()
    Workspace(tmp_path, "run")  # what a run never writes is in nobody's way
    (tmp_path / "started.json").unlink()
    (tmp_path / name).write_text("made by hand", encoding="utf-8")
    with pytest.raises(UsageError, match=f"{name} is not of an earlier run"):
        Workspace(tmp_path, "run")
    assert (tmp_path / name).read_text(encoding="utf-8") == "made by hand"


def test_half_of_a_surrogate_pair_comes_back_as_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        with Workspace(tmp_path, "run").journal("answers.jsonl") as journal:
            if "a" not in journal:
                journal.add({"id": "a", "text": "\ud83d"})
            assert journal["a"]["text"] == "\ud83d"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="choose another with --out"):
        Workspace(tmp_path / "file", "run")


def test_settings_are_recorded_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_LLM_KEY", "sk-secret")
    settings = Settings(llm="http://me:sesame@127.0.0.1:8000/v1#model", _env_file=None)
    record = settings_record(settings)
    assert record["llm"] == "http://127.0.0.1:8000/v1#model"
    assert "llm_key" not in record
    assert "secret" not in str(record)
    assert "sesame" not in str(record)
    assert record["threshold"] == settings.threshold


def test_hashes_follow_the_content(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("abc")
    # the SHA-256 of "abc", from FIPS 180-2
    assert set_hash(path, [path])["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    before = files_hash([path])
    path.write_bytes(gzip.compress(b"abc"))
    assert files_hash([path]) != before
