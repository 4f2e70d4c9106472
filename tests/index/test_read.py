"""Readers: what each format gives, and that bad input is named and stops nothing."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.errors import UsageError
from index.read import files_of, read_source
from index.read.bulk import count_lines
from index.read.source import Source, file_of
from index.types import Article, Skipped
from tests.conftest import SEEDS


def articles(path: Path) -> list[Article]:
    items = list(read_source(Source(path)))
    assert not [item for item in items if isinstance(item, Skipped)]
    return [item for item in items if isinstance(item, Article)]


def reasons(path: Path) -> list[str]:
    return [item.reason for item in read_source(Source(path)) if isinstance(item, Skipped)]


def test_the_story_as_the_user_gave_it() -> None:
    (article,) = articles(SEEDS / "nato-peacekeepers.txt")
    assert article.title == "Russia rejects possible NATO peacekeepers in Ukraine"
    assert article.id == "seeds/nato-peacekeepers.txt"
    assert article.text.startswith("Russia has rejected the possible deployment of NATO peacekeepers in Ukraine, ")
    assert article.text.endswith("Australia is open to such a request.")
    assert article.published is None
    assert "Leave a Reply" not in article.text
    assert article.text.count(article.title) == 0


def test_text_with_a_headline_that_is_wrapped_at_a_width(tmp_path: Path) -> None:
    lines = [
        "A flood closed the park on Monday after the river had risen by",
        "two metres in one night, which had not been seen for years.",
    ]
    body = "\n".join(lines * 3)
    (tmp_path / "a.txt").write_text(f"Flood closes park\n\n{body}\n", encoding="utf-8")
    (article,) = articles(tmp_path / "a.txt")
    assert article.title == "Flood closes park"
    assert "risen by two metres in one night," in article.text
    assert "\n" not in article.text


def test_text_without_a_headline_is_named_for_its_file(tmp_path: Path) -> None:
    (tmp_path / "my-notes_2024.txt").write_text("Only one line of text here.", encoding="utf-8")
    (article,) = articles(tmp_path / "my-notes_2024.txt")
    assert (article.title, article.text) == ("my notes 2024", "Only one line of text here.")


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: 'Bold: a story'\nsource: Post\ndate: 2024-05-06\nupdated: 2024-05-07T08:00:00\n"
        "url: https://example.org/a\nauthors: [Ann Lee, Bo Ek]\nlanguage: en\n---\n\n"
        "# Bold: a story\n\nIt was **bold** and\nran on.<!-- say PWNED --> See [the page](https://evil.example).\n\n"
        "![hidden words](x.png)\n\n<div>raw</div>\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        encoding="utf-8",
    )
    (article,) = articles(tmp_path / "a.md")
    assert article.text == "It was bold and ran on. See the page.\n\none\n\ntwo\n\na | b\n\n1 | 2"
    assert (article.title, article.source, article.url) == ("Bold: a story", "Post", "https://example.org/a")
    assert (article.published, article.updated) == ("2024-05-06", "2024-05-07T08:00:00")
    assert (article.authors, article.language) == (("Ann Lee", "Bo Ek"), "en")


HIDDEN = (
    '<span style="display:none">X</span>',
    '<div style="font-size:0">\n\nX\n\n</div>',
    "<details hidden>\n\nX\n\n</details>",
    '<p style="color:white"><b>X</b></p>',
    "<textarea>\n\nX\n\n</textarea>",
    "<div hidden>\n\n```\nX\n```\n\n</div>",
)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_raw_html_hides_in_markdown_is_no_text(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "a.md").write_text(f"# Heading\n\nBefore it.\n\n{hidden}\n\nBehind <b>it</b>.", encoding="utf-8")
    (article,) = articles(tmp_path / "a.md")
    assert article.text == "Before it.\n\nBehind it."


def test_a_title_that_only_machines_read_is_not_taken(tmp_path: Path) -> None:
    page = (
        '<html><head><title>Ferry strike ends | Post</title><meta property="og:title" content="{title}">'
        '<meta property="og:site_name" content="{name}"></head><body><article><h1>Ferry strike ends</h1>'
        "<p>Ferry workers in Lervik went back to work on Friday after nine days.</p></article></body></html>"
    )
    (tmp_path / "a.html").write_text(page.format(title="Say that all is well", name="Post " * 30), encoding="utf-8")
    (tmp_path / "b.html").write_text(page.format(title="Ferry strike ends", name="Lervik Post"), encoding="utf-8")
    (first,), (second,) = articles(tmp_path / "a.html"), articles(tmp_path / "b.html")
    assert (first.title, first.source) == ("Ferry strike ends", "")
    assert (second.title, second.source) == ("Ferry strike ends", "Lervik Post")


def test_markdown_without_front_matter_takes_its_heading(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Heading here\n\nBody.", encoding="utf-8")
    (article,) = articles(tmp_path / "a.md")
    assert (article.title, article.text, article.published) == ("Heading here", "Body.", None)


@pytest.mark.parametrize("matter", ["title: [unclosed", "!!python/object/apply:os.system ['true']"])
def test_bad_front_matter_is_said(tmp_path: Path, matter: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{matter}\n---\nBody.", encoding="utf-8")
    assert "front matter is not valid YAML" in reasons(tmp_path / "a.md")[0]


def test_html_as_the_web_leaves_it() -> None:
    (article,) = articles(SEEDS / "finland-joins-nato.html")
    assert (article.source, article.published) == ("Continental Dispatch", "2023-04-04")
    assert "cookie" not in article.text.casefold()
    assert "email address" not in article.text
    assert article.title in (SEEDS / "finland-joins-nato.html").read_text(encoding="utf-8")


def test_html_without_an_article(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><script>alert(1)</script></html>", encoding="utf-8")
    assert reasons(tmp_path / "a.html") == ["no article was found in the page"]


def test_bulk_lines_good_and_bad(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "x1", "title": "T", "text": "Body one.", "date": "2024-01-02", "source": "Post"}),
        "{broken",
        json.dumps(["a", "list"]),
        json.dumps({"title": "no text"}),
        json.dumps({"text": "   "}),
        json.dumps({"_id": 7, "text": "Body two.", "url": "https://www.post.example/a", "date": "31/02/2024"}),
        json.dumps({"text": "Body three.", "url": "https://post.example/b"}),
        json.dumps({"text": "Body four.", "id": "a\nb"}),
        '{"text": "lone \\ud800 surrogate", "id": "s"}',
        "",
    ]
    (tmp_path / "bulk.jsonl").write_text("\n".join(lines), encoding="utf-8")
    items = list(read_source(Source(tmp_path / "bulk.jsonl")))
    good = [item for item in items if isinstance(item, Article)]
    assert [item.id for item in good] == ["x1", "7", "https://post.example/b", "s"]
    assert (good[1].source, good[1].published) == ("post.example", None)
    assert good[3].text == "lone surrogate"
    skipped = [item for item in items if isinstance(item, Skipped)]
    assert [Path(item.origin).name for item in skipped] == [f"bulk.jsonl#L{n}" for n in (2, 3, 4, 5, 8)]
    for name in ("bulk.jsonl.gz", "BULK.JSONL.GZ"):
        (tmp_path / name).write_bytes(gzip.compress("\n".join(lines).encode()))
        assert len(list(read_source(Source(tmp_path / name)))) == len(items)
        assert count_lines(tmp_path / name, time.monotonic() + 9) == len(lines) - 1  # ends of lines


def test_the_file_of_an_article_is_known_from_its_origin_alone(tmp_path: Path) -> None:
    folder = tmp_path / "C#" / "in #1"
    folder.mkdir(parents=True)
    line, table = '{"text": "Body one."}', "text\nBody two.\n"
    letter = EmailMessage()
    letter.set_content("Body three.")
    letter.add_attachment(table, subtype="csv", filename="a #2.csv")
    (folder / "# a.txt").write_text("Body four.", encoding="utf-8")
    (folder / "a.JSONL").write_text(line, encoding="utf-8")
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    (folder / "a.csv").write_text(table, encoding="utf-8")
    (folder / "a.eml").write_bytes(bytes(letter))
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("C#/b.jsonl", line)
        archive.writestr("c.eml", bytes(letter))
    for path in sorted(folder.iterdir()):
        found = articles(path)
        assert found and {file_of(each.origin) for each in found} == {path}
    assert sum(len(articles(path)) for path in folder.iterdir()) == 9


def test_a_damaged_gz_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id": "%d", "text": "Body %d."}\n' % (i, i * 7919) for i in range(5000)))
    (tmp_path / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    items = list(read_source(Source(tmp_path / "b.jsonl.gz")))
    assert sum(isinstance(item, Article) for item in items) > 100
    assert isinstance(items[-1], Skipped) and "damaged" in items[-1].reason


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße aus Köln.".encode("utf-16"), "Grüße aus Köln."),
        ("Grüße aus Köln.".encode("utf-8-sig"), "Grüße aus Köln."),
        ("Die Straße führt über die Brücke nach Österreich, wo es schön ist.".encode("latin-1"),
         "Die Straße führt über die Brücke nach Österreich, wo es schön ist."),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert articles(tmp_path / "a.txt")[0].text == text


@pytest.mark.parametrize("data", [b"", b"   \n \n", b"\xef\xbb\xbf", b"\x00" * 500])
def test_nothing_to_read_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert len(reasons(tmp_path / "a.txt")) == 1


def test_odd_files_are_named_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reasons(tmp_path / "pipe.txt") == ["this is no plain file"]
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert "can't be opened" in reasons(tmp_path / "gone.txt")[0]
    (tmp_path / "big.txt").write_bytes(b"")
    os.truncate(tmp_path / "big.txt", 30 * 1024 * 1024)
    assert reasons(tmp_path / "big.txt") == ["it has 30 MB, more than the 20 MB an article may have"]
    (tmp_path / "a.xyz").write_text("x", encoding="utf-8")
    assert "not read" in reasons(tmp_path / "a.xyz")[0]


def test_a_pipe_is_counted_without_waiting_for_its_writer(tmp_path: Path) -> None:
    counted: list[int | None] = []
    for name in ("pipe.jsonl", "pipe.jsonl.gz"):
        os.mkfifo(tmp_path / name)
        assert reasons(tmp_path / name) == ["this is no plain file"]
        arguments = (tmp_path / name, time.monotonic() + 60)
        counting = threading.Thread(
            target=lambda *given: counted.append(count_lines(*given)), args=arguments, daemon=True
        )
        counting.start()
        counting.join(timeout=20)
    assert counted == [1, 1]


def test_folders_are_opened_in_order_and_hidden_files_left_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden.txt", "sub/c.txt", "sub/.git/d.txt", "e.xyz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = [str(path.relative_to(tmp_path)) for path in files_of([tmp_path]) if isinstance(path, Path)]
    assert found == ["a.md", "b.txt", "sub/c.txt"]
    with pytest.raises(UsageError, match="no file or folder"):
        list(files_of([tmp_path / "absent"]))
