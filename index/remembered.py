"""What is kept of where articles came from: of addresses the validators of the last answer and which feed entries were
taken, and which files somebody named."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from index.catalogue import Catalogue
from index.read.source import absolute_path


@dataclass(frozen=True)
class Fetched:
    """The validators of an address's last answer (as its headers had them) and the ids of its entries taken so far."""

    etag: str = ""
    last_modified: str = ""
    seen: frozenset[str] = frozenset()


class Remembered:
    """The addresses that one index was filled from."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, url: str) -> Fetched:
        """What is kept of an address; nothing for a new one."""
        row = self._catalogue.connection.execute(
            "SELECT etag, last_modified, seen FROM fetched WHERE url = ?", (url,)
        ).fetchone()
        return Fetched(row[0], row[1], frozenset(json.loads(row[2]))) if row else Fetched()

    def put(self, url: str, fetched: Fetched) -> None:
        """Keep this of an address."""
        with self._catalogue.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?)",
                (url, fetched.etag, fetched.last_modified, json.dumps(sorted(fetched.seen))),
            )


class NamedFiles:
    """The files that were added by name and not as part of a folder: mirroring the folder removes none of theirs."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(self, paths: Iterable[Path]) -> None:
        """These were named."""
        with self._catalogue.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO named_files VALUES (?)", [(str(absolute_path(path)),) for path in paths]
            )

    def all(self) -> set[Path]:
        """Every file that was named, and whose articles were not removed by name since."""
        return {Path(row[0]) for row in self._catalogue.connection.execute("SELECT path FROM named_files")}
