"""Zip archives of articles, and the bounds within which any zip-based format is opened."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.errors import UnreadableInput
from index.read.source import BULK, MAX_FILE_BYTES, Source
from index.types import Article, Skipped

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MAX_BULK_BYTES = 2 * 1024**3
"""Of a bulk file (.jsonl, .csv) in an archive."""
MAX_RATIO = 200
"""Compressed text shrinks to a fifth, the emptiest table to a fiftieth; what shrinks further is made to burst."""
RATIO_FROM_BYTES = 1024**2
_ARCHIVES = (".zip", ".gz", ".tar", ".7z", ".rar", ".bz2", ".xz")
_CHUNK_BYTES = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""What `zipfile` raises for damaged archives; RuntimeError for locked ones and a compression that it does not know."""


@contextmanager
def opened(source: Source) -> Iterator[ZipFile]:
    """A zip-based file. Raises UnreadableInput for what is none."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            yield archive
    except _BROKEN as error:
        raise UnreadableInput(f"it is no zip file that can be opened ({error})") from error


def member(archive: ZipFile, name: str) -> bytes:
    """One member of a document. Raises UnreadableInput when it is not there or would unpack to too much."""
    try:
        information = archive.getinfo(name)
    except KeyError as error:
        raise UnreadableInput(f"it lacks the part {name}") from error
    if problem := _too_large(information, MAX_FILE_BYTES):
        raise UnreadableInput(problem)
    with archive.open(information) as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableInput(_unpacks_to(MAX_FILE_BYTES))
    return data


def read_zip(source: Source) -> Iterator[Article | Skipped]:
    """The articles of the files in an archive, one file after the other; those of no readable kind are left out."""
    from index.read import parsed, reader_of

    seen: set[str] = set()
    with opened(source) as archive, tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        for number, information in enumerate(archive.infolist()):
            name = information.filename
            path = PurePosixPath(name)
            hidden = any(part.startswith(".") and part != ".." for part in path.parts) or "__MACOSX" in path.parts
            if information.is_dir() or hidden:
                continue
            nested = name.lower().endswith(_ARCHIVES) and not name.lower().endswith(".jsonl.gz")
            if not nested and reader_of(name) is None:
                continue
            origin = f"{source.origin}#{''.join(c if c.isprintable() else '_' for c in name)}"
            problem = "an archive in an archive is not opened" if nested else _problem(information, name in seen)
            seen.add(name)
            target = Path(folder, f"{number}{''.join(path.suffixes[-2:])[-20:]}")
            if problem is None:
                problem = _unpacked(archive, information, target)
            if problem is not None:
                yield Skipped(origin, problem)
            else:
                yield from parsed(Source(target, given_origin=origin, name=path.name))
            target.unlink(missing_ok=True)


def _problem(information: ZipInfo, again: bool) -> str | None:
    name = information.filename
    if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts or ":" in name[:2]:
        return "its name leads out of the archive"
    if information.external_attr >> 16 & 0o170000 == 0o120000:
        return "links in an archive are not followed"
    if information.flag_bits & 0x1:
        return "it is locked with a password"
    if again:
        return "another file of the archive has the same name"
    return _too_large(information, MAX_BULK_BYTES if name.lower().endswith(BULK) else MAX_FILE_BYTES)


def _too_large(information: ZipInfo, limit: int) -> str | None:
    size = information.file_size
    if size > RATIO_FROM_BYTES and size > MAX_RATIO * max(1, information.compress_size):
        return _unpacks_to(size)
    if size > limit:
        most = f"{limit // 1024**2:,} MB"
        return f"it has {size / 1024**2:,.0f} MB, more than the {most} that are taken out of an archive"
    return None


def _unpacks_to(size: int) -> str:
    return f"it would unpack to {size / 1024**2:,.0f} MB or more, out of all proportion"


def _unpacked(archive: ZipFile, information: ZipInfo, target: Path) -> str | None:
    """Write a member to a file, no more of it than it says it has; why that can't be done, if it can't."""
    written = 0
    try:
        with archive.open(information) as file, target.open("wb") as out:
            while data := file.read(_CHUNK_BYTES):
                written += len(data)
                if written > information.file_size:
                    return _unpacks_to(written)
                out.write(data)
    except _BROKEN as error:
        return f"it is damaged in the archive ({error})"
    return None
