"""Files of the formats that people have, made in the test's own folder."""

from __future__ import annotations

import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

FERRY = (
    "The ferry crosses the bay every hour from six in the morning until midnight and carries four hundred people on"
    " each of its crossings, said the harbour master."
)
Placed = tuple[float, float, str, float, str]
"""Left, bottom (shares of the page), text, size in points, colour."""


def write_pdf(path: Path, pages: Sequence[Sequence[Placed]], about: Mapping[str, str] | None = None) -> Path:
    """A PDF by matplotlib."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
    from matplotlib.figure import Figure

    with PdfPages(path, metadata={"CreationDate": None, **(about or {})}) as pdf:
        for items in pages:
            figure = Figure(figsize=(8.27, 11.69))
            FigureCanvasPdf(figure)
            for left, bottom, text, size, colour in items:
                figure.text(left, bottom, text, fontsize=size, color=colour)
            pdf.savefig(figure)
    return path


def column(text: str, top: float = 0.88, size: float = 11, width: int = 80) -> list[Placed]:
    """A text set in lines from the top of a page down."""
    return [(0.1, top - 0.018 * i, line, size, "black") for i, line in enumerate(textwrap.wrap(text, width))]


def raw_pdf(pages: int, extra_trailer: bytes = b"") -> bytes:
    """A PDF of many pages with one line each, written by hand since a library takes long over it."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(pages))
    objects.append(b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids))
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for number in range(pages):
        name = chr(97 + number % 26) + chr(97 + number // 26 % 26) + chr(97 + number // 676)
        said = b"Ferry number %d, the %s, crossed the bay in good time." % (number + 1, name.encode())
        stream = b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % said
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
            % (5 + 2 * number)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, item)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, extra_trailer, start)
    return bytes(out)


LOCKED = (
    b"/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
    b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>"
)
"""Added to a PDF's trailer: it can only be opened with a password that nobody has."""


def write_docx(path: Path, paragraphs: Sequence[str], *, body: str = "", macros: bool = False) -> Path:
    """A Word document by python-docx; `body` is put before the paragraphs as XML, `macros` makes it a .docm."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    for number, text in enumerate(paragraphs):
        document.add_heading(text) if number == 0 else document.add_paragraph(text)
    if body:
        namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        document.element.body.insert(0, parse_xml(f"<w:p {namespace}>{body}</w:p>"))
    document.core_properties.author = "Ann Lee"
    document.save(str(path))
    if macros:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        plain, with_macros = b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled.main+xml"
        kinds = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = kinds.replace(b"openxmlformats-officedocument." + plain, with_macros)
        write_zip(path, {**parts, "word/vbaProject.bin": b"Sub AutoOpen()"})
    return path


def write_odt(path: Path, content: str) -> Path:
    """An OpenDocument text with this inside its body."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("text", "text"), ("table", "table"), ("meta", "meta"))
    )
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    about = "<dc:title>On ferries</dc:title><dc:creator>Ann Lee</dc:creator>"
    about += "<meta:creation-date>2023-04-04T10:00:00.123</meta:creation-date>"
    return write_zip(
        path,
        {
            "content.xml": f"<office:document-content {names} {dc}>{content}</office:document-content>",
            "meta.xml": f"<office:document-meta {names} {dc}>{about}</office:document-meta>",
        },
    )


def write_epub(path: Path, *, doctype: str = "", chapter: str = "") -> Path:
    """A book of two chapters, the second of which stands first in the archive."""
    opf = f"""{doctype}<package xmlns="http://www.idpf.org/2007/opf"><metadata
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Book of Ferries</dc:title><dc:creator>Ann Lee</dc:creator>
    <dc:publisher>Harbour Press</dc:publisher><dc:date>2021-05-06</dc:date><dc:language>en</dc:language></metadata>
    <manifest><item id="a" href="text/one.xhtml"/><item id="b" href="text/tw%6F.xhtml"/></manifest>
    <spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
    container = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
    <rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
    return write_zip(
        path,
        {
            "OEBPS/text/two.xhtml": f"<html><body><h1>Two</h1><p>{FERRY}</p><p hidden>Unseen.</p></body></html>",
            "OEBPS/text/one.xhtml": f"<html><body><h1>One</h1><p>It began in spring.</p>{chapter}</body></html>",
            "OEBPS/book.opf": opf,
            "META-INF/container.xml": container,
        },
    )


def write_zip(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """An archive with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path
