"""What taking articles in costs, and that what is removed is gone: `python -m evals.intake FILE.jsonl.gz… --out DIR`.

1. `footnote add` of all the files in a process of its own: articles and passages a second, peak memory of it and of the
   process that parses for it; then the same command again.
2. A folder of 1,000 of the articles is synced, 10 files get a new last sentence, it is synced again.
3. 100 articles are removed from the first index; then each one's passages are looked for by id, by article, by their
   words, by their vectors and in the catalogue.

An index that is in DIR already is gone on with: a run that was stopped can be finished, its times are then not whole.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index import ingest
from index.library import Index
from index.passages import searched_text, text_hash
from index.read import read_source
from index.read.source import Source
from index.settings import IndexSettings
from index.types import Article
from index.writer import IngestReport

SEED = 20261125
FILES, TOUCHED, REMOVED = 1000, 10, 100
KILOBYTES_PER_GB = 1024**2


def add(paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """What `footnote add --json` printed, with `wall_s` and `peak_gb` (the largest of its processes)."""
    started = time.monotonic()
    command = [sys.executable, "-P", "-m", "ui.cli", "add", *map(str, paths), "--index", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    report: dict[str, Any] = json.loads(done.stdout)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KILOBYTES_PER_GB
    return {**report, "wall_s": time.monotonic() - started, "peak_gb": peak}


def touched(articles: Sequence[Article], folder: Path) -> tuple[IngestReport, IngestReport, float]:
    """The reports of syncing a folder of files before and after a few were changed, and the second one's seconds."""
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    for number, article in enumerate(articles):
        (files / f"{number:04d}.txt").write_text(f"{article.title}\n\n{article.text}\n", encoding="utf-8")
    index = Index(IndexSettings(index=folder / "index"), create=True)
    first = ingest.sync(index, files)
    for path in sorted(files.glob("*.txt"))[:: len(articles) // TOUCHED][:TOUCHED]:
        path.write_text(path.read_text(encoding="utf-8") + "\nThis sentence was added later.\n", encoding="utf-8")
    started = time.monotonic()
    return first, ingest.sync(index, files), time.monotonic() - started


def traces(index: Index, chance: random.Random) -> tuple[int, int, int]:
    """Remove articles; how many, how many passages they had, and how many ways still lead to one of them."""
    chosen = chance.sample([each.id for each in index.articles()], REMOVED)
    articles = [article for article_id in chosen if (article := index.article(article_id))]
    passages = [node for article in articles for node in index.splitter.split(article, rev=0)]
    with index.writing():
        index.remove(chosen)
    gone = set(chosen)
    left = sum(index.article(article_id) is not None for article_id in chosen)
    left += sum(each.id in gone for each in index.articles())
    left += len(index.store.get_nodes([node.node_id for node in passages]))
    left += sum(article_id in gone for article_id, _ in index.store.passage_counts())
    left += len(index.store.vectors_by_hash(sorted({text_hash(searched_text(node)) for node in passages})))
    retriever = index.retriever(k=100, every_copy=True)
    for node in chance.sample(passages, min(REMOVED, len(passages))):
        left += sum(found.article_id in gone for found in retriever.search(node.text[:300]))
    left += len(index.compared.stories(chosen))
    return len(chosen), len(passages), left


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.intake", description=__doc__)
    parser.add_argument("articles", nargs="+", type=Path, help="bulk files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the indexes")
    args = parser.parse_args(given)
    for name in ("first", "again"):
        report = add(args.articles, args.out / "all")
        counts = {key: value for key, value in report.items() if isinstance(value, int)}
        done = report["added"] + report["duplicates"] + report["updated"] + report["unchanged"]
        print(f"{name}: {counts}, {len(report['skipped'])} skipped, {report['wall_s']:.0f} s", flush=True)
        print(
            f"  {done / report['wall_s']:.1f} articles/s, {report['passages'] / report['wall_s']:.1f} passages/s,",
            end="",
        )
        print(f" peak {report['peak_gb']:.2f} GB", flush=True)
    read = (item for path in args.articles for item in read_source(Source(path)) if isinstance(item, Article))
    before, after, seconds = touched(list(itertools.islice(read, FILES)), args.out / "touched")
    print(f"folder of {FILES}: {before.added + before.duplicates} added, {before.embedded} passages embedded")
    print(f"after {TOUCHED} were changed: {after.updated} updated, {after.unchanged} unchanged,", end=" ")
    print(f"{after.embedded} of {after.passages} passages embedded, {seconds:.1f} s", flush=True)
    removed, passages, left = traces(Index(IndexSettings(index=args.out / "all")), random.Random(SEED))
    print(f"removed {removed} articles with {passages} passages: {left} traces of them found")
    return 0 if not left else 1


if __name__ == "__main__":
    sys.exit(main())
