"""Tables of articles: `.csv` and `.tsv`, a row an article."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import TextIO

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import MAX_FILE_BYTES, Source, outlet_of
from index.types import Article, Skipped

COLUMNS = {
    "text": ("text", "body", "content", "article", "story"),
    "title": ("title", "headline"),
    "published": ("date", "published", "published_at", "pubdate"),
    "updated": ("updated", "updated_at", "modified"),
    "url": ("url", "link", "address"),
    "source": ("source", "outlet", "publisher", "publication"),
    "authors": ("authors", "author"),
    "id": ("id", "_id"),
    "language": ("language", "lang"),
}
"""What an article takes from a table, and the names of columns (in any case) that hold it."""
_SNIFFED_CHARACTERS = 1 << 16


def read_csv(source: Source) -> Iterator[Article | Skipped]:
    """The articles of a table with a line of column names, in order. Raises UnreadableInput without a text column."""
    with _opened(source) as file:
        sample = file.read(_SNIFFED_CHARACTERS)
        file.seek(0)
        if not sample.strip():
            raise UnreadableInput("there is no text in it")
        csv.field_size_limit(MAX_FILE_BYTES)
        rows = csv.reader(file, delimiter=_delimiter(sample, source))
        try:
            columns = _columns(next(rows))
            for number, row in enumerate(rows, start=2):
                yield _article(source, columns, row, number)
        except csv.Error as error:
            raise UnreadableInput(f"it is no table that can be read after line {rows.line_num} ({error})") from error


def _opened(source: Source) -> TextIO:
    if source.path.stat().st_size > MAX_FILE_BYTES:
        return source.path.open(encoding="utf-8-sig", errors="replace", newline="")
    return io.StringIO(source.read_text().removeprefix("\ufeff"), newline="")


def _delimiter(sample: str, source: Source) -> str:
    if source.file_name.lower().endswith(".tsv"):
        return "\t"
    header = sample.split("\n")[0]
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def _columns(header: list[str]) -> Mapping[str, int]:
    names = [name.strip().casefold() for name in header]
    found = {
        field: names.index(next(name for name in known if name in names))
        for field, known in COLUMNS.items()
        if any(name in names for name in known)
    }
    if "text" not in found:
        shown = ", ".join(name.strip() for name in header)[:200]
        raise UnreadableInput(f"no column is named {', '.join(COLUMNS['text'])} (there are: {shown})")
    return found


def _article(source: Source, columns: Mapping[str, int], row: list[str], number: int) -> Article | Skipped:
    origin = f"{source.origin}#R{number}"

    def cell(field: str) -> str:
        place = columns.get(field, len(row))
        return row[place].strip() if place < len(row) else ""

    url = cell("url")
    article_id = cell("id") or url or f"{source.article_id}#R{number}"
    if not cell("text"):
        return Skipped(origin, "the row has no text", article_id)
    return Article(
        id=article_id,
        title=cell("title"),
        text=cell("text"),
        source=cell("source") or outlet_of(url),
        url=url,
        published=iso_date(cell("published")),
        updated=iso_date(cell("updated")),
        authors=tuple(name.strip() for name in cell("authors").split(";") if name.strip()),
        language=cell("language"),
        origin=origin,
    )
