"""What produced a result: the set's hash, the code's, versions, settings, the index's recipe and content."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import SecretStr

if TYPE_CHECKING:
    from bot.settings import Settings
    from index.library import Index

PACKAGES = (
    "footnote",
    "torch",
    "sentence-transformers",
    "transformers",
    "llama-index-core",
    "lancedb",
    "onnxruntime",
    "ir-measures",
    "numpy",
)
NOT_MEASURED = frozenset({"address", "host", "port", "index"})
"""Settings that change nothing that is measured: where the page is served, and where the index lies (its content
is recorded instead)."""
CODE_SUFFIXES = (".py", ".json", ".onnx")
MATRIX_SIZE, MATRIX_PRODUCTS = 1024, 8
_LOGIN = re.compile(r"//[^/@\s]*@")


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: object) -> str:
    """SHA-256 (hex) of a value's JSON form, keys in order."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def set_hash(path: Path, files: Sequence[Path]) -> dict[str, Any]:
    """The set's name and SHA-256: a file's own, or for a folder that of its files' sums; and those sums."""
    sums = {file.name: sha256_of(file) for file in files}
    whole = next(iter(sums.values())) if len(sums) == 1 else digest(sums)
    return {"name": path.name, "sha256": whole, "files": sums}


def files_hash(files: Iterable[Path]) -> str:
    """SHA-256 over files in their order: where each is and what is in it."""
    return digest([(str(file.absolute()), sha256_of(file)) for file in files])


def code_hash(packages: Sequence[str] = ("index", "bot", "evals")) -> str:
    """SHA-256 of our own code and weights: a run that was killed is not gone on with by other code."""
    root = Path(__file__).parent.parent
    files = sorted(
        file
        for package in packages
        for file in (root / package).rglob("*")
        if file.name.endswith(CODE_SUFFIXES) and file.is_file() and file.parent.name != "sets"
    )
    return digest([(file.relative_to(root).as_posix(), sha256_of(file)) for file in files])


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that results depend on, of those installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """The processor, how many of its cores may be used, and the system."""
    return {"processor": _processor(), "cores": len(_usable_cores()), "system": platform.system()}


def _usable_cores() -> Sequence[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return range(os.cpu_count() or 1)


def _processor() -> str:
    """Its name as Linux has it, else what Python knows of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def matrix_gflops() -> float:
    """What the machine does now, in GFLOP/s: the best of some float32 matrix products, which is what models mostly do.

    Processors of one name, shared with others, differ several times over; without it, times of two runs tell little.
    """
    matrix = np.random.default_rng(0).random((MATRIX_SIZE, MATRIX_SIZE), np.float32)
    best = math.inf
    for _ in range(MATRIX_PRODUCTS):
        began = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - began)
    return 2 * MATRIX_SIZE**3 / best / 1e9


def machine_words(record: Mapping[str, Any], resources: Mapping[str, float]) -> str:
    """One line on what `machine` and a run's `resources` hold."""
    speed = f", {resources['matrix_gflops']:.0f} GFLOP/s" if "matrix_gflops" in resources else ""
    return f"Machine: {record['processor']}, {record['cores']} cores, {record['system']}{speed}."


def peak_memory_mb() -> float:
    """The most memory this process has had, in MB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6  # bytes there, kibibytes elsewhere


def settings_record(settings: Settings) -> dict[str, Any]:
    """The settings that can change a result, without keys and without logins in addresses."""
    record: dict[str, Any] = {}
    for name, value in settings.model_dump(mode="python").items():
        if name in NOT_MEASURED or isinstance(value, SecretStr):
            continue
        record[name] = _LOGIN.sub("//", str(value)) if isinstance(value, str | Path) else value
    return record


def index_recipe(settings: Settings) -> dict[str, str]:
    """How these settings make an index on this machine, without opening one."""
    from index.embed import chosen_precision, model_name

    return {
        "model": model_name(settings),
        "precision": chosen_precision(settings.precision),
        "language": settings.language,
    }


def index_record(index: Index) -> dict[str, Any]:
    """An index's recipe, its size, and a SHA-256 of its articles' ids and content hashes."""
    articles, passages = index.catalogue.count()
    content = sorted(
        (article_id, known.content_hash)
        for article_id in index.catalogue.passage_counts()
        if (known := index.catalogue.known(article_id))
    )
    return {
        "recipe": index.catalogue.recipe(),
        "articles": articles,
        "passages": passages,
        "sha256": digest(content),
    }
