"""From rankings to rows, and from rows to one table: quality beside time, memory and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from evals.compare import differences, holm
from evals.intervals import mean
from evals.measure import clusters_of
from evals.metrics import retrieval_values
from evals.peers.collection import Collection
from evals.peers.table import FOOTNOTE, FOOTNOTE_READ, Peer
from evals.provenance import machine_words
from evals.score import cluster
from evals.types import Marks

MEASURES = ("Success@1", "Success@10", "RR@10", "nDCG@10")
COMPARED = "RR@10"
REFERENCES: Mapping[str, str] = {FOOTNOTE: "Footnote's search", FOOTNOTE_READ: "Footnote's reader"}
HEADS = ("system", "Hit@1", "Hit@10", "MRR@10", "nDCG@10")
COSTS = ("indexing s (CPU s)", "query ms p50 / p95 (CPU ms)", "memory MB", "chunks", "version")
NONE = "–"


def scored(peers: Sequence[Peer], outcomes: Mapping[str, Mapping[str, Any]], of: Collection) -> list[dict[str, Any]]:
    """A row for each peer, in their order; one that was not measured says why and has no metrics."""
    marks = {
        name: marks_of(of, outcome["rankings"]) for name, outcome in outcomes.items() if outcome["status"] == "measured"
    }
    rows = []
    for peer in peers:
        outcome = outcomes[peer.name]
        row: dict[str, Any] = {"name": peer.name, "title": peer.title, "setting": peer.setting}
        row |= {"status": outcome["status"], "versions": dict(outcome["versions"])}
        if peer.name in marks:
            rows.append({**row, "metrics": _metrics(marks[peer.name]), **_costs(outcome), "against": {}})
        else:
            rows.append({**row, "error": outcome["error"]})
    _compare(rows, marks)
    return rows


def marks_of(of: Collection, rankings: Mapping[str, Sequence[str]]) -> dict[str, Marks]:
    """Each question's measures by its id; questions of one article are drawn together."""
    # libraries order by score alone, so the scores must fall strictly
    run = {question: [(each, -float(rank)) for rank, each in enumerate(ids)] for question, ids in rankings.items()}
    values = retrieval_values(of.qrels, run)
    return {
        example.id: Marks(example.id, {name: [values[name][place]] for name in MEASURES}, cluster=cluster(example))
        for place, example in enumerate(of.examples)
    }


def _metrics(marks: Mapping[str, Marks]) -> dict[str, Any]:
    clusters = clusters_of(list(marks.values()))
    return {name: mean([each.values[name][0] for each in marks.values()], clusters).to_json() for name in MEASURES}


def _costs(outcome: Mapping[str, Any]) -> dict[str, Any]:
    p50, p95 = np.percentile(outcome["query_s"], [50, 95])
    return {
        "index_s": round(outcome["index_s"], 2),
        "index_cpu_s": round(outcome["index_cpu_s"], 2),
        "query_ms": {"p50": round(float(p50) * 1000, 2), "p95": round(float(p95) * 1000, 2)},
        "query_cpu_ms": round(float(np.mean(outcome["query_cpu_s"])) * 1000, 2),
        "peak_memory_mb": round(outcome["peak_memory_mb"]),
        "chunks": outcome["chunks"],
        "note": outcome["note"],
    }


def _compare(rows: Sequence[dict[str, Any]], marks: Mapping[str, Mapping[str, Marks]]) -> None:
    """Give each row its paired difference to either row of Footnote: above zero, the row's system is better.

    `p_holm` is corrected for all rows that are compared with the same one.
    """
    for reference in REFERENCES:
        if reference not in marks:
            continue
        found = {
            row["name"]: next(
                each for each in differences(marks[reference], marks[row["name"]]) if each.name == COMPARED
            )
            for row in rows
            if row["name"] in marks and row["name"] != reference
        }
        corrected = holm([each.p for each in found.values()])
        for (name, each), p_holm in zip(found.items(), corrected, strict=True):
            row = next(row for row in rows if row["name"] == name)
            row["against"][reference] = {**each.gain.to_json(), "p": round(each.p, 4), "p_holm": round(p_holm, 4)}


def markdown(made: Mapping[str, Any]) -> str:
    """The table and what must be known to read it."""
    of = made["collection"]
    rows = made["peers"]
    references = [name for name in REFERENCES if any(name in row.get("against", {}) for row in rows)]
    heads = [*HEADS, *(f"MRR@10 less {REFERENCES[name]}" for name in references), *COSTS]
    drawn = f", drawn with seed {of['seed']} around the gold ones" if of["sample"] is not None else ""
    lines = [
        f"{of['questions']} questions of {of['set']} over {of['articles']} articles{drawn}. An article counts at the "
        "rank of its best chunk; in brackets 95 % bootstrap intervals, questions of one article drawn together.",
        machine_words(made["made_by"]["machine"], made["resources"]),
        "",
        _piped(heads),
        _piped([":--", *["--:"] * (len(heads) - 1)]),
        *(_piped(_cells(row, references)) for row in rows),
        "",
        *(f"- {row['title']}: {row['setting']}{_said(row)}" for row in rows),
        *(f"- Note: {note}" for note in made["notes"]),
    ]
    return "\n".join(lines)


def _cells(row: Mapping[str, Any], references: Sequence[str]) -> Iterator[str]:
    yield row["title"]
    if row["status"] != "measured":
        yield {"absent": "not installed", "failed": "failed"}[row["status"]]
        yield from [NONE] * (len(MEASURES) - 1 + len(references) + len(COSTS) - 1)
    else:
        yield from (_interval(row["metrics"][name]) for name in MEASURES)
        yield from (_interval(row["against"].get(name), signed=True) for name in references)
        yield f"{row['index_s']:.1f} ({row['index_cpu_s']:.1f})"
        yield f"{row['query_ms']['p50']:.1f} / {row['query_ms']['p95']:.1f} ({row['query_cpu_ms']:.1f})"
        yield str(row["peak_memory_mb"])
        yield str(row["chunks"])
    yield ", ".join(f"{name} {version}" for name, version in row["versions"].items()) or NONE


def _interval(metric: Mapping[str, float] | None, *, signed: bool = False) -> str:
    if metric is None:
        return NONE
    form = "+.3f" if signed else ".3f"
    return f"{metric['value']:{form}} [{metric['low']:{form}}, {metric['high']:{form}}]"


def _said(row: Mapping[str, Any]) -> str:
    """What else is to be said of a row: why it has no figures, or what the peer noted."""
    said = row.get("error") or row.get("note")
    return f" ({row['status']}: {said})" if row.get("error") else f" ({said})" if said else ""


def _piped(cells: Sequence[str] | Iterator[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
