"""Articles in: what changed since last time, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.read import files_of, read_file
from index.read.source import Source
from index.types import Article, Skipped

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from index.library import Index

BATCH_ARTICLES = 200
BATCH_PASSAGES = 256
"""A batch is one commit; this many passages are embedded in some seven seconds on two cores."""

MAINTAIN_EVERY_BATCHES = 100
"""Each time rewrites the whole store, and the old version stays for half an hour: every 20 batches, 5,000 articles
left 1.6 GB behind."""


@dataclass
class IngestReport:
    """What came of it, counted in articles. `passages` counts those written, `embedded` those that were new."""

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


Progress = Callable[[IngestReport, int, int | None], None]
"""Called after each file and each batch with the report so far, the files read and the files in all (if known)."""


def _no_progress(report: IngestReport, files_done: int, files: int | None) -> None:
    return None


def add(index: Index, paths: Iterable[Path], progress: Progress = _no_progress) -> IngestReport:
    """Add or update the articles of these files and folders.

    An article counts in the report once it is on the disk. Stopping at any moment leaves every article old or new;
    running it again goes on. Raises UsageError for a path that is not there, and what `Index.writing` raises.
    """
    files = files_of(paths)
    with index.writing():
        return _take_in(index, files, progress)


def sync(index: Index, folder: Path, progress: Progress = _no_progress) -> IngestReport:
    """Make the index hold just the articles of this folder, besides those that came from elsewhere."""
    files = files_of([folder])
    with index.writing():
        before = index.catalogue.ids_under(str(folder.absolute()))
        seen: set[str] = set()
        report = _take_in(index, files, progress, seen)
        unreadable = {each.origin.split("#")[0] for each in report.skipped}
        gone = [
            article_id
            for article_id in sorted(before - seen)
            if (known := index.catalogue.known(article_id)) and known.origin.split("#")[0] not in unreadable
        ]
        report.removed = len(index.remove(gone))
        return report


def rebuild(index: Index, progress: Progress = _no_progress) -> IngestReport:
    """Split and embed every article of the catalogue anew, as the settings say."""
    started = time.monotonic()
    report = IngestReport()
    with index.writing(rebuild=True):
        summaries = index.articles()
        articles = (article for each in summaries if (article := index.article(each.id)) is not None)
        for done, batch in enumerate(_batches(index, articles), start=1):
            _write(index, batch, report)
            progress(report, min(done * BATCH_ARTICLES, len(summaries)), len(summaries))
        index.store.maintain()
    report.updated, report.added = report.added + report.updated, 0
    report.seconds = time.monotonic() - started
    return report


def write_articles(index: Index, articles: Iterable[Article]) -> None:
    """Write articles whatever the catalogue knows of them. Call inside `Index.writing`."""
    for batch in _batches(index, articles):
        _write(index, batch, IngestReport())


def _take_in(index: Index, files: Sequence[Path], progress: Progress, seen: set[str] | None = None) -> IngestReport:
    started = time.monotonic()
    report = IngestReport()
    files_read = 0

    def changed() -> Iterator[Article]:
        nonlocal files_read
        claimed: dict[str, str] = {}
        for path in files:
            for item in read_file(path):
                article = _unclaimed(index, item, claimed, report)
                if article is None:
                    continue
                known = index.catalogue.known(article.id)
                if known and known.content_hash == article.content_hash:
                    report.unchanged += 1
                else:
                    yield article
            files_read += 1
            report.seconds = time.monotonic() - started
            progress(report, files_read, len(files))
        if seen is not None:
            seen.update(claimed)

    for number, batch in enumerate(_batches(index, changed()), start=1):
        _write(index, batch, report)
        report.seconds = time.monotonic() - started
        progress(report, files_read, len(files))
        if number % MAINTAIN_EVERY_BATCHES == 0:
            index.store.maintain()
    index.store.maintain()
    report.seconds = time.monotonic() - started
    return report


def _unclaimed(index: Index, item: Article | Skipped, claimed: dict[str, str], report: IngestReport) -> Article | None:
    """The article under an id that is its own, or None when it was skipped."""
    if isinstance(item, Skipped):
        report.skipped.append(item)
        return None
    article_id = item.id
    if article_id == Source(Path(item.origin)).article_id:
        article_id = index.catalogue.id_at(item.origin) or _free_id(index, item)
    if article_id in claimed:
        report.skipped.append(Skipped(item.origin, f"its id {article_id} was already used by {claimed[article_id]}"))
        return None
    claimed[article_id] = item.origin
    return item if article_id == item.id else replace(item, id=article_id)


def _free_id(index: Index, article: Article) -> str:
    """The id made from the path's last two parts, or from all of it where another folder's file has that one."""
    known = index.catalogue.known(article.id)
    taken = known is not None and known.origin != article.origin and Path(known.origin).exists()
    return article.origin if taken else article.id


Batch = list[tuple[Article, list["TextNode"]]]


def _batches(index: Index, articles: Iterable[Article]) -> Iterator[Batch]:
    """The articles with their passages (revision not set yet), in batches of one commit each."""
    batch: Batch = []
    passages = 0
    for article in articles:
        nodes = index.splitter.split(article, rev=0)
        batch.append((article, nodes))
        passages += len(nodes)
        if len(batch) >= BATCH_ARTICLES or passages >= BATCH_PASSAGES:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch


def _write(index: Index, batch: Batch, report: IngestReport) -> None:
    """Embed and commit a batch; after it returns, its articles are on the disk."""
    from index.passages import searched_text, text_hash

    nodes = [node for _, passages in batch for node in passages]
    texts = [searched_text(node) for node in nodes]
    hashes = [text_hash(text) for text in texts]
    vectors = index.store.vectors_by_hash(sorted(set(hashes)))
    new = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
    vectors.update(zip(new, index.embedder.embed(list(new.values())).tolist(), strict=True) if new else ())
    updates = sum(index.catalogue.known(article.id) is not None for article, _ in batch)

    index.catalogue.begin([(article, len(passages)) for article, passages in batch])
    revs = index.catalogue.pending_revs()
    for article, passages in batch:
        for node in passages:
            node.metadata["rev"] = revs[article.id][0]
    for node, key in zip(nodes, hashes, strict=True):
        node.embedding = vectors[key]
    index.commit({article.id: passages for article, passages in batch})

    report.updated += updates
    report.added += len(batch) - updates
    report.passages += len(nodes)
    report.embedded += len(new)
