"""Articles in: what is written, what is left alone, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bot.settings import Settings
from index import ingest
from index.catalogue import Revision
from index.errors import IndexUnavailable, ModelUnavailable, RecipeMismatch, UsageError, WriterBusy
from index.library import Index
from index.types import Article
from tests.fake_embedder import FakeEmbedder


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def passages(index: Index) -> dict[str, str]:
    return {node.node_id: node.get_content() for node in index.store.get_nodes()}


def consistent(index: Index) -> None:
    """Every passage is its article's text, every article has all its passages, and there are no others."""
    counts: dict[str, int] = {}
    for node in index.store.get_nodes():
        article = index.article(str(node.metadata["article_id"]), node.metadata["rev"])
        assert article is not None
        assert article.text[node.start_char_idx : node.end_char_idx] == node.get_content()  # type: ignore[attr-defined]
        counts[article.id] = counts.get(article.id, 0) + 1
    assert counts == {each.id: each.passages for each in index.articles()}


def test_add_twice_embeds_once(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One.\n\nText of one.", b="Two.\n\nText of two.")
    first = ingest.add(index, [tmp_path / "in"])
    assert (first.added, first.passages, first.embedded) == (2, 2, 2)
    embedder = index.embedder
    assert isinstance(embedder, FakeEmbedder)
    embedder.embedded.clear()
    second = ingest.add(index, [tmp_path / "in"])
    assert (second.added, second.updated, second.unchanged) == (0, 0, 2)
    assert embedder.embedded == []
    consistent(index)


def test_a_changed_article_embeds_only_its_changed_passages(index: Index, tmp_path: Path) -> None:
    sentences = [f"Sentence {i} has a few words of its own in it." for i in range(60)]
    write(tmp_path / "in", a="Title\n\n" + " ".join(sentences))
    ingest.add(index, [tmp_path / "in"])
    embedder = index.embedder
    assert isinstance(embedder, FakeEmbedder)
    total = index.store.count()
    embedder.embedded.clear()
    sentences[-1] = "The last one is new."
    write(tmp_path / "in", a="Title\n\n" + " ".join(sentences))
    report = ingest.add(index, [tmp_path / "in"])
    assert (report.updated, report.passages, report.embedded) == (1, total, 1)
    assert len(embedder.embedded) == 1
    assert "The last one is new." in " ".join(passages(index).values())
    consistent(index)


def test_one_bad_file_stops_nothing(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="", b="Two.\n\nText of two.")
    report = ingest.add(index, [tmp_path / "in"])
    assert report.added == 1
    assert [(Path(each.origin).name, each.reason) for each in report.skipped] == [("a.txt", "there is no text in it")]


def test_a_name_that_is_not_utf_8_is_skipped_and_the_others_are_added(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nText one.")
    latin = os.fsdecode(b"d\xe9p\xf4t")
    write(tmp_path / "in" / latin, b="Two\n\nText two.")
    write(tmp_path / "in", **{latin: "Three\n\nText three."})
    for what in ([tmp_path / "in"], [tmp_path / "in" / f"{latin}.txt", tmp_path / "in" / latin, tmp_path / "in"]):
        report = ingest.add(index, what)
        assert report.added + report.unchanged == 1
        assert len(report.skipped) == 2
        assert all("not UTF-8" in each.reason and "d\\udce9p" in each.origin for each in report.skipped)
        json.dumps(report.to_json(), ensure_ascii=False).encode()
    assert [each.id for each in index.articles()] == ["in/a.txt"]
    assert len(ingest.sync(index, tmp_path / "in").skipped) == 2
    assert len(ingest.sync(index, tmp_path / "in" / latin).skipped) == 1


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


def test_removed_articles_leave_nothing(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.", b="Two\n\nBirds fly.")
    ingest.add(index, [tmp_path / "in"])
    with index.writing():
        assert index.remove(["in/a.txt", "nothing"]) == ["in/a.txt"]
    assert index.article("in/a.txt") is None
    assert index.store.text("whales", 5) == []
    assert all("Whales" not in text for text in passages(index).values())
    consistent(index)


def test_sync_mirrors_the_folder_and_nothing_else(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nText one.", b="Two\n\nText two.")
    write(tmp_path / "other", c="Three\n\nText three.")
    ingest.add(index, [tmp_path / "other"])
    ingest.sync(index, tmp_path / "in")
    (tmp_path / "in" / "a.txt").unlink()
    write(tmp_path / "in", b="Two\n\nText two, changed.", d="Four\n\nText four.")
    report = ingest.sync(index, tmp_path / "in")
    assert (report.added, report.updated, report.removed) == (1, 1, 1)
    assert sorted(each.id for each in index.articles()) == ["in/b.txt", "in/d.txt", "other/c.txt"]
    consistent(index)


def test_a_file_that_was_named_outlasts_its_place_in_a_folder_that_is_mirrored(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nText one.", b="Two\n\nText two.")
    ingest.add(index, [tmp_path / "in" / "a.txt"])
    ingest.add(index, [tmp_path / "in"])
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.txt").unlink()
    assert ingest.sync(index, tmp_path / "in").removed == 1
    assert [each.id for each in index.articles()] == ["in/a.txt"]
    with index.writing():
        index.remove(["in/a.txt"])
    write(tmp_path / "in", a="One\n\nText one.")
    ingest.sync(index, tmp_path / "in")
    (tmp_path / "in" / "a.txt").unlink()
    assert ingest.sync(index, tmp_path / "in").removed == 1
    consistent(index)


def test_a_kill_between_catalogue_and_store_forgets_the_article(index: Index, tmp_path: Path) -> None:
    index.store.count()
    with index.writing():
        index.catalogue.begin([Revision(Article("late", "T", "Text."), "hash", 1)])
    assert index.articles() == []
    with index.writing():
        pass
    assert index.catalogue.pending_revs() == {}
    consistent(index)


def test_a_kill_between_store_and_catalogue_keeps_the_article(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a="One\n\nOld text.")
    ingest.add(index, [tmp_path / "in"])
    write(tmp_path / "in", a="One\n\nNew text.")
    monkeypatch.setattr(index.catalogue, "finish", lambda ids: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        ingest.add(index, [tmp_path / "in"])
    monkeypatch.undo()
    consistent_before_recovery = {
        node.get_content() for node in index.store.get_nodes() if index.article("in/a.txt", node.metadata["rev"])
    }
    assert consistent_before_recovery == {"New text."}
    with index.writing():
        pass
    article = index.article("in/a.txt")
    assert article is not None and article.text == "New text."
    consistent(index)


def test_lost_passages_are_made_again_from_the_catalogue(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nText one.", b="Two\n\nText two.")
    ingest.add(index, [tmp_path / "in"])
    index.store.delete("in/a.txt")
    with index.writing():
        pass
    assert len(passages(index)) == 2
    consistent(index)


def test_one_writer_at_a_time(index: Index, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.LOCK_TIMEOUT_S", 0.05)
    other = Index(settings, embedder=FakeEmbedder())
    with index.writing(), pytest.raises(WriterBusy, match="Another process"), other.writing():
        pass


def test_an_index_made_otherwise_is_refused_with_the_mending_command(
    index: Index, settings: Settings, tmp_path: Path
) -> None:
    write(tmp_path / "in", a="One\n\nText one.")
    ingest.add(index, [tmp_path / "in"])
    german = settings.model_copy(update={"language": "german"})
    with pytest.raises(RecipeMismatch, match=r"language english.*german.*footnote rebuild"):
        Index(german, embedder=FakeEmbedder()).retriever()
    rebuilt = Index(german, embedder=FakeEmbedder())
    report = ingest.rebuild(rebuilt)
    assert (report.updated, report.passages) == (1, 1)
    consistent(rebuilt)
    assert Index(german, embedder=FakeEmbedder()).retriever().search("text")


def test_settings_that_make_no_index_leave_the_one_there(
    index: Index, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.")
    ingest.add(index, [tmp_path / "in"])
    for language in ("klingon", "polish"):  # polish has a sentence splitter and no stemmer
        with pytest.raises(UsageError, match=f"FOOTNOTE_LANGUAGE={language}"):
            ingest.rebuild(Index(settings.model_copy(update={"language": language}), embedder=FakeEmbedder()))

    def no_such_model(settings: Settings) -> None:
        raise ModelUnavailable("typo")

    monkeypatch.setattr("index.embed.Embedder.load", no_such_model)
    with pytest.raises(ModelUnavailable):
        ingest.rebuild(Index(settings.model_copy(update={"embedding_model": "typo"})))
    again = Index(settings, embedder=FakeEmbedder())
    assert [found.article_id for found in again.retriever().search("whales")] == ["in/a.txt"]
    assert ingest.add(again, [tmp_path / "in"]).unchanged == 1


def test_a_rebuild_killed_at_any_moment_leaves_a_whole_index(
    index: Index, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.", b="Two\n\nBirds fly.", c="Three\n\nFish swim.")
    ingest.add(index, [tmp_path / "in"])
    german = settings.model_copy(update={"language": "german"})
    rebuilt = Index(german, embedder=FakeEmbedder())
    killed: list[Path] = []

    def kill(*_: object) -> None:
        killed.append(shutil.copytree(settings.index, tmp_path / f"killed-{len(killed)}"))

    put_in_place = rebuilt.put_in_place
    monkeypatch.setattr("index.writer.BATCH_ARTICLES", 1)
    monkeypatch.setattr(rebuilt, "put_in_place", lambda: (kill(), put_in_place(), kill()))
    ingest.rebuild(rebuilt, kill)
    for folder, language in zip(killed, [*["english"] * 4, "german"], strict=True):
        after = Index(settings.model_copy(update={"index": folder, "language": language}), embedder=FakeEmbedder())
        for _ in ("as it was left", "as the next writer leaves it"):
            consistent(after)
            assert after.retriever().search("whales")[0].article_id == "in/a.txt"
            assert ingest.add(after, [tmp_path / "in"]).unchanged == 3
        assert len(list(folder.glob("passages*"))) == 1
        assert ingest.rebuild(after).updated == 3
        consistent(after)


def test_a_rebuild_that_fails_halfway_leaves_nothing_behind(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.", b="Two\n\nBirds fly.")
    ingest.add(index, [tmp_path / "in"])
    monkeypatch.setattr("index.writer.BATCH_ARTICLES", 1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest.rebuild(index, stop)
    assert [folder.name for folder in index.folder.glob("passages*")] == ["passages"]
    consistent(index)


def test_readers_follow_a_rebuild(index: Index, settings: Settings, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.")
    ingest.add(index, [tmp_path / "in"])
    reader = Index(settings, embedder=FakeEmbedder())
    found: list[str] = []

    def read(*_: object) -> None:
        found.extend(passage.article_id for passage in reader.retriever().search("whales"))

    read()
    ingest.rebuild(index, read)
    read()
    with index.writing():
        read()
    assert found == ["in/a.txt"] * 4
    ingest.rebuild(Index(settings.model_copy(update={"language": "german"}), embedder=FakeEmbedder()))
    with pytest.raises(RecipeMismatch):
        read()


def test_passages_that_are_not_there_are_said_and_not_made(index: Index, settings: Settings, tmp_path: Path) -> None:
    assert index.retriever().search("whales") == []
    assert not list(index.folder.glob("passages*"))
    write(tmp_path / "in", a="One\n\nWhales sing.")
    ingest.add(index, [tmp_path / "in"])
    shutil.rmtree(index.folder / "passages")
    for _ in ("once", "again"):
        with pytest.raises(IndexUnavailable, match="footnote rebuild"):
            Index(settings, embedder=FakeEmbedder()).retriever()
    index.catalogue.set_recipe({})  # as an earlier version's rebuild left it when it was killed
    with pytest.raises(IndexUnavailable, match="footnote rebuild"):
        Index(settings, embedder=FakeEmbedder()).retriever()
    mended = Index(settings, embedder=FakeEmbedder())
    ingest.rebuild(mended)
    consistent(mended)


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="footnote add"):
        Index(Settings(index=tmp_path / "none"))
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexUnavailable, match=r"catalogue\.sqlite"):
        Index(Settings(index=folder))
