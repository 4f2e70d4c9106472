"""What is kept of addresses that were fetched: validators of the last answer, and which feed entries were taken."""

from __future__ import annotations

import json
from dataclasses import dataclass

from index.catalogue import Catalogue


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
