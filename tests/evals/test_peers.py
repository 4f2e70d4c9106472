"""`footnote eval peers`: the processes, the table, the command; rankings by shared words stand in for real peers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from evals.peers.run import run
from evals.peers.table import Peer
from index.errors import UsageError
from tests.conftest import ROOT
from ui.cli import main

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
    settings: Settings, ten_articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told: list[str] = []
    made = run(settings, [ten_articles], asked, out, peers=table, tell=told.append)
    assert json.loads((out / "peers.json").read_text(encoding="utf-8")) == made
    good, broken, absent, bad = made["peers"]
    assert good["metrics"]["Success@1"] == {"value": 1.0, "n": 3, "low": pytest.approx(0.4385, abs=1e-4), "high": 1.0}
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
    assert by_system["Good"][0] == "1.000 [0.439, 1.000]"
    assert by_system["Bad"][4] == "-0.900 [-0.900, -0.900]"
    assert by_system["Broken"][0] == "failed" and by_system["Absent"][0] == "not installed"
    assert "0.000" not in " ".join(by_system["Broken"] + by_system["Absent"])
    assert "3 questions of asked.jsonl over 10 articles." in lines[0]
    assert any(line.startswith("- Absent: is not there (absent: no-such-package-anywhere is") for line in lines)


def test_a_peer_that_gains_on_footnote_is_shown_to(
    settings: Settings, ten_articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    turned = {
        "footnote": replace(table["footnote"], module="made_up_bad"),
        "other": replace(table["bad"], name="other", module="made_up_good"),
    }
    made = run(settings, [ten_articles], asked, tmp_path / "out", peers=turned)
    assert made["peers"][1]["against"]["footnote"]["low"] > 0
    assert "+0.900" in (tmp_path / "out" / "peers.md").read_text(encoding="utf-8")


# --- going on ---


def test_what_was_measured_is_kept_and_what_failed_is_tried_again(
    settings: Settings, ten_articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def killed(text: str) -> None:
        if text.startswith("Bad"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(settings, [ten_articles], asked, out, peers=table, tell=killed)
    assert (measured(tmp_path, "good"), measured(tmp_path, "bad")) == (1, 0)
    told: list[str] = []
    first = run(settings, [ten_articles], asked, out, peers=table, tell=told.append)
    assert (measured(tmp_path, "good"), measured(tmp_path, "bad")) == (1, 1)
    assert "Good: measured before" in told and "Broken …" in told
    again = run(settings, [ten_articles], asked, out, peers=table)
    assert {**again, "resources": {}} == {**first, "resources": {}}  # how fast the machine is just now

    run(settings, [ten_articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 2  # other articles
    other = settings.model_copy(update={"passages": 7})
    run(other, [ten_articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 3  # other settings
    module = tmp_path / "modules" / "made_up_good.py"
    module.write_text(module.read_text() + "\n# changed\n")
    run(other, [ten_articles], asked, out, sample=5, peers=table, names=["footnote"])
    assert measured(tmp_path, "good") == 4  # other code


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
def test_a_peer_ends_when_the_run_is_killed(ten_articles: Path, asked: Path, tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    begun = tmp_path / "begun"
    (modules / "made_up_slow.py").write_text(
        f"import os, pathlib, time\n\ndef index(given):\n"
        f"    pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))\n    time.sleep(600)\n"
    )
    code = (
        "import sys; from pathlib import Path; from bot.settings import Settings; from evals.peers.run import run\n"
        "from evals.peers.table import Peer\n"
        "peer = Peer('slow', 'Slow', '', ('numpy',), module='made_up_slow')\n"
        "articles, asked, out = map(Path, sys.argv[1:])\n"
        "run(Settings(_env_file=None), [articles], asked, out, peers={'slow': peer})\n"
    )
    command = [sys.executable, "-c", code, str(ten_articles), str(asked), str(tmp_path / "out")]
    paths = {**os.environ, "PYTHONPATH": f"{modules}{os.pathsep}{ROOT}"}
    with subprocess.Popen(command, env=paths) as running:
        assert wait_until(lambda: begun.exists() and begun.read_text() != "")
        running.kill()
    child = Path("/proc", begun.read_text())
    assert wait_until(lambda: not child.exists() or "(zombie)" in (child / "status").read_text())


def wait_until(done: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether it came true within this time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_folder_of_somebody_else_is_left_alone(
    settings: Settings, ten_articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path
) -> None:
    (tmp_path / "out" / "footnote").mkdir(parents=True)
    (tmp_path / "out" / "footnote" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not of an earlier run"):
        run(settings, [ten_articles], asked, tmp_path / "out", peers=table)
    assert (tmp_path / "out" / "footnote" / "notes.txt").read_text() == "mine"


# --- the command ---


def test_the_command_prints_the_table_and_says_when_it_is_not_whole(
    ten_articles: Path, asked: Path, table: dict[str, Peer], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from functools import partial

    command = ["eval", "peers", str(ten_articles), "--questions", str(asked), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("evals.peers.run.run", partial(run, peers=table))
    assert main([*command, "--peer", "footnote"]) == 0
    assert "| Good | 1.000" in capsys.readouterr().out
    assert main([*command, "--peer", "footnote", "--peer", "absent", "--json"]) == 1
    assert [row["status"] for row in json.loads(capsys.readouterr().out)["peers"]] == ["measured", "absent"]
    assert main([*command, "--peer", "nobody"]) == 2
