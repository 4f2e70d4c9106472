"""Articles added and removed from the page: what is sent is kept in a folder of the index and taken in beside the chat.

One lot at a time, in a thread of its own that goes on when the page is closed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import ingest
from index.errors import UsageError
from index.library import Index
from index.read import READERS, reader_of
from index.read.source import absolute_path, file_of, is_address
from index.types import Article
from index.writer import IngestReport
from ui.history import explained
from ui.panes import skipped_view
from ui.words import plain

logger = logging.getLogger(__name__)

MAX_UPLOAD_BYTES = 20 * 1024**2
MAX_FILES_AT_ONCE = 500
MAX_ADDRESSES = 50
MAX_ADDRESS_CHARACTERS = 2_000
MAX_TEXT_CHARACTERS = 500_000
MAX_KEPT_BYTES = 5 * 1024**3
"""Of all files that were sent: what a disk can be filled with from the page."""
LEFT_BEHIND_S = 24 * 3600
"""After that a sent file which no article rests on was left by a server that was killed."""
PARTIAL = ".partial-"
"""How the name of a file begins while it comes in."""
MAX_NAME_CHARACTERS = 100
MAX_SKIPPED_SHOWN = 200
_UNSAFE = re.compile(r"[^\w.() -]+")


class _Stopped(Exception):
    pass


@dataclass
class Job:
    """One lot being taken in, or the last one that was. `expected` is None while the number is not known."""

    what: str
    done: int = 0
    expected: int | None = None
    report: IngestReport | None = None
    problem: str = ""
    running: bool = True
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        report = (self.report or IngestReport()).to_json()
        skipped = report.pop("skipped")
        return {
            "what": plain(self.what),
            "done": self.done,
            "expected": self.expected,
            "running": self.running,
            "stopped": self.stopped,
            "problem": self.problem,
            "skipped": skipped_view(skipped[:MAX_SKIPPED_SHOWN]),
            "skipped_count": len(skipped),
            **report,
        }


class Adding:
    """Takes files, addresses and texts into an index, and articles out of it again. Safe from any thread.

    `on_change` is called, in the thread of the work, when the articles have become others.
    """

    def __init__(self, index: Index, on_change: Callable[[], None] = lambda: None) -> None:
        self._index = index
        self._on_change = on_change
        self._folder = index.folder / "uploads"
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._removal = threading.Lock()
        self._removed: list[Article] = []
        old = time.time() - LEFT_BEHIND_S
        sent = [each for each in self._folder.rglob("*") if each.is_file()]
        self._delete_unused(each for each in sent if each.stat().st_mtime < old)

    # --- what is sent ---

    def place_for(self, name: str) -> Path:
        """Where a file of that name (or `FOLDER/NAME`) is kept. The same name has the same place: it is an update.

        Raises UsageError for a format that is not read.
        """
        if reader_of(name) is None:
            raise UsageError(f"Files of this kind are not read. Those that are: {' '.join(READERS)}")
        parts = [part for part in re.split(r"[/\\]", name) if part.strip(". ")][-2:]
        path = self._folder.joinpath(*(_safe(part) for part in parts))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def place_for_upload(self, name: str) -> Path:
        """As `place_for`, where there is room. Raises UsageError where too much is kept already."""
        if sum(each.stat().st_size for each in self._folder.rglob("*") if each.is_file()) > MAX_KEPT_BYTES:
            raise UsageError("The files that were added here fill 5 GB: add more with footnote add in the terminal.")
        return self.place_for(name)

    def _place_for_text(self, title: str, text: str) -> Path:
        """Keeps a pasted text as a file, its title in the first line, and returns where.

        Texts may begin alike: one whose place another text has gets a place of its own.
        """
        if not text.strip():
            raise UsageError("The text is empty: paste one.")
        if len(text) > MAX_TEXT_CHARACTERS:
            raise UsageError(f"The text has {len(text):,} characters; {MAX_TEXT_CHARACTERS:,} is the most: add a file.")
        first = next(line.strip() for line in text.splitlines() if line.strip())
        title = " ".join(title.split()) or first[:80]
        whole = (text if first == title else f"{title}\n\n{text}").encode("utf-8", "replace")
        path = self.place_for(f"pasted/{title}.txt")
        if path.is_file() and path.read_bytes() != whole:
            path = self.place_for(f"pasted/{title} {hashlib.sha256(whole).hexdigest()[:8]}.txt")
        path.write_bytes(whole)
        return path

    # --- taking in ---

    def start(self, names: Sequence[str], addresses: Sequence[str], texts: Sequence[tuple[str, str]]) -> Job:
        """Begins to take in files that were sent before, addresses, and (title, text) pairs.

        Raises UsageError where there is nothing to add, something can't be right, or another lot is under way.
        """
        if len(names) > MAX_FILES_AT_ONCE or len(addresses) > MAX_ADDRESSES:
            raise UsageError(
                f"At most {MAX_FILES_AT_ONCE} files and {MAX_ADDRESSES} addresses at once: add fewer, or use "
                "footnote add in the terminal."
            )
        for address in addresses:
            if not is_address(address) or len(address) > MAX_ADDRESS_CHARACTERS:
                raise UsageError(f"{plain(address)[:80]} is not a web address: it begins with http:// or https://")
        paths = [self.place_for(name) for name in names]
        missing = next((path.name for path in paths if not path.is_file()), None)
        if missing is not None:
            raise UsageError(f"{plain(missing)} has not arrived: add it again.")
        with self._lock:
            if self._job is not None and self._job.running:
                raise UsageError("Something is being added already. Wait until it is done, or stop it.")
            paths += [self._place_for_text(title, text) for title, text in texts]
            if not paths and not addresses:
                raise UsageError("There is nothing to add: choose files, or give an address or a text.")
            self._job = job = Job(_named([*(path.name for path in paths), *addresses]))
            self._thread = threading.Thread(target=self._work, args=(job, [*paths, *addresses]), daemon=True)
            self._thread.start()
        return job

    def _work(self, job: Job, what: Sequence[str | Path]) -> None:
        try:
            self._take_in(job, what)
            self._delete_unused(each for each in what if isinstance(each, Path))
            self._on_change()
        except Exception as error:  # the outermost layer of this thread
            job.problem = job.problem or explained(error)
        finally:
            job.running = False

    def _take_in(self, job: Job, what: Sequence[str | Path]) -> None:
        def progress(report: IngestReport, done: int, expected: int | None) -> None:
            job.report, job.done, job.expected = report, done, expected
            if job.stopped:
                raise _Stopped

        try:
            job.report = ingest.add(self._index, what, progress)
        except _Stopped:
            logger.info("adding was stopped")
        except Exception as error:  # what was written until then stays, and the files of the rest go
            job.problem = explained(error)

    def state(self) -> dict[str, Any] | None:
        """The lot that is being taken in, or the last one; None where there was none."""
        return self._job.to_json() if self._job else None

    def stop(self) -> None:
        """Ends the work at the next article; what was written stays."""
        if self._job is not None:
            self._job.stopped = self._job.running

    def close(self) -> None:
        """Stops, and waits for the end. What was removed can't be brought back after it."""
        with self._lock:  # what is just beginning has begun
            self.stop()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=60)
        with self._removal:
            self._remember_removed([])

    # --- taking out ---

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        """Takes these articles out, and returns the titles of those that were there. `restore` brings them back.

        Raises WriterBusy while articles are being added.
        """
        with self._removal:
            articles = [a for a in (self._index.article(i) for i in dict.fromkeys(article_ids)) if a is not None]
            if articles:
                with self._index.writing():
                    self._index.remove([each.id for each in articles])
                self._remember_removed(articles)
                self._on_change()
        return [each.title for each in articles]

    def restore(self, article_ids: Sequence[str] = ()) -> int:
        """Brings back what was removed last, and returns how many articles that were; one that is there again stays.

        Raises UsageError where ids are given and other articles were removed last, and WriterBusy while articles are
        being added; what was removed can be brought back afterwards.
        """
        with self._removal:
            if article_ids and {each.id for each in self._removed} != set(article_ids):
                raise UsageError("This can't be brought back any more: add it again.")
            articles = [each for each in self._removed if self._index.article(each.id) is None]
            if articles:
                with self._index.writing():
                    ingest.write_articles(self._index, articles)
                self._on_change()
            self._remember_removed([])
        return len(articles)

    def _remember_removed(self, articles: list[Article]) -> None:
        before, self._removed = self._removed, articles
        self._delete_unused(file_of(each.origin) for each in before)

    def _delete_unused(self, paths: Iterable[Path]) -> None:
        """Deletes those of these files that were sent here and that no article rests on, nor one that may come back."""
        folder = absolute_path(self._folder)  # as origins are kept
        given = {absolute_path(path) for path in paths}
        sent = [path for path in given if path.is_relative_to(folder)]
        if not sent:
            return
        resting = [each.origin for each in self._index.catalogue.under(str(folder))]
        used = {file_of(origin) for origin in [*resting, *(each.origin for each in self._removed)]}
        for path in sent:
            if path not in used:
                path.unlink(missing_ok=True)


def _safe(name: str) -> str:
    """The name without what a file system, a shell or a person could stumble over; told apart from others by a hash."""
    suffix = next((each for each in sorted(READERS, key=len, reverse=True) if name.lower().endswith(each)), "")
    stem = _UNSAFE.sub("_", plain(name[: len(name) - len(suffix)])).strip(" .-")
    if f"{stem}{name[len(name) - len(suffix) :]}" == name and stem and len(name) <= MAX_NAME_CHARACTERS:
        return name
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem[: MAX_NAME_CHARACTERS - 20] or 'file'}-{mark}{suffix}"


def _named(names: Iterable[str]) -> str:
    first, *others = names
    return f"{first} and {len(others)} more" if others else first
