"""Readers: one function a format, one table. Adding a format is a function and a line in `READERS`.

A reader takes a `Source` and yields an `Article` for each article in it, or a `Skipped` for each that can't be
taken in. It raises `UnreadableInput` when nothing in the file can be read.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from index.clean import clean_line, clean_text
from index.errors import UnreadableInput, UsageError
from index.read.bulk import read_jsonl
from index.read.html import read_html
from index.read.markdown import read_markdown
from index.read.source import Source
from index.read.text import read_text
from index.types import Article, Skipped

logger = logging.getLogger(__name__)

Reader = Callable[[Source], Iterable[Article | Skipped]]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
}

MAX_ID_CHARACTERS = 512


def reader_of(path: Path) -> Reader | None:
    """The reader for a file name, or None for a format that is not read."""
    name = path.name.lower()
    return next((reader for suffix, reader in READERS.items() if name.endswith(suffix)), None)


def files_in(folder: Path) -> Iterator[Path]:
    """The files below a folder that have a reader, in the order of their names; hidden ones are left out."""
    for directory, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(directory, name)
            if not name.startswith(".") and reader_of(path):
                yield path


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files that the given paths name, folders opened up. Raises UsageError for a path that is not there."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(files_in(path))
        elif path.exists() or path.is_symlink():
            files.append(path)
        else:
            raise UsageError(f"There is no file or folder {path}: check the spelling.")
    return files


def read_file(path: Path) -> Iterator[Article | Skipped]:
    """The cleaned articles of one file, and what in it was skipped and why. Raises nothing for bad content."""
    source = Source(path)
    try:
        reader = reader_of(path)
        if reader is None:
            formats = " ".join(READERS)
            raise UnreadableInput(f"files of this kind are not read (those that are: {formats})")
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableInput("this is no plain file")
        for item in reader(source):
            yield _checked(item) if isinstance(item, Article) else item
    except UnreadableInput as error:
        yield Skipped(source.origin, str(error))
    except OSError as error:
        yield Skipped(source.origin, f"it can't be opened: {error.strerror or error}")
    except Exception as error:  # a parser's own failure on a hostile file must not stop the batch
        logger.exception("reading %s failed", source.origin)
        yield Skipped(source.origin, f"its reader failed on it ({type(error).__name__})")


def _checked(article: Article) -> Article | Skipped:
    title = clean_line(article.title)
    text = clean_text(article.text, title)
    identifier = article.id.strip()
    if not text:
        return Skipped(article.origin, "there is no text in it")
    if not identifier.isprintable() or not 0 < len(identifier) <= MAX_ID_CHARACTERS:
        return Skipped(article.origin, f"its id must be 1 to {MAX_ID_CHARACTERS} printable characters")
    return replace(
        article,
        id=identifier,
        title=title or text[:80].split("\n")[0],
        text=text,
        source=clean_line(article.source),
        url=clean_line(article.url),
        authors=tuple(filter(None, map(clean_line, article.authors))),
        language=clean_line(article.language),
    )
