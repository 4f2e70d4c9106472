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

from bot.words import whole
from index.errors import IndexUnavailable, UsageError
from ui.history import Conversation, Turn
from ui.scope import Scope

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

_LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM turns WHERE conversation = ?"
_END_UNFINISHED = """
UPDATE turns SET turn = json_set(turn, '$.finished', json('true'), '$.stopped', json('true'), '$.working', '')
WHERE NOT json_extract(turn, '$.finished')
"""
_DELETE_FINISHED = "DELETE FROM turns WHERE conversation = ? AND number = ? AND json_extract(turn, '$.finished')"

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
            file.execute(_END_UNFINISHED)  # their server ended; one that still runs writes their answers all the same

    def save(self, user: str, conversation: Conversation, *, replacing: bool = False) -> Conversation:
        """Keeps the turns that are not in the file yet, and gives the conversation an id where it had none.

        The others are left alone, because another page may have gone on with them. With `replacing` the last turn takes
        the place of the one before it, unless that one is still being answered.
        Raises UsageError where the id is not a conversation of this user.
        """
        if not conversation.turns:
            return conversation
        now, turns = time.time(), conversation.turns
        with self._open() as file:
            if not conversation.id:
                conversation = replace(conversation, id=secrets.token_urlsafe(12))
                turns = tuple(replace(turn, kept_as=0) for turn in turns)
                values = (conversation.id, user, title_of(turns[0].question), now, now)
                file.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", values)
            self._touch(file, user, conversation.id)
            turns = tuple(turn if turn.kept_as else _inserted(file, conversation.id, turn) for turn in turns)
            if replacing:
                where = (conversation.id, turns[-2].kept_as)
                if file.execute(_DELETE_FINISHED, where).rowcount:
                    turns = (*turns[:-2], turns[-1])
        return replace(conversation, turns=turns)

    def update(self, user: str, conversation_id: str, turn: Turn) -> None:
        """Keeps a turn that is in the file as it is now, and leaves the others alone.

        Raises UsageError where there is no conversation of this user of that id.
        """
        with self._open() as file:
            self._touch(file, user, conversation_id)
            values = (_said(turn), _record(turn), conversation_id, turn.kept_as)
            file.execute("UPDATE turns SET said = ?, turn = ? WHERE conversation = ? AND number = ?", values)

    def end(self, user: str, conversation_id: str, turn: Turn) -> None:
        """Ends a turn in the file as stopped, unless it has ended there. Raises UsageError as `update` does."""
        with self._open() as file:
            self._touch(file, user, conversation_id)
            file.execute(f"{_END_UNFINISHED} AND conversation = ? AND number = ?", (conversation_id, turn.kept_as))

    def load(self, user: str, conversation_id: str) -> Conversation:
        """A conversation of this user. A turn whose answer was under way when the server ended counts as stopped.

        Raises UsageError where there is none of that id.
        """
        with self._open() as file:
            if not self._own(file, user, conversation_id):
                raise UsageError(GONE)
            sql = "SELECT number, turn FROM turns WHERE conversation = ? ORDER BY number"
            rows = file.execute(sql, (conversation_id,)).fetchall()
        return Conversation(tuple(_turn(number, json.loads(record)) for number, record in rows), id=conversation_id)

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
    def _touch(file: sqlite3.Connection, user: str, conversation_id: str) -> None:
        """Notes that it changed; from here on no other page writes until all is written."""
        values = (time.time(), conversation_id, user)
        if not file.execute("UPDATE conversations SET changed = ? WHERE id = ? AND user = ?", values).rowcount:
            raise UsageError(GONE)

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


def _inserted(file: sqlite3.Connection, conversation_id: str, turn: Turn) -> Turn:
    """The turn with the number under which it is kept from now on, after all others."""
    (last,) = file.execute(_LAST_NUMBER, (conversation_id,)).fetchone()
    turn = replace(turn, kept_as=last + 1)
    values = (conversation_id, turn.kept_as, _sound(turn.question), _said(turn), _record(turn))
    file.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", values)
    return turn


def _record(turn: Turn) -> str:
    """The turn as it is kept, without what is found out anew each time that it is opened."""
    return json.dumps(asdict(replace(turn, since="")), ensure_ascii=True)


def _turn(number: int, record: dict[str, Any]) -> Turn:
    """A turn out of the file; what was under way when the server ended counts as stopped."""
    scope = record.pop("scope")
    scope = Scope(**{**scope, "articles": tuple(scope["articles"])}) if scope else None
    turn = Turn(**{**record, "scope": scope, "kept_as": number})
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
