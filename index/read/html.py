"""Saved web pages: trafilatura finds the article in the page and what the page says about it."""

from __future__ import annotations

from collections.abc import Iterator

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import Source, outlet_of
from index.types import Article


def read_html(source: Source) -> Iterator[Article]:
    """The one article of a saved page. Raises UnreadableInput for a page without an article."""
    from trafilatura import bare_extraction

    document = bare_extraction(source.read_text(), with_metadata=True, include_comments=False)
    if document is None or isinstance(document, dict) or not document.text:
        raise UnreadableInput("no article was found in the page")
    url = document.url or ""
    yield Article(
        id=source.article_id,
        title=document.title or source.title_from_name,
        # trafilatura ends a paragraph with one line break; a blank line is what every other reader gives
        text=document.text.replace("\n", "\n\n"),
        source=document.sitename or outlet_of(url),
        url=url,
        published=iso_date(document.date),
        authors=tuple(name.strip() for name in (document.author or "").split(";") if name.strip()),
        language=document.language or "",
        origin=source.origin,
    )
