"""The process that parses: bounded, replaced when a file ends it, and never a danger to the one that asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import index.read.worker
from index.read.process import ReadingProcess
from index.read.source import Source
from index.types import Article, Skipped
from tests.index.read.documents import FERRY, raw_pdf


@pytest.fixture
def good(tmp_path: Path) -> Source:
    path = tmp_path / "good.txt"
    path.write_text(f"Title\n\n{FERRY}", encoding="utf-8")
    return Source(path)


def test_what_comes_is_what_reading_here_gives(tmp_path: Path, good: Source) -> None:
    from index.read import read_source

    (tmp_path / "a.pdf").write_bytes(raw_pdf(3))
    sources = [
        good,
        Source(tmp_path / "a.pdf"),
        Source(tmp_path / "absent.txt"),
        Source(good.path, "http://x/", "b.md", "u"),
    ]
    with ReadingProcess() as process:
        for source in sources:
            assert list(process.read(source)) == list(read_source(source))


def test_a_file_that_takes_too_long_is_left_and_the_next_is_read(tmp_path: Path, good: Source) -> None:
    path = tmp_path / "slow.html"
    many = " ".join(f'data-a{i}="{i}"' for i in range(200_000))
    path.write_text(f"<html><body><div {many}><p>{FERRY}</p></div></body></html>", encoding="utf-8")
    with ReadingProcess(max_silence_s=0.3) as process:
        started = time.monotonic()
        (item,) = process.read(Source(path))
        assert time.monotonic() - started < 5
        assert isinstance(item, Skipped) and "took longer than" in item.reason
        process._max_silence_s = 30
        (article,) = process.read(good)
        assert isinstance(article, Article)


def test_a_process_that_was_killed_while_it_waited_is_said_and_replaced(tmp_path: Path, good: Source) -> None:
    with ReadingProcess() as process:
        list(process.read(good))
        assert process._child is not None
        process._child.kill()
        process._child.wait()
        (item,) = process.read(good)
        assert isinstance(item, Skipped) and "ended by itself" in item.reason
        (article,) = process.read(good)
        assert isinstance(article, Article)


@pytest.mark.slow
def test_processor_time_and_memory_are_bounded(tmp_path: Path, good: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose reader spins, and one whose reader takes all memory, by a module that stands before ours."""
    package = tmp_path / "before" / "sitecustomize.py"
    package.parent.mkdir()
    package.write_text(
        "import index.read, index.read.worker\n"
        "index.read.worker.MAX_PROCESSOR_S = 1\n"
        "def spin(source):\n    while True: pass\n"
        "def grow(source):\n    kept = []\n    while True: kept.append(bytearray(1 << 24))\n"
        "index.read.READERS['.spin'] = spin\nindex.read.READERS['.grow'] = grow\n",
        encoding="utf-8",
    )
    import os

    ours = str(Path(index.read.worker.__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package.parent), ours]))
    (tmp_path / "a.spin").write_text("x", encoding="utf-8")
    (tmp_path / "a.grow").write_text("x", encoding="utf-8")
    with ReadingProcess() as process:
        for name, words in (("a.spin", "processor"), ("a.grow", "memory")):
            (item,) = process.read(Source(tmp_path / name))
            assert isinstance(item, Skipped) and words in item.reason, item
        assert isinstance(next(iter(process.read(good))), Article)


def test_a_reading_that_is_broken_off_leaves_no_process(tmp_path: Path) -> None:
    bulk = tmp_path / "a.jsonl"
    bulk.write_text("\n".join(f'{{"id": "{i}", "text": "Body {i}."}}' for i in range(5000)), encoding="utf-8")
    with ReadingProcess() as process:
        reading = process.read(Source(bulk))
        next(reading)
        child = process._child
        reading.close()  # type: ignore[attr-defined]
        assert child is not None and child.returncode is not None
        assert len(list(process.read(Source(bulk)))) == 5000
