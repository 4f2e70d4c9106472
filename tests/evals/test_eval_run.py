"""`evals.run.run` end to end on tiny made-up sets, with the real model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from evals import asking
from evals.run import run
from index.errors import IndexUnavailable, UsageError
from index.types import Article

MADE_BY = {"set", "settings", "code_sha256", "versions", "index", "machine"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A bot that always answers: how sure the fitted weights are of made-up articles is not the matter here."""
    return Settings(index=tmp_path / "no-index", threshold=0.0, _env_file=None)


@pytest.fixture
def folder(tmp_path: Path, articles: list[Article]) -> Path:
    """ARTICLES as text files whose last two path parts are their ids."""
    for article in articles:
        path = tmp_path / "articles" / article.id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {article.title}\n\n{article.text}\n", encoding="utf-8")
    return tmp_path / "articles"


def same_but_for_time(first: dict[str, Any], second: dict[str, Any]) -> bool:
    unequal = {"timings_ms": 0, "resources": 0}
    return {**first, **unequal} == {**second, **unequal}


# --- what is refused before any model is loaded ---


def test_articles_belong_to_question_sets(settings: Settings, beir: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave out --articles"):
        run(settings, beir, tmp_path / "out", articles=[tmp_path])
    assert not (tmp_path / "out").exists()


def test_only_a_search_has_stages(settings: Settings, squad: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave out --compare-stages"):
        run(settings, squad, tmp_path / "out", also=["stages"])


def test_an_index_must_be_there(settings: Settings, questions: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="There is no index"):
        run(settings, questions, tmp_path / "out")


def test_articles_must_be_there(settings: Settings, questions: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="names no file"):
        run(settings, questions, tmp_path / "out", articles=[tmp_path / "empty"])
    with pytest.raises(UsageError, match="no file or folder"):
        run(settings, questions, tmp_path / "out", articles=[tmp_path / "gone"])


def test_a_set_is_not_replaced_by_its_own_run(settings: Settings, questions: Path, tmp_path: Path) -> None:
    own = questions.rename(questions.with_name("gold.jsonl"))
    written = own.read_bytes()
    (own.parent / "started.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"gold\.jsonl would be replaced"):
        run(settings, own, own.parent)
    assert own.read_bytes() == written


# --- the three kinds ---


@pytest.mark.model
def test_retrieval(settings: Settings, beir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    calls: list[tuple[int, int]] = []
    metrics = run(settings, beir, out, progress=lambda done, total: calls.append((done, total)))
    assert metrics["kind"] == "retrieval"
    assert metrics["metrics"]["Success@1"] == {"value": 1.0, "n": 2, "low": 0.34238, "high": 1.0}
    assert calls == [(1, 2), (2, 2)]
    assert json.loads((out / "metrics.json").read_text()) == metrics
    assert set(metrics["made_by"]) == MADE_BY
    assert metrics["made_by"]["index"]["articles"] == 3
    lines = [line.split() for line in (out / "run.trec").read_text().splitlines()]
    assert [(line[0], line[2], line[3]) for line in lines if line[3] == "1"] == [("q1", "d1", "1"), ("q2", "d2", "1")]
    assert all(line[1] == "Q0" and line[5] == "footnote" for line in lines)
    written = (out / "run.trec").read_bytes()
    assert run(settings, beir, out) == metrics
    assert (out / "run.trec").read_bytes() == written
    assert "| nDCG@10 | 1.000 |" in (out / "report.md").read_text()


@pytest.mark.model
def test_the_stages_of_a_search_side_by_side(settings: Settings, beir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    metrics = run(settings, beir, out, also=["stages"])
    assert list(metrics["by_tag"]) == ["BM25", "dense", "fused", "fused, then read"]
    assert metrics["by_tag"]["fused, then read"]["metrics"] == metrics["metrics"]
    assert "| BM25 |" in (out / "report.md").read_text()
    assert (out / "run.dense.trec").exists()
    run(settings, beir, out)
    assert not (out / "run.dense.trec").exists()


@pytest.mark.model
def test_copies_count_as_the_articles_that_they_are(settings: Settings, beir: Path, tmp_path: Path) -> None:
    with (beir / "corpus.jsonl").open("a", encoding="utf-8") as file:
        ferry = json.loads((beir / "corpus.jsonl").read_text(encoding="utf-8").splitlines()[0])
        file.write(json.dumps({**ferry, "_id": "d4"}) + "\n")
    metrics = run(settings, beir, tmp_path / "out", also=["stages"])
    ranked = [line.split()[2] for line in (tmp_path / "out" / "run.trec").read_text().splitlines()]
    assert "d1" in ranked and "d4" in ranked
    assert metrics["by_tag"]["fused, then read"]["metrics"]["Success@10"] == metrics["metrics"]["Success@10"]


@pytest.mark.model
def test_reading(settings: Settings, squad: Path, tmp_path: Path) -> None:
    metrics = run(settings, squad, tmp_path / "out")
    predictions = json.loads((tmp_path / "out" / "predictions.json").read_text())
    no_answer = json.loads((tmp_path / "out" / "na_prob.json").read_text())
    assert list(predictions) == list(no_answer) == ["s1", "s2"]
    assert metrics["metrics"]["sentence_contains"] == {"value": 1.0, "n": 1, "low": 0.206549, "high": 1.0}
    assert no_answer["s1"] < no_answer["s2"]
    assert metrics["metrics"]["exact_match"]["n"] == 2
    assert run(settings, squad, tmp_path / "out") == metrics


@pytest.mark.model
def test_questions_over_fresh_articles_and_going_on(
    settings: Settings, questions: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(settings, questions, tmp_path / "whole", articles=[folder])
    assert whole["questions"] == 4
    assert whole["metrics"]["quote_exact"]["value"] == 1.0
    assert whole["metrics"]["evidence_cited"]["value"] == 1.0
    assert [note.partition(":")[0] for note in whole["notes"]] == ["the questions are about 3 articles or dialogues"]
    assert all(whole["resources"][name] > 0 for name in ("start_up_ms", "matrix_gflops", "peak_memory_mb"))
    assert "multiplies matrices at" in (tmp_path / "whole" / "report.md").read_text()
    assert whole["by_tag"] == {}  # each is on one question or two

    dying = dies_after_questions(2)
    with monkeypatch.context() as patched:
        patched.setattr(asking, "ask_all", dying)
        with pytest.raises(KeyboardInterrupt):
            run(settings, questions, tmp_path / "out", articles=[folder])
    assert len((tmp_path / "out" / "answers.jsonl").read_text().splitlines()) == 2
    kept = (tmp_path / "out" / "answers.jsonl").read_text()
    resumed = run(settings, questions, tmp_path / "out", articles=[folder])
    assert same_but_for_time(resumed, whole)
    answers = (tmp_path / "out" / "answers.jsonl").read_text()
    assert answers.startswith(kept)
    lines = [json.loads(line) for line in answers.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c", "d"]
    assert {"question", "interpreted_question", "status", "confidence", "citations", "nearest"} <= set(lines[0])


@pytest.mark.model
def test_questions_over_an_index_that_is_there(
    settings: Settings, questions: Path, folder: Path, tmp_path: Path
) -> None:
    fresh = run(settings, questions, tmp_path / "fresh", articles=[folder])
    over = settings.model_copy(update={"index": tmp_path / "fresh" / "index"})
    metrics = run(over, questions, tmp_path / "out")
    assert metrics["metrics"] == fresh["metrics"]
    assert metrics["made_by"]["index"]["sha256"] == fresh["made_by"]["index"]["sha256"]
    assert not (tmp_path / "out" / "index").exists()


def dies_after_questions(count: int) -> Callable[..., Any]:
    """`ask_all` that is killed once so many questions are answered."""
    whole = asking.ask_all

    def dying(examples: Any, build: Any, journal: Any, progress: Any, today: Any) -> Any:
        def counted(done: int, total: int) -> None:
            progress(done, total)
            if done == count:
                raise KeyboardInterrupt

        return whole(examples, build, journal, counted, today)

    return dying
