"""`footnote eval run`: a set in, a folder with results and metrics out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from evals.load import kind_of, load_questions, load_reading, load_retrieval, set_files
from evals.measure import READING_MEASURES, SEARCH_MEASURES, measured
from evals.provenance import (
    code_hash,
    digest,
    files_hash,
    index_recipe,
    index_record,
    machine,
    set_hash,
    settings_record,
    versions,
)
from evals.report import markdown
from evals.report_page import write_page
from evals.types import EvalResult, Judged, QAExample
from evals.workspace import DROPPED_INDEX, FINISHED, GOLD, INDEX, MARKS, Workspace, is_of_a_run
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.settings import Settings
    from index.library import Index
    from index.search import Fusion, ScoredPassage

MAX_SKIPPED_NAMED = 3
STAGES: Mapping[str, Fusion] = {"BM25": "text", "dense": "dense", "fused": "convex"}

Progress = Callable[[int, int], None]
Also = Literal["stages", "judge"]
"""What more to do than the set asks for: measure each stage of a search; have a language model judge the answers."""


def _no_progress(done: int, total: int) -> None:
    return None


def run(
    settings: Settings,
    set_path: Path,
    out_dir: Path,
    *,
    articles: Sequence[Path] | None = None,
    also: Collection[Also] = (),
    progress: Progress = _no_progress,
) -> dict[str, Any]:
    """The metrics (as in `metrics.json`) of the set, by what its kind measures; all results are in `out_dir`.

    A question set is asked over `settings.index`, or over a fresh index of `articles`. `also` "stages"
    measures each stage of the search of a retrieval set, "judge" has the language model judge the answers to a question
    set. `progress` is called with the questions done and in all. A run that
    was killed goes on where it stopped. Raises UsageError for a set or articles that can't be right, and what opening
    an index and loading models raise.
    """
    kind = kind_of(set_path)
    if articles is not None and kind != "questions":
        raise UsageError(f"{set_path} brings its own articles: leave out --articles")
    if "stages" in also and kind != "retrieval":
        raise UsageError(f"{set_path} has no stages of search to compare: leave out --compare-stages")
    if "judge" in also and kind != "questions":
        raise UsageError(f"{set_path} has no written answers to judge: leave out --judge")
    if own := [file for file in set_files(set_path) if _is_written(file, out_dir)]:
        raise UsageError(f"{own[0]} would be replaced by the run's own file: choose another folder with --out")
    made_by: dict[str, Any] = {
        "set": set_hash(set_path, set_files(set_path)),
        "settings": settings_record(settings),
        "code_sha256": code_hash(),
        "versions": versions(),
    }
    if kind == "retrieval":
        workspace, result = _run_retrieval(settings, set_path, out_dir, made_by, progress, also)
    elif kind == "reading":
        workspace, result = _run_reading(settings, set_path, out_dir, made_by, progress)
    else:
        workspace, result = _run_questions(settings, set_path, out_dir, articles, made_by, progress)
        if "judge" in also:
            result = replace(result, judged=_judged(settings, result, workspace, progress))
    result = replace(result, made_by={**made_by, **result.made_by, "machine": machine()})
    metrics = result.to_json()
    workspace.write_text("report.md", markdown(metrics))
    workspace.write_lines(MARKS, [marks.to_json() for marks in result.marks])
    workspace.write_lines(GOLD, result.gold)
    workspace.write_json(FINISHED, metrics)
    write_page(out_dir)
    return metrics


Outcome = tuple[Workspace, EvalResult]


def _run_retrieval(
    settings: Settings,
    set_path: Path,
    out_dir: Path,
    made_by: Mapping[str, Any],
    progress: Progress,
    also: Collection[Also],
) -> Outcome:
    from bot.build import build_reader
    from evals import retrieval

    given = load_retrieval(set_path)
    workspace, index, notes = _with_fresh_index(settings, [given.corpus], out_dir, made_by)
    record = index_record(index)
    shipped = retrieval.read_search(index, build_reader(), settings.passages)

    def fused(fusion: Fusion, question: str, k: int) -> Sequence[ScoredPassage]:
        return index.retriever(k=k, fusion=fusion, every_copy=True).search(question)

    marks = retrieval.evaluate(given, shipped, workspace, progress)
    stages = {}
    if "stages" in also:
        for stage, fusion in STAGES.items():
            own = retrieval.evaluate(given, partial(fused, fusion), workspace, progress, stage)
            stages[stage] = measured(own, SEARCH_MEASURES)
        stages["fused, then read"] = measured(marks, SEARCH_MEASURES)
    result = EvalResult(
        "retrieval",
        len(given.queries),
        measured(marks, SEARCH_MEASURES),
        by_tag=stages,
        notes=[*given.notes, *notes],
        marks=marks,
        gold=[
            {"id": query, "question": text, "articles": [i for i, mark in given.qrels[query].items() if mark > 0]}
            for query, text in given.queries.items()
        ],
    )
    return workspace, replace(result, made_by={"index": record})


def _run_reading(
    settings: Settings, set_path: Path, out_dir: Path, made_by: Mapping[str, Any], progress: Progress
) -> Outcome:
    from evals import reading

    given = load_reading(set_path)
    recipe = index_recipe(settings)
    workspace = Workspace(out_dir, digest([made_by, recipe]))
    marks = reading.evaluate(given, lambda: reading.build_reader(settings), settings.threshold, workspace, progress)
    notes = []
    if given.has_unanswerable:
        notes.append(f"a confidence under {settings.threshold:g} is taken as no answer")
    result = EvalResult(
        "reading",
        len(given.examples),
        measured(marks, READING_MEASURES),
        notes=notes,
        marks=marks,
        gold=[_gold(example) for example in given.examples],
    )
    return workspace, replace(result, made_by={"index": {"recipe": recipe}})


def _gold(example: QAExample) -> dict[str, Any]:
    """What a question asked and what would have been right, as far as the set says it."""
    return {
        "id": example.id,
        "question": example.question,
        "answerable": example.answerable,
        "answers": list(example.answers),
        "articles": list(dict.fromkeys(each.article_id for each in example.evidence)),
        "quotes": [each.quote for each in example.evidence if each.quote],
        "history": [list(turn) for turn in example.history],
        "rewrite": example.rewrite,
    }


def _run_questions(
    settings: Settings,
    set_path: Path,
    out_dir: Path,
    articles: Sequence[Path] | None,
    made_by: Mapping[str, Any],
    progress: Progress,
) -> Outcome:
    from bot.build import build_bot
    from evals import asking
    from index.library import Index

    given = load_questions(set_path)
    if articles is None:
        notes: list[str] = []
        index = Index(settings)
        workspace = Workspace(out_dir, digest([made_by, index_record(index)]))
    else:
        files = _article_files(articles, out_dir)
        workspace, index, notes = _with_fresh_index(settings, files, out_dir, made_by)
    record = index_record(index)
    if not record["articles"]:
        raise UsageError(f"The index in {index.folder} is empty: add articles, or name some with --articles")
    result = asking.evaluate(
        given, index, lambda: build_bot(settings, index), workspace, progress, by_model=bool(settings.llm)
    )
    return workspace, replace(
        result,
        notes=[*result.notes, *notes],
        made_by={"index": record, "day": workspace.day.isoformat()},
        gold=[_gold(example) for example in given.examples],
    )


def _judged(settings: Settings, result: EvalResult, workspace: Workspace, progress: Progress) -> Judged:
    from bot.write import language_model
    from evals import judging

    return judging.evaluate(result.marks, language_model(settings), workspace, progress)


def _article_files(paths: Sequence[Path], out_dir: Path) -> list[Path]:
    """The files of the articles, without what a run writes to its folder."""
    from index.read import files_of

    found = (path for path in files_of(paths) if isinstance(path, Path))
    files = [path for path in found if not _is_written(path, out_dir)]
    if not files:
        raise UsageError("--articles names no file that can be read")
    return files


def _is_written(path: Path, out_dir: Path) -> bool:
    """Whether a run in this folder makes the file, or takes it away."""
    own = out_dir.resolve()
    resolved = path.resolve()
    if resolved.parent == own:
        return is_of_a_run(path.name)
    return any(resolved.is_relative_to(own / name) for name in (INDEX, DROPPED_INDEX))


def _with_fresh_index(
    settings: Settings, files: Sequence[Path], out_dir: Path, made_by: Mapping[str, Any]
) -> tuple[Workspace, Index, list[str]]:
    """The run's folder and in it an index of these files, complete; and notes on what was not taken in."""
    from index import ingest
    from index.library import Index

    inputs = digest([files_hash(files), index_recipe(settings), code_hash(["index"]), versions()])
    workspace = Workspace(out_dir, digest([made_by, inputs]), inputs)
    index = Index(settings.model_copy(update={"index": workspace.index_folder}), create=True)
    report = ingest.add(index, files)
    notes = []
    if report.skipped:
        named = "; ".join(f"{Path(each.origin).name}: {each.reason}" for each in report.skipped[:MAX_SKIPPED_NAMED])
        notes.append(f"{len(report.skipped)} articles could not be taken in ({named})")
    return workspace, index, notes
