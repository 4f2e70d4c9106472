"""Markdown with optional YAML front matter, turned into the plain text that a reader would see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import Source, outlet_of
from index.read.visible import NEVER_SHOWN, hides
from index.types import Article

if TYPE_CHECKING:
    from markdown_it.token import Token


_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def read_markdown(source: Source) -> Iterator[Article]:
    """The one article of a `.md` file. Front matter that is not valid YAML makes the file unreadable."""
    import frontmatter
    import yaml
    from markdown_it import MarkdownIt

    try:
        metadata, body = frontmatter.parse(source.read_text())
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())[:120]
        raise UnreadableInput(f"its front matter is not valid YAML ({problem})") from error
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    heading = _first_heading(tokens)
    url = _word(metadata, "url", "link")
    yield Article(
        id=_word(metadata, "id") or source.article_id,
        title=_word(metadata, "title") or heading or source.title_from_name,
        text="\n\n".join(_blocks(tokens)),
        source=_word(metadata, "source", "outlet") or outlet_of(url),
        url=url,
        published=iso_date(metadata.get("date") or metadata.get("published")),
        updated=iso_date(metadata.get("updated")),
        authors=_words(metadata.get("authors") or metadata.get("author")),
        language=_word(metadata, "language", "lang"),
        origin=source.origin,
    )


def _word(metadata: Mapping[str, Any], *keys: str) -> str:
    """The first of these keys that holds a scalar, as text."""
    for key in keys:
        value = metadata.get(key)
        if value is not None and isinstance(value, str | int | float):
            return str(value)
    return ""


def _words(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(item for item in values if isinstance(item, str))


def _first_heading(tokens: list[Token]) -> str:
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return _visible(inline)
    return ""


def _blocks(tokens: list[Token]) -> Iterator[str]:
    """The text of each block; raw HTML, comments and pictures' alternative texts are not part of it, nor is what stands
    between tags that hide it."""
    row: list[str] | None = None
    tags = _Tags()
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield " | ".join(row)
            row = None
        elif token.type == "html_block":
            tags.feed(token.content)
        elif token.type == "inline":
            text = _visible(token, tags)
            if row is not None:
                row.append(text)
            elif text:
                yield text
        elif token.type in ("fence", "code_block") and not tags.hide:
            yield token.content.strip()


def _visible(inline: Token, tags: _Tags | None = None) -> str:
    tags = tags or _Tags()
    parts = []
    for child in inline.children or ():
        if child.type == "html_inline":
            tags.feed(child.content)
        elif child.type in ("text", "code_inline") and not tags.hide:
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    tags.end_of_block()
    return " ".join("".join(parts).split()) if tags.met else "".join(parts).strip()


class _Tags(HTMLParser):
    """Which raw HTML tags are open at a place of a Markdown text: whether one of them `hide`s what stands there."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []
        self.met = False

    @property
    def hide(self) -> bool:
        return any(hidden for _, hidden in self._open)

    def end_of_block(self) -> None:
        """Tags that can't last longer than a paragraph are closed."""
        self._open = [each for each in self._open if each[0] not in ("p", "span", "font")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met = True
        if tag not in _VOID:
            self._open.append((tag, tag in NEVER_SHOWN or hides(tag, {name: value or "" for name, value in attrs})))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing: an element without content hides nothing."""

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if places:
            del self._open[places[-1] :]
