"""Rich text files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.dates import visible_date
from index.errors import UnreadableInput
from index.read.source import Source
from index.read.text import split_headline
from index.types import Article

_TITLE = re.compile(r"\{\\title ([^{}\\]{1,300})\}")
_AUTHOR = re.compile(r"\{\\author ([^{}\\]{1,300})\}")
_HIDDEN = re.compile(r"\{[^{}]*\\v(?![a-z0-9])[^{}]*\}")


def read_rtf(source: Source) -> Iterator[Article]:
    """The one article of a `.rtf` file."""
    from striprtf.striprtf import rtf_to_text

    data = source.read_bytes()
    if not data.lstrip().startswith(b"{\\rtf"):
        raise UnreadableInput("it is no rich text file")
    content = data.decode("latin-1")
    plain = rtf_to_text(_HIDDEN.sub("", content), errors="ignore")  # type: ignore[no-untyped-call]
    text = re.sub(r"\n+", "\n\n", plain.strip())
    headline, body = split_headline(text)
    title, author = _TITLE.search(content), _AUTHOR.search(content)
    yield Article(
        id=source.article_id,
        title=title[1] if title else headline or source.title_from_name,
        text=text if title else body,
        published=visible_date(text.split("\n\n")[:4]),
        authors=(author[1],) if author else (),
        origin=source.origin,
    )
