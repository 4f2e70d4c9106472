"""`report.html`: a finished run as one page that loads nothing, runs no script, and can be sent to anybody.

Whatever comes from questions, answers and articles is escaped by the template; the page forbids itself scripts and
requests besides, by its content security policy.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evals import plots
from evals.compare import Run, load_run, outcome, said
from evals.measure import QUESTION_MEASURES, READING_MEASURES, SEARCH_MEASURES, Measure
from evals.report import COLUMNS, HEADLINE, TITLES, by_reason, judged_lines
from evals.types import Marks
from evals.workspace import GOLD

PAGE = "report.html"
TEMPLATE = "report.html.jinja"
MEASURES: Mapping[str, Mapping[str, Measure]] = {
    "questions": QUESTION_MEASURES,
    "reading": READING_MEASURES,
    "retrieval": SEARCH_MEASURES,
}
ORDER = ("wrong", "wrongly refused", "right", "rightly refused")
"""Outcomes as a person wants them: what went wrong first; others follow by the alphabet."""


def write_page(folder: Path) -> Path:
    """Writes the report of the finished run in a folder, and says where. Raises UsageError where there is no run."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template(TEMPLATE).render(**_content(load_run(folder)))
    partial = folder / f"{PAGE}.partial"
    partial.write_text(page, encoding="utf-8", errors="replace")
    return partial.replace(folder / PAGE)


def _content(run: Run) -> dict[str, Any]:
    metrics = run.metrics
    kind = metrics["kind"]
    questions = _questions(run)
    counts = Counter(each["outcome"] for each in questions)
    return {
        "title": TITLES[kind],
        "set_name": metrics["made_by"]["set"]["name"],
        "metrics": metrics,
        "headline": [(name, metrics["metrics"][name]) for name in HEADLINE[kind] if name in metrics["metrics"]],
        "about": {name: measure.about for name, measure in MEASURES[kind].items()},
        "absent": by_reason(metrics["absent"]),
        "judged": judged_lines(metrics),
        "figures": _figures(run),
        "questions": questions,
        "outcomes": [(name, counts[name]) for name in sorted(counts, key=_place)],
        "total": len(questions),
    }


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _figures(run: Run) -> list[tuple[str, str, str]]:
    """(heading, SVG, caption) of the plots that the run has data for."""
    metrics, found = run.metrics, []
    if metrics["risk_coverage"]:
        found.append(
            (
                "Risk and coverage",
                plots.risk_coverage(metrics["risk_coverage"]),
                "How many answers would be wrong, were only the surest ones given. Where it falls to the left, "
                "the confidence is worth something.",
            )
        )
    judged = [each for each in run.marks.values() if each.right is not None]
    if judged:
        found.append(
            (
                "Calibration",
                plots.calibration([each.confidence for each in judged], [bool(each.right) for each in judged]),
                "Of the answers given with about this confidence, so many were right; the numbers count them. "
                "On the dashed line it is honest.",
            )
        )
    taken = [each["timings_ms"]["total"] for each in run.answers.values() if "total" in each.get("timings_ms", {})]
    if taken:
        found.append(("Time", plots.latency(taken), "What answers took, from the question to the last word."))
    column = COLUMNS.get(metrics["kind"], ("",))[0]
    rows = [
        (tag, metric["value"], metric["low"], metric["high"], metric["n"])
        for tag, measured in metrics["by_tag"].items()
        if (metric := measured["metrics"].get(column))
    ]
    if rows:
        heading = "By stage" if metrics["kind"] == "retrieval" else "By tag"
        found.append(
            (heading, plots.bars(rows), f"{column}, with its 95 % interval; in brackets the number of questions.")
        )
    return found


def _questions(run: Run) -> list[dict[str, Any]]:
    """What the page shows of each question, what went wrong first."""
    gold = _gold(run.folder)
    rows = [_row(marks, run.answers.get(i, {}), gold.get(i, {})) for i, marks in run.marks.items()]
    return sorted(rows, key=lambda row: _place(row["outcome"]))  # stable: the set's order within an outcome


def _gold(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / GOLD
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        return {str(record["id"]): record for record in map(json.loads, file)}


def _row(marks: Marks, answer: Mapping[str, Any], gold: Mapping[str, Any]) -> dict[str, Any]:
    named = outcome(marks)
    interpreted = answer.get("interpreted_question")
    return {
        "id": marks.id,
        "outcome": named,
        "slug": named.replace(" ", "-"),
        "question": gold.get("question") or answer.get("question") or "",
        "interpreted": interpreted if interpreted != answer.get("question") else None,
        "history": gold.get("history", ()),
        "confidence": marks.confidence if answer and "articles" not in answer else None,
        "sentences": answer.get("sentences", ()),
        "said": said(answer),
        "short_answer": answer.get("short_answer"),
        "citations": answer.get("citations", ()),
        "nearest": answer.get("nearest", ()),
        "notice": answer.get("notice"),
        "answers": gold.get("answers", ()),
        "quotes": gold.get("quotes", ()),
        "articles": gold.get("articles", ()),
        "answerable": marks.answerable,
        "tags": marks.tags,
        "values": [(name, sum(values) / len(values)) for name, values in marks.values.items() if values],
    }
