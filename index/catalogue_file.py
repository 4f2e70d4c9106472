"""The file of the catalogue: its tables, who may read and write it and how, and what helps where SQLite refuses."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexUnavailable, WriterBusy

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY,
    rev INTEGER,                       -- the current revision; NULL until the first one is indexed
    pending INTEGER,                   -- a revision that is being written
    removing INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS revisions (
    rev INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, updated TEXT, authors TEXT NOT NULL, language TEXT NOT NULL,
    origin TEXT NOT NULL, content_hash TEXT NOT NULL, passages INTEGER NOT NULL,
    pages TEXT NOT NULL DEFAULT '[]',
    story INTEGER                      -- copies of one article share it; the revision that began the story
);
CREATE TABLE IF NOT EXISTS story_keys (key INTEGER, rev INTEGER, PRIMARY KEY (key, rev)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS story_keys_of ON story_keys (rev);
CREATE TABLE IF NOT EXISTS lines (key INTEGER, rev INTEGER, PRIMARY KEY (key, rev)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lines_of ON lines (rev);
CREATE TABLE IF NOT EXISTS recurring_lines (key INTEGER PRIMARY KEY, keeper TEXT);
CREATE TABLE IF NOT EXISTS fetched (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, seen TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS named_files (path TEXT PRIMARY KEY);
CREATE INDEX IF NOT EXISTS revisions_of ON revisions (article_id);
CREATE INDEX IF NOT EXISTS articles_by_rev ON articles (rev);
CREATE INDEX IF NOT EXISTS articles_by_origin ON revisions (origin);
CREATE INDEX IF NOT EXISTS articles_by_source ON revisions (source COLLATE NOCASE);
"""
_NAMES = frozenset(re.findall(r"IF NOT EXISTS (\w+)", _SCHEMA))
_NO_ROOM_BESIDE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
"""What SQLite says where the files that it reads with can't be made: the folder is read-only, or its disk is full."""
_ADDED_COLUMNS = {"pages": "TEXT NOT NULL DEFAULT '[]'", "story": "INTEGER"}
"""Of `revisions`, in indexes that an earlier version made."""


class CatalogueFile:
    """The file, with all tables in it when it is open. Any thread and process may read it; one at a time writes.

    Opening one that is up to date writes nothing. Raises IndexUnavailable, WriterBusy.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        try:
            if not self._is_current():
                self._make()
        except sqlite3.Error as error:
            raise _unavailable(path, error) from error

    def _is_current(self) -> bool:
        there = {row["name"] for row in self.connection.execute("SELECT name FROM sqlite_master")}
        return there >= _NAMES and self._columns() >= _ADDED_COLUMNS.keys()

    def _make(self) -> None:
        """Make what is lacking: all of it, or what an earlier version didn't have."""
        with self.writing() as connection:
            connection.executescript(_SCHEMA)
            there = self._columns()
            for column, kind in _ADDED_COLUMNS.items():
                if column not in there:
                    connection.execute(f"ALTER TABLE revisions ADD COLUMN {column} {kind}")

    def _columns(self) -> set[str]:
        return {row["name"] for row in self.connection.execute("PRAGMA table_info(revisions)")}

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for reading."""
        try:
            return self._lasting_connection()
        except sqlite3.OperationalError as error:
            wal = self._path.with_name(f"{self._path.name}-wal")
            if _kind(error) not in _NO_ROOM_BESIDE or (wal.exists() and wal.stat().st_size):
                raise
        # Without a log beside it nobody is writing, and it can be read as it stands. What is written later isn't
        # noticed, so this connection is not kept.
        address = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, isolation_level=None, uri=True)
        connection.row_factory = sqlite3.Row
        return connection

    def _lasting_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing. Raises IndexUnavailable where the disk refuses it, WriterBusy."""
        try:
            connection = self._lasting_connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if connection.in_transaction:
                    connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise _unavailable(self._path, error) from error


def _kind(error: sqlite3.Error) -> int:
    """SQLite's primary result code, which is the low byte of an extended one."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _unavailable(path: Path, error: sqlite3.Error) -> IndexUnavailable:
    """What SQLite says of a catalogue, with what helps against it."""
    match _kind(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return WriterBusy(f"Another process is writing to the index in {path.parent}: wait until it has finished")
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            next_step = "free some space on its disk, or see that the disk is in order"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            next_step = "see that you may read and write it and its folder"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            next_step = "restore it from a copy, or remove its folder and add the articles again"
        case _:
            next_step = "see that it is an index's catalogue, or try again"
    return IndexUnavailable(f"The index's catalogue {path} can't be used ({error}): {next_step}")
