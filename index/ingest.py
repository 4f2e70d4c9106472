"""Articles in: what changed since last time, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import ArticleSummary
from index.errors import UsageError
from index.owners import Owners
from index.read import files_in, files_of, is_bulk
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

    An id belongs to the file or site that brought it for as long as that is there and has it: what comes under it from
    elsewhere is skipped unless it is the very same. So the file itself may be changed, moved, renamed or linked to and
    its lines may change places, also to another file, and a page may be asked for under several addresses: all these
    are updates, as is a line of a later export that has the title or the address of the one before.
    """
    what = list(what)
    addresses = [each for each in what if isinstance(each, str) and is_address(each)]
    paths = [absolute_path(Path(each)) for each in what if each not in addresses]
    named, files = set(paths), list(dict.fromkeys(files_of(paths)))
    with index.writing():
        index.catalogue.normalise_paths()
        NamedFiles(index.catalogue).add(each for each in files if isinstance(each, Path) and each in named)
        return _Run(index, progress).take_in([*files, *addresses])


def sync(
    index: Index, folder: Path, progress: Progress = _no_progress, only: Collection[Path] | None = None
) -> IngestReport:
    """Make the index hold just the articles of this folder, besides those that came from elsewhere or were named.

    `only` names the files and subfolders in which something changed, when that is known: nothing else is looked at,
    but bulk files for an article that another one had. An article whose file can't be read this time, or whose folder
    can't be listed, stays as it was. Raises UsageError for a folder that is not there, as when its disk was taken out.
    """
    root = absolute_path(folder)
    if not root.is_dir():
        raise UsageError(
            f"The folder {folder} is not there: put it back. What the index holds of it stays until you remove it"
        )
    with index.writing():
        found = list(files_in(root))  # not before: what another writer has taken in since would count as gone
        inputs = [each for each in found if only is None or _within(_origin_of(each), only)]
        index.catalogue.normalise_paths()
        under = index.catalogue.under(path_as_text(root))
        before = [each for each in under if only is None or _within(file_of(each.origin), only)]
        looked_at = set(inputs)
        others = [each for each in found if isinstance(each, Path) and each not in looked_at and is_bulk(each.name)]
        run = _Run(index, progress)
        report = run.take_in(inputs, before, others)
        skipped = [*run.unread, *(each for each in found if isinstance(each, Skipped))]
        kept = {file_of(each.origin) for each in skipped} | NamedFiles(index.catalogue).all()
        left = [each for each in before if not run.owners.is_met(each.id, each.origin)]
        gone = [each.id for each in left if not _within(file_of(each.origin), kept)]
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


class _Run:
    """One run over files and addresses: each article met is taken or refused, and counted in `report`.

    `unread` is what could not be read, but for single rows that say whose they are.
    """

    def __init__(self, index: Index, progress: Progress) -> None:
        self._index = index
        self._progress = progress
        self.report = IngestReport()
        self.owners = Owners(index)
        self.unread: list[Skipped] = []
        self._refused: dict[str, list[Skipped]] = {}
        self._moved: dict[str, str] = {}
        self._writer = Writer(index, self.report, self._tell)
        self._started = self._told_at = time.monotonic()
        self._done = 0
        self._expected: int | None = None

    def take_in(
        self, inputs: Sequence[Input], before: Sequence[ArticleSummary] = (), others: Sequence[Path] = ()
    ) -> IngestReport:
        """Read the inputs. An article of `before` that its file has no more is looked for in `others`, too."""
        self._expected = expected_articles(inputs)
        index = self._index
        with ReadingProcess() as process, Fetcher(allow_private=index.settings.fetch_private) as fetcher:
            web = WebReader(fetcher, process, Remembered(index.catalogue), lambda url: bool(index.catalogue.id_at(url)))
            for each in inputs:
                if isinstance(each, Skipped):
                    self._skip(each)
                elif isinstance(each, str):
                    self._read_web(web, each)
                else:
                    self._read_file(process, each)
            self._look_again(process, before, others)
        index.catalogue.set_origins(self._moved)
        self._writer.finish()
        web.remember()
        self._tell()
        return self.report

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        self.report.seconds = self._told_at - self._started
        self._progress(self.report, self._done, self._expected)

    def _count(self) -> None:
        self._done += 1
        if time.monotonic() - self._told_at >= TELL_EVERY_S:
            self._tell()

    def _read_web(self, web: WebReader, address: str) -> None:
        for item in web.read(address):
            if isinstance(item, Unchanged):
                self.report.unchanged += item.articles
            elif isinstance(item, Skipped):
                self._skip(item)
            elif not self._take(item):
                web.refuse(item)
            self._count()

    def _read_file(self, process: ReadingProcess, file: Path) -> None:
        unread = len(self.unread)
        for item in process.read(Source(file)):
            if isinstance(item, Skipped):
                self._skip(item)
            else:
                self._take(item)
            self._count()
        if len(self.unread) == unread:
            self.owners.read_whole(file)

    def _look_again(self, process: ReadingProcess, before: Sequence[ArticleSummary], others: Sequence[Path]) -> None:
        """Take what its file has no more from another one: where it was refused before that was known, or `others`."""
        left = {each for each in self._refused if self._has_left(each)}
        again = [skipped for each in left for skipped in self._refused[each] if not is_address(skipped.origin)]
        files = {file_of(each.origin) for each in again}
        lost = {each.id for each in before if id_of_origin(each.id) != id_of_origin(each.origin)}
        lost = {each for each in lost if self._has_left(each)} if others else set()
        files.update(others if lost else ())
        withdrawn = {each.origin for each in again}
        self.report.skipped = [each for each in self.report.skipped if each.origin not in withdrawn]
        for file in sorted(files):
            for item in process.read(Source(file)):
                if isinstance(item, Article) and (item.id in left or item.id in lost):
                    self._take(item)

    def _has_left(self, article_id: str) -> bool:
        known = self._index.catalogue.known(article_id)
        return article_id not in self.owners.claimed and (
            known is None or self.owners.has_left(article_id, known.origin)
        )

    def _skip(self, skipped: Skipped) -> None:
        self.report.skipped.append(skipped)
        if not (skipped.article_id and ROW.search(skipped.origin)):
            self.unread.append(skipped)
        elif skipped.article_id == id_of_origin(skipped.origin):
            self.owners.unread_rows.add(skipped.origin)
        else:
            self.owners.unread_rows.add(skipped.article_id)

    def _take(self, article: Article) -> bool:
        """Whether the index holds the article as it was read, from now on or already."""
        article = self.owners.identified(article)
        if article.id in self.owners.claimed:
            self._writer.settle(article.id)
        known = self._index.catalogue.known(article.id)
        problem = self.owners.refusal(article, known)
        if problem is not None:
            skipped = Skipped(article.origin, problem)
            self.report.skipped.append(skipped)
            self._refused.setdefault(article.id, []).append(skipped)
            return False
        self._moved.pop(article.id, None)
        if known is None or known.content_hash != article.content_hash:
            self._writer.take(article)
        else:
            self.report.unchanged += 1
            in_its_file = file_of(known.origin) == file_of(article.origin)
            if known.origin != article.origin and (in_its_file or self.owners.has_left(article.id, known.origin)):
                self._moved[article.id] = article.origin
        self.owners.claimed[article.id] = article.origin
        return True


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
