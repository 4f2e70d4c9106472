"""Electronic books: the chapters of an `.epub` in their order, as one article."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.archive import member, opened
from index.read.source import Source, decode
from index.read.visible import block_text, drop_invisible, parse_html
from index.read.word import parse_xml
from index.types import Article

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_epub(source: Source) -> Iterator[Article]:
    """The one article of a book. Raises UnreadableInput for a damaged or locked one."""
    source.check_size()
    with opened(source) as archive:
        names = set(archive.namelist())
        if "META-INF/rights.xml" in names or "META-INF/license.lcpl" in names:
            raise UnreadableInput("it is locked by its seller (DRM)")
        rootfile = parse_xml(member(archive, "META-INF/container.xml")).find(f".//{_CONTAINER}rootfile")
        if rootfile is None:
            raise UnreadableInput("it is no book that can be read: its container names no content")
        place = rootfile.get("full-path") or ""
        package = parse_xml(member(archive, place))
        files = {item.get("id"): item.get("href") or "" for item in package.iter(f"{_OPF}item")}
        chapters = []
        for reference in package.iter(f"{_OPF}itemref"):
            href = files.get(reference.get("idref"), "")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(href.split("#")[0])))
            if href and name in names:
                chapters.append(_chapter(member(archive, name)))
    about = {tag: [(e.text or "").strip() for e in package.iter(f"{_DC}{tag}")] for tag in _FIELDS}
    yield Article(
        id=source.article_id,
        title=next(iter(about["title"]), "") or source.title_from_name,
        text="\n\n".join(chapter for chapter in chapters if chapter),
        source=next(iter(about["publisher"]), ""),
        published=iso_date(next(iter(about["date"]), "")),
        authors=tuple(filter(None, about["creator"])),
        language=next(iter(about["language"]), ""),
        origin=source.origin,
    )


_FIELDS = ("title", "publisher", "date", "creator", "language")


def _chapter(data: bytes) -> str:
    tree = parse_html(decode(data))
    if tree is None:
        return ""
    drop_invisible(tree)
    return block_text(tree)
