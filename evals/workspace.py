"""The folder that a run writes to: what it resumes, what it starts anew, and line-by-line journals."""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

from index.errors import UsageError

STARTED = "started.json"
FINISHED = "metrics.json"
MARKS = "marks.jsonl"
GOLD = "gold.jsonl"
JUDGEMENTS = "judgements.jsonl"
FINGERPRINT = "made-from.sha256"
"""What a finished run was made from, for those that keep it as long as that is the same (`evals.kept`)."""
JOURNALS = ("answers.jsonl", "rankings.jsonl", "readings.jsonl")
RESULTS = (
    *(*JOURNALS, "followups.jsonl", JUDGEMENTS, MARKS, GOLD, FINGERPRINT),
    *("run.trec", "predictions.json", "na_prob.json"),
    *("report.md", "report.html"),
)
STAGE_FILES = ("rankings.*.jsonl", "run.*.trec")
INDEX, DROPPED_INDEX = "index", "index.dropped"
ESCAPED = "backslashreplace"
"""How to write half of a surrogate pair, which JSON may hold and UTF-8 can't: as JSON escapes it."""


def is_of_a_run(name: str) -> bool:
    """Whether a run may make, and replace, a file of this name in its folder."""
    own = (STARTED, FINISHED, *RESULTS, *STAGE_FILES)
    return any(fnmatch.fnmatchcase(name.removesuffix(".partial"), pattern) for pattern in own)


class Workspace:
    """A run's folder, prepared: journals that are still in it belong to this very run and are gone on with.

    `run` and `index` tell apart what must not be mixed: a run that was killed goes on where it stopped when `run` is
    the same; a finished one starts anew, since whoever repeats it wants it measured again. The fresh index is kept
    as long as `index` is the same, and taken further if it was not complete. Raises UsageError for a folder that
    can't be made, or that has an `index` folder or a file of a name that a run writes, and is not an earlier run's.
    """

    def __init__(self, folder: Path, run: str, index: str | None = None) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} can't be made ({error.strerror}): choose another with --out") from error
        before = self._started()
        self.day = date.today()
        """The day on which the run began: a question of "last week" means the same when it is gone on with."""
        if not before and (foreign := sorted(path.name for path in folder.iterdir() if is_of_a_run(path.name))):
            raise UsageError(f"{folder / foreign[0]} is not of an earlier run: choose another folder with --out")
        if index is not None and self.index_folder.exists() and before.get("index") != index:
            if not before.get("index"):
                raise UsageError(f"{self.index_folder} is not of an earlier run: choose another folder with --out")
            self._drop_index()
        if before.get("run") != run or (folder / FINISHED).exists():
            stages = [path.name for pattern in STAGE_FILES for path in folder.glob(pattern)]
            for name in (FINISHED, *RESULTS, *stages):
                (folder / name).unlink(missing_ok=True)
        elif before.get("day"):
            self.day = date.fromisoformat(before["day"])
        started = {"run": run, "index": index or before.get("index"), "day": self.day.isoformat()}
        self.write_json(STARTED, started)

    @property
    def index_folder(self) -> Path:
        """Where the fresh index goes."""
        return self.folder / INDEX

    def _drop_index(self) -> None:
        """Renamed first, so that a kill in the middle leaves no half of an index that looks whole."""
        dropped = self.folder / DROPPED_INDEX
        shutil.rmtree(dropped, ignore_errors=True)
        self.index_folder.rename(dropped)
        shutil.rmtree(dropped)

    def _started(self) -> dict[str, Any]:
        try:
            loaded = json.loads((self.folder / STARTED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file in one step: it is there whole, or as it was before."""
        self.write_text(name, json.dumps(value, ensure_ascii=False, indent=1) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text file in one step."""
        partial = self.folder / f"{name}.partial"
        partial.write_text(text, encoding="utf-8", errors=ESCAPED)
        partial.replace(self.folder / name)

    def write_lines(self, name: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Write a JSON-lines file in one step."""
        self.write_text(name, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))

    @contextmanager
    def journal(self, name: str) -> Iterator[Journal]:
        """The journal of this name, open for going on."""
        path = self.folder / name
        done = _sound_lines(path)
        with path.open("a", encoding="utf-8", errors=ESCAPED) as file:
            yield Journal(file, done)


class Journal:
    """Records by id, each one a line of a file from the moment it is added, in the order of adding."""

    def __init__(self, file: IO[str], done: dict[str, dict[str, Any]]) -> None:
        self._file = file
        self._done = done

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._done

    def __getitem__(self, identifier: str) -> dict[str, Any]:
        return self._done[identifier]

    def __len__(self) -> int:
        return len(self._done)

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a record, which has an `id`; it is with the operating system when this returns."""
        line = json.dumps(record, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
        self._done[record["id"]] = json.loads(line)


def _sound_lines(path: Path) -> dict[str, dict[str, Any]]:
    """The records up to the first line that is torn (a kill in mid-write); the file is cut before it."""
    records: dict[str, dict[str, Any]] = {}
    sound_bytes = 0
    if not path.exists():
        return records
    with path.open("rb") as file:
        for line in file:
            try:
                record = json.loads(line)
                identifier = record["id"]
            except (ValueError, KeyError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            records[identifier] = record
            sound_bytes += len(line)
    os.truncate(path, sound_bytes)
    return records
