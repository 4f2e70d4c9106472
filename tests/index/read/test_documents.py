"""Documents of word processors, books and rich text."""

from __future__ import annotations

import datetime
from pathlib import Path

import docx

from tests.index.read.documents import FERRY, write_docx, write_epub, write_odt, write_zip
from tests.index.read.reading import article, reason

HIDDEN = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Vanished.</w:t></w:r>"
WHITE = '<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>White.</w:t></w:r>'
DELETED = "<w:del><w:r><w:delText>Deleted.</w:delText></w:r></w:del>"
INSERTED = "<w:ins><w:r><w:t>Inserted later.</w:t></w:r></w:ins>"


def test_a_word_document(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "a.docx", ["On ferries", "4 April 2023", FERRY], body=HIDDEN + WHITE + DELETED + INSERTED
    )
    document = docx.Document(str(path))
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Crossings", "18"
    document.core_properties.title = "A title"
    document.save(str(path))
    found = article(path)
    assert found.text == f"Inserted later.\n\nOn ferries\n\n4 April 2023\n\n{FERRY}\n\nCrossings | 18"
    assert (found.title, found.published, found.authors) == ("A title", "2023-04-04", ("Ann Lee",))


def test_a_table_in_a_table_stands_once(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["On ferries", FERRY])
    document = docx.Document(str(path))
    outer = document.add_table(rows=1, cols=1).rows[0].cells[0]
    inner = outer.add_table(rows=1, cols=2).rows[0]
    inner.cells[0].text, inner.cells[1].text = "Crossings", "18"
    document.save(str(path))
    assert article(path).text.endswith(f"{FERRY}\n\nCrossings 18")
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("Crossings", "18"))
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    content = f"""<office:body><office:text><text:p>{FERRY}</text:p><table:table><table:table-row><table:table-cell>
    {table}</table:table-cell></table:table-row></table:table></office:text></office:body>"""
    found = article(write_odt(tmp_path / "a.odt", content)).text
    assert found.count("Crossings") == found.count("18") == 1


def test_the_day_of_a_template_is_no_date(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["On ferries", FERRY])
    document = docx.Document(str(path))
    document.core_properties.created = datetime.datetime(2013, 12, 23, 23, 15)
    document.save(str(path))
    assert article(path).published is None
    assert article(path).title == "On ferries"


def test_a_document_with_macros_is_read_without_them(tmp_path: Path) -> None:
    found = article(write_docx(tmp_path / "a.docm", ["On ferries", FERRY], macros=True))
    assert FERRY in found.text and "AutoOpen" not in found.text


def test_word_documents_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("no zip", encoding="utf-8")
    assert "no zip file" in reason(tmp_path / "a.docx")
    write_zip(tmp_path / "b.docx", {"word/document.xml": b"<x/>"})
    assert "no Word document" in reason(tmp_path / "b.docx")
    write_zip(tmp_path / "bomb.docx", {"word/document.xml": b"a" * 60_000_000})
    assert "out of all proportion" in reason(tmp_path / "bomb.docx")


def test_an_open_document(tmp_path: Path) -> None:
    content = f"""<office:body><office:text><text:tracked-changes><text:changed-region><text:deletion>
    <text:p>Deleted.</text:p></text:deletion></text:changed-region></text:tracked-changes>
    <text:h>On ferries</text:h><text:p>{FERRY[:40]}<text:span>{FERRY[40:]}</text:span><office:annotation>
    <text:p>A note.</text:p></office:annotation></text:p><table:table><table:table-row><table:table-cell>
    <text:p>Crossings</text:p></table:table-cell><table:table-cell><text:p>18</text:p></table:table-cell>
    </table:table-row></table:table></office:text></office:body>"""
    found = article(write_odt(tmp_path / "a.odt", content))
    assert found.text == f"{FERRY}\n\nCrossings | 18"
    assert (found.title, found.published, found.authors) == ("On ferries", "2023-04-04T10:00:00", ("Ann Lee",))
    write_zip(tmp_path / "b.odt", {"other.xml": b"<x/>"})
    assert "lacks the part content.xml" in reason(tmp_path / "b.odt")


def test_a_book(tmp_path: Path) -> None:
    found = article(write_epub(tmp_path / "a.epub"))
    assert found.text == f"One\n\nIt began in spring.\n\nTwo\n\n{FERRY}"
    assert (found.title, found.source, found.published) == ("The Book of Ferries", "Harbour Press", "2021-05-06")
    assert (found.authors, found.language) == (("Ann Lee",), "en")


def test_books_that_are_locked_or_reach_for_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret", encoding="utf-8")
    doctype = f'<!DOCTYPE package [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    found = article(write_epub(tmp_path / "a.epub", doctype=doctype, chapter="<p>&x;</p>"))
    assert "the secret" not in found.text + found.title
    write_zip(tmp_path / "b.epub", {"META-INF/rights.xml": b"<x/>"})
    assert "locked" in reason(tmp_path / "b.epub")
    write_zip(tmp_path / "c.epub", {"mimetype": b"application/epub+zip"})
    assert "META-INF/container.xml" in reason(tmp_path / "c.epub")


def test_rich_text(tmp_path: Path) -> None:
    body = (
        r"{\rtf1\ansi{\info{\title On ferries}{\author Ann Lee}}\pard First line.\par " + FERRY + r" Gr\'fc\'dfe.\par}"
    )
    (tmp_path / "a.rtf").write_text(body, encoding="ascii")
    found = article(tmp_path / "a.rtf")
    assert found.text == f"First line.\n\n{FERRY} Grüße."
    assert (found.title, found.authors) == ("On ferries", ("Ann Lee",))
    (tmp_path / "b.rtf").write_text("plain", encoding="ascii")
    assert reason(tmp_path / "b.rtf") == "it is no rich text file"
