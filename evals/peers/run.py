"""`footnote eval peers`: the same articles and questions through each peer, one process each, into one table."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.peers.collection import Collection, collect
from evals.peers.report import markdown, scored
from evals.peers.table import INSTALL, PEERS, Peer
from evals.peers.worker import RESULT
from evals.provenance import code_hash, digest, machine, matrix_gflops, settings_record, sha256_of
from evals.provenance import versions as versions_here
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.settings import Settings

WORKER, RANKS = "evals.peers.worker", "evals.retrieval"
KEY, LOG = "made-from.txt", "log.txt"
MAX_ERROR_CHARACTERS = 300
QUIET: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",  # the models are here: whoever wants another one fails, and says so
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "PYTHONHASHSEED": "0",  # where a peer goes through a set, the same order in every run
}
_OWN_IMPORT = re.compile(r"^from (evals\.peers\.\w+) import", re.M)

Outcome = Mapping[str, Any]
"""`status` "measured" with what `evals.peers.worker` wrote, "absent" or "failed" with the `error`; and `versions`."""
Tell = Callable[[str], None]


def run(
    settings: Settings,
    articles: Sequence[Path],
    questions: Path,
    out: Path,
    *,
    sample: int | None = None,
    seed: int = 0,
    names: Sequence[str] = (),
    peers: Mapping[str, Peer] = PEERS,
    tell: Tell = lambda text: None,
) -> dict[str, Any]:
    """What stands in `peers.json`; the table is in `peers.md` beside it. `tell` is told what goes on.

    What a peer came to is kept in its folder under `out` and taken from there as long as articles, questions, settings,
    code, versions and machine are the same; a peer that was absent or failed is tried again. Raises UsageError.
    """
    if unknown := [name for name in names if name not in peers]:
        raise UsageError(f"there is no peer {unknown[0]}: choose of {', '.join(peers)}")
    collection = collect(articles, questions, sample=sample, seed=seed)
    given = out / "collection"
    try:
        given.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out} can't be made ({error.strerror}): choose another with --out") from error
    _write(given / "articles.jsonl", collection.articles_text())
    _write(given / "questions.json", collection.questions_text())
    chosen = [peer for peer in peers.values() if not names or peer.name in names]
    outcomes = {peer.name: _outcome(peer, settings, given, out / peer.name, tell) for peer in chosen}
    made = {
        "collection": _described(collection, given, questions, sample, seed),
        "peers": scored(chosen, outcomes, collection),
        "notes": list(collection.notes),
        "made_by": {"settings": settings_record(settings), "versions": versions_here(), "machine": machine()},
        "resources": {"matrix_gflops": matrix_gflops()},
    }
    _write(out / "peers.json", json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    _write(out / "peers.md", markdown(made) + "\n")
    return made


def _described(collection: Collection, given: Path, questions: Path, sample: int | None, seed: int) -> dict[str, Any]:
    return {
        "articles": len(collection.articles),
        "questions": len(collection.examples),
        "set": questions.name,
        "sample": sample,
        "seed": seed,
        "articles_sha256": sha256_of(given / "articles.jsonl"),
        "questions_sha256": sha256_of(given / "questions.json"),
    }


def _outcome(peer: Peer, settings: Settings, given: Path, folder: Path, tell: Tell) -> Outcome:
    """What is there already, if it is of the same; else what measuring it comes to."""
    try:
        versions = {name: importlib.metadata.version(name) for name in peer.packages}
    except importlib.metadata.PackageNotFoundError as error:
        tell(f"{peer.title}: {error.name} is not installed")
        return {"status": "absent", "error": f"{error.name} is not installed: {INSTALL}", "versions": {}}
    key = digest(
        {
            "given": [sha256_of(given / name) for name in ("articles.jsonl", "questions.json")],
            "settings": settings_record(settings),
            "code": [sha256_of(path) for name in (peer.module_name, WORKER, RANKS) for path in _own_files(name)],
            "ours": code_hash(peer.ours),
            "versions": {**versions_here(), **versions},
            "machine": machine(),
        }
    )
    kept = _kept(folder, key)
    if kept is not None:
        tell(f"{peer.title}: measured before")
        return {"status": "measured", "versions": versions, **kept}
    tell(f"{peer.title} …")
    failure = _measure(peer, settings, given, folder)
    if failure:
        tell(f"{peer.title} failed: {failure}")
        return {"status": "failed", "error": failure, "versions": versions}
    _write(folder / KEY, key)
    return {"status": "measured", "versions": versions, **(_kept(folder, key) or {})}


def _kept(folder: Path, key: str) -> dict[str, Any] | None:
    """What is in a peer's folder, if it was made from the same."""
    try:
        if (folder / KEY).read_text(encoding="utf-8") != key:
            return None
        result: dict[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result


def _measure(peer: Peer, settings: Settings, given: Path, folder: Path) -> str:
    """Run the peer's process to its end; the error in words if there was one. What was in its folder goes before.

    Raises UsageError for a folder of somebody else's.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / LOG).exists():
        raise UsageError(f"{folder} is not of an earlier run: choose another folder with --out")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # -P: a folder named like one of the packages must not be taken for it
    command = [sys.executable, "-P", "-m", WORKER, peer.module_name]
    command += [str(given / "articles.jsonl"), str(given / "questions.json"), str(folder)]
    command.append(json.dumps(settings_record(settings)))
    with (folder / LOG).open("w", encoding="utf-8") as log:
        # the pipe closes when this process is killed, and the child ends too, instead of going on beside the next run
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, **QUIET})
        try:
            code = child.wait()
        finally:
            child.kill()
            child.communicate()
            shutil.rmtree(folder / "index", ignore_errors=True)
    if code == 0 and (folder / RESULT).exists():
        return ""
    said = [line.strip() for line in (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()]
    last = next((line for line in reversed(said) if line), "it said nothing")
    if code < 0:
        last = f"ended by signal {-code}, for lack of memory perhaps; {last}"
    return last[:MAX_ERROR_CHARACTERS]


def _own_files(module: str, seen: frozenset[str] = frozenset()) -> Iterator[Path]:
    """The module's file and those of the modules beside it that it imports."""
    path = _file_of(module)
    yield path
    for name in _OWN_IMPORT.findall(path.read_text(encoding="utf-8")):
        if name not in seen:
            yield from _own_files(name, seen | {module, name})


def _file_of(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise UsageError(f"the table of peers names {module}, which is no module")
    return Path(spec.origin)


def _write(path: Path, text: str) -> None:
    """Write a file in one step: it is there whole, or as it was before."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
