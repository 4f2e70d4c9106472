"""Runs that are kept as long as everything that they depend on is the same, for what is made of many of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.settings import Settings
from evals.compare import load_run
from evals.load import set_files
from evals.progress import tell
from evals.provenance import (
    code_hash,
    digest,
    files_hash,
    index_recipe,
    index_record,
    machine,
    settings_record,
    versions,
)
from evals.run import run
from evals.workspace import FINGERPRINT, FINISHED
from index.library import Index


def run_or_keep(
    settings: Settings, set_path: Path, folder: Path, *, articles: Path | None = None, index: Path | None = None
) -> dict[str, Any]:
    """The metrics of the finished run in `folder` if it was made of the same, else those of a run made now.

    `articles` is what to ask over, or `index`, or neither where the set brings them. A run that was stopped is gone on
    with. Raises what `run` does.
    """
    if index is not None:
        settings = settings.model_copy(update={"index": index})
    made_from = fingerprint(settings, set_path, articles, index)
    if _is_kept(folder, made_from):
        return dict(load_run(folder).metrics)
    metrics = run(settings, set_path, folder, articles=[articles] if articles else None, progress=tell)
    (folder / FINGERPRINT).write_text(made_from, encoding="utf-8")
    return metrics


def _is_kept(folder: Path, made_from: str) -> bool:
    """Whether a finished run with this fingerprint is in the folder."""
    kept = folder / FINGERPRINT
    return (folder / FINISHED).exists() and kept.exists() and kept.read_text(encoding="utf-8") == made_from


def fingerprint(settings: Settings, set_path: Path, articles: Path | None, index: Path | None) -> str:
    """SHA-256 of everything that a run's metrics depend on."""
    files = [*set_files(set_path), *(_files(articles) if articles else ())]
    over = index_record(Index(settings)) if index else index_recipe(settings)
    return digest([files_hash(files), settings_record(settings), code_hash(), versions(), machine(), over])


def _files(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
