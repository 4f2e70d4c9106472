"""The noun that LlamaIndex lacks on the way in: the article. Everything else at the seams is LlamaIndex's."""

from __future__ import annotations

import bisect
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Article:
    """One stored article. Every offset anywhere in Footnote points into `text`.

    `published` and `updated` are ISO 8601 (a date, or a date and time), or None where the article has none;
    the time of import never stands in for them. `origin` is the path or address it was read from. `pages` holds the
    offset in `text` at which each page begins, for articles that have pages.
    """

    id: str
    title: str
    text: str
    source: str = ""
    url: str = ""
    published: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = field(default=())
    language: str = ""
    origin: str = ""
    pages: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The number of the page (from 1) that holds this place of the text, or None where there are no pages."""
        return bisect.bisect_right(self.pages, offset) or None

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything a reader can see: equal hashes need no work at all."""
        record = [
            self.title, self.text, self.source, self.url, self.published, self.updated,
            list(self.authors), self.language,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Skipped:
    """An input that was not taken in: where it came from and why, in words for the person who gave it.

    `article_id` is the id that the article would have, where that could be read.
    """

    origin: str
    reason: str
    article_id: str = ""


@dataclass(frozen=True)
class Unchanged:
    """So many articles that are as they were when they were last taken in."""

    articles: int = 1
