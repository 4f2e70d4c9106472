"""Runs every set there is and writes what came of it into docs/results.md: `make results DATA=DIR`.

DIR holds the published sets, which the project does not contain: `squad/dev-13-articles.json.gz`, `clapnq/`, `news/`,
`chunking/` and, as BEIR folders, `ir/…`. A set that is not there is left out of the tables. What is between the two
marks of docs/results.md is replaced, nothing else is touched. Run again, it keeps the runs whose set, articles,
settings, code, versions and machine are still the same, and goes on with one that was killed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from evals import convert
from evals.kept import run_or_keep
from evals.provenance import machine_words
from index.errors import UsageError

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- results: written by make results -->", "<!-- end of results -->"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "questions": {
        "status right": "status_right",
        "answer contained": "contains",
        "gold sentence cited": "evidence_cited",
        "cited characters: precision": "citation_precision",
        "recall": "citation_recall",
        "AUROC": "confidence_auroc",
        "calibration error": "calibration_error",
    },
    "reading": {"exact match": "exact_match", "F1": "f1", "answer in the sentence": "sentence_contains"},
    "retrieval": {"Hit@1": "Success@1", "Hit@10": "Success@10", "MRR@10": "RR@10", "nDCG@10": "nDCG@10"},
}
HEADINGS = {"questions": "Whole answers", "reading": "Reading", "retrieval": "Search"}


@dataclass(frozen=True)
class Task:
    """One set to run: its name in the table, its file, and the articles or the index to ask over."""

    name: str
    set_path: Path
    articles: Path | None = None
    index: Path | None = None
    threshold: float | None = None


def tasks(data: Path | None, made: Path, news_index: Path | None) -> Iterator[Task]:
    """The seeds, and what is in `data`, converted into `made`."""
    yield Task("seeds", ROOT / "evals" / "sets" / "seeds.jsonl", articles=ROOT / "seeds")
    if data is None:
        return
    if (path := data / "squad" / "dev-13-articles.json.gz").exists():
        yield Task("SQuAD 1.1, 13 development articles", path)
    if (folder := data / "clapnq").is_dir():
        files = [folder / "answerable.jsonl.gz", folder / "unanswerable.jsonl.gz"]
        convert.write(convert.clapnq(files, half="held-out"), made / "clapnq")
        yield Task("ClapNQ, held-out half", *_converted(made / "clapnq"))
        yield Task("the same, every question answered", *_converted(made / "clapnq"), threshold=0.0)
    if (folder := data / "chunking").is_dir():
        convert.write(convert.chunking(sorted(folder.glob("*.jsonl.gz"))), made / "chunking")
        yield Task("chunking, every question answered", *_converted(made / "chunking"), threshold=0.0)
    if (folder := data / "news").is_dir():
        convert.write(convert.news([folder / "questions-2022.jsonl.gz"], gold="gold_ids"), made / "news")
        articles = None if news_index else folder / "articles-2022.jsonl.gz"
        yield Task("news 2022, article known", made / "news" / "questions.jsonl", articles, news_index)
    for folder in sorted((data / "ir").glob("*/qrels.tsv")):
        yield Task(folder.parent.name, folder.parent)


def _converted(folder: Path) -> tuple[Path, Path]:
    return folder / "questions.jsonl", folder / "articles.jsonl"


def run_task(task: Task, out: Path) -> dict[str, Any]:
    """The metrics of one task, its run kept under `out`; what was finished there with all the same is kept."""
    settings = Settings() if task.threshold is None else Settings(threshold=task.threshold)
    folder = out / "".join(c if c.isalnum() else "-" for c in task.name.casefold())
    return run_or_keep(settings, task.set_path, folder, articles=task.articles, index=task.index)


def tables(results: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Markdown: a table for each kind of set, values with their 95 % intervals, and the time that answers took."""
    parts = []
    for kind, columns in COLUMNS.items():
        rows = [(name, metrics) for name, metrics in results if metrics["kind"] == kind]
        if not rows:
            continue
        timed = kind == "questions"
        heads = ["set", "n", *columns, *(["ms p50 / p95"] if timed else [])]
        lines = [f"### {HEADINGS[kind]}", "", _piped(heads), _piped([":--", *["--:"] * (len(heads) - 1)])]
        for name, metrics in rows:
            cells = [name, str(metrics["questions"])]
            cells += [_cell(metrics["metrics"].get(metric)) for metric in columns.values()]
            if timed:
                total = metrics["timings_ms"]["total"]
                cells.append(f"{total['p50']:.0f} / {total['p95']:.0f}")
            lines.append(_piped(cells))
        parts.append("\n".join(lines))
    first = results[0][1]
    return "\n\n".join([machine_words(first["made_by"]["machine"], first["resources"]), *parts])


def _cell(metric: Mapping[str, float] | None) -> str:
    return f"{metric['value']:.3f} [{metric['low']:.3f}, {metric['high']:.3f}]" if metric else "–"


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def replaced(document: str, text: str) -> str:
    """The document with the text between its two marks. Raises UsageError where it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"the document lacks the line {BEGIN} or {END}, between which the results go")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.results", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the published sets (default: only the seeds)")
    parser.add_argument("--out", type=Path, default=Path("eval-runs"), help="folder for the runs")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this set; its table is printed")
    parser.add_argument("--news-index", type=Path, help="an index of the news of 2022, if there is one already")
    parser.add_argument("--write", type=Path, default=ROOT / "docs" / "results.md", help="document to write to")
    args = parser.parse_args(given)
    replaced(args.write.read_text(encoding="utf-8"), "")  # that it can be written to is seen before hours are spent
    results = []
    for task in tasks(args.data, args.out / "converted", args.news_index):
        if args.only and task.name not in args.only:
            continue
        print(f"{task.name} …", flush=True)
        results.append((task.name, run_task(task, args.out)))
    if not results:
        raise UsageError(f"there is no set {', '.join(args.only)}: give the name that stands in the table")
    if args.only:
        print(tables(results))  # not written: it would take the place of the other sets' tables
        return 0
    args.write.write_text(replaced(args.write.read_text(encoding="utf-8"), tables(results)), encoding="utf-8")
    print(f"{args.write}: {len(results)} sets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
