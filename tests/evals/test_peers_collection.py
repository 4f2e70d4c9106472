"""What the peers of `footnote eval peers` are measured on, and each peer by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from evals.peers import footnote, llama_index
from evals.peers.collection import collect, sampled
from evals.peers.run import run
from evals.peers.table import PEERS
from evals.peers.types import Given, whole_text
from evals.peers.worker import best_articles
from index.embed import Embedder
from index.errors import UsageError
from index.types import Article
from tests.conftest import ROOT
from tests.evals.conftest import SUBJECTS
from tests.fake_embedder import FakeEmbedder


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None)


# --- the collection ---


def test_a_sample_is_the_gold_articles_and_the_same_others_each_time(
    ten_articles: Path, asked: Path, write_lines: Callable[..., Path]
) -> None:
    first = collect([ten_articles], asked, sample=6, seed=1)
    ids = [each.id for each in first.articles]
    assert len(ids) == 6 and {"a0", "a1", "a2"} <= set(ids) and ids == sorted(ids)
    backwards = write_lines("backwards.jsonl", *reversed(ten_articles.read_text().splitlines()))
    assert {each.id for each in collect([backwards], asked, sample=6, seed=1).articles} == set(ids)
    drawn = {frozenset(sampled([f"a{n}" for n in range(10)], {"a0"}, 4, seed)) for seed in range(8)}
    assert len(drawn) > 1
    assert len(collect([ten_articles], asked, sample=500).articles) == 10


def test_what_can_not_be_measured_on_is_refused(
    settings: Settings, ten_articles: Path, asked: Path, tmp_path: Path, write_lines: Callable[..., Path]
) -> None:
    with pytest.raises(UsageError, match="no room for the 3 gold articles"):
        collect([ten_articles], asked, sample=2)
    with pytest.raises(UsageError, match="is no bulk file"):
        collect([tmp_path], asked)
    with pytest.raises(UsageError, match="used before"):
        collect([ten_articles, ten_articles], asked)
    nowhere = write_lines("nowhere.jsonl", {"id": "q", "question": "where", "evidence": [{"article_id": "b"}]})
    with pytest.raises(UsageError, match="check the ids"):
        collect([ten_articles], nowhere)
    unanswered = write_lines("unanswered.jsonl", {"id": "q", "question": "where"})
    with pytest.raises(UsageError, match="no question that stands alone"):
        collect([ten_articles], unanswered)
    with pytest.raises(UsageError, match="no peer nobody"):
        run(settings, [ten_articles], asked, tmp_path / "out", names=["nobody"])


def test_gold_that_is_not_there_and_lines_without_text_are_told(asked: Path, write_lines: Callable[..., Path]) -> None:
    few = write_lines("few.jsonl", {"id": "a0", "text": "The ferry."}, {"id": "a7", "text": " "}, "{", {"id": "a9"})
    made = collect([few], asked)
    assert [each.id for each in made.articles] == ["a0"]
    assert "3 lines hold no article that can be read" in made.notes
    assert "2 gold articles are not among the articles, so nothing can find them" in made.notes


# --- a peer ---


def test_an_article_counts_at_its_best_chunk_and_more_are_asked_for_while_articles_lack() -> None:
    depths = []

    def search(question: str, k: int) -> list[str]:
        depths.append(k)
        return (["long"] * 150 + ["b", "long", "c", "b"] + [f"d{n}" for n in range(20)])[:k]

    assert best_articles(search, "?") == ["long", "b", "c", *(f"d{n}" for n in range(7))]
    assert depths == [100, 400]
    assert best_articles(lambda question, k: ["a", "b", "a"], "?") == ["a", "b"]


@pytest.fixture
def given(ten_articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """The articles for a peer, with the fake embedder in the place of the real one."""
    monkeypatch.setattr(Embedder, "load", classmethod(lambda cls, settings: FakeEmbedder()))
    loaded: list[dict[str, Any]] = [json.loads(line) for line in ten_articles.read_text().splitlines()]
    read = tuple(Article(each["id"], each["title"], each["text"], published=each["date"]) for each in loaded)
    return Given(ten_articles, read, Settings(index=tmp_path / "own" / "index", _env_file=None))


@pytest.mark.parametrize("peer", [footnote, llama_index])
def test_a_peer_ranks_articles(peer: Any, given: Given) -> None:
    indexed = peer.index(given)
    assert indexed.chunks == 10
    for place in (0, 4, 9):
        assert indexed.search(f"News of the {SUBJECTS[place]}", 5)[0] == f"a{place}"
    assert len(indexed.search("anything", 100)) == 10


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_memory_is_that_of_the_process_and_its_largest_child_and_not_of_whoever_started_it() -> None:
    code = (
        "import subprocess, sys\n"
        "from evals.peers.memory import MemoryWatch\n"
        "watch = MemoryWatch()\n"
        "took = 'import time; taken = bytearray(%d * 10**6); time.sleep(0.5)'\n"
        "for mb in map(int, sys.argv[1:]): subprocess.run([sys.executable, '-c', took % mb], check=True)\n"
        "print(watch.peak_mb())"
    )
    ballast = bytearray(300 * 10**6)  # this process is larger than the one that it starts

    def peak_mb(*children: str) -> float:
        command = [sys.executable, "-c", code, *children]
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    alone = peak_mb()
    assert alone < 150 and len(ballast) > 0
    assert alone + 120 < peak_mb("20", "120") < alone + 170


def test_titles_are_part_of_what_peers_are_given() -> None:
    assert whole_text(Article("a", "Title", "Text.")) == "Title\n\nText."
    assert whole_text(Article("a", "", "Text.")) == "Text."


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_every_peer_of_the_table_runs(
    name: str, settings: Settings, ten_articles: Path, asked: Path, tmp_path: Path
) -> None:
    made = run(settings, [ten_articles], asked, tmp_path / "out", names=[name])
    (row,) = made["peers"]
    if row["status"] == "absent":
        pytest.skip(row["error"])
    assert row["status"] == "measured", row["error"]
    assert row["metrics"]["Success@1"]["value"] == 1.0
    assert not (tmp_path / "out" / name / "index").exists()


def test_the_extra_pins_what_the_peers_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        each.partition("==")[0] for each in (*project["dependencies"], *project["optional-dependencies"]["peers"])
    }
    assert {package for peer in PEERS.values() for package in peer.packages} <= {*pinned, "footnote"}
