"""Which articles a question is asked of: all, those of an outlet and of some days, or those that were ticked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.dates import iso_date
from index.errors import UsageError
from index.filters import date_and_source_filters
from ui.words import counted, plain, readable_date

if TYPE_CHECKING:
    from llama_index.core.vector_stores.types import MetadataFilters

MAX_TICKED = 2_000
MAX_NAME_CHARACTERS = 1_000


@dataclass(frozen=True)
class Scope:
    """The ids that were ticked; where there are none, an outlet and the days from … to … (ISO dates, both included)."""

    articles: tuple[str, ...] = ()
    source: str = ""
    date_from: str = ""
    date_to: str = ""

    @classmethod
    def of(cls, sent: Any) -> Scope:
        """The scope that a browser sent, which may be anything. Raises UsageError for one that can't be right."""
        given = sent if isinstance(sent, Mapping) else {}
        articles = given.get("articles") or []
        if not isinstance(articles, list) or not all(isinstance(each, str) for each in articles):
            raise UsageError("The ticked articles can't be understood: untick all and try again.")
        if len(articles) > MAX_TICKED:
            raise UsageError(f"{len(articles):,} articles are ticked; {MAX_TICKED:,} is the most: use the filters.")
        if articles:
            return cls(tuple(each[:MAX_NAME_CHARACTERS] for each in articles))
        source = given.get("source")
        return cls(
            (), source[:MAX_NAME_CHARACTERS] if isinstance(source, str) else "", _day(given, "from"), _day(given, "to")
        )

    @property
    def limited(self) -> bool:
        return bool(self.articles or self.source or self.date_from or self.date_to)

    def filters(self) -> MetadataFilters | None:
        """As search takes them."""
        return date_and_source_filters(
            self.date_from, self.date_to, [self.source] if self.source else [], articles=self.articles
        )

    def words(self, total: int) -> str:
        """What is searched, in words: `all 40 articles`, `3 ticked articles`, `Courier, from 1 March 2024`."""
        if self.articles:
            return counted(len(self.articles), "ticked article")
        days = " ".join(
            f"{word} {readable_date(day)}" for word, day in (("from", self.date_from), ("to", self.date_to)) if day
        )
        chosen = ", ".join(filter(None, (plain(self.source), days)))
        return (
            f"articles of {chosen}"
            if self.source
            else (f"articles {chosen}" if chosen else f"all {counted(total, 'article')}")
        )


def _day(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or ""
    day = iso_date(value) if isinstance(value, str) and value else ""
    if value and not day:
        raise UsageError("A date of the filter can't be understood: choose it again.")
    return day[:10] if day else ""
