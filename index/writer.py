"""Articles are written in batches of one commit each: compared with those there, split, embedded, stored."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.catalogue import Revision
from index.recurring import (
    MIN_SHARE,
    MIN_TITLES,
    is_empty,
    is_furniture,
    line_keys,
    without_lines,
)
from index.stories import Sketch, same_story
from index.types import Article, Skipped

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from index.library import Index

BATCH_ARTICLES = 200
BATCH_PASSAGES = 512
"""A batch is one commit, which costs about a second however large it is; embedding this many passages takes some
fourteen seconds on two cores without bfloat16, four with it."""

MAINTAIN_EVERY_BATCHES = 50
"""Each time rewrites the whole store, and the old version stays for half an hour: four times as often, 5,000 articles
left 1.6 GB behind."""


MAX_KEEPERS_TRIED = 20


@dataclass
class IngestReport:
    """What came of it, counted in articles. `passages` counts those written, `embedded` those that were new.

    An article that was not there before counts once: as added, or as a duplicate when it is a copy of one that is.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "duplicates": self.duplicates,
            "skipped": [{"origin": each.origin, "reason": each.reason} for each in self.skipped],
            "passages": self.passages,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True)
class _Waiting:
    """An article in the batch that is being gathered."""

    article: Article
    content_hash: str
    line_keys: frozenset[int]
    passages: list[TextNode]


class Writer:
    """Writes what it is given to an index, inside `Index.writing`, and counts it in a report.

    `on_batch` is called after each commit. What was given is on the disk after the next `flush`.
    """

    def __init__(self, index: Index, report: IngestReport, on_batch: Callable[[], None] = lambda: None) -> None:
        self._index = index
        self._report = report
        self._on_batch = on_batch
        self._batch: list[_Waiting] = []
        self._batches = 0
        self._new: set[str] = set()
        self._copies: set[str] = set()
        for article_id in index.compared.without_story():
            if (article := index.article(article_id)) is not None:
                sketch = Sketch.of(article.text)
                index.compared.set_story(article_id, self._story(article, sketch), sketch.keys)

    def take(self, article: Article) -> None:
        """Write an article as it was read, without the lines that are known to recur at its outlet."""
        keys = frozenset(line_keys(article))
        keepers = self._index.compared.recurring(keys)
        stripped = without_lines(article, {key for key, keeper in keepers.items() if keeper != article.id})
        if keepers and is_empty(stripped):
            self._report.skipped.append(_no_article(article))
        else:
            self._wait(stripped, article.content_hash, keys)
        if self._batches >= MAINTAIN_EVERY_BATCHES:
            self.finish()

    def rewrite(self, article: Article) -> None:
        """Write an article of the catalogue once more, as it is there."""
        known = self._index.catalogue.known(article.id)
        content_hash = known.content_hash if known else article.content_hash
        self._wait(article, content_hash, frozenset(line_keys(article)))

    def settle(self, article_id: str) -> None:
        """Commit what waits, where this article is among it: the catalogue has it as it was last taken."""
        if any(each.article.id == article_id for each in self._batch):
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        if self._batch:
            self._write()
            self._batch = []
            self._batches += 1
            self._on_batch()

    def finish(self) -> None:
        """Commit what waits, and put the index in order."""
        self.flush()
        begun = self._index.compared.begun_lines()
        if begun or self._report.added or self._report.updated or self._report.duplicates:
            self._strip_recurring(begun)
        self._index.store.maintain()
        self._batches = 0

    def _wait(self, article: Article, content_hash: str, keys: frozenset[int]) -> None:
        self._batch.append(_Waiting(article, content_hash, keys, self._index.splitter.split(article, rev=0)))
        passages = sum(len(each.passages) for each in self._batch)
        if len(self._batch) >= BATCH_ARTICLES or passages >= BATCH_PASSAGES:
            self.flush()

    def _write(self) -> None:
        """Embed and commit the batch."""
        from index.passages import searched_text, text_hash

        index, report = self._index, self._report
        nodes = [node for each in self._batch for node in each.passages]
        texts = [searched_text(node) for node in nodes]
        hashes = [text_hash(text) for text in texts]
        vectors = index.store.vectors_by_hash(sorted(set(hashes)))
        new = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
        vectors.update(zip(new, index.embedder.embed(list(new.values())).tolist(), strict=True) if new else ())
        known = {each.article.id for each in self._batch if index.catalogue.known(each.article.id)}

        copies: set[str] = set()
        revs = index.catalogue.begin(self._revisions(copies))
        for node, key in zip(nodes, hashes, strict=True):
            node.metadata["rev"] = revs[node.metadata["article_id"]]
            node.embedding = vectors[key]
        index.commit({each.article.id: each.passages for each in self._batch}, all_new=not known)

        fresh = {each.article.id for each in self._batch} - known
        self._new |= fresh
        self._copies |= fresh & copies
        report.updated += len(known - self._new)
        report.duplicates += len(fresh & copies)
        report.added += len(fresh - copies)
        report.passages += len(nodes)
        report.embedded += len(new)

    def _revisions(self, copies: set[str]) -> Iterator[Revision]:
        """The batch as revisions, each compared with all before it; `copies` takes the ids of those that are copies."""
        for each in self._batch:
            sketch = Sketch.of(each.article.text)
            story = self._story(each.article, sketch)
            if story is not None:
                copies.add(each.article.id)
            yield Revision(
                each.article, each.content_hash, len(each.passages), story, sketch.keys, sorted(each.line_keys)
            )

    def _story(self, article: Article, sketch: Sketch) -> int | None:
        """The story of which the article is a copy."""
        for other, story in self._index.compared.alike(sketch.keys, article.id):
            if same_story(article, sketch, other, Sketch.of(other.text)):
                return story
        return None

    def _strip_recurring(self, begun: Collection[int]) -> None:
        """Take the lines that have come to recur, and those that a writer before had begun with, out of the articles
        that are there."""
        compared, report = self._index.compared, self._report
        keepers = compared.recurring(begun) | self._newly_recurring()
        if not keepers:
            if begun:  # the articles that kept them were removed since, and the lines may stand again
                compared.finish_lines()
            return
        before = (report.updated, report.passages)
        compared.begin_lines(keepers)
        for article_id in compared.articles_with_lines(keepers):
            article = self._index.article(article_id)
            if article is None:
                continue
            stripped = without_lines(article, {key for key, keeper in keepers.items() if keeper != article_id})
            if is_empty(stripped):
                self._remove(article)
            elif stripped.text != article.text:
                known = self._index.catalogue.known(article_id)
                assert known is not None
                self._wait(stripped, known.content_hash, frozenset(line_keys(article)))
        self.flush()
        compared.finish_lines()
        report.updated, report.passages = before  # what was read has been counted already

    def _newly_recurring(self) -> dict[int, str | None]:
        """Lines that recur and were not known to, each with the article that keeps it (None: no article need)."""
        compared = self._index.compared
        titles = compared.titles_of_outlets()
        keepers: dict[int, str | None] = {}
        worth_keeping = []
        for key, count, article_id in compared.lines_under_titles(MIN_TITLES):
            first = self._index.article(article_id)
            if first is None or count < math.ceil(MIN_SHARE * titles.get(first.source, 0)):
                continue
            keepers[key] = None
            line = next((lines[key] for lines in map(line_keys, self._holders(key)) if key in lines), None)
            if line is not None and not is_furniture(line):
                worth_keeping.append(key)
        for key in worth_keeping:
            keepers[key] = self._keeper(key, keepers)
        return keepers

    def _keeper(self, key: int, recurring: Collection[int]) -> str | None:
        """One of the articles with a line that have more to say than lines that recur."""
        for article in self._holders(key):
            if key in line_keys(article) and not is_empty(without_lines(article, recurring)):
                return article.id
        return None

    def _holders(self, key: int) -> Iterator[Article]:
        """Articles that came with a line; it may have been taken out of them since."""
        for article_id in self._index.compared.articles_with_lines([key])[:MAX_KEEPERS_TRIED]:
            article = self._index.article(article_id)
            if article is not None:
                yield article

    def _remove(self, article: Article) -> None:
        self._index.remove([article.id])
        self._report.skipped.append(_no_article(article))
        if article.id in self._copies:
            self._report.duplicates -= 1
        elif article.id in self._new:
            self._report.added -= 1
        else:
            self._report.removed += 1


def _no_article(article: Article) -> Skipped:
    reason = f"no article: there is nothing in it but lines that many pages of {article.source} have"
    return Skipped(article.origin, reason)
