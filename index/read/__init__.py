"""Readers: one function a format, one table. Adding a format is a function and a line in `READERS`.

A reader takes a `Source` and yields an `Article` for each article in it, or a `Skipped` for each that can't be
taken in. It raises `UnreadableInput` when nothing in the file can be read.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from index.clean import clean_line, clean_pages
from index.errors import UnreadableInput, UsageError
from index.read.archive import read_zip
from index.read.bulk import read_jsonl
from index.read.epub import read_epub
from index.read.html import read_html
from index.read.mail import read_eml, read_mhtml
from index.read.markdown import read_markdown
from index.read.pdf import read_pdf
from index.read.rtf import read_rtf
from index.read.source import BULK, Source, absolute_path, path_as_text
from index.read.table import read_csv
from index.read.text import read_text
from index.read.word import read_docx, read_odt
from index.types import Article, Skipped

logger = logging.getLogger(__name__)

Reader = Callable[[Source], Iterable[Article | Skipped]]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".mhtml": read_mhtml,
    ".mht": read_mhtml,
    ".eml": read_eml,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".docm": read_docx,
    ".odt": read_odt,
    ".epub": read_epub,
    ".rtf": read_rtf,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".zip": read_zip,
}

_BULK = (*BULK, ".zip")

GONE = (FileNotFoundError, NotADirectoryError)
"""What says that a file or folder is no longer there; any other error only that it can't be looked at."""
MAX_ID_CHARACTERS = 512
MAX_TITLE_CHARACTERS = 500
MIN_TITLE_WORDS = 4
MAX_OPENING_CHARACTERS = 80
MAX_TEXT_CHARACTERS = 5_000_000
"""Of an article; "War and Peace" has 3.2 million."""
MAX_SENTENCES = 100_000
_SENTENCE_END = re.compile(r"\n|[.!?]\s")


def reader_of(name: str) -> Reader | None:
    """The reader for a file name, or None for a format that is not read."""
    return next((reader for suffix, reader in READERS.items() if name.lower().endswith(suffix)), None)


def is_bulk(name: str) -> bool:
    """Whether a file of this name may hold several articles that bring ids of their own."""
    return name.lower().endswith(_BULK)


def files_in(folder: Path) -> Iterator[Path | Skipped]:
    """The files below a folder that have a reader, in the order of their names; hidden ones are left out.

    A link that leads out of the folder is not followed, nor is one to a folder: both are named, as are a folder that
    can't be listed and a file whose name can't be kept.
    """
    root = folder.resolve()
    unlisted: list[OSError] = []
    for directory, subfolders, names in os.walk(folder, onerror=unlisted.append):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in [each for each in subfolders if _is_link(Path(directory, each))]:
            yield Skipped(path_as_text(Path(directory, name)), "links to folders are not followed")
        for name in sorted(names):
            path = Path(directory, name)
            if name.startswith(".") or not reader_of(name):
                continue
            if _is_link(path) and not _leads_into(path, root):
                yield Skipped(path_as_text(path), "this link leads out of its folder, or nowhere")
            else:
                yield _nameable(path)
    for error in unlisted:
        if not isinstance(error, GONE):
            reason = f"this folder can't be listed ({error.strerror or error}): what was in it stays as it was"
            yield Skipped(path_as_text(Path(error.filename)), reason)


def _nameable(path: Path) -> Path | Skipped:
    """The path, or why its file is left out: it is kept as text, by which the file is found again."""
    if path_as_text(path) != str(absolute_path(path)):
        return Skipped(path_as_text(path), "its path is not UTF-8: rename the file or its folder")
    return path


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # its folder may be listed and not entered: reading it says so
        return False


def _leads_into(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        return False


def files_of(paths: Iterable[Path]) -> Iterator[Path | Skipped]:
    """The files that the given paths name, folders opened up. Raises UsageError for a path that is not there."""
    paths = list(paths)
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UsageError(f"There is no file or folder {path}: check the spelling.")
    for path in paths:
        if path.is_dir():
            yield from files_in(path)
        else:
            yield _nameable(path)


def read_source(source: Source) -> Iterator[Article | Skipped]:
    """The cleaned articles of one file, and what in it was skipped and why. Raises nothing for bad content.

    This parses in the process that calls it: for files that nobody has looked at, see `ReadingProcess`.
    """
    for item in parsed(source):
        yield checked(item) if isinstance(item, Article) else item


def parsed(source: Source) -> Iterator[Article | Skipped]:
    """What the file's reader makes of it, not cleaned yet. Readers of files in files go on with this."""
    try:
        reader = reader_of(source.file_name)
        if reader is None:
            raise UnreadableInput(f"files of this kind are not read (those that are: {' '.join(READERS)})")
        if not stat.S_ISREG(source.path.stat().st_mode):
            raise UnreadableInput("this is no plain file")
        yield from reader(source)
    except UnreadableInput as error:
        yield Skipped(source.origin, str(error))
    except OSError as error:
        yield Skipped(source.origin, f"it can't be opened: {error.strerror or error}")
    except MemoryError:
        yield Skipped(source.origin, "reading it needs more memory than a file may take")
    except Exception as error:  # a parser's own failure on a hostile file must not stop the batch
        logger.exception("reading %s failed", source.origin)
        yield Skipped(source.origin, f"its reader failed on it ({type(error).__name__})")


def checked(article: Article) -> Article | Skipped:
    """A reader's article as it may be stored, or why it may not.

    Form feeds in its text begin pages.
    """
    title = clean_line(article.title)
    text, pages = clean_pages(article.text, title)
    if not text and title:  # all that there is is the headline
        text, pages = clean_pages(article.text)
    identifier = article.id.strip()
    problem = None
    if not text:
        furniture = "no article: there is nothing in it but forms and links of the page"
        problem = furniture if clean_line(article.text) else "there is no text in it"
    elif len(text) > MAX_TEXT_CHARACTERS:
        problem = f"its text has {len(text):,} characters, more than {MAX_TEXT_CHARACTERS:,}"
    elif sum(1 for _ in _SENTENCE_END.finditer(text)) > MAX_SENTENCES:
        problem = f"it has more than {MAX_SENTENCES:,} lines or sentences: divide it"
    elif not identifier.isprintable() or not 0 < len(identifier) <= MAX_ID_CHARACTERS:
        problem = f"its id must be 1 to {MAX_ID_CHARACTERS} printable characters"
    if problem is not None:
        return Skipped(article.origin, problem, identifier)
    return replace(
        article,
        id=identifier,
        title=title[:MAX_TITLE_CHARACTERS] or _opening(text),
        text=text,
        source=clean_line(article.source)[:MAX_TITLE_CHARACTERS],
        url=clean_line(article.url),
        authors=tuple(filter(None, map(clean_line, article.authors))),
        language=clean_line(article.language),
        pages=pages,
    )


def _opening(text: str) -> str:
    """The first line that has some words, cut to a title's length: "CNN —" is a place, not what an article is about."""
    lines = text.split("\n")
    return next((line for line in lines if len(line.split()) >= MIN_TITLE_WORDS), lines[0])[:MAX_OPENING_CHARACTERS]
