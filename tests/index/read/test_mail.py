"""Letters with attachments, newsletters, and pages saved as mail."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from index.types import Article, Skipped
from tests.index.read.documents import FERRY, raw_pdf
from tests.index.read.reading import article, items, reason


def letter(text: str = FERRY) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "On ferries ⛴"
    message["From"] = "Harbour Post <news@post.example>"
    message["Date"] = "Tue, 04 Apr 2023 17:20:00 +0200"
    message.set_content(text)
    return message


def test_a_letter(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(bytes(letter()))
    found = article(tmp_path / "a.eml")
    assert (found.title, found.source, found.text) == ("On ferries ⛴", "Harbour Post", FERRY)
    assert found.published == "2023-04-04T17:20:00+02:00"


def test_a_newsletter_of_html(tmp_path: Path) -> None:
    message = letter()
    cells = "".join(f"<tr><td><p>Item {i}: {FERRY}</p></td></tr>" for i in range(3))
    hidden = '<div style="display:none">Preview text.</div>'
    message.add_alternative(f"<html><body>{hidden}<table>{cells}</table></body></html>", subtype="html")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    found = article(tmp_path / "a.eml")
    assert [f"Item {i}: {FERRY}" in found.text for i in range(3)] == [True] * 3
    assert "Preview" not in found.text


def test_attached_files_are_read_and_pictures_left(tmp_path: Path) -> None:
    message = letter()
    message.add_attachment(raw_pdf(1), maintype="application", subtype="pdf", filename="report.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"broken", maintype="application", subtype="pdf", filename="../../bad.pdf")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    first, second, third = items(tmp_path / "a.eml")
    assert isinstance(first, Article) and isinstance(second, Article) and isinstance(third, Skipped)
    assert second.origin.endswith("a.eml#report.pdf") and "Ferry number 1" in second.text
    assert third.origin.endswith("a.eml#bad.pdf") and "no PDF" in third.reason


def test_letters_without_sender_date_or_text(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: x\nDate: the other day\nFrom: <>,,;\n\nThe ferry crosses the bay.")
    found = article(tmp_path / "a.eml")
    assert (found.published, found.text) == (None, "The ferry crosses the bay.")
    (tmp_path / "b.eml").write_bytes(b"Subject: x\n\n")
    assert reason(tmp_path / "b.eml") == "there is no text in it"


def test_a_page_saved_as_mail(tmp_path: Path) -> None:
    page = f"""<html><head><meta property="og:title" content="Ferries"></head><body><article><h1>Ferries</h1>
    <p>{FERRY}</p><p>{FERRY[::-1]}</p></article></body></html>"""
    message = EmailMessage()
    message["Snapshot-Content-Location"] = "https://post.example/2023/ferries"
    message.set_content(page, subtype="html")
    (tmp_path / "a.mhtml").write_bytes(bytes(message))
    found = article(tmp_path / "a.mhtml")
    assert (found.title, found.url, found.source) == ("Ferries", "https://post.example/2023/ferries", "post.example")
    assert FERRY in found.text
    (tmp_path / "b.mht").write_bytes(b"Subject: x\n\nno page")
    assert reason(tmp_path / "b.mht") == "there is no page in it"
