"""What a reader is given: one file, with the ways to open it that every format shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import UnreadableInput

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Of one article's file. Longest real article met: 0.3 MB. Bulk files are streamed and have no limit."""
_FILE_OF_A_PART = re.compile(
    r".*?\.(?:zip|eml)(?=#)|.*\.[ct]sv(?=#R\d+$)|.*\.jsonl(?:\.gz)?(?=#L\d+$)", re.IGNORECASE | re.DOTALL
)
"""What stands before the mark that a reader of several articles puts behind its file's path."""
BULK = (".jsonl", ".jsonl.gz", ".csv", ".tsv")
"""Formats of many articles, whose files are streamed."""
ROW = re.compile(r"#[LR]\d+$")
"""The mark of a line or row."""


@dataclass(frozen=True)
class Source:
    """One file that holds articles.

    `path` is where the bytes lie now. `given_origin` is what is shown and kept instead of the path (the address of
    a fetched page, `ARCHIVE#MEMBER`), `name` the file name that decides the format, `url` the address that was
    asked for.
    """

    path: Path
    given_origin: str = ""
    name: str = ""
    url: str = ""

    @cached_property
    def origin(self) -> str:
        """The absolute path, or what stands for it."""
        return self.given_origin or str(absolute_path(self.path))

    @cached_property
    def file_name(self) -> str:
        return self.name or self.path.name

    @cached_property
    def article_id(self) -> str:
        """The id of the one article of this source, where the article itself names none."""
        return id_of_origin(self.origin)

    @cached_property
    def title_from_name(self) -> str:
        return self.file_name.split(".")[0].replace("-", " ").replace("_", " ").strip()

    def check_size(self) -> None:
        """Raises UnreadableInput when the file is larger than an article may be."""
        size = self.path.stat().st_size
        if size > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 1024**2
            raise UnreadableInput(f"it has {size / 1024**2:.0f} MB, more than the {limit} MB an article may have")

    def read_bytes(self) -> bytes:
        """The whole file. Raises UnreadableInput when it is too large."""
        self.check_size()
        return self.path.read_bytes()

    def read_text(self) -> str:
        """The whole file as text: by its byte-order mark, else UTF-8, else the encoding that fits best."""
        return decode(self.read_bytes())


def absolute_path(path: Path) -> Path:
    """The path as it is kept: the same from wherever the file is named, without `..`; links in it stay.

    Where `..` stands behind a link that leads out of its folder, the path is that of the folder which it leads to.
    """
    absolute = path.absolute()
    if ".." not in absolute.parts:
        return absolute
    kept = Path(absolute.anchor)
    for part in absolute.parts[1:]:
        kept = kept / part if part != ".." else _folder_of(kept)
    return kept


def _folder_of(path: Path) -> Path:
    try:
        if path.is_symlink() and not path.parent.samefile(path / ".."):
            return path.resolve().parent
    except (OSError, RuntimeError):  # it leads nowhere, or we may not look
        pass
    return path.parent


def path_as_text(path: Path) -> str:
    """The absolute path in characters that can be stored and printed; bytes that are not UTF-8 are spelt out."""
    return str(absolute_path(path)).encode("utf-8", "backslashreplace").decode()


def id_of_origin(origin: str) -> str:
    """`FOLDER/NAME` of a path: the same from wherever the file is named, and in every copy of the folder.

    What follows a `#` (a line, a member) is kept; an address is its own id.
    """
    if is_address(origin):
        readable = origin
    else:
        file, mark, part = origin.partition("#")
        path = Path(file)
        readable = f"{path.parent.name}/{path.name}".lstrip("/") + mark + part
    return "".join(character if character.isprintable() else "_" for character in readable)


def file_of(origin: str) -> Path:
    """The file of an origin, whichever line, row or member of it.

    Told by the name alone, since the file may be gone: a `#` that is part of the path is left in it.
    """
    part = _FILE_OF_A_PART.match(origin)
    return Path(part[0] if part else origin)


def is_address(what: str) -> bool:
    """Whether this names something on the web rather than a file."""
    return what.lower().startswith(("http://", "https://"))


def decode(data: bytes) -> str:
    """Text of bytes whose encoding is not known. Raises UnreadableInput for what is not text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is None:
            raise UnreadableInput("it is not text in any encoding that could be recognised") from None
        text = str(best)
    if text.count("\x00") > len(text) // 100:
        raise UnreadableInput("it holds NUL bytes, so it is not text")
    return text


def outlet_of(url: str) -> str:
    """The host of an address without `www.`, which names the outlet where nothing better does."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
