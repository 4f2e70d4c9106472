"""What the catalogue's articles have in common: the stories they are copies of, and the lines that recur in them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from index.catalogue import CURRENT, FIELDS, SUMMARY, ArticleSummary, Catalogue, article_of, values_of
from index.types import Article

MAX_ALIKE = 12
"""Candidates for copies that are compared in full: those that share most keys."""


class Compared:
    """Stories and recurring lines of one catalogue. Reading is safe from any thread, writing is the writer's."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def alike(self, keys: Sequence[int], article_id: str) -> list[tuple[Article, int]]:
        """Articles that share most of these keys, with their stories; the one with this id is left out."""
        rows = self._catalogue.connection.execute(
            f"SELECT article_id AS id, {FIELDS}, story, COUNT(*) AS shared FROM story_keys JOIN revisions USING (rev) "
            "JOIN articles ON articles.id = article_id AND revisions.rev = COALESCE(pending, articles.rev) "
            f"WHERE key IN ({_marks(keys)}) AND removing = 0 AND article_id != ? "
            "GROUP BY revisions.rev ORDER BY shared DESC, revisions.rev LIMIT ?",
            (*keys, article_id, MAX_ALIKE),
        )
        return [(article_of(row), row["story"]) for row in rows]

    def stories(self, article_ids: Collection[str]) -> dict[str, int]:
        """The stories of these articles."""
        rows = self._catalogue.connection.execute(
            f"SELECT article_id, story FROM {CURRENT} AND article_id IN ({_marks(article_ids)})", tuple(article_ids)
        )
        return {article_id: story for article_id, story in rows if story is not None}

    def copies(self, stories: Collection[int]) -> dict[int, list[ArticleSummary]]:
        """The articles of these stories, the earliest first."""
        rows = self._catalogue.connection.execute(
            f"{SUMMARY} AND story IN ({_marks(stories)}) ORDER BY published IS NULL, published, article_id",
            tuple(stories),
        )
        found: dict[int, list[ArticleSummary]] = {}
        for row in rows:
            found.setdefault(row["story"], []).append(ArticleSummary(**values_of(row)))
        return found

    def without_story(self) -> list[str]:
        """The ids of articles that an earlier version wrote, which were never compared with others."""
        return [
            row[0] for row in self._catalogue.connection.execute(f"SELECT article_id FROM {CURRENT} AND story IS NULL")
        ]

    def set_story(self, article_id: str, story: int | None, keys: Sequence[int]) -> None:
        """Note the story of an article that was written without one."""
        with self._catalogue.writing() as connection:
            (rev,) = connection.execute("SELECT rev FROM articles WHERE id = ?", (article_id,)).fetchone()
            connection.execute("UPDATE revisions SET story = COALESCE(?, rev) WHERE rev = ?", (story, rev))
            connection.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", [(key, rev) for key in keys])

    def recurring(self, keys: Collection[int]) -> dict[int, str | None]:
        """Those of these lines that recur, with the id of the article that keeps each (None: no article does)."""
        found: dict[int, str | None] = {}
        for part in _parts(keys):
            rows = self._catalogue.connection.execute(
                f"SELECT key, keeper FROM recurring_lines WHERE key IN ({_marks(part)})", tuple(part)
            )
            found.update(tuple(row) for row in rows)
        return found

    def lines_under_titles(self, at_least: int) -> list[tuple[int, int, str]]:
        """Lines not known to recur that stand under at least so many titles: key, titles, the first article's id.

        Titles and not stories are counted: a form that stands in many pages in the articles' stead makes them copies.
        """
        articles = {
            rev: (title, article_id)
            for rev, title, article_id in self._catalogue.connection.execute(
                f"SELECT rev, title, article_id FROM {CURRENT}"
            )
        }
        known = {row[0] for row in self._catalogue.connection.execute("SELECT key FROM recurring_lines")}
        # grouped here: a join of this many lines with the articles, texts and all, takes a minute
        rows = self._catalogue.connection.execute("SELECT key, rev FROM lines ORDER BY key, rev")
        found = []
        for key, group in itertools.groupby(rows, key=lambda row: row[0]):
            present = [articles[rev] for _, rev in group if rev in articles]
            titles = {title for title, _ in present}
            if len(titles) >= at_least and key not in known:
                found.append((key, len(titles), present[0][1]))
        return found

    def articles_with_lines(self, keys: Collection[int]) -> list[str]:
        """The ids of the articles in which one of these lines stands."""
        found: set[str] = set()
        for part in _parts(keys):
            rows = self._catalogue.connection.execute(
                "SELECT DISTINCT article_id FROM lines JOIN revisions USING (rev) JOIN articles "
                f"ON articles.rev = revisions.rev WHERE removing = 0 AND key IN ({_marks(part)})",
                tuple(part),
            )
            found.update(row[0] for row in rows)
        return sorted(found)

    def titles_of_outlets(self) -> dict[str, int]:
        """The number of titles of each outlet."""
        rows = self._catalogue.connection.execute(
            f"SELECT source, COUNT(DISTINCT title) FROM {CURRENT} GROUP BY source"
        )
        return dict(tuple(row) for row in rows)

    def begin_lines(self, keepers: Mapping[int, str | None]) -> None:
        """Note lines that recur, each with the article that keeps it, and that the others still have them."""
        with self._catalogue.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO recurring_lines VALUES (?, ?)", list(keepers.items()))
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('lines', ?)", (json.dumps(list(keepers)),))

    def begun_lines(self) -> list[int]:
        """Lines that were begun and not finished, by a writer that was killed for example."""
        row = self._catalogue.connection.execute("SELECT value FROM meta WHERE key = 'lines'").fetchone()
        keys: list[int] = json.loads(row["value"]) if row else []
        return keys

    def finish_lines(self) -> None:
        """No article has the lines any more but those that keep them."""
        with self._catalogue.writing() as connection:
            connection.execute("DELETE FROM meta WHERE key = 'lines'")


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


def _parts(keys: Collection[int], size: int = 500) -> Iterator[list[int]]:
    """Lists of keys, short enough for one statement."""
    ordered = sorted(keys)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
