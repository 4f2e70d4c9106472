"""Whose an id is, and that a file is one article however it is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index import ingest
from index.library import Index
from index.read.source import absolute_path
from index.types import Article
from tests.index.test_ingest import consistent, write


def test_ids_that_clash(index: Index, tmp_path: Path) -> None:
    for parent in ("x", "y"):
        (tmp_path / parent / "same").mkdir(parents=True)
        write(tmp_path / parent / "same", a=f"Title\n\nFrom {parent}.")
    ingest.add(index, [tmp_path / "x"])
    ingest.add(index, [tmp_path / "y"])
    assert len(index.articles()) == 2
    again = ingest.add(index, [tmp_path / "y", tmp_path / "x"])
    assert again.unchanged == 2
    lines = [{"id": "one", "text": "First."}, {"id": "one", "text": "Second."}]
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    report = ingest.add(index, [tmp_path / "b.jsonl"])
    assert report.added == 1
    assert "already used by" in report.skipped[0].reason


def text_of(index: Index, article_id: str) -> str:
    article = index.article(article_id)
    assert article is not None
    return article.text


def test_an_id_belongs_to_the_file_that_brought_it(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "docs", fox="Settlement\n\nFox paid 787 million dollars.")
    ingest.add(index, [tmp_path / "docs"])
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "evil.md").write_text("---\nid: docs/fox.txt\n---\nFox paid nothing.", encoding="utf-8")
    report = ingest.add(index, [tmp_path / "d"])
    assert (report.added, report.updated, report.unchanged) == (0, 0, 0)
    (skipped,) = report.skipped
    assert skipped.origin == str(tmp_path / "d" / "evil.md")
    assert str(tmp_path / "docs" / "fox.txt") in skipped.reason and "footnote remove docs/fox.txt" in skipped.reason
    assert text_of(index, "docs/fox.txt") == "Fox paid 787 million dollars."
    write(tmp_path / "docs", fox="Settlement\n\nFox paid 787.5 million dollars.")
    report = ingest.add(index, [tmp_path / "d", tmp_path / "docs"])
    assert (report.updated, len(report.skipped)) == (1, 1)
    assert text_of(index, "docs/fox.txt") == "Fox paid 787.5 million dollars."
    consistent(index)


def test_two_exports_that_number_their_rows_leave_each_other_alone(index: Index, tmp_path: Path) -> None:
    rows = "".join(f"{number},Text {number} of the first export.\n" for number in range(1, 4))
    (tmp_path / "a.csv").write_text(f"id,text\n{rows}", encoding="utf-8")
    lines = [json.dumps({"id": number, "text": f"Text {number} of the second export."}) for number in range(1, 5)]
    (tmp_path / "b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ingest.add(index, [tmp_path / "a.csv"])
    report = ingest.add(index, [tmp_path / "b.jsonl"])
    assert (report.added, report.updated, len(report.skipped)) == (1, 0, 3)
    (tmp_path / "copy of a.csv").write_text(f"id,text\n{rows}", encoding="utf-8")
    for name in ("a.csv", "copy of a.csv"):
        report = ingest.add(index, [tmp_path / name])
        assert (report.unchanged, report.skipped) == (3, [])
    with index.writing():
        index.remove(["1", "2", "3"])
    assert ingest.add(index, [tmp_path / "b.jsonl"]).added == 3


def test_a_later_export_of_the_same_source_brings_newer_versions(index: Index, tmp_path: Path) -> None:
    def export(name: str, *records: dict[str, str]) -> Path:
        (tmp_path / name).write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        return tmp_path / name

    first = [
        {"id": "1", "title": "Ferry", "text": "It sails."},
        {"id": "2", "url": "https://a.example/2", "text": "B."},
    ]
    ingest.add(index, [export("january.jsonl", *first)])
    titled, addressed = {**first[0], "text": "It sails no more."}, {**first[1], "title": "New", "text": "B, corrected."}
    report = ingest.add(index, [export("february.jsonl", titled, addressed)])
    assert (report.updated, report.skipped) == (2, [])
    assert text_of(index, "1") == "It sails no more."
    # a note is no export, whatever it calls itself
    (tmp_path / "evil.md").write_text("---\nid: 1\ntitle: Ferry\n---\nIt sank.", encoding="utf-8")
    assert len(ingest.add(index, [tmp_path / "evil.md"]).skipped) == 1
    consistent(index)


def test_an_id_goes_with_its_file_when_that_is_moved_or_linked_to(index: Index, tmp_path: Path) -> None:
    def export(path: Path, text: str) -> Path:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(json.dumps({"id": i, "text": f"{text} {i}."}) for i in "xy"), encoding="utf-8")
        return path

    old, new, other = tmp_path / "old" / "a.jsonl", tmp_path / "new" / "b.jsonl", tmp_path / "c.jsonl"
    ingest.sync(index, export(old, "First").parent)
    new.parent.mkdir()
    old.rename(new)
    assert ingest.add(index, [new]).unchanged == 2
    assert ingest.sync(index, old.parent).removed == 0
    assert len(ingest.add(index, [export(other, "Other")]).skipped) == 2
    new.rename(old)
    assert ingest.add(index, [export(old, "Second")]).updated == 2
    new.symlink_to(old)
    export(old, "Third")
    assert ingest.add(index, [new]).updated == 2
    old.unlink()
    assert ingest.add(index, [other]).updated == 2
    assert [text_of(index, each) for each in "xy"] == ["Other x.", "Other y."]
    consistent(index)


def test_a_file_is_one_article_however_it_is_named(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a="One\n\nText one.", b="Two\n\nText two.")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "in").symlink_to(tmp_path / "in")
    ingest.add(index, ["in"])
    monkeypatch.chdir(tmp_path / "elsewhere")
    for what in (["../in"], ["in"], ["../in", tmp_path / "in"], ["../in/a.txt", "../in/b.txt", "../elsewhere/../in"]):
        report = ingest.add(index, what)
        assert (report.added, report.duplicates, report.unchanged, report.skipped) == (0, 0, 2, []), what
    write(tmp_path / "in", c="Three\n\nText three.")
    assert ingest.sync(index, Path("../in")).added == 1
    for name in ("a", "c"):
        (tmp_path / "in" / f"{name}.txt").unlink()
    assert ingest.sync(index, Path("../in")).removed == 1
    assert [(each.id, each.origin) for each in index.articles()] == [
        (f"in/{name}.txt", str(tmp_path / "in" / f"{name}.txt")) for name in ("a", "b")
    ]


def test_a_path_up_from_a_link_names_the_file_that_the_system_finds(index: Index, tmp_path: Path) -> None:
    (tmp_path / "data" / "new").mkdir(parents=True)
    write(tmp_path / "data", x="Right\n\nText one.")
    write(tmp_path / "home", x="Wrong\n\nText two.")
    (tmp_path / "home" / "current").symlink_to(tmp_path / "data" / "new")
    (tmp_path / "home" / "beside").symlink_to(tmp_path / "home")
    roundabout = tmp_path / "home" / "current" / ".." / "x.txt"
    assert ingest.add(index, [roundabout]).added == 1
    (article,) = index.articles()
    assert (article.title, article.origin) == ("Right", str(tmp_path / "data" / "x.txt"))
    with index.catalogue.writing() as connection:
        connection.execute("UPDATE revisions SET origin = ?", [str(roundabout)])
    assert ingest.add(index, [tmp_path / "data"]).unchanged == 1
    assert [each.origin for each in index.articles()] == [str(tmp_path / "data" / "x.txt")]
    assert absolute_path(tmp_path / "home" / "beside" / ".." / "x.txt") == tmp_path / "x.txt"
    assert absolute_path(tmp_path / "home" / "absent" / ".." / "x.txt") == tmp_path / "home" / "x.txt"


def test_an_index_that_kept_a_folder_under_two_names_is_taken_over(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nText one.", b="Two\n\nText two.")
    ingest.add(index, [tmp_path / "in" / "b.txt", tmp_path / "in"])
    roundabout = f"{tmp_path}/elsewhere/../in/"
    with index.writing():
        ingest.write_articles(index, [Article(f"{roundabout}a.txt", "One", "Text one.", origin=f"{roundabout}a.txt")])
    with index.catalogue.writing() as connection:
        for table, column in (("revisions", "origin"), ("named_files", "path")):
            connection.execute(
                f"UPDATE {table} SET {column} = ? || 'b.txt' WHERE {column} LIKE '%/b.txt'", [roundabout]
            )
    assert ingest.add(index, [tmp_path / "in"]).unchanged == 2
    assert ingest.sync(index, tmp_path / "in").removed == 1
    (tmp_path / "in" / "b.txt").unlink()
    assert ingest.sync(index, tmp_path / "in").removed == 0
    assert sorted(each.origin for each in index.articles()) == [str(tmp_path / "in" / f"{name}.txt") for name in "ab"]


def test_a_bulk_file_whose_lines_move_keeps_its_ids(index: Index, tmp_path: Path) -> None:
    bulk = tmp_path / "b.jsonl"
    bulk.write_text('{"id": "one", "text": "First."}\n{"id": "two", "text": "Second."}', encoding="utf-8")
    ingest.add(index, [bulk])
    bulk.write_text(
        '{"id": "zero", "text": "New."}\n{"id": "one", "text": "First."}\n{"id": "two", "text": "Second."}',
        encoding="utf-8",
    )
    report = ingest.add(index, [bulk])
    assert (report.added, report.updated, report.unchanged) == (1, 0, 2)
