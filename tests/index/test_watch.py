"""A folder that is watched: what changes in it is found, and only that is read again."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import ingest
from index.errors import UsageError
from index.library import Index
from index.watch import changes
from tests.fake_embedder import FakeEmbedder
from tests.index.test_ingest import consistent, write

PATIENCE_S = 20.0


@contextmanager
def watching(folder: Path) -> Iterator[set[Path]]:
    """The paths seen to change since then."""
    seen: set[Path] = set()
    stop = threading.Event()

    def follow() -> None:
        for found in changes(folder, stop):
            seen.update(found)

    thread = threading.Thread(target=follow)
    thread.start()
    time.sleep(0.7)  # until the watcher stands
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def until(condition: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.05)
    assert condition()  # type: ignore[operator]


def test_changes_of_readable_files_are_seen(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText.", b="Two\n\nText.")
    with watching(folder / ".." / "in") as seen:
        folder.chmod(0o750)  # which is an event of the folder itself
        write(folder, a="One\n\nChanged.")
        (folder / "b.txt").unlink()
        (folder / "c.md").write_text("# Three\n\nText.", encoding="utf-8")
        (folder / "d.xyz").write_text("nothing that is read", encoding="utf-8")
        (folder / ".hidden.txt").write_text("hidden", encoding="utf-8")
        until(lambda: len(seen) >= 3)
        time.sleep(1.0)
    assert seen == {folder / "a.txt", folder / "b.txt", folder / "c.md"}


def test_only_what_changed_is_read_again(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText one.", b="Two\n\nText two.", c="Three\n\nText three.")
    (folder / "sub").mkdir()
    write(folder / "sub", d="Four\n\nText four.")
    ingest.sync(index, folder)
    embedder = index.embedder
    assert isinstance(embedder, FakeEmbedder)
    embedder.embedded.clear()
    write(folder, a="One\n\nText one, changed.")
    (folder / "b.txt").unlink()
    (folder / "sub" / "d.txt").unlink()
    (folder / "sub").rmdir()
    report = ingest.sync(index, folder, only={folder / "a.txt", folder / "b.txt", folder / "sub"})
    assert (report.updated, report.removed, report.unchanged) == (1, 2, 0)
    assert len(embedder.embedded) == 1
    assert sorted(each.id for each in index.articles()) == ["in/a.txt", "in/c.txt"]
    consistent(index)


def test_a_file_with_a_number_sign_in_its_name_is_missed_once_it_is_gone(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "C# and F#"
    write(folder, **{"C# news": "One\n\nText one.", "b": "Two\n\nText two."})
    ingest.sync(index, folder)
    (folder / "C# news.txt").unlink()
    assert ingest.sync(index, folder, only={folder / "C# news.txt"}).removed == 1
    assert [each.title for each in index.articles()] == ["Two"]


def test_an_article_whose_file_can_not_be_read_stays(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText one.")
    ingest.sync(index, folder)
    (folder / "a.txt").write_bytes(b"\x00" * 400)
    report = ingest.sync(index, folder)
    assert (report.removed, len(report.skipped)) == (0, 1)
    assert [each.id for each in index.articles()] == ["in/a.txt"]


def test_articles_stay_when_the_watched_folder_itself_is_gone(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText one.")
    ingest.sync(index, folder)
    folder.rename(tmp_path / "elsewhere")
    for only in (None, {folder / "a.txt"}):
        with pytest.raises(UsageError, match="is not there"):
            ingest.sync(index, folder, only=only)
    assert [each.id for each in index.articles()] == ["in/a.txt"]


@pytest.mark.parametrize("closed", ["sub", "."])
def test_articles_of_a_folder_that_can_not_be_listed_stay(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText one.")
    write(folder / "sub", b="Two\n\nText two.")
    write(folder / "sub" / "deep", c="Three\n\nText three.")
    ingest.sync(index, folder)
    listed = os.scandir

    def scandir(path: str | Path) -> object:  # whoever runs this as root may list everything
        if Path(path) == folder / closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = ingest.sync(index, folder)
    assert report.removed == 0
    assert [(each.origin, "can't be listed" in each.reason) for each in report.skipped] == [
        (str(folder / closed), True)
    ]
    assert ingest.sync(index, folder, only={folder / "sub" / "b.txt"}).removed == 0
    monkeypatch.undo()
    shutil.rmtree(folder / "sub")
    assert ingest.sync(index, folder).removed == 2


def test_a_folder_whose_files_are_closed_is_named_and_its_articles_stay(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nText one.")
    write(folder / "sub", b="Two\n\nText two.")
    ingest.sync(index, folder)
    (folder / "sub" / "b.txt").unlink()
    lstat = Path.lstat

    def closed(path: Path) -> os.stat_result:
        if path.parent == folder / "sub":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", closed)
    (folder / "sub" / "b.txt").symlink_to(tmp_path / "nowhere")
    report = ingest.sync(index, folder)
    assert (report.removed, [each.origin for each in report.skipped]) == (0, [str(folder / "sub" / "b.txt")])


@pytest.mark.model
@pytest.mark.slow
def test_the_command_follows_a_folder_until_it_is_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, a="One\n\nThe ferry crosses the bay.")
    command = [sys.executable, "-P", "-m", "ui.cli", "sync", str(folder), "--watch", "--index", str(tmp_path / "index")]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        # tests that run in the background of a shell inherit that interrupts are ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("1 added")
        time.sleep(1.0)
        write(folder, b="Two\n\nThe lighthouse was painted red.")
        assert process.stdout.readline().startswith("1 added")
        (folder / "a.txt").unlink()
        assert process.stdout.readline().startswith("0 added, 0 updated, 0 unchanged, 1 removed")
    finally:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, stderr
    assert "Stopped" in stderr


def test_a_folder_with_a_dot_in_its_name_that_is_moved_out_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "news.2024").mkdir(parents=True)
    write(folder / "news.2024", a="One\n\nText.")
    with watching(folder) as seen:
        (folder / "news.2024").rename(tmp_path / "out")
        until(lambda: folder / "news.2024" in seen)
