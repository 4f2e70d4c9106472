"""Reports: the metrics as a short text table and as Markdown. Text in, text out: nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TAG_COLUMNS = ("status_right", "contains", "f1", "evidence_cited")
MIN_TAGGED = 5
"""A tag on fewer questions than this (a single dialogue's, say) is in metrics.json only."""
TITLES = {"retrieval": "Retrieval", "reading": "Reading", "questions": "Questions"}

Row = Sequence[str]


def summary(metrics: Mapping[str, Any]) -> str:
    """The metrics of a run as a table for the terminal: value, 95 % interval, n; then tags, gaps and notes."""
    lines = [_title(metrics), "", *_aligned(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", *_aligned(tags)]
    if gaps := _gaps(metrics):
        lines += ["", *gaps]
    return "\n".join(lines)


def markdown(metrics: Mapping[str, Any]) -> str:
    """The same as Markdown, with what produced it."""
    lines = [f"# {_title(metrics)}", "", *_piped(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", "## By tag", "", *_piped(tags)]
    if gaps := _gaps(metrics):
        lines += ["", "## Notes", "", *(f"- {gap}" for gap in gaps)]
    return "\n".join([*lines, "", "## Made by", "", *_made_by(metrics["made_by"]), ""])


def _title(metrics: Mapping[str, Any]) -> str:
    name = metrics["made_by"].get("set", {}).get("name", "")
    return " · ".join(filter(None, (TITLES[metrics["kind"]], name, f"{metrics['questions']} questions")))


def _metric_rows(metrics: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = [("metric", "value", "95 % interval", "n")]
    for name, metric in metrics["metrics"].items():
        rows.append((name, f"{metric['value']:.3f}", f"{metric['low']:.3f} to {metric['high']:.3f}", str(metric["n"])))
    for name, ms in metrics["timings_ms"].items():
        rows.append((f"time {name}", f"{ms:.0f} ms", "", str(metrics["questions"])))
    return rows


def _tag_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """A row for each tag with enough questions; a dash where a metric does not apply."""
    rows: list[Row] = []
    for tag, measured in metrics["by_tag"].items():
        values = measured["metrics"]
        n = max((each["n"] for name, each in values.items() if name in TAG_COLUMNS), default=0)
        if n >= MIN_TAGGED:
            cells = [f"{values[name]['value']:.3f}" if name in values else "–" for name in TAG_COLUMNS]
            rows.append((tag, *cells, str(n)))
    return [("tag", *TAG_COLUMNS, "n"), *rows] if rows else []


def _gaps(metrics: Mapping[str, Any]) -> list[str]:
    """What is not measured and why, and what else to know, in a line each."""
    return [
        *(f"no {name}: {reason}" for name, reason in metrics["absent"].items()),
        *(f"note: {_one_line(note)}" for note in metrics["notes"]),
    ]


def _made_by(made_by: Mapping[str, Any]) -> list[str]:
    index = made_by.get("index", {})
    recipe = " · ".join(f"{key} {value}" for key, value in index.get("recipe", {}).items())
    size = f"{index['articles']} articles, {index['passages']} passages" if "articles" in index else ""
    facts = {
        "set": f"SHA-256 {made_by.get('set', {}).get('sha256', '')}",
        "index": ", ".join(filter(None, (size, recipe))),
        "settings": " · ".join(f"{key} {value}" for key, value in made_by.get("settings", {}).items() if value != ""),
        "versions": " · ".join(f"{name} {version}" for name, version in made_by.get("versions", {}).items()),
        "code": f"SHA-256 {made_by.get('code_sha256', '')}",
    }
    return [f"- {name}: {_one_line(fact)}" for name, fact in facts.items() if fact]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _aligned(rows: Sequence[Row]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _piped(rows: Sequence[Row]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    rule = [":--", *("--:" for _ in rows[0][1:])]
    return [f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]]]
