"""Tables with a row an article, and archives of files of every kind."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

from index.types import Article, Skipped
from tests.index.read.documents import FERRY, write_zip
from tests.index.read.reading import article, items, reason


def test_a_table(tmp_path: Path) -> None:
    rows = [
        "ID,Headline,Body,Date,URL,Author",
        f'1,Ferries,"{FERRY}\n\nSecond ""paragraph"".",2023-04-04,https://www.post.example/a,Ann Lee; Bo Ek',
        ",,Text alone here.,31/02/2024,,",
        "3,No text,,2023-01-01,,",
        "",
    ]
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    one, two, three = items(tmp_path / "a.csv")
    assert isinstance(one, Article) and isinstance(two, Article) and isinstance(three, Skipped)
    assert (one.id, one.title, one.source, one.published) == ("1", "Ferries", "post.example", "2023-04-04")
    assert one.text == f'{FERRY}\n\nSecond "paragraph".'
    assert one.authors == ("Ann Lee", "Bo Ek")
    assert (two.title, two.published) == ("Text alone here.", None)
    assert two.id.endswith("/a.csv#R3")
    assert three.origin.endswith("a.csv#R4") and three.reason == "the row has no text"


def test_tables_of_other_makes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title;text\nGrüße;Die Fähre fährt.", encoding="utf-16")
    assert article(tmp_path / "a.csv").title == "Grüße"
    (tmp_path / "a.tsv").write_text("title\ttext\nOne, two\tThe ferry crosses.", encoding="utf-8")
    assert article(tmp_path / "a.tsv").title == "One, two"


def test_tables_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,age\nAnn,30", encoding="utf-8")
    assert "no column is named text" in reason(tmp_path / "a.csv") and "name, age" in reason(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(" \n", encoding="utf-8")
    assert reason(tmp_path / "b.csv") == "there is no text in it"


def test_an_archive(tmp_path: Path) -> None:
    bulk = "\n".join(json.dumps({"id": i, "text": f"Body {i}."}) for i in ("x", "y"))
    write_zip(
        tmp_path / "a.zip",
        {"one/a.txt": f"Ferries\n\n{FERRY}", "b.jsonl": bulk, "c.png": b"picture", ".d.txt": "hidden",
         "__MACOSX/e.txt": "hidden", "f\n\u202eg.md": "# Title\n\nText."},
    )  # fmt: skip
    found = items(tmp_path / "a.zip")
    assert [each.id for each in found if isinstance(each, Article)] == [
        f"{tmp_path.name}/a.zip#one/a.txt",
        "x",
        "y",
        f"{tmp_path.name}/a.zip#f__g.md",
    ]
    assert not [each for each in found if isinstance(each, Skipped)]


def test_members_that_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.txt", "deep")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../up.txt", "/abs.txt", "C:win.txt", "a\\b.txt", "sub/../../up.txt"):
            archive.writestr(name, "out")
        archive.writestr("zip.zip", inner.getvalue())
        archive.writestr("bomb.txt", b"0" * 50_000_000)
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.txt", "Title\n\nThe ferry crosses.")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("good.txt", "Another.")
    found = items(tmp_path / "a.zip")
    reasons = {each.origin.rpartition("#")[2]: each.reason for each in found if isinstance(each, Skipped)}
    leading_out = {name for name, why in reasons.items() if why == "its name leads out of the archive"}
    assert leading_out >= {"../up.txt", "/abs.txt", "C:win.txt", "sub/../../up.txt"}
    assert reasons["zip.zip"] == "an archive in an archive is not opened"
    assert "out of all proportion" in reasons["bomb.txt"]
    assert "links" in reasons["link.txt"]
    assert "same name" in reasons["good.txt"]
    assert [each.text for each in found if isinstance(each, Article)].count("The ferry crosses.") == 1


def test_a_bulk_file_in_an_archive_may_be_large_and_what_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    padding = "0" * 4_000_000
    lines = (json.dumps({"id": f"{n}", "title": "Ferries", "text": "They cross.", "x": padding}) for n in range(6))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("large.txt", padding * 6)
        archive.writestr("bulk.jsonl.gz", gzip.compress("\n".join(lines).encode(), compresslevel=0))
    found = items(tmp_path / "a.zip")
    reasons = {each.origin.rpartition("#")[2]: each.reason for each in found if isinstance(each, Skipped)}
    assert reasons == {"large.txt": "it has 23 MB, more than the 20 MB that are taken out of an archive"}
    assert [each.text for each in found if isinstance(each, Article)] == ["They cross."] * 6


def test_archives_that_are_damaged_or_locked(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 no more")
    assert "no zip file" in reason(tmp_path / "a.zip")
    whole = write_zip(tmp_path / "b.zip", {"a.txt": "Title\n\n" + FERRY * 50}).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[:60] + b"\xff\xff\xff" + whole[63:])
    assert "damaged in the archive" in reason(tmp_path / "b.zip")
    local, central = whole.index(b"PK\x03\x04"), whole.index(b"PK\x01\x02")
    locked = bytearray(whole)
    locked[local + 6] |= 1
    locked[central + 8] |= 1
    (tmp_path / "c.zip").write_bytes(bytes(locked))
    assert reason(tmp_path / "c.zip") == "it is locked with a password"
