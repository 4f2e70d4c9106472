"""Kills `footnote add` at random moments and checks what is left: `python -m evals.kills ARTICLES.jsonl --kills 25`.

Every kill hits the same index; the articles are given in two versions by turns, so that the first kills hit adding and
all others replacing. Many short articles make many commits to hit. After each kill the index is opened and every
article that was listed before the kill must be there, old or new, with each of its passages once and nothing else in
the store; the same again after the next writer has opened it.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from index.catalogue import Catalogue
from index.library import Index
from index.settings import IndexSettings

SEED = 20261124
LONGEST_WAIT_S = 120.0


@dataclass(frozen=True)
class Outcome:
    """What one kill left: how far the writer had come, and what is wrong (empty: nothing)."""

    listed_before: int
    listed_after: int
    wrong: tuple[str, ...]


def versions(path: Path, folder: Path) -> list[Path]:
    """The articles as given, and a second version with one more sentence at the end of each."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    made = []
    for number, ending in enumerate(("", "\n\nThis is the second version.")):
        target = folder / f"version-{number}.jsonl"
        target.write_text("\n".join(json.dumps({**line, "text": line["text"] + ending}) for line in lines), "utf-8")
        made.append(target)
    return made


def kill_once(bulk: Path, folder: Path, chance: random.Random) -> Outcome:
    """Start adding, kill it some moments after its first sign of writing, and look at the index."""
    folder.mkdir(exist_ok=True)
    catalogue = Catalogue(folder / "catalogue.sqlite")
    before = Counter(catalogue.revisions())
    # -P: in the folder that a person calls "index", ours must still be the package of that name.
    command = [sys.executable, "-P", "-m", "ui.cli", "add", str(bulk), "--index", str(folder)]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        began = time.monotonic()
        while child.poll() is None and time.monotonic() - began < LONGEST_WAIT_S:
            if Counter(catalogue.revisions()) != before or catalogue.pending_revs():
                break
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 6.0))
        if child.poll():
            said.seek(0)
            raise RuntimeError(f"footnote add failed by itself ({child.returncode}): {said.read().decode()[-2000:]}")
        listed = {summary.id for summary in catalogue.summaries()}
        child.send_signal(signal.SIGKILL)
        child.wait()
    after = Index(IndexSettings(index=folder))
    wrong = [*_wrong(after, listed)]
    with after.writing():
        pass
    wrong += [f"after recovery: {problem}" for problem in _wrong(after, listed)]
    return Outcome(len(listed), len(after.articles()), tuple(wrong))


def _wrong(index: Index, listed: set[str]) -> list[str]:
    """What is wrong with an index; passages of a revision that is still pending count for it."""
    problems = [f"{article_id} is missing" for article_id in sorted(listed - {a.id for a in index.articles()})]
    counts = index.store.passage_counts()
    by_article = Counter(article_id for article_id, _ in counts)
    problems += [f"{article_id} is there in two versions" for article_id, n in by_article.items() if n > 1]
    problems += [f"{article_id} has no passages" for article_id in sorted(listed - set(by_article))]
    seen: set[str] = set()
    for node in index.store.get_nodes():
        metadata = node.metadata
        article = index.article(str(metadata["article_id"]), int(metadata["rev"]))
        start, end = getattr(node, "start_char_idx", None), getattr(node, "end_char_idx", None)
        if article is None or article.text[start:end] != node.get_content():
            problems.append(f"{node.node_id} is not its article's text")
        if node.node_id in seen:
            problems.append(f"{node.node_id} is there twice")
        seen.add(node.node_id)
    return problems


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("articles", type=Path, help="a bulk file of some thousand short articles")
    options.add_argument("--kills", type=int, default=25)
    given = options.parse_args()
    chance = random.Random(SEED)
    failures = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bulks = versions(given.articles, folder)
        for number in range(given.kills):
            outcome = kill_once(bulks[number % 2], folder / "index", chance)
            failures += bool(outcome.wrong)
            print(f"kill {number + 1}: {outcome.listed_before} listed, {outcome.listed_after} after, ", end="")
            print("; ".join(outcome.wrong[:3]) or "nothing wrong", flush=True)
    print(f"{given.kills} kills, {failures} of them left something wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
