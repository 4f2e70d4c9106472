"""Plain text, as people save it from the web: a headline, then paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.dates import visible_date
from index.read.source import Source
from index.types import Article

MAX_HEADLINE_CHARACTERS = 200
DATELINE_LINES = 6


def read_text(source: Source) -> Iterator[Article]:
    """The one article of a `.txt` file. Its first line is the headline when it stands alone or is repeated; a day that
    stands in a short line of its own near the top is its date."""
    text = unwrap(source.read_text().replace("\r\n", "\n").replace("\r", "\n"))
    title, body = split_headline(text)
    published = visible_date(body.strip().split("\n")[:DATELINE_LINES])
    yield Article(source.article_id, title or source.title_from_name, body, published=published, origin=source.origin)


def split_headline(text: str) -> tuple[str, str]:
    """The headline (or "") and the rest."""
    first, _, rest = text.lstrip("\ufeff \n\t").partition("\n")
    first = first.strip()
    stands_alone = rest.startswith("\n") or rest.lstrip().startswith(first)
    if first and rest.strip() and stands_alone and len(first) <= MAX_HEADLINE_CHARACTERS:
        return first, rest
    return "", text


def unwrap(text: str) -> str:
    """The text with hard-wrapped paragraphs joined, so that no sentence is cut by a line's end.

    A text counts as wrapped when most of its line ends inside paragraphs come after 50 to 100 characters.
    """
    paragraphs = re.split(r"\n[ \t]*\n", text)
    inner = [line for paragraph in paragraphs for line in paragraph.strip().split("\n")[:-1]]
    wrapped = sum(50 <= len(line.rstrip()) <= 100 for line in inner)
    if len(inner) < 3 or wrapped < 0.7 * len(inner):
        return text
    return "\n\n".join(re.sub(r"[ \t]*\n[ \t]*", " ", paragraph.strip()) for paragraph in paragraphs)
