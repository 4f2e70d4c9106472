"""How well articles are found in real pages: `python -m evals.web body.jsonl.gz dates.jsonl.gz`.

The first file's lines hold `url`, `html`, and pieces of text that an extractor must keep (`with`) and drop
(`without`), as in trafilatura's own evaluation. Precision, recall and F1 are counted over all pieces, of what is
stored: title and text after all cleaning. The second's hold `url`, `html` and the `date` of publication; a page counts
as right when just this day is found. Invisible characters and white space are taken alike on both sides.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from evals.intervals import Cases, interval, mean
from evals.types import Metric
from index.clean import clean_line
from index.errors import UnreadableInput
from index.read import checked
from index.read.html import page_article
from index.read.source import Source
from index.types import Article


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def stored(page: dict[str, Any]) -> Article | None:
    """The page's article as it would be stored, or None where none is found."""
    try:
        article = checked(page_article(page["html"], Source(Path("page.html"), url=page["url"])))
    except UnreadableInput:
        return None
    return article if isinstance(article, Article) else None


def segment_counts(page: dict[str, Any]) -> tuple[int, int, int]:
    """Pieces rightly kept, wrongly kept, and wrongly dropped."""
    article = stored(page)
    text = clean_line(f"{article.title}\n{article.text}") if article else ""
    kept = [clean_line(piece) in text for piece in page["with"]]
    extra = [clean_line(piece) in text for piece in page["without"]]
    return sum(kept), sum(extra), len(kept) - sum(kept)


def segment_scores(counts: list[tuple[int, int, int]]) -> dict[str, Metric | None]:
    """Precision, recall and F1 of all pieces, with intervals over pages."""
    table = np.asarray(counts, dtype=np.int64)

    def score(which: str, cases: Cases) -> float | None:
        right, extra, missed = (int(total) for total in table[cases].sum(axis=0))
        if not right:
            return None
        precision, recall = right / (right + extra), right / (right + missed)
        found = {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}
        return found[which]

    return {
        which: interval(lambda cases, which=which: score(which, cases), len(counts))  # type: ignore[misc]
        for which in ("precision", "recall", "f1")
    }


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.web", description=__doc__)
    parser.add_argument("body", type=Path, help="pages with pieces to keep and to drop")
    parser.add_argument("dates", type=Path, help="pages with their dates")
    args = parser.parse_args(given)
    started = time.monotonic()
    pages = list(lines(args.body))
    counts = [segment_counts(page) for page in pages]
    print(f"{len(pages)} pages in {time.monotonic() - started:.1f} s")
    for name, metric in segment_scores(counts).items():
        print(f"{name:10} {_shown(metric)}")
    dated = list(lines(args.dates))
    found = [article.published if (article := stored(page)) else None for page in dated]
    right = [float((day or "")[:10] == page["date"]) for day, page in zip(found, dated, strict=True)]
    today = datetime.now(UTC).date().isoformat()
    print(f"date right {_shown(mean(right))}; no date {found.count(None)}; today's {sum(d == today for d in found)}")
    return 0


def _shown(metric: Metric | None) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})" if metric else "–"


if __name__ == "__main__":
    sys.exit(main())
