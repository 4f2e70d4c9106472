"""Making an index anew: what is there stays until the new one is whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.settings import Settings
from index import ingest
from index.errors import IndexUnavailable, ModelUnavailable, RecipeMismatch, UsageError
from index.library import Index
from tests.fake_embedder import FakeEmbedder
from tests.index.test_ingest import consistent, write


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
