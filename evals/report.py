"""Reports: the metrics as a short text table and as Markdown. Text in, text out: nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = {
    "questions": ("status_right", "contains", "f1", "evidence_cited"),
    "retrieval": ("Success@1", "Success@10", "RR@10", "nDCG@10"),
}
"""Metrics that are shown for each tag of questions, each stage of a search."""
MIN_TAGGED = 5
"""A tag on fewer questions than this (a single dialogue's, say) is in metrics.json only."""
TITLES = {"retrieval": "Retrieval", "reading": "Reading", "questions": "Questions"}

Row = Sequence[str]


def summary(metrics: Mapping[str, Any]) -> str:
    """The metrics of a run as a table for the terminal: value, 95 % interval, n; then tags, gaps and notes."""
    lines = [_title(metrics), "", *_aligned(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", *_aligned(tags)]
    if risks := _risk_rows(metrics):
        lines += ["", *_aligned(risks)]
    if gaps := _gaps(metrics):
        lines += ["", *gaps]
    return "\n".join(lines)


def markdown(metrics: Mapping[str, Any]) -> str:
    """The same as Markdown, with what produced it."""
    lines = [f"# {_title(metrics)}", "", *_piped(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", "## By tag" if metrics["kind"] == "questions" else "## By stage", "", *_piped(tags)]
    if risks := _risk_rows(metrics):
        lines += ["", "## Were only the surest answers given", "", *_piped(risks)]
    if gaps := _gaps(metrics):
        lines += ["", "## Notes", "", *(f"- {gap}" for gap in gaps)]
    return "\n".join([*lines, "", "## Made by", "", *_made_by(metrics["made_by"]), ""])


def comparison_summary(comparison: Mapping[str, Any]) -> str:
    """What changed between two runs, for the terminal: metrics first, then each question that changed sides."""
    lines = [*_aligned(_difference_rows(comparison["metrics"])), ""]
    lines += [f"note: {_one_line(note)}" for note in comparison["notes"]]
    changed = comparison["changed"]
    lines.append(f"{len(changed)} questions changed sides{':' if changed else '.'}")
    for each in changed:
        lines += [
            "",
            _one_line(f"{each['id']}: {each['before']} → {each['after']} {each['question']}"),
            f"  before: {_one_line(each['answers'][0])}",
            f"  after:  {_one_line(each['answers'][1])}",
        ]
    return "\n".join(lines)


def gate_summary(verdict: Mapping[str, Any]) -> str:
    """Whether a run passed, for the terminal, and how each metric stands to its floor."""
    lines = _aligned(_difference_rows(verdict["metrics"])) if verdict["metrics"] else []
    if verdict["fallen"]:
        lines.append(f"fallen beyond noise: {', '.join(verdict['fallen'])}")
    lines.append(f"floors {_one_line(verdict['floors'])}")
    return "\n".join([*lines, "The gate is passed." if verdict["passed"] else "The gate is NOT passed."])


def _difference_rows(differences: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = [("metric", "before", "after", "gain", "95 % interval", "n", "p", "p (Holm)")]
    for name, each in differences.items():
        gain = each["gain"]
        rows.append(
            (
                name,
                f"{each['first']:.3f}",
                f"{each['second']:.3f}",
                f"{gain['value']:+.3f}",
                f"{gain['low']:+.3f} to {gain['high']:+.3f}",
                str(gain["n"]),
                f"{each['p']:.3f}",
                f"{each['p_holm']:.3f}",
            )
        )
    return rows


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
    columns = COLUMNS.get(metrics["kind"], ())
    for tag, measured in metrics["by_tag"].items():
        values = measured["metrics"]
        n = max((each["n"] for name, each in values.items() if name in columns), default=0)
        if n >= MIN_TAGGED or metrics["kind"] == "retrieval":
            cells = [f"{values[name]['value']:.3f}" if name in values else "–" for name in columns]
            rows.append((tag, *cells, str(n)))
    return [("tag" if metrics["kind"] == "questions" else "stage", *columns, "n"), *rows] if rows else []


def _risk_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """A row for each tenth of the answers given, the surest first."""
    rows: list[Row] = [
        (f"surest {point['coverage']:.0%}", f"{1 - point['risk']:.3f}", f"{point['confidence']:.3f}")
        for point in metrics["risk_coverage"]
    ]
    return [("of the answers given", "right", "confidence from"), *rows] if rows else []


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
