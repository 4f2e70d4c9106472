"""The catalogue of articles in SQLite: the source of truth of an index.

Every change is written here first, then to the passage store in one commit, then marked done here. A revision
number ties the two together: each passage names the revision of its article, and a revision's text stays until
the next writer opens the index, so a reader always finds the text that a passage was cut from.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.catalogue_file import CatalogueFile
from index.read.source import absolute_path
from index.types import Article

FIELDS = "title, text, source, url, published, updated, authors, language, origin, pages"
CURRENT = "articles JOIN revisions USING (rev) WHERE removing = 0"
SUMMARY = (
    "SELECT article_id AS id, title, source, url, origin, published, updated, authors, language, passages, story "
    f"FROM {CURRENT}"
)


@dataclass(frozen=True)
class ArticleSummary:
    """What a list of articles shows: everything but the text."""

    id: str
    title: str
    source: str
    url: str
    origin: str
    published: str | None
    updated: str | None
    authors: tuple[str, ...]
    language: str
    passages: int
    story: int | None

    def reference(self) -> dict[str, Any]:
        """The article as every interface names it where it is a copy of another."""
        return {
            "article_id": self.id,
            "title": self.title,
            "source": self.source,
            "url": self.url,
            "date": self.published,
        }


@dataclass(frozen=True)
class Revision:
    """An article as it is to be written: what it was read as (its hash), what is stored, what it is compared by.

    `story` is None for an article that is no copy of another.
    """

    article: Article
    content_hash: str
    passages: int
    story: int | None = None
    story_keys: Sequence[int] = ()
    line_keys: Collection[int] = ()


@dataclass(frozen=True)
class Known:
    """What the catalogue knows of an article before it is read again."""

    content_hash: str
    origin: str


class Catalogue(CatalogueFile):
    """The articles of one index. Safe to read from any thread and process; one writer at a time.

    Opening one that is up to date writes nothing. Raises IndexUnavailable, WriterBusy.
    """

    # --- recipe ---

    def recipe(self) -> dict[str, str]:
        """How the index was made; empty for a new index."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = 'recipe'").fetchone()
        return dict(json.loads(row[0])) if row else {}

    def set_recipe(self, recipe: dict[str, str]) -> None:
        """Note how the index is made; what is pending is current from now on, all in one step."""
        with self.writing() as connection:
            connection.execute("UPDATE articles SET rev = pending, pending = NULL WHERE pending IS NOT NULL")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('recipe', ?)", (json.dumps(recipe),))

    # --- reading ---

    def summaries(self) -> list[ArticleSummary]:
        """All articles, newest first, those without a date last."""
        rows = self.connection.execute(f"{SUMMARY} ORDER BY published IS NULL, published DESC, article_id")
        return [ArticleSummary(**values_of(row)) for row in rows]

    def article(self, article_id: str, rev: int | None = None) -> Article | None:
        """The article as it is now, or as it was at a revision."""
        if rev is None:
            sql, values = f"SELECT article_id AS id, {FIELDS} FROM {CURRENT} AND article_id = ?", (article_id,)
        else:
            sql, values = (
                f"SELECT article_id AS id, {FIELDS} FROM revisions WHERE article_id = ? AND rev = {rev:d}",
                (article_id,),
            )
        row = self.connection.execute(sql, values).fetchone()
        return article_of(row) if row else None

    def count(self) -> tuple[int, int]:
        """The number of articles and of their passages."""
        row = self.connection.execute(f"SELECT COUNT(*), COALESCE(SUM(passages), 0) FROM {CURRENT}").fetchone()
        return int(row[0]), int(row[1])

    def passage_counts(self) -> dict[str, tuple[int, int]]:
        """Each article's current revision and number of passages."""
        rows = self.connection.execute(f"SELECT article_id, rev, passages FROM {CURRENT}")
        return {article_id: (rev, passages) for article_id, rev, passages in rows}

    def revisions(self) -> dict[str, int]:
        """Each article's current revision."""
        return {row[0]: row[1] for row in self.connection.execute(f"SELECT article_id, rev FROM {CURRENT}")}

    def known(self, article_id: str) -> Known | None:
        """The current content hash and origin of an article."""
        row = self.connection.execute(
            f"SELECT content_hash, origin FROM {CURRENT} AND article_id = ?", (article_id,)
        ).fetchone()
        return Known(*row) if row else None

    def id_at(self, origin: str) -> str | None:
        """The id of the article that was read from there."""
        row = self.connection.execute(f"SELECT article_id FROM {CURRENT} AND origin = ?", (origin,)).fetchone()
        return str(row[0]) if row else None

    def outlet(self, name: str) -> str | None:
        """An outlet's name as its articles have it, whatever its case; None where no article is of it."""
        row = self.connection.execute(
            f"SELECT source FROM {CURRENT} AND source = ? COLLATE NOCASE LIMIT 1", (name,)
        ).fetchone()
        return str(row[0]) if row and row[0] else None

    def has_of_days(self, first: str, last: str) -> bool:
        """Whether an article is of the days from `first` to `last` (ISO, both included; "": without that bound)."""
        within = "(? = '' OR published >= ?) AND (? = '' OR substr(published, 1, 10) <= ?)"
        rows = self.connection.execute(f"SELECT 1 FROM {CURRENT} AND {within} LIMIT 1", (first, first, last, last))
        return rows.fetchone() is not None

    def under(self, folder: str) -> list[ArticleSummary]:
        """The articles that were read from files below a folder."""
        prefix = folder.rstrip("/") + "/"
        rows = self.connection.execute(
            f"{SUMMARY} AND substr(origin, 1, ?) = ? ORDER BY article_id", (len(prefix), prefix)
        )
        return [ArticleSummary(**values_of(row)) for row in rows]

    # --- writing, in the order in which a change goes ---

    def normalise_paths(self) -> None:
        """Paths that an earlier version kept with `..` in them become what they are kept as now."""
        with self.writing() as connection:
            for table, column in (("revisions", "origin"), ("named_files", "path")):
                paths = connection.execute(f"SELECT {column} FROM {table} WHERE {column} LIKE '/%/../%'").fetchall()
                connection.executemany(
                    f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {column} = ?",
                    [(str(absolute_path(Path(path))), path) for (path,) in paths],
                )

    def begin(self, revisions: Iterable[Revision]) -> dict[str, int]:
        """Write articles as pending revisions, all or none; each article's pending revision.

        The iterable is consumed inside the transaction, so that what makes it can ask `alike` and meets those before.
        """
        begun: dict[str, int] = {}
        with self.writing() as connection:
            for each in revisions:
                article = each.article
                rev = connection.execute(
                    f"INSERT INTO revisions (article_id, {FIELDS}, content_hash, passages, story) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        article.id, article.title, article.text, article.source, article.url, article.published,
                        article.updated, json.dumps(article.authors), article.language, article.origin,
                        json.dumps(article.pages), each.content_hash, each.passages, each.story,
                    ),
                ).lastrowid  # fmt: skip
                if each.story is None:
                    connection.execute("UPDATE revisions SET story = rev WHERE rev = ?", (rev,))
                for table, keys in (("story_keys", each.story_keys), ("lines", each.line_keys)):
                    connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", [(key, rev) for key in keys])
                connection.execute(
                    "INSERT INTO articles (id, pending) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET pending = ?2",
                    (article.id, rev),
                )
                assert rev is not None
                begun[article.id] = rev
        return begun

    def set_origins(self, origins: Mapping[str, str]) -> None:
        """Articles that are as they were lie elsewhere now: their ids, each with where."""
        with self.writing() as connection:
            connection.executemany(
                "UPDATE revisions SET origin = ? WHERE rev = (SELECT rev FROM articles WHERE id = ?)",
                [(origin, article_id) for article_id, origin in origins.items()],
            )

    def pending_revs(self) -> dict[str, tuple[int, int]]:
        """Each pending article's revision and number of passages."""
        rows = self.connection.execute(
            "SELECT id, pending, passages FROM articles JOIN revisions ON revisions.rev = pending"
        )
        return {article_id: (rev, passages) for article_id, rev, passages in rows}

    def finish(self, article_ids: Iterable[str]) -> None:
        """The pending revisions of these articles are in the store: they are current from now on."""
        with self.writing() as connection:
            connection.executemany(
                "UPDATE articles SET rev = pending, pending = NULL WHERE id = ? AND pending IS NOT NULL",
                [(article_id,) for article_id in article_ids],
            )

    def abandon(self, article_ids: Iterable[str]) -> None:
        """The pending revisions of these articles never reached the store: forget them."""
        with self.writing() as connection:
            for article_id in article_ids:
                connection.execute("UPDATE articles SET pending = NULL WHERE id = ?", (article_id,))
                connection.execute("DELETE FROM articles WHERE id = ? AND rev IS NULL", (article_id,))

    def begin_removal(self, article_ids: Iterable[str]) -> None:
        """From now on these articles are not listed any more."""
        with self.writing() as connection:
            connection.executemany("UPDATE articles SET removing = 1 WHERE id = ?", [(i,) for i in article_ids])

    def removals(self) -> list[str]:
        """The ids of articles whose removal was begun and not finished."""
        return [row[0] for row in self.connection.execute("SELECT id FROM articles WHERE removing = 1")]

    def finish_removal(self, article_ids: Iterable[str]) -> None:
        """The store holds nothing of these articles any more: forget them."""
        with self.writing() as connection:
            for article_id in article_ids:
                named = "DELETE FROM named_files WHERE path IN (SELECT origin FROM revisions WHERE article_id = ?)"
                connection.execute(named, (article_id,))
                connection.execute("DELETE FROM articles WHERE id = ? AND removing = 1", (article_id,))
                connection.execute("DELETE FROM revisions WHERE article_id = ?", (article_id,))
                # The others lost its lines to it: they are read anew when they are next added.
                connection.execute(
                    "UPDATE revisions SET content_hash = '' WHERE rev IN (SELECT rev FROM lines "
                    "JOIN recurring_lines USING (key) WHERE keeper = ?)",
                    (article_id,),
                )
                connection.execute("DELETE FROM recurring_lines WHERE keeper = ?", (article_id,))
            self._forget_keys(connection)

    def forget_old_revisions(self) -> None:
        """Delete the revisions that nothing points to."""
        with self.writing() as connection:
            gone = connection.execute(
                "DELETE FROM revisions WHERE rev NOT IN (SELECT rev FROM articles WHERE rev IS NOT NULL) "
                "AND rev NOT IN (SELECT pending FROM articles WHERE pending IS NOT NULL)"
            )
            if gone.rowcount:
                self._forget_keys(connection)

    @staticmethod
    def _forget_keys(connection: sqlite3.Connection) -> None:
        for table in ("story_keys", "lines"):
            connection.execute(f"DELETE FROM {table} WHERE rev NOT IN (SELECT rev FROM revisions)")


def article_of(row: sqlite3.Row) -> Article:
    values = values_of(row)
    names = ("id", *FIELDS.split(", "))
    return Article(**{**{name: values[name] for name in names}, "pages": tuple(json.loads(row["pages"]))})


def values_of(row: sqlite3.Row) -> dict[str, Any]:
    return {**dict(row), "authors": tuple(json.loads(row["authors"]))}
