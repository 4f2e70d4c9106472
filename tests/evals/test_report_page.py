"""The report as a page: what a person sees, and that hostile text stays text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals import plots
from evals.report import markdown, pull_request
from evals.report_page import write_page
from index.errors import UsageError
from tests.evals.test_compare import marks as plain_marks
from tests.evals.test_compare import write_run
from ui.cli import main

HOSTILE = (
    '</title></summary><script>alert(1)</script><img src=x onerror=alert(1)> " onmouseover="alert(1) {{ 7 * 7 }} \u202e'
)
METRIC = {"value": 0.5, "n": 2, "low": 0.1, "high": 0.9}


class Tags(HTMLParser):
    """All elements with their attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def tags_of(page: str) -> Tags:
    parsed = Tags()
    parsed.feed(page)
    return parsed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of two questions, one right and one wrong, with hostile text wherever text can come from outside."""
    folder = write_run(tmp_path / "run", [plain_marks("q1", 1.0), plain_marks("q2", 0.0)])
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics |= {
        "questions": 2,
        "metrics": {"contains": METRIC, "status_right": METRIC},
        "absent": {"f1": "nothing to measure", "exact_match": "nothing to measure"},
        "by_tag": {HOSTILE: {"metrics": {"status_right": {**METRIC, "n": 9}}, "absent": {}}},
        "notes": [HOSTILE],
        "risk_coverage": [{"coverage": c / 10, "risk": c / 40, "confidence": 0.5} for c in range(1, 11)],
        "timings_ms": {"search": {"p50": 1.0, "p95": 2.0, "p99": 3.0}},
        "resources": {"start_up_ms": 1500, "peak_memory_mb": 900},
    }
    metrics["made_by"]["set"]["name"] = HOSTILE
    (folder / "metrics.json").write_text(json.dumps(metrics))
    citation = {"n": 1, "article_id": HOSTILE, "title": HOSTILE, "source": HOSTILE, "date": None, "start": 0, "end": 9}
    answers = [
        {
            "id": identifier,
            "question": HOSTILE,
            "interpreted_question": HOSTILE,
            "text": HOSTILE,
            "short_answer": HOSTILE,
            "sentences": [{"text": HOSTILE, "support": "quoted", "citations": [1]}],
            "citations": [{**citation, "quote": HOSTILE}],
            "nearest": [{"text": HOSTILE, "article_id": HOSTILE}],
            "timings_ms": {"total": 12.0},
        }
        for identifier in ("q1", "q2")
    ]
    (folder / "answers.jsonl").write_text("".join(json.dumps(each) + "\n" for each in answers))
    gold = {"id": "q2", "question": HOSTILE, "answers": [HOSTILE], "quotes": [HOSTILE], "articles": [HOSTILE]}
    (folder / "gold.jsonl").write_text(json.dumps({**gold, "history": [[HOSTILE, HOSTILE]]}) + "\n")
    return folder


def test_hostile_text_stays_text(folder: Path) -> None:
    page = write_page(folder).read_text(encoding="utf-8")
    found = tags_of(page)
    names = {tag for tag, _ in found.found}
    assert names.isdisjoint({"script", "img", "iframe", "object", "link", "a", "form"})
    assert not [attributes for _, attributes in found.found if any(name.startswith("on") for name in attributes)]
    assert found.text.count("<script>alert(1)</script>") >= 20
    assert "49" not in re.sub(r"[\d.]*49[\d.]+|[\d.]+49", "", found.text)  # nothing evaluated {{ 7 * 7 }}
    policy = next(a["content"] for tag, a in found.found if tag == "meta" and "http-equiv" in a)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_hostile_text_stays_text_in_markdown(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    hostile = "x\n\n# PASSED | <img src=http://evil/x.png> ![p](http://evil) `y` *z*"
    metrics |= {"notes": [hostile], "by_tag": {hostile: metrics["by_tag"][HOSTILE]}}
    metrics["made_by"]["set"]["name"] = hostile
    for text in (markdown(metrics), pull_request(metrics)):
        assert "\n# PASSED" not in text
        assert not re.search(r"(?<!\\)[<>`*!\[](?:img|p\]|y|z)", text.replace("**", ""))
    rows = [line for line in markdown(metrics).splitlines() if "PASSED" in line and line.startswith("|")]
    assert [re.sub(r"\\.", "", row).count("|") for row in rows] == [7]
    assert "status_right" in markdown(metrics)  # our own names stay readable


def test_nothing_is_asked_of_another_machine(folder: Path) -> None:
    page = write_page(folder).read_text(encoding="utf-8")
    for tag, attributes in tags_of(page).found:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
                assert value is not None and value.startswith("#"), (tag, name, value)
    assert "@import" not in page and not re.search(r"url\((?!['\"]?#)", page)


def test_wrong_answers_come_first_and_can_be_had_alone(folder: Path) -> None:
    found = tags_of(write_page(folder).read_text(encoding="utf-8"))
    assert [a["class"] for tag, a in found.found if tag == "details"] == ["q wrong", "q right"]
    assert len([a for tag, a in found.found if tag == "input" and a["type"] == "radio"]) == 3  # all, wrong, right
    assert "f1, exact_match" in found.text and "not measured: nothing to measure" in found.text
    assert len([tag for tag, _ in found.found if tag == "figure"]) == 4


def test_the_same_run_makes_the_same_page(folder: Path) -> None:
    first = write_page(folder).read_bytes()
    assert write_page(folder).read_bytes() == first


def test_report_prints_markdown_and_compares(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "report.html").unlink(missing_ok=True)
    assert main(["eval", "report", str(folder)]) == 0
    printed = capsys.readouterr()
    assert "| contains | 0.500 | 0.100 to 0.900 | 2 |" in printed.out
    assert "| f1 |" not in printed.out
    assert (folder / "report.html").is_file() and str(folder / "report.html") in printed.err
    before = write_run(tmp_path / "before", [plain_marks("q1", 0.0), plain_marks("q2", 0.0)])
    assert main(["eval", "report", str(folder), "--against", str(before)]) == 0
    printed = capsys.readouterr()
    assert "| contains | 0.000 | 0.500 | +0.500 |" in printed.out
    assert "- 1 questions changed sides\n  - wrong → right: 1" in printed.out


def test_there_must_be_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished run"):
        write_page(tmp_path)


def numbers(svg: str) -> Any:
    return re.findall(r">([^<>]+)</text>", svg)


def test_the_calibration_plot_counts_answers() -> None:
    svg = plots.calibration([0.95, 0.92, 0.15], [True, False, False])
    assert "2" in numbers(svg) and "1" in numbers(svg)
    assert svg.startswith("<svg") and plots.INK not in svg and "currentColor" in svg


def test_the_latency_plot_names_its_percentiles() -> None:
    assert "p50 20 ms" in numbers(plots.latency([10, 20, 30]))
    assert "p95 29 ms" in numbers(plots.latency([10, 20, 30]))
    assert plots.latency([5.0]) and plots.latency([1.0, 5000.0]) and plots.latency([0.0, 0.0])


def test_bars_keep_their_order_and_their_names() -> None:
    svg = plots.bars([("b & <c>", 0.5, 0.4, 0.6, 3), ("a $x^2$", 0.2, 0.1, 0.3, 7)])
    assert "b &amp; &lt;c&gt; (3)" in svg
    assert "a $x^2$ (7)" in svg  # no formula is made of it
