"""Rows that stand in several files, move between them or come in a later export: whose article each is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from index import ingest
from index.library import Index
from tests.index.test_ids import text_of
from tests.index.test_ingest import consistent, write

Row = dict[str, str]
ONE, TWO, THREE = ({"id": number, "title": f"Title {number}", "text": f"Text {number}."} for number in "123")


def export(path: Path, *rows: Row, modified_s: int | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    if modified_s is not None:
        os.utime(path, (modified_s, modified_s))
    return path


def places(index: Index) -> dict[str, str]:
    return {each.id: Path(each.origin).name for each in index.articles()}


def test_files_of_one_name_in_two_folders_come_in_one_run(index: Index, tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / "in" / year / "news").mkdir(parents=True)
        write(tmp_path / "in" / year / "news", x=f"Title\n\nFrom {year}.")
    report = ingest.sync(index, tmp_path / "in")
    assert (report.added, report.skipped) == (2, [])
    assert {each.id for each in index.articles()} == {"news/x.txt", str(tmp_path / "in/2024/news/x.txt")}
    assert ingest.sync(index, tmp_path / "in").unchanged == 2


def test_a_row_without_an_id_takes_no_others(index: Index, tmp_path: Path) -> None:
    ingest.add(index, [export(tmp_path / "in" / "a.jsonl", ONE, TWO)])
    nameless = {"title": "No id", "text": "Text of none."}
    for added, unchanged in ((1, 2), (0, 3)):
        report = ingest.add(index, [export(tmp_path / "in" / "a.jsonl", nameless, ONE, TWO)])
        assert (report.added, report.updated, report.unchanged, report.skipped) == (added, 0, unchanged, [])
    assert places(index) == {"in/a.jsonl#L1": "a.jsonl#L1", "1": "a.jsonl#L2", "2": "a.jsonl#L3"}


@pytest.mark.parametrize(("from_name", "to_name"), [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("mirrored", [True, False])
def test_a_row_that_was_moved_and_edited_is_updated(
    index: Index, tmp_path: Path, from_name: str, to_name: str, mirrored: bool
) -> None:
    folder = tmp_path / "in"
    moved = {"id": "2", "title": "Title, corrected", "text": "Text 2."}
    before, after = folder / f"{from_name}.jsonl", folder / f"{to_name}.jsonl"
    export(before, ONE, TWO)
    export(after, THREE)
    ingest.sync(index, folder)
    export(before, ONE)
    export(after, THREE, moved)
    report = ingest.sync(index, folder) if mirrored else ingest.add(index, [folder])
    assert (report.added, report.updated, report.removed, report.skipped) == (0, 1, 0, [])
    assert places(index) == {"1": f"{before.name}#L1", "2": f"{after.name}#L2", "3": f"{after.name}#L1"}
    consistent(index)


def test_a_file_that_cannot_be_read_whole_keeps_its_ids(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    export(folder / "a.jsonl", ONE, TWO)
    ingest.sync(index, folder)
    (folder / "a.jsonl").write_text(json.dumps(ONE) + '\n{"id": "2", "ti', encoding="utf-8")
    export(folder / "b.jsonl", {"id": "2", "title": "Another", "text": "Of another."})
    report = ingest.sync(index, folder)
    assert (report.updated, report.removed, len(report.skipped)) == (0, 0, 2)
    assert text_of(index, "2") == "Text 2."


@pytest.mark.parametrize("deleted", [True, False])
def test_an_article_that_leaves_a_watched_file_stays_where_another_has_it(
    index: Index, tmp_path: Path, deleted: bool
) -> None:
    old, new = tmp_path / "in" / "old.jsonl", tmp_path / "in" / "new.jsonl"
    ingest.sync(index, export(old, ONE, TWO).parent)
    export(new, {**ONE, "title": "Title of the new one"}, TWO, THREE)
    assert ingest.sync(index, old.parent, only={new}).added == 1
    if deleted:
        old.unlink()
    else:
        export(old, {"id": "4", "title": "Title 4", "text": "Text 4."})
    report = ingest.sync(index, old.parent, only={old})
    assert (report.updated, report.unchanged, report.removed, report.skipped) == (1, 1, 0, [])
    assert {each: name for each, name in places(index).items() if each != "4"} == {
        "1": "new.jsonl#L1",
        "2": "new.jsonl#L2",
        "3": "new.jsonl#L3",
    }
    consistent(index)


@pytest.mark.parametrize("first", ["2024", "2025"])
def test_the_newer_of_two_exports_wins_in_whatever_order_they_come(index: Index, tmp_path: Path, first: str) -> None:
    folder = tmp_path / "in"
    dated = {"2024": {"id": "d", "title": "Dated", "text": "Later.", "updated": "2024-03-02"}}
    dated["2025"] = {**dated["2024"], "text": "Earlier.", "updated": "2024-03-01"}
    files = {
        year: export(
            folder / f"export-{year}.jsonl", {**ONE, "text": f"Of {year}."}, dated[year], modified_s=int(year) * 10**6
        )
        for year in ("2024", "2025")
    }
    ingest.add(index, [files[first]])
    counts = []
    for _ in range(3):
        report = ingest.sync(index, folder)
        assert (text_of(index, "1"), text_of(index, "d")) == ("Of 2025.", "Later.")
        counts.append((report.added, report.updated, report.removed))
    assert counts == [(0, 1, 0), (0, 0, 0), (0, 0, 0)]
    (older,) = ingest.add(index, [files["2024"]]).skipped
    assert older.origin == f"{files['2024']}#L1"
    assert f"no newer than the version of the same article in {files['2025']}#L1" in older.reason
    files["2025"].unlink()
    assert ingest.sync(index, folder).removed == 0
    assert text_of(index, "1") == "Of 2024."


def test_two_exports_that_are_new_together_count_once(index: Index, tmp_path: Path) -> None:
    export(tmp_path / "in" / "export-2024.jsonl", {**ONE, "text": "Old."}, TWO, modified_s=10**9)
    export(tmp_path / "in" / "export-2025.jsonl", {**ONE, "text": "New."}, THREE, modified_s=10**9 + 1)
    report = ingest.sync(index, tmp_path / "in")
    assert (report.added, report.updated, report.skipped) == (3, 0, [])
    assert text_of(index, "1") == "New."
    consistent(index)


def test_rows_that_were_refused_keep_no_others_of_their_file(index: Index, tmp_path: Path) -> None:
    ingest.add(index, [export(tmp_path / "elsewhere" / "x.jsonl", {**ONE, "title": "Another"})])
    folder = export(tmp_path / "in" / "a.jsonl", ONE, TWO, THREE).parent
    assert len(ingest.sync(index, folder).skipped) == 1
    export(folder / "a.jsonl", ONE, THREE)
    assert ingest.sync(index, folder).removed == 1
    assert sorted(places(index)) == ["1", "3"]


@pytest.mark.parametrize("bad", ['{"id": "3", "text": ""}', '{"id": "3"}', '{"text": ""}'])
def test_a_bad_row_keeps_its_own_article_and_no_other(index: Index, tmp_path: Path, bad: str) -> None:
    folder = export(tmp_path / "in" / "a.jsonl", ONE, TWO, THREE).parent
    ingest.sync(index, folder)
    row = "\n" if '"id"' not in bad else ""
    (folder / "a.jsonl").write_text(json.dumps(ONE) + "\n" + row + bad, encoding="utf-8")
    export(folder / "b.jsonl", {**TWO, "title": "Title, corrected"})
    report = ingest.sync(index, folder)
    assert (report.updated, report.removed, len(report.skipped)) == (1, 0, 1)
    (folder / "b.jsonl").unlink()
    assert ingest.sync(index, folder).removed == 1
    assert sorted(places(index)) == ["1", "3"]


def test_a_bad_row_of_a_table_keeps_its_own_article_and_no_other(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in")
    (tmp_path / "in" / "a.csv").write_text("id,text\n1,One.\n2,Two.\n3,Three.\n", encoding="utf-8")
    assert ingest.sync(index, tmp_path / "in").added == 3
    (tmp_path / "in" / "a.csv").write_text("id,text\n1,One.\n3,\n", encoding="utf-8")
    assert ingest.sync(index, tmp_path / "in").removed == 1
    assert sorted(places(index)) == ["1", "3"]


def test_a_bulk_file_that_was_renamed_is_noted_in_one_step(index: Index, tmp_path: Path) -> None:
    bulk = export(tmp_path / "a.jsonl", *({**ONE, "id": str(number)} for number in range(50)))
    ingest.add(index, [bulk])
    bulk.rename(tmp_path / "b.jsonl")
    statements: list[str] = []
    index.catalogue.connection.set_trace_callback(statements.append)
    assert ingest.add(index, [tmp_path / "b.jsonl"]).unchanged == 50
    index.catalogue.connection.set_trace_callback(None)
    assert sum(each.startswith("BEGIN") for each in statements) < 10
    assert places(index) == {str(number): f"b.jsonl#L{number + 1}" for number in range(50)}
