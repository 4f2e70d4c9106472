"""The catalogue on disks that are full, read-only or in use: what still works, and what is said."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.settings import Settings
from index import ingest
from index.catalogue import Catalogue
from index.errors import IndexUnavailable, WriterBusy
from index.library import Index
from tests.fake_embedder import FakeEmbedder

NOBODY = 65534


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder and all in it as one finds them that may only read: the superuser becomes somebody else."""
    below = [folder, *folder.rglob("*")]
    for path in below:
        path.chmod(0o555 if path.is_dir() else 0o444)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path in below:
            path.chmod(0o755)


@pytest.fixture
def anyones() -> Iterator[Path]:
    """A folder that other users reach too, which pytest's own aren't."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_opening_waits_for_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue(path).set_recipe({"layout": "1"})
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    reader = Catalogue(path)
    assert reader.recipe() == {"layout": "1"}
    reader.connection.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(WriterBusy, match="Another process"):
        reader.set_recipe({})


def test_a_read_only_index_is_searched_and_not_written_to(anyones: Path) -> None:
    settings = Settings(index=anyones / "index#1")
    (anyones / "a.txt").write_text("One\n\nWhales sing.", encoding="utf-8")
    made = Index(settings, create=True, embedder=FakeEmbedder())
    ingest.add(made, [anyones / "a.txt"])
    made.catalogue.connection.close()
    with read_only(settings.index):
        index = Index(settings, embedder=FakeEmbedder())
        assert [found.node.get_content() for found in index.retriever().search("whales")] == ["Whales sing."]
        with pytest.raises(IndexUnavailable, match="see that you may"):
            ingest.add(index, [anyones / "a.txt"])
        with pytest.raises(IndexUnavailable, match="see that you may"):
            index.catalogue.set_recipe({})
    Catalogue(settings.index / "catalogue.sqlite").begin_removal([each.id for each in index.articles()])
    assert index.articles() == []  # what somebody else writes is seen


def test_a_full_disk_is_told_from_a_broken_catalogue(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    catalogue.connection.execute("PRAGMA max_page_count = 1")  # the least that there are: SQLite then says "full"
    with pytest.raises(IndexUnavailable, match="free some space"):
        catalogue.set_recipe({"x": "y" * 1_000_000})
    assert Catalogue(tmp_path / "catalogue.sqlite").recipe() == {}
    (tmp_path / "broken.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexUnavailable, match="restore it from a copy"):
        Catalogue(tmp_path / "broken.sqlite")


def test_an_earlier_versions_catalogue_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue(path).connection.execute("ALTER TABLE revisions DROP COLUMN story")
    assert Catalogue(path).summaries() == []


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [
        ("2026-03-02", "2026-03-02", True),
        ("2026-03-03", "", False),
        ("", "2026-03-01", False),
        ("2026-03-01", "2026-03-09", True),
        ("", "", True),
    ],
)
def test_whether_an_article_is_of_some_days(index: Index, tmp_path: Path, first: str, last: str, there: bool) -> None:
    for number, day in enumerate(("2026-03-02T18:30:00Z", "")):
        (tmp_path / f"{number}.md").write_text(
            f"---\ndate: {day}\n---\n# A strike\n\nThe ferries {number} stood still."
        )
    ingest.add(index, [tmp_path / "0.md", tmp_path / "1.md"])
    assert index.catalogue.has_of_days(first, last) is there
