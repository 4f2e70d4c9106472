"""Documents of word processors: `.docx` and `.docm` (whose macros nobody looks at), and `.odt`."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.dates import iso_date, visible_date
from index.errors import UnreadableInput
from index.read.archive import member, opened
from index.read.source import Source
from index.types import Article

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_O = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_TEMPLATE_DAY = "2013-12-23"
"""When the template was made from which a much-used library writes its documents: no date of any article."""
_DATELINE_BLOCKS = 4


def parse_xml(data: bytes) -> Element:
    """The root of a document's part. No entity is expanded, nothing is fetched. Raises UnreadableInput."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableInput(f"a part of it is not XML ({error})") from error


def read_docx(source: Source) -> Iterator[Article]:
    """The one article of a Word document: text that is not hidden, deleted or white, tables row by row."""
    from docx.opc.exceptions import PackageNotFoundError
    from docx.opc.package import OpcPackage

    source.check_size()
    with opened(source) as archive:  # the bounds first: the library would unpack whatever is in it
        for information in archive.infolist():
            if information.filename.endswith(".xml"):
                member(archive, information.filename)
    try:
        package = OpcPackage.open(str(source.path))
        body = parse_xml(package.main_document_part.blob)
        properties = package.core_properties
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableInput(f"it is no Word document that can be read ({error})") from error
    blocks = [text for text in _word_blocks(body) if text]
    created, modified = iso_date(properties.created), iso_date(properties.modified)
    yield _article(
        source,
        blocks,
        title=properties.title or "",
        author=properties.author or "",
        created=None if created and created.startswith(_TEMPLATE_DAY) else created,
        modified=modified,
        language=properties.language or "",
    )


def _word_blocks(body: Element) -> Iterator[str]:
    """The text of each paragraph outside tables and of each row of a table."""
    inside: Any = None
    for element in body.iter(f"{_W}p", f"{_W}tr"):
        if inside is not None and any(parent is inside for parent in element.iterancestors(f"{_W}tr")):
            continue
        if element.tag == f"{_W}tr":
            inside = element
            cells = (
                " ".join(_word_text(p) for p in cell.iter(f"{_W}p"))
                for cell in element.iter(f"{_W}tc")
                if next(cell.iterancestors(f"{_W}tr")) is element  # a table in a cell is part of that cell's text
            )
            yield " | ".join(cell.strip() for cell in cells if cell.strip())
        else:
            yield _word_text(element).strip()


def _word_text(paragraph: Element) -> str:
    parts: list[str] = []
    for run in paragraph.iter(f"{_W}r"):
        if next(run.iterancestors(f"{_W}p"), None) is not paragraph or _word_hidden(run):
            continue
        for piece in run:
            if piece.tag == f"{_W}t":
                parts.append(piece.text or "")
            elif piece.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
                parts.append(" ")
            elif piece.tag == f"{_W}noBreakHyphen":
                parts.append("-")
    return "".join(parts)


def _word_hidden(run: Element) -> bool:
    if next(run.iterancestors(f"{_W}del"), None) is not None:
        return True
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return False
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and vanish.get(f"{_W}val") not in ("0", "false"):
        return True
    colour = properties.find(f"{_W}color")
    shaded = properties.find(f"{_W}shd") is not None or properties.find(f"{_W}highlight") is not None
    return colour is not None and (colour.get(f"{_W}val") or "").upper() == "FFFFFF" and not shaded


def read_odt(source: Source) -> Iterator[Article]:
    """The one article of an OpenDocument text."""
    source.check_size()
    with opened(source) as archive:
        names = set(archive.namelist())
        body = parse_xml(member(archive, "content.xml"))
        about = parse_xml(member(archive, "meta.xml")) if "meta.xml" in names else None
    found = {}
    for name, tag in (
        ("title", f"{_DC}title"),
        ("author", f"{_DC}creator"),
        ("created", f"{_META}creation-date"),
        ("modified", f"{_DC}date"),
        ("language", f"{_DC}language"),
    ):
        element = about.find(f".//{tag}") if about is not None else None
        found[name] = (element.text or "").strip() if element is not None else ""
    yield _article(
        source,
        [text for text in _odt_blocks(body) if text],
        title=found["title"],
        author=found["author"],
        created=iso_date(found["created"].split(".")[0]),
        modified=iso_date(found["modified"].split(".")[0]),
        language=found["language"],
    )


def _odt_blocks(body: Element) -> Iterator[str]:
    inside: Any = None
    for element in body.iter(f"{_T}p", f"{_T}h", f"{_TABLE}table-row"):
        parents = list(element.iterancestors())
        if any(parent is inside or parent.tag in (f"{_T}tracked-changes", f"{_O}annotation") for parent in parents):
            continue
        if element.tag == f"{_TABLE}table-row":
            inside = element
            cells = (
                _odt_text(cell)
                for cell in element.iter(f"{_TABLE}table-cell")
                if next(cell.iterancestors(f"{_TABLE}table-row")) is element
            )
            yield " | ".join(cell for cell in cells if cell)
        else:
            yield _odt_text(element)


def _odt_text(element: Element) -> str:
    return " ".join("".join(_odt_pieces(element)).split())


def _odt_pieces(element: Element) -> Iterator[str]:
    if element.tag in (f"{_O}annotation", f"{_T}tracked-changes"):
        return
    yield element.text or ""
    for child in element:
        if child.tag in (f"{_T}s", f"{_T}tab", f"{_T}line-break"):
            yield " "
        elif isinstance(child.tag, str):
            yield from _odt_pieces(child)
            yield " " if child.tag in (f"{_T}p", f"{_T}h") else ""
        yield child.tail or ""


def _article(
    source: Source,
    blocks: list[str],
    *,
    title: str,
    author: str,
    created: str | None,
    modified: str | None,
    language: str,
) -> Article:
    first = blocks[0] if blocks and len(blocks) > 1 and len(blocks[0]) <= 200 else ""
    published = visible_date(blocks[:_DATELINE_BLOCKS]) or created
    return Article(
        id=source.article_id,
        title=title or first or source.title_from_name,
        text="\n\n".join(blocks),
        published=published,
        updated=modified if modified and published and modified[:10] > published[:10] else None,
        authors=tuple(name.strip() for name in author.split(";") if name.strip() and name.strip() != "python-docx"),
        language=language,
        origin=source.origin,
    )
