"""Conversations, kept in an SQLite file beside the index. A person reads, renames and deletes only their own."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import IndexUnavailable, UsageError
from ui.history import Conversation, Turn
from ui.scope import Scope
from ui.words import whole

MAX_TITLE_CHARACTERS = 120
MAX_LISTED = 500
BUSY_TIMEOUT_S = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_by_user ON conversations (user, changed DESC);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, said TEXT NOT NULL, turn TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE IF NOT EXISTS choices (user TEXT PRIMARY KEY, choices TEXT NOT NULL);
"""

_LISTED = (
    "SELECT id, title, created, changed, (SELECT COUNT(*) FROM turns WHERE conversation = conversations.id) "
    "FROM conversations WHERE user = ?"
)

_CITED = """
SELECT DISTINCT conversation, json_extract(cited.value, '$.article_id'), json_extract(cited.value, '$.article_hash')
FROM conversations JOIN turns ON conversation = conversations.id, json_each(turn, '$.answer.citations') AS cited
WHERE user = ? AND conversations.id IN (SELECT value FROM json_each(?))
"""

GONE = "This conversation is not there any more. Choose another, or start a new one."


@dataclass(frozen=True)
class Listed:
    """A conversation in the list: when it was begun and last changed (ISO 8601, UTC), and how many questions it has."""

    id: str
    title: str
    created: str
    changed: str
    questions: int


class Conversations:
    """The file of conversations. Safe from any thread and process: each call opens the file for itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as file:
            file.executescript(_SCHEMA)

    def save(self, user: str, conversation: Conversation) -> Conversation:
        """Keeps the conversation's turns as they are now, and gives it an id where it had none.

        Raises UsageError where that id is not a conversation of this user.
        """
        if not conversation.turns:
            return conversation
        now = time.time()
        kept = conversation
        with self._open() as file:
            if not conversation.id:
                kept = Conversation(conversation.turns, conversation.busy, secrets.token_urlsafe(12))
                title = title_of(conversation.turns[0].question)
                file.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", (kept.id, user, title, now, now))
            elif not self._own(file, user, conversation.id):
                raise UsageError(GONE)
            known = dict(file.execute("SELECT number, turn FROM turns WHERE conversation = ?", (kept.id,)).fetchall())
            for number, turn in enumerate(kept.turns, start=1):
                record = json.dumps(asdict(turn), ensure_ascii=True)
                if known.get(number) != record:
                    values = (kept.id, number, _sound(turn.question), _said(turn), record)
                    file.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?)", values)
            file.execute("DELETE FROM turns WHERE conversation = ? AND number > ?", (kept.id, len(kept.turns)))
            file.execute("UPDATE conversations SET changed = ? WHERE id = ?", (now, kept.id))
        return kept

    def load(self, user: str, conversation_id: str) -> Conversation:
        """A conversation of this user. A turn whose answer was under way when the server ended counts as stopped.

        Raises UsageError where there is none of that id.
        """
        with self._open() as file:
            if not self._own(file, user, conversation_id):
                raise UsageError(GONE)
            rows = file.execute("SELECT turn FROM turns WHERE conversation = ? ORDER BY number", (conversation_id,))
            records = [json.loads(row[0]) for row in rows.fetchall()]
        return Conversation(tuple(_turn(record) for record in records), id=conversation_id)

    def listed(self, user: str, words: str = "", limit: int = MAX_LISTED) -> list[Listed]:
        """The conversations of this user, last changed first, in whose title, questions or answers the words stand."""
        wanted = [f"%{_escaped(word)}%" for word in _sound(words).split()]
        having = " AND ".join(
            "(title LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM turns WHERE conversation = conversations.id "
            "AND (question LIKE ? ESCAPE '\\' OR said LIKE ? ESCAPE '\\')))"
            for _ in wanted
        )
        sql = f"{_LISTED} {'AND ' + having if having else ''} ORDER BY changed DESC LIMIT ?"
        values = [user, *(each for word in wanted for each in (word, word, word)), limit]
        with self._open() as file:
            return [_listed(row) for row in file.execute(sql, values)]

    def cited(self, user: str, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """What these conversations of a user cite: the ids of articles, and their hashes where they were kept."""
        found: dict[str, list[tuple[str, str]]] = {each: [] for each in ids}
        with self._open() as file:
            rows = file.execute(_CITED, (user, json.dumps(list(ids))))
            for conversation, article_id, kept in rows:
                found[conversation].append((str(article_id), str(kept or "")))
        return found

    def about(self, user: str, conversation_id: str) -> Listed:
        """One conversation as `listed` gives it. Raises UsageError where there is none of that id."""
        with self._open() as file:
            row = file.execute(f"{_LISTED} AND id = ?", (user, conversation_id)).fetchone()
        if row is None:
            raise UsageError(GONE)
        return _listed(row)

    def rename(self, user: str, conversation_id: str, title: str) -> str:
        """Gives it another title, and returns that as it is kept. Raises UsageError for an empty one, or none such."""
        title = title_of(title)
        if not title:
            raise UsageError("A conversation needs a name: type one.")
        with self._open() as file:
            if not self._own(file, user, conversation_id):
                raise UsageError(GONE)
            file.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))
        return title

    def delete(self, user: str, conversation_id: str) -> None:
        """Deletes it, so that nothing of it stays in the file. Raises UsageError where there is none of that id."""
        with self._open() as file:
            if not self._own(file, user, conversation_id):
                raise UsageError(GONE)
            file.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def choices(self, user: str) -> dict[str, object]:
        """What this user chose in the settings, as it was kept; empty where nothing was."""
        with self._open() as file:
            row = file.execute("SELECT choices FROM choices WHERE user = ?", (user,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def keep_choices(self, user: str, choices: dict[str, object]) -> None:
        """Keeps what this user chose."""
        with self._open() as file:
            file.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (user, json.dumps(choices)))

    @staticmethod
    def _own(file: sqlite3.Connection, user: str, conversation_id: str) -> bool:
        found = file.execute("SELECT 1 FROM conversations WHERE id = ? AND user = ?", (conversation_id, user))
        return found.fetchone() is not None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            file = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S)
        except sqlite3.Error as error:
            raise IndexUnavailable(f"{self._path} can't be opened ({error}): see that its folder is there") from error
        try:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA foreign_keys = ON")
            file.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not just unlinked
            with file:
                yield file
        except sqlite3.DatabaseError as error:
            raise IndexUnavailable(
                f"The conversations in {self._path} can't be read or written ({error}): move that file away to begin "
                "a new one"
            ) from error
        finally:
            file.close()


def title_of(text: str) -> str:
    """A name for a conversation: the text on one line, cut where it is long."""
    bare = " ".join(_sound(text).split())
    return bare if len(bare) <= MAX_TITLE_CHARACTERS else bare[: MAX_TITLE_CHARACTERS - 1].rstrip() + "…"


def _turn(record: dict[str, Any]) -> Turn:
    """A turn out of the file; what was under way when the server ended counts as stopped."""
    scope = record.pop("scope")
    turn = Turn(**record, scope=Scope(**{**scope, "articles": tuple(scope["articles"])}) if scope else None)
    return turn if turn.finished else replace(turn, working="", finished=True, stopped=True)


def _said(turn: Turn) -> str:
    return _sound(" ".join(str(each["text"]) for each in turn.answer["sentences"])) if turn.answer else ""


def _sound(text: str) -> str:
    """The text as SQLite can keep it: without NUL, and with U+FFFD for lone surrogates."""
    return whole(text.replace("\x00", " "))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _listed(row: tuple[str, str, float, float, int]) -> Listed:
    return Listed(row[0], row[1], _iso(row[2]), _iso(row[3]), row[4])


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
