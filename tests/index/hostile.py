"""Files that people may have, or be sent, which must neither stop a batch nor harm an index. All made here.

`HOSTILE` maps a name to what makes the file; `write_all` makes a folder of all of them and of two good ones.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import stat
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from tests.index.read.documents import FERRY, LOCKED, raw_pdf, write_docx, write_epub, write_pdf

PAGE = "<html><head><title>Page</title></head><body><article><h1>Page</h1>{}</article></body></html>"
PARAGRAPHS = "".join(f"<p>{FERRY} This is paragraph {i}.</p>" for i in range(4))
BOMB = (
    '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>"
)

Make = Callable[[Path], object]


def text(content: str | bytes, encoding: str = "utf-8") -> Make:
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def page(body: str, before: str = "") -> Make:
    return text(before + PAGE.format(body))


def sparse(size: int) -> Make:
    def make(path: Path) -> None:
        path.write_bytes(b"")
        os.truncate(path, size)

    return make


def jsonl(*lines: object) -> Make:
    return text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines))


def bomb_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 100_000_000)


def odd_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../up.txt", "/etc/abs.txt"):
            archive.writestr(name, "out of the archive")


def nested_zip(path: Path) -> None:
    data = b"Title\n\nDeep down."
    for name in ("a.txt", "b.zip", "c.zip"):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(name, data)
        data = inner.getvalue()
    path.write_bytes(data)


def link_to(target: str) -> Make:
    return lambda path: path.symlink_to(target)


def unreadable(path: Path) -> None:
    path.write_text("Title\n\nNobody may read this.", encoding="utf-8")
    path.chmod(0)


def device(path: Path) -> None:
    with contextlib.suppress(PermissionError):  # only root may make one
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))


def letter_with_attachments(path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["Date"] = "Letter", "no date at all"
    message.set_content(FERRY)
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="run.exe")
    message.add_attachment(b"no PDF", maintype="application", subtype="pdf", filename="bad.pdf")
    path.write_bytes(bytes(message))


def attributes(path: Path) -> None:
    many = " ".join(f'data-a{i}="{i}"' for i in range(200_000))
    path.write_text(PAGE.format(f"<div {many}>{PARAGRAPHS}</div>"), encoding="utf-8")


CHINESE = "渡轮每小时穿越海湾一次，从早上六点到午夜。港务局长说，每次航行载客四百人。" * 8
GERMAN = (
    "Die Fähre fährt stündlich über die Bucht und trägt vierhundert Menschen, sagte der Hafenmeister aus Köln. " * 3
)

HOSTILE: dict[str, Make] = {
    "empty.txt": text(b""),
    "spaces.txt": text("  \n \t \n"),
    "bom.txt": text(b"\xef\xbb\xbf"),
    "nul.txt": text(b"\0" * 500),
    "binary.md": text(bytes(range(256)) * 8),
    "invalid-utf8.txt": text(b"Title\n\nThe ferry\xff\xfe crosses \xc3\x28 the bay."),
    "utf16.txt": text(f"Title\n\n{GERMAN}", "utf-16"),
    "utf16-no-bom.txt": text(f"Title\n\n{GERMAN}", "utf-16-le"),
    "latin1.txt": text(f"Titel\n\n{GERMAN}", "latin-1"),
    "gb18030.txt": text(f"渡轮\n\n{CHINESE}", "gb18030"),
    "long-line.jsonl": lambda path: path.write_bytes(b'{"id": "long", "text": "' + b"a" * 100_000_000 + b'"}'),
    "million-lines.txt": text("a\n" * 1_000_000),
    "million-sentences.txt": text("A b. " * 1_000_000),
    "too-large.txt": sparse(200 * 1024**2),
    "nested-divs.html": page("<div>" * 100_000 + PARAGRAPHS + "</div>" * 100_000),
    "nested-tables.html": page("<table><tr><td>" * 20_000 + PARAGRAPHS),
    "only-script.html": text("<html><script>alert(1)</script><style>a{}</style></html>"),
    "entity-bomb.html": page(f"<p>&j;&j;</p>{PARAGRAPHS}", BOMB),
    "external-entity.html": page(
        f"<p>&x;</p>{PARAGRAPHS}", '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "attributes.html": attributes,
    "unclosed-attribute.html": page(f'{PARAGRAPHS}<a href="' + "x" * 3_000_000),
    "lying-charset.html": lambda path: path.write_bytes(
        PAGE.format(f"<p>{GERMAN}</p>" * 3).replace("<title>", '<meta charset="utf-16"><title>').encode()
    ),
    "external-entity.epub": lambda path: write_epub(
        path, doctype='<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd">]>', chapter="<p>&x;</p>"
    ),
    "bomb.zip": bomb_zip,
    "names.zip": odd_names,
    "nested.zip": nested_zip,
    "not.zip": text("PK no zip"),
    "bomb.jsonl.gz": lambda path: path.write_bytes(gzip.compress(b"0" * 60_000_000)),
    "loop-a.txt": link_to("loop-b.txt"),
    "loop-b.txt": link_to("loop-a.txt"),
    "out.txt": link_to("/etc/passwd"),
    "dangling.txt": link_to("nowhere.txt"),
    "up": link_to(".."),
    "pipe.txt": lambda path: os.mkfifo(path),
    "device.txt": device,
    "forbidden.txt": unreadable,
    "folder.txt": lambda path: path.mkdir(),
    "line\nbreak.txt": text("Title\n\nA name with a line break."),
    "\u202egnp.txt": text("Title\n\nA name that runs backwards."),
    "⛴🚢.txt": text("Title\n\nA name of pictures."),
    "n" * 251 + ".txt": text("Title\n\nA name as long as names may be."),
    "-rf.txt": text("Title\n\nA name that looks like an option."),
    "locked.pdf": text(raw_pdf(1, LOCKED)),
    "truncated.pdf": text(raw_pdf(3)[:200]),
    "scanned.pdf": lambda path: write_pdf(path, [[], []]),
    "long.pdf": text(raw_pdf(2000)),
    "not.docx": text("no zip"),
    "macros.docm": lambda path: write_docx(path, ["On ferries", FERRY], macros=True),
    "letter.eml": letter_with_attachments,
    "no-title.csv": text("text,date\nThe ferry crosses.,31/02/2024\nThe train waits.,0001-01-01\n"),
    "no-text.csv": text("name,age\nAnn,30\n"),
    "broken.jsonl": jsonl({"id": "b1", "text": "One."}, "{broken", '"text"', {"id": "b2", "text": "Two."}),
    "twice.jsonl": jsonl({"id": "same", "text": "One."}, {"id": "same", "text": "Two."}),
    "claims-same.jsonl": jsonl({"id": "same", "text": "Three."}),
    "dates.jsonl": jsonl(
        {"id": "d1", "text": "One day.", "date": "31/02/2024"},
        {"id": "d2", "text": "Another day.", "date": "0001-01-01"},
        {"id": "d3", "text": "A third day.", "date": "9999-99-99"},
    ),
    "invisible.txt": text("Ti\u200btle\n\nThe fer\u200bry\u202e cros\U000e0041ses\u2066 the\ufeff bay.\x1b[31m"),
    "surrogate.jsonl": text('{"id": "sur", "text": "lone \\ud800 surrogate"}'),
    "zalgo.txt": text("Title\n\nThe fe" + "\u0301" * 5000 + "rry crosses."),
    "word.txt": text("Title\n\n" + "".join(random.Random(1).choices("abcdefgh", k=50_000))),
    "matter.md": text("---\ntitle: !!python/object/apply:os.system ['true']\n---\nBody."),
    "title.html": page(PARAGRAPHS.replace("paragraph 1", "<script>alert(1)</script>paragraph 1")),
    "long-title.html": text(PAGE.format(PARAGRAPHS).replace("<h1>Page", "<h1>" + "Long title " * 90_000)),
    "no-article.xml.html": text("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
}

SKIPPED: dict[str, str] = {
    "empty.txt": "no text",
    "spaces.txt": "no text",
    "bom.txt": "no text",
    "nul.txt": "NUL bytes",
    "binary.md": "NUL bytes|not text",
    "long-line.jsonl": "longer than 20 MB",
    "million-lines.txt": "more than 100,000 lines",
    "million-sentences.txt": "more than 100,000 lines",
    "too-large.txt": "200 MB",
    "only-script.html": "no article|no page",
    "bomb.zip": "out of all proportion",
    "names.zip": "leads out of the archive",
    "nested.zip": "an archive in an archive",
    "not.zip": "no zip file",
    "bomb.jsonl.gz": "longer than 20 MB",
    "loop-a.txt": "leads out of its folder, or nowhere",
    "loop-b.txt": "leads out of its folder, or nowhere",
    "out.txt": "leads out of its folder",
    "dangling.txt": "leads out of its folder, or nowhere",
    "up": "links to folders are not followed",
    "pipe.txt": "no plain file",
    "locked.pdf": "password",
    "truncated.pdf": "damaged",
    "scanned.pdf": "scanned",
    "not.docx": "no zip file",
    "letter.eml": "damaged or no PDF",
    "no-text.csv": "no column is named text",
    "broken.jsonl": "not JSON|not a JSON object",
    "twice.jsonl": "already used",
    "matter.md": "not valid YAML",
}
"""What must be named, each with words of the reason. All others must be taken in, or be named like this too."""

EITHER = {
    "attributes.html", "nested-divs.html", "nested-tables.html", "unclosed-attribute.html", "device.txt",
    "forbidden.txt", "utf16-no-bom.txt", "claims-same.jsonl", "entity-bomb.html", "external-entity.html",
    "external-entity.epub", "lying-charset.html", "no-article.xml.html",
}  # fmt: skip
"""Taken in or named, as the system and the parser have it: what matters is that nothing else suffers."""


def write_all(folder: Path) -> None:
    """A folder of every hostile file, with two good articles beside them."""
    folder.mkdir(parents=True)
    for name, make in HOSTILE.items():
        make(folder / name)
    (folder / "good.txt").write_text(f"A good article\n\n{FERRY}", encoding="utf-8")
    (folder / "zz-good.html").write_text(PAGE.format(PARAGRAPHS), encoding="utf-8")
