"""`footnote eval peers`: the collection, the processes, the table; rankings by shared words stand in for real peers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from evals.peers import footnote, llama_index
from evals.peers.collection import collect, sampled
from evals.peers.run import run
from evals.peers.table import PEERS, Peer
from evals.peers.types import Given, whole_text
from evals.peers.worker import best_articles
from index.embed import Embedder
from index.errors import UsageError
from index.types import Article
from tests.conftest import ROOT
from tests.fake_embedder import FakeEmbedder
from ui.cli import main

SUBJECTS = ("ferry", "bakery", "moor", "bridge", "orchard", "mill", "harbour", "lighthouse", "quarry", "school")
BY_WORDS = """
from pathlib import Path
from evals.peers.types import Indexed, whole_text

def index(given):
    with Path({counted!r}).open("a") as file:
        file.write("measured\\n")
    words = [(each.id, set(whole_text(each).lower().split())) for each in given.articles]
    def search(question, k):
        asked = set(question.lower().split())
        ranked = sorted(words, key=lambda each: ({sign}len(asked & each[1]), each[0]))
        return [identifier for identifier, _ in ranked][:k]
    return Indexed(search, len(words), "made up")
"""


@pytest.fixture
def articles(write_lines: Callable[..., Path]) -> Path:
    """Ten articles, each on something of its own."""
    texts = [
        f"The old {what} of Trell was repaired in {1900 + n}. People like the {what}."
        for n, what in enumerate(SUBJECTS)
    ]
    records = [
        {"id": f"a{n}", "title": f"News of the {what}", "date": "2022-03-04", "text": text}
        for n, (what, text) in enumerate(zip(SUBJECTS, texts, strict=True))
    ]
    return write_lines("articles.jsonl", *records)


@pytest.fixture
def asked(write_lines: Callable[..., Path]) -> Path:
    """Three questions on them, a follow-up and one without a gold article."""
    on = [
        {"id": f"q{n}", "question": f"when was the {SUBJECTS[n]} repaired", "evidence": [{"article_id": f"a{n}"}]}
        for n in range(3)
    ]
    follow_up = {"id": "f", "question": "and then", "evidence": [{"article_id": "a1"}], "history": [["when", "then"]]}
    return write_lines("asked.jsonl", *on, follow_up, {"id": "n", "question": "who knows"})


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Peer]:
    """Footnote's place taken by a good search, beside it a bad one, one that breaks and one that is not installed."""
    modules = tmp_path / "modules"
    modules.mkdir()
    good, bad = (
        BY_WORDS.format(counted=str(tmp_path / f"{name}.count"), sign=sign)
        for name, sign in (("good", "-"), ("bad", ""))
    )
    (modules / "made_up_good.py").write_text(good)
    (modules / "made_up_bad.py").write_text(bad)
    (modules / "made_up_broken.py").write_text("def index(given):\n    raise RuntimeError('no such | engine')\n")
    monkeypatch.setenv("PYTHONPATH", f"{modules}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(modules)
    peers = (
        Peer("footnote", "Good", "by words", ("numpy",), module="made_up_good"),
        Peer("broken", "Broken", "breaks", ("numpy",), module="made_up_broken"),
        Peer("absent", "Absent", "is not there", ("no-such-package-anywhere",), module="made_up_good"),
        Peer("bad", "Bad", "the worst first", ("numpy",), module="made_up_bad"),
    )
    return {peer.name: peer for peer in peers}


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None)


def measured(tmp_path: Path, name: str) -> int:
    path = tmp_path / f"{name}.count"
    return len(path.read_text().splitlines()) if path.exists() else 0


# --- the table ---


def test_one_table_of_all_and_who_is_missing_or_broken_stays_in_it(
    settings: Settings, articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told: list[str] = []
    made = run(settings, [articles], asked, out, peers=table, tell=told.append)
    assert json.loads((out / "peers.json").read_text(encoding="utf-8")) == made
    good, broken, absent, bad = made["peers"]
    assert good["metrics"]["Success@1"] == {"value": 1.0, "n": 3, "low": 1.0, "high": 1.0}
    assert good["chunks"] == 10 and good["peak_memory_mb"] > 0 and good["index_s"] >= 0
    assert good["versions"] == {"numpy": importlib.metadata.version("numpy")}
    assert good["against"] == {}
    # all other articles share as many words with the question, but for "when": the gold one comes last
    assert bad["metrics"]["Success@10"]["value"] == 1.0
    assert bad["metrics"]["RR@10"]["value"] == pytest.approx(0.1)
    assert bad["against"]["footnote"]["value"] == pytest.approx(-0.9)
    assert bad["against"]["footnote"]["p"] <= bad["against"]["footnote"]["p_holm"]
    assert (broken["status"], broken["error"]) == ("failed", "RuntimeError: no such | engine")
    assert absent["status"] == "absent"
    assert "no-such-package-anywhere is not installed: pip install" in absent["error"]
    assert not {"metrics", "index_s"} & (broken.keys() | absent.keys())
    assert made["notes"] == ["2 questions were left out: they name no article that answers them, or are follow-ups"]
    assert [line for line in told if line.startswith("Broken failed: RuntimeError")]

    lines = (out / "peers.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert len({len(row) for row in rows}) == 1
    by_system = {row[0]: row[1:] for row in rows}
    assert by_system["Good"][0] == "1.000 [1.000, 1.000]"
    assert by_system["Bad"][4] == "-0.900 [-0.900, -0.900]"
    assert by_system["Broken"][0] == "failed" and by_system["Absent"][0] == "not installed"
    assert "0.000" not in " ".join(by_system["Broken"] + by_system["Absent"])
    assert "3 questions of asked.jsonl over 10 articles." in lines[0]
    assert any(line.startswith("- Absent: is not there (absent: no-such-package-anywhere is") for line in lines)


def test_a_peer_that_gains_on_footnote_is_shown_to(
    settings: Settings, articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    turned = {
        "footnote": replace(table["footnote"], module="made_up_bad"),
        "other": replace(table["bad"], name="other", module="made_up_good"),
    }
    made = run(settings, [articles], asked, tmp_path / "out", peers=turned)
    assert made["peers"][1]["against"]["footnote"]["low"] > 0
    assert "+0.900" in (tmp_path / "out" / "peers.md").read_text(encoding="utf-8")


# --- going on ---


def test_what_was_measured_is_kept_and_what_failed_is_tried_again(
    settings: Settings, articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def killed(text: str) -> None:
        if text.startswith("Bad"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(settings, [articles], asked, out, peers=table, tell=killed)
    assert (measured(tmp_path, "good"), measured(tmp_path, "bad")) == (1, 0)
    told: list[str] = []
    first = run(settings, [articles], asked, out, peers=table, tell=told.append)
    assert (measured(tmp_path, "good"), measured(tmp_path, "bad")) == (1, 1)
    assert "Good: measured before" in told and "Broken …" in told
    assert run(settings, [articles], asked, out, peers=table) == first

    run(settings, [articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 2  # other articles
    other = settings.model_copy(update={"passages": 7})
    run(other, [articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 3  # other settings
    module = tmp_path / "modules" / "made_up_good.py"
    module.write_text(module.read_text() + "\n# changed\n")
    run(other, [articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 4  # other code


def test_a_folder_of_somebody_else_is_left_alone(
    settings: Settings, articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    (tmp_path / "out" / "footnote").mkdir(parents=True)
    (tmp_path / "out" / "footnote" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not of an earlier run"):
        run(settings, [articles], asked, tmp_path / "out", peers=table)
    assert (tmp_path / "out" / "footnote" / "notes.txt").read_text() == "mine"


# --- the collection ---


def test_a_sample_is_the_gold_articles_and_the_same_others_each_time(
    articles: Path, asked: Path, write_lines: Callable[..., Path]
) -> None:
    first = collect([articles], asked, sample=6, seed=1)
    ids = [each.id for each in first.articles]
    assert len(ids) == 6 and {"a0", "a1", "a2"} <= set(ids) and ids == sorted(ids)
    backwards = write_lines("backwards.jsonl", *reversed(articles.read_text().splitlines()))
    assert {each.id for each in collect([backwards], asked, sample=6, seed=1).articles} == set(ids)
    drawn = {frozenset(sampled([f"a{n}" for n in range(10)], {"a0"}, 4, seed)) for seed in range(8)}
    assert len(drawn) > 1
    assert len(collect([articles], asked, sample=500).articles) == 10


def test_what_can_not_be_measured_on_is_refused(
    settings: Settings, articles: Path, asked: Path, tmp_path: Path, write_lines: Callable[..., Path]
) -> None:
    with pytest.raises(UsageError, match="no room for the 3 gold articles"):
        collect([articles], asked, sample=2)
    with pytest.raises(UsageError, match="is no bulk file"):
        collect([tmp_path], asked)
    with pytest.raises(UsageError, match="used before"):
        collect([articles, articles], asked)
    nowhere = write_lines("nowhere.jsonl", {"id": "q", "question": "where", "evidence": [{"article_id": "b"}]})
    with pytest.raises(UsageError, match="check the ids"):
        collect([articles], nowhere)
    unanswered = write_lines("unanswered.jsonl", {"id": "q", "question": "where"})
    with pytest.raises(UsageError, match="no question that stands alone"):
        collect([articles], unanswered)
    with pytest.raises(UsageError, match="no peer nobody"):
        run(settings, [articles], asked, tmp_path / "out", names=["nobody"])


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
def given(articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """The articles for a peer, with the fake embedder in the place of the real one."""
    monkeypatch.setattr(Embedder, "load", classmethod(lambda cls, settings: FakeEmbedder()))
    loaded: list[dict[str, Any]] = [json.loads(line) for line in articles.read_text().splitlines()]
    read = tuple(Article(each["id"], each["title"], each["text"], published=each["date"]) for each in loaded)
    return Given(articles, read, Settings(index=tmp_path / "own" / "index", _env_file=None))


@pytest.mark.parametrize("peer", [footnote, llama_index])
def test_a_peer_ranks_articles(peer: Any, given: Given) -> None:
    indexed = peer.index(given)
    assert indexed.chunks == 10
    for place in (0, 4, 9):
        assert indexed.search(f"News of the {SUBJECTS[place]}", 5)[0] == f"a{place}"
    assert len(indexed.search("anything", 100)) == 10


def test_titles_are_part_of_what_peers_are_given() -> None:
    assert whole_text(Article("a", "Title", "Text.")) == "Title\n\nText."
    assert whole_text(Article("a", "", "Text.")) == "Text."


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_every_peer_of_the_table_runs(
    name: str, settings: Settings, articles: Path, asked: Path, tmp_path: Path
) -> None:
    made = run(settings, [articles], asked, tmp_path / "out", names=[name])
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


# --- the command ---


def test_the_command_prints_the_table_and_says_when_it_is_not_whole(
    articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from functools import partial

    command = ["eval", "peers", str(articles), "--questions", str(asked), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("evals.peers.run.run", partial(run, peers=table))
    assert main([*command, "--peer", "footnote"]) == 0
    assert "| Good | 1.000" in capsys.readouterr().out
    assert main([*command, "--peer", "footnote", "--peer", "absent", "--json"]) == 1
    assert [row["status"] for row in json.loads(capsys.readouterr().out)["peers"]] == ["measured", "absent"]
    assert main([*command, "--peer", "nobody"]) == 2
