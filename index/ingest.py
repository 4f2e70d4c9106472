"""Articles in: what changed since last time, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import Known
from index.read import GONE, files_in, files_of
from index.read.bulk import count_lines
from index.read.process import ReadingProcess
from index.read.source import ROW, Source, absolute_path, file_of, id_of_origin, is_address, path_as_text
from index.remembered import NamedFiles, Remembered
from index.types import Article, Skipped, Unchanged
from index.web.fetch import Fetcher
from index.web.read import WebReader
from index.writer import IngestReport, Writer

if TYPE_CHECKING:
    from index.library import Index

Input = Path | str | Skipped
"""A file, a web address, or what was found not to be one."""
Progress = Callable[[IngestReport, int, int | None], None]
"""Called now and then with the report so far, the articles looked at and those in all (if known)."""


def _no_progress(report: IngestReport, done: int, expected: int | None) -> None:
    return None


TELL_EVERY_S = 0.5
"""Between two reports of progress while articles are read."""
MAX_COUNTING_S = 3.0


def add(index: Index, what: Iterable[str | Path], progress: Progress = _no_progress) -> IngestReport:
    """Add or update the articles of these files, folders and web addresses (of pages, feeds, sitemaps).

    An article counts in the report once it is on the disk. Stopping at any moment leaves every article old or new;
    running it again goes on. Raises UsageError for a path that is not there, and what `Index.writing` raises.

    An id belongs to the file or site that brought it for as long as that is there: what comes under it from elsewhere
    is skipped unless it is the very same. So the file itself may be changed, moved, renamed or linked to and its
    lines may change places, and a page may be asked for under several addresses: all these are updates, as is a line
    of a later export that has the title or the address of the one before.
    """
    what = list(what)
    addresses = [each for each in what if isinstance(each, str) and is_address(each)]
    paths = [absolute_path(Path(each)) for each in what if each not in addresses]
    named, files = set(paths), list(dict.fromkeys(files_of(paths)))
    with index.writing():
        index.catalogue.normalise_paths()
        NamedFiles(index.catalogue).add(each for each in files if isinstance(each, Path) and each in named)
        return _take_in(index, [*files, *addresses], progress)


def sync(
    index: Index, folder: Path, progress: Progress = _no_progress, only: Collection[Path] | None = None
) -> IngestReport:
    """Make the index hold just the articles of this folder, besides those that came from elsewhere or were named.

    `only` names the files and subfolders in which something changed, when that is known: nothing else is looked at.
    An article whose file can't be read this time, or whose folder can't be listed, stays as it was.
    """
    root = absolute_path(folder)
    found = list(files_in(root))
    inputs = [each for each in found if only is None or _within(_origin_of(each), only)]
    with index.writing():
        index.catalogue.normalise_paths()
        seen: set[str] = set()
        under = index.catalogue.under(path_as_text(root))
        before = [each for each in under if only is None or _within(file_of(each.origin), only)]
        report = _take_in(index, inputs, progress, seen)
        skipped = [*report.skipped, *(each for each in found if isinstance(each, Skipped))]
        kept = {file_of(each.origin) for each in skipped} | NamedFiles(index.catalogue).all()
        gone = [each.id for each in before if each.id not in seen and not _within(file_of(each.origin), kept)]
        report.removed += len(index.remove(gone))
        return report


def _within(path: Path, places: Collection[Path]) -> bool:
    """Whether the path is one of these files and folders, or below one."""
    return path in places or any(parent in places for parent in path.parents)


def _origin_of(given: Path | Skipped) -> Path:
    return given if isinstance(given, Path) else Path(given.origin)


def rebuild(index: Index, progress: Progress = _no_progress) -> IngestReport:
    """Split, embed and compare every article of the catalogue anew, as the settings say.

    Until it is done, and when it fails or is stopped at any moment, the index is what it was. Raises what
    `Index.writing` raises, and ModelUnavailable or UsageError for settings that can't make an index.
    """
    started = time.monotonic()
    report = IngestReport()
    with index.writing(rebuild=True):
        ids = [each.id for each in index.articles()]
        done = 0
        writer = Writer(index, report, lambda: progress(report, done, len(ids)))
        for done, article_id in enumerate(ids, start=1):  # noqa: B007  # the writer's callback looks at it
            if (article := index.article(article_id)) is not None:
                writer.rewrite(article)
        writer.flush()
        index.put_in_place()
        writer.finish()
    report.seconds = time.monotonic() - started
    return report


def write_articles(index: Index, articles: Iterable[Article]) -> None:
    """Write articles of the catalogue once more. Call inside `Index.writing`."""
    writer = Writer(index, IngestReport())
    for article in articles:
        writer.rewrite(article)
    writer.flush()


def _take_in(index: Index, inputs: Sequence[Input], progress: Progress, seen: set[str] | None = None) -> IngestReport:
    started = time.monotonic()
    report = IngestReport()
    claimed: dict[str, str] = {}
    done = 0
    expected = expected_articles(inputs)
    told_at = started

    def tell() -> None:
        nonlocal told_at
        told_at = time.monotonic()
        report.seconds = told_at - started
        progress(report, done, expected)

    writer = Writer(index, report, tell)
    with ReadingProcess() as process, Fetcher(allow_private=index.settings.fetch_private) as fetcher:
        web = WebReader(fetcher, process, Remembered(index.catalogue), lambda url: bool(index.catalogue.id_at(url)))
        for item in _items(inputs, process, web):
            if not _take(index, item, claimed, writer, report) and isinstance(item, Article):
                web.refuse(item)
            done += 1
            if time.monotonic() - told_at >= TELL_EVERY_S:
                tell()
    if seen is not None:
        seen.update(claimed)
    writer.finish()
    web.remember()
    tell()
    return report


def _items(inputs: Sequence[Input], process: ReadingProcess, web: WebReader) -> Iterator[Article | Skipped | Unchanged]:
    for each in inputs:
        if isinstance(each, Skipped):
            yield each
        elif isinstance(each, str):
            yield from web.read(each)
        else:
            yield from process.read(Source(each))


def _take(
    index: Index, item: Article | Skipped | Unchanged, claimed: dict[str, str], writer: Writer, report: IngestReport
) -> bool:
    """Whether the item is what the index holds from now on, and was not skipped."""
    if isinstance(item, Unchanged):
        report.unchanged += item.articles
        return True
    if isinstance(item, Skipped):
        report.skipped.append(item)
        return False
    article = _identified(index, item)
    known = index.catalogue.known(article.id)
    unchanged = known is not None and known.content_hash == article.content_hash
    problem = _clash(index, article, claimed, None if unchanged else known)
    if problem is not None:
        report.skipped.append(Skipped(article.origin, problem))
        return False
    claimed[article.id] = article.origin
    if known is None or not unchanged:
        writer.take(article)
        return True
    report.unchanged += 1
    if known.origin != article.origin and not _is_there(known.origin):  # its file was moved
        index.catalogue.set_origin(article.id, article.origin)
    return True


def _identified(index: Index, article: Article) -> Article:
    """The article under the id that it keeps: its own, else the one that it has or may have by its path."""
    if article.id != id_of_origin(article.origin):
        return article
    return replace(article, id=index.catalogue.id_at(article.origin) or _free_id(index, article))


def _free_id(index: Index, article: Article) -> str:
    """The id made from the path's last two parts, or from all of it where another folder's file has that one."""
    known = index.catalogue.known(article.id)
    return article.origin if known and _is_anothers(known.origin, article.origin) else article.id


def _clash(index: Index, article: Article, claimed: dict[str, str], known: Known | None) -> str | None:
    """Why the article may not have its id, which this run met already or by which another one is known."""
    if article.id in claimed:
        return f"its id {article.id} was already used by {claimed[article.id]}"
    if known and _is_anothers(known.origin, article.origin) and not _is_newer_row(index, article, known):
        return (
            f"its id {article.id} belongs to the article of {known.origin}: give it another id, move that file away, "
            f"or take that article out with: footnote remove {article.id}"
        )
    return None


def _is_newer_row(index: Index, article: Article, known: Known) -> bool:
    """Whether a row of one export is that of another, of the same source: under its id and its title or address."""
    before = index.article(article.id)
    if before is None or not (ROW.search(known.origin) and ROW.search(article.origin)):
        return False
    return article.title == before.title or bool(article.url and article.url == before.url)


def _is_anothers(known: str, origin: str) -> bool:
    """Whether what came from `known` is not for what comes from `origin` to replace: another file's, still there.

    A page is its own under whichever address it is asked for: its id is the address that its site gives it.
    """
    if is_address(known) and is_address(origin):
        return False
    theirs, ours = file_of(known), file_of(origin)
    return theirs != ours and _is_there(known) and not _is_same(theirs, ours)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, by a link."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_there(origin: str) -> bool:
    """Whether what an article came from is there, or may be: a site, and a file in a folder that is closed to us."""
    if is_address(origin):
        return True
    try:
        file_of(origin).stat()
    except OSError as error:
        return not isinstance(error, GONE)
    return bool(origin)


def expected_articles(inputs: Sequence[Input]) -> int | None:
    """The articles that these inputs hold, a line of a bulk file and any other file counted as one.

    None where that can't be known, or counting would take too long to be worth a progress bar.
    """
    if any(isinstance(each, str) for each in inputs):
        return None
    deadline = time.monotonic() + MAX_COUNTING_S
    count = 0
    for each in inputs:
        lines = count_lines(each, deadline) if isinstance(each, Path) and ".jsonl" in each.name.lower() else 1
        if lines is None:
            return None
        count += lines
    return count
