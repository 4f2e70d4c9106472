"""Reports: the metrics as a short text table and as Markdown. Text in, text out: nothing is computed here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evals.gate import SIGNIFICANT
from evals.measure import CONFIDENCE_AUROC

COLUMNS = {
    "questions": ("status_right", "contains", "f1", "evidence_cited"),
    "retrieval": ("Success@1", "Success@10", "RR@10", "nDCG@10"),
}
"""Metrics that are shown for each tag of questions, each stage of a search."""
TITLES = {"retrieval": "Retrieval", "reading": "Reading", "questions": "Questions"}

Row = Sequence[str]
_MARKUP = re.compile(r"[\\`*\[\]<>&|#!~]|(?<!\w)_|_(?!\w)")


def summary(metrics: Mapping[str, Any]) -> str:
    """The metrics of a run as a table for the terminal: value, 95 % interval, n; then tags, gaps and notes."""
    lines = [_title(metrics), "", *_aligned(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", *_aligned(tags)]
    if risks := _risk_rows(metrics):
        lines += ["", *_aligned(risks)]
    if times := _time_rows(metrics):
        lines += ["", *_aligned(times)]
    if judged := judged_lines(metrics):
        lines += ["", *judged]
    if gaps := _gaps(metrics):
        lines += ["", *gaps]
    return "\n".join(lines)


def markdown(metrics: Mapping[str, Any]) -> str:
    """The same as Markdown, with what produced it."""
    lines = [f"# {_escaped(_title(metrics))}", "", *_piped(_metric_rows(metrics))]
    if tags := _tag_rows(metrics):
        lines += ["", "## By tag" if metrics["kind"] == "questions" else "## By stage", "", *_piped(tags)]
    if risks := _risk_rows(metrics):
        lines += ["", "## Were only the surest answers given", "", *_piped(risks)]
    if times := _time_rows(metrics):
        lines += ["", "## Time", "", *_piped(times)]
    if judged := judged_lines(metrics):
        lines += ["", "## Judged by a language model", "", *(f"- {_escaped(line)}" for line in judged)]
    if gaps := _gaps(metrics):
        lines += ["", "## Notes", "", *(f"- {_escaped(gap)}" for gap in gaps)]
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


HEADLINE = {
    "questions": (
        "status_right", "contains", "evidence_cited", "quote_exact", CONFIDENCE_AUROC, "calibration_error",
    ),
    "reading": ("exact_match", "f1", "sentence_contains", CONFIDENCE_AUROC),
    "retrieval": ("Success@1", "Success@10", "RR@10", "nDCG@10"),
}  # fmt: skip
"""The metrics that a person looks at first."""


def pull_request(metrics: Mapping[str, Any], comparison: Mapping[str, Any] | None = None) -> str:
    """A few lines of Markdown for a pull request: the headline, and against another run what changed."""
    lines = [f"**{_escaped(_title(metrics))}**", ""]
    if comparison is None:
        rows = _metric_rows(metrics)
        return "\n".join([*lines, *_piped([rows[0], *(r for r in rows[1:] if r[0] in HEADLINE[metrics["kind"]])])])
    rows = _difference_rows(comparison["metrics"])
    kept = [r for r in rows[1:] if r[0] in HEADLINE[metrics["kind"]] or float(r[-1]) < SIGNIFICANT]
    lines += [*_piped([rows[0], *kept]), ""]
    lines += [f"- {_escaped(note)}" for note in comparison["notes"]]
    sides: dict[str, int] = {}
    for each in comparison["changed"]:
        side = f"{each['before']} → {each['after']}"
        sides[side] = sides.get(side, 0) + 1
    lines.append(f"- {len(comparison['changed'])} questions changed sides")
    lines += [f"  - {side}: {n}" for side, n in sorted(sides.items(), key=lambda item: -item[1])]
    return "\n".join(lines)


def gate_summary(verdict: Mapping[str, Any]) -> str:
    """Whether a run passed, for the terminal, and how each metric stands to its floor."""
    lines = _aligned(_difference_rows(verdict["metrics"])) if verdict["metrics"] else []
    lines += [f"note: {_one_line(note)}" for note in verdict["notes"]]
    if verdict["not_judged"]:
        lines.append(f"the floors hold no {', '.join(verdict['not_judged'])}: bring them up to date with --raise")
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
    return rows


def _time_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """A row for each stage of an answer, in milliseconds."""
    stages = metrics["timings_ms"]
    if not stages:
        return []
    names = list(next(iter(stages.values())))
    rows: list[Row] = [("time in ms", *names)]
    rows += [(stage, *(f"{of_stage[name]:.0f}" for name in names)) for stage, of_stage in stages.items()]
    return rows


def _resources(metrics: Mapping[str, Any]) -> list[str]:
    words = {
        "start_up_ms": "ready to answer after {:.0f} ms",
        "matrix_gflops": "the machine multiplies matrices at {:.0f} GFLOP/s",
        "peak_memory_mb": "{:.0f} MB of memory at most",
    }
    return [words[name].format(value) for name, value in metrics["resources"].items()]


def _tag_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """A row for each tag with enough questions; a dash where a metric does not apply."""
    rows: list[Row] = []
    columns = COLUMNS.get(metrics["kind"], ())
    for tag, measured in metrics["by_tag"].items():
        values = measured["metrics"]
        n = max((each["n"] for name, each in values.items() if name in columns), default=0)
        cells = [f"{values[name]['value']:.3f}" if name in values else "–" for name in columns]
        rows.append((_one_line(tag), *cells, str(n)))
    return [("tag" if metrics["kind"] == "questions" else "stage", *columns, "n"), *rows] if rows else []


def _risk_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """A row for each tenth of the answers given, the surest first."""
    rows: list[Row] = [
        (f"surest {point['coverage']:.0%}", f"{1 - point['risk']:.3f}", f"{point['confidence']:.3f}")
        for point in metrics["risk_coverage"]
    ]
    return [("of the answers given", "right", "confidence from"), *rows] if rows else []


def judged_lines(metrics: Mapping[str, Any]) -> list[str]:
    """What a language model made of the answers, in a line each: an opinion, so not among the metrics."""
    judged = metrics.get("judged")
    if judged is None:
        return []
    lines = [f"no {name}: {_one_line(reason)}" for name, reason in judged["absent"].items()]
    for name, metric in judged["metrics"].items():
        low, high = metric["low"], metric["high"]
        lines.append(
            f"{name} {metric['value']:.3f} ({low:.3f} to {high:.3f}, n {metric['n']} of {judged['answers']} answers), "
            f"by {_one_line(judged['by'])}"
        )
    said = {"errors": "errors of the model", "unclear": "neither yes nor no", "not_asked": "not asked any more"}
    lines += [f"{judged[name]} {what}" for name, what in said.items() if judged[name]]
    if judged["first_error"]:
        lines.append(f"the first error: {_one_line(judged['first_error'])}")
    return [*lines, *(f"{name} is not faithful: {_one_line(why)}" for name, why in judged["unfaithful"].items())]


def _gaps(metrics: Mapping[str, Any]) -> list[str]:
    """What is not measured and why, and what else to know, in a line each."""
    return [
        *(f"no {', '.join(names)}: {reason}" for reason, names in by_reason(metrics["absent"]).items()),
        *(f"note: {_one_line(note)}" for note in metrics["notes"]),
        *(f"note: {resource}" for resource in _resources(metrics)),
    ]


def by_reason(absent: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of the metrics that are absent, by the reason why."""
    found: dict[str, list[str]] = {}
    for name, reason in absent.items():
        found.setdefault(reason, []).append(name)
    return found


def _made_by(made_by: Mapping[str, Any]) -> list[str]:
    index = made_by.get("index", {})
    recipe = " · ".join(f"{key} {value}" for key, value in index.get("recipe", {}).items())
    size = f"{index['articles']} articles, {index['passages']} passages" if "articles" in index else ""
    facts = {
        "set": f"SHA-256 {made_by.get('set', {}).get('sha256', '')}",
        "index": ", ".join(filter(None, (size, recipe))),
        "asked as if on": made_by.get("day", ""),
        "settings": " · ".join(f"{key} {value}" for key, value in made_by.get("settings", {}).items() if value != ""),
        "versions": " · ".join(f"{name} {version}" for name, version in made_by.get("versions", {}).items()),
        "machine": " · ".join(f"{name} {value}" for name, value in made_by.get("machine", {}).items()),
        "code": f"SHA-256 {made_by.get('code_sha256', '')}",
    }
    return [f"- {name}: {_escaped(fact)}" for name, fact in facts.items() if fact]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is: names, questions and reasons may come from anywhere."""
    return _MARKUP.sub(r"\\\g<0>", _one_line(text))


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
    cells = [[_escaped(cell) for cell in row] for row in rows]
    rule = [":--", *("--:" for _ in rows[0][1:])]
    return [f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]]]
