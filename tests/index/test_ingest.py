"""Articles in: what is written, what is left alone, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from index import ingest
from index.catalogue import Revision
from index.errors import IndexUnavailable, WriterBusy
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


def test_removed_articles_leave_nothing(index: Index, tmp_path: Path) -> None:
    write(tmp_path / "in", a="One\n\nWhales sing.", b="Two\n\nBirds fly.")
    ingest.add(index, [tmp_path / "in"])
    with index.writing():
        assert index.remove(["in/a.txt", "nothing"]) == ["in/a.txt"]
    assert index.article("in/a.txt") is None
    assert index.store.text("whales", 5) == []
    assert all("Whales" not in text for text in passages(index).values())
    consistent(index)


def test_what_another_writer_took_in_while_a_sync_waited_stays(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "news", a="The ferry crosses the bay every hour.")
    ingest.sync(index, tmp_path / "news")
    writing = index.writing

    def after_the_other() -> Any:
        monkeypatch.setattr(index, "writing", writing)
        write(tmp_path / "news" / "new", b="The train crosses the moor twice a day.")
        ingest.add(index, [tmp_path / "news" / "new"])
        return writing()

    monkeypatch.setattr(index, "writing", after_the_other)
    report = ingest.sync(index, tmp_path / "news")
    assert (report.removed, len(index.articles())) == (0, 2)


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


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="footnote add"):
        Index(Settings(index=tmp_path / "none"))
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexUnavailable, match=r"catalogue\.sqlite"):
        Index(Settings(index=folder))
