"""Bulk files: one JSON object a line, streamed, so that memory does not grow with the file."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import MAX_FILE_BYTES, Source, decode, outlet_of
from index.types import Article, Skipped


def read_jsonl(source: Source) -> Iterator[Article | Skipped]:
    """The articles of a `.jsonl` or `.jsonl.gz` file, in order; a broken line is skipped and named.

    A line holds `text` (required), `title`, `id` (or BEIR's `_id`), `url`, `date`, `updated`, `source`, `authors`,
    `language`. Without an id, the address is the id, else the file and the line's number.
    """
    with _open(source) as lines:
        number = 0
        try:
            while line := lines.readline(MAX_FILE_BYTES + 1):
                number += 1
                origin = f"{source.origin}#L{number}"
                if len(line) > MAX_FILE_BYTES:
                    while line and not line.endswith(b"\n"):
                        line = lines.readline(MAX_FILE_BYTES + 1)
                    yield Skipped(origin, f"the line is longer than {MAX_FILE_BYTES // 1024**2} MB")
                elif line.strip():
                    try:
                        yield _article(line, origin, f"{source.article_id}#L{number}")
                    except UnreadableInput as error:
                        yield Skipped(origin, str(error))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableInput(f"it is damaged after line {number}: {error}") from error


def count_lines(path: Path, deadline: float) -> int | None:
    """The lines of a bulk file; None when they are not counted by that moment of the monotonic clock.

    A file that can't be read counts as one: reading it says why. A pipe is not opened: that would wait for its writer.
    """
    lines = 0
    try:
        if not path.is_file():
            return 1
        with _open(Source(path)) as file:
            while data := file.read(1 << 20):
                lines += data.count(b"\n")
                if time.monotonic() > deadline:
                    return None
    except (OSError, EOFError, zlib.error):
        return max(lines, 1)
    return max(lines, 1)


def _open(source: Source) -> IO[bytes]:
    if source.file_name.lower().endswith(".gz"):
        return cast(IO[bytes], gzip.open(source.path, "rb"))
    return source.path.open("rb")


def _article(line: bytes, origin: str, fallback_id: str) -> Article | Skipped:
    try:
        record = json.loads(decode(line))
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"the line is not JSON ({error})") from error
    if not isinstance(record, dict):
        raise UnreadableInput("the line is not a JSON object")
    text = record.get("text")
    url = _word(record, "url")
    article_id = _word(record, "id") or _word(record, "_id") or url or fallback_id
    if not isinstance(text, str):
        return Skipped(origin, 'the line has no "text"', article_id)
    authors = record.get("authors")
    return Article(
        id=article_id,
        title=_word(record, "title"),
        text=text,
        source=_word(record, "source") or outlet_of(url),
        url=url,
        published=iso_date(record.get("date") or record.get("published")),
        updated=iso_date(record.get("updated")),
        authors=tuple(name for name in authors if isinstance(name, str)) if isinstance(authors, list) else (),
        language=_word(record, "language"),
        origin=origin,
    )


def _word(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
