"""Saved web pages: trafilatura finds the article in what a person could see of the page, htmldate its date."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import Source, outlet_of
from index.read.visible import drop_invisible, parse_html
from index.types import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement


MAX_LANGUAGE_CHARACTERS = 12
MAX_NAME_CHARACTERS = 80
"""Of an outlet or an author; nobody sees these on the page, so they must not be texts."""


def read_html(source: Source) -> Iterator[Article]:
    """The one article of a saved page. Raises UnreadableInput for a page without an article."""
    yield page_article(source.read_text(), source)


def page_article(page: str, source: Source) -> Article:
    """The article of a page, as its main text and metadata say. Raises UnreadableInput where there is none."""
    from trafilatura import bare_extraction

    tree = parse_html(page)
    if tree is None:
        raise UnreadableInput("there is no page in it")
    published, updated = _dates(tree, source.url)
    drop_invisible(tree)
    document = bare_extraction(
        tree, url=source.url or None, with_metadata=True, include_comments=False, favor_recall=True
    )
    if document is None or isinstance(document, dict) or not document.text:
        raise UnreadableInput("no article was found in the page")
    url = document.url or source.url or ""
    return Article(
        id=source.article_id,
        title=_title(tree, document.title or "") or source.title_from_name,
        # trafilatura ends a paragraph with one line break; a blank line is what every other reader gives
        text=document.text.replace("\n", "\n\n"),
        source=_short(document.sitename) or outlet_of(url),
        url=url,
        published=published,
        updated=updated,
        authors=tuple(name for name in map(_short, (document.author or "").split(";")) if name),
        language=document.language or (tree.get("lang") or "")[:MAX_LANGUAGE_CHARACTERS],
        origin=source.origin,
    )


def _title(tree: HtmlElement, found: str) -> str:
    """The title that was found if a person sees it too, on the page or on its tab; else the page's heading or tab.

    Metadata that only machines read may say anything.
    """
    tab, headings = (" ".join(tree.xpath(f"string({path})").split()) for path in ("//title", "//body//h1"))
    if not found or _letters(found) in _letters(f"{tab} {tree.xpath('string(//body)')}"):
        return found
    return headings or tab


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _short(name: str | None) -> str:
    """A name of an outlet or a person from the page's metadata, or nothing where it is too long to be one."""
    name = (name or "").strip()
    return name if len(name) <= MAX_NAME_CHARACTERS else ""


def _dates(tree: HtmlElement, url: str) -> tuple[str | None, str | None]:
    """When the page says that it was published and, if later, last changed. A page that says nothing has neither."""
    from htmldate import find_date

    published = iso_date(find_date(deepcopy(tree), url=url or None, original_date=True))
    updated = iso_date(find_date(deepcopy(tree), url=url or None, original_date=False, extensive_search=False))
    return published, updated if published and updated and updated > published else None
