"""Which articles a question is asked of: all, those of an outlet and of some days, or those that were ticked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.dates import day_in
from index.errors import UsageError
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
            (),
            source[:MAX_NAME_CHARACTERS] if isinstance(source, str) else "",
            day_of(given, "from"),
            day_of(given, "to"),
        )

    @property
    def limited(self) -> bool:
        return bool(self.articles or self.source or self.date_from or self.date_to)

    def filters(self) -> MetadataFilters | None:
        """As search takes them."""
        from index.filters import date_and_source_filters  # here, because it loads LlamaIndex

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
        if self.source:
            return f"articles of {', '.join(filter(None, (plain(self.source), days)))}"
        return f"articles {days}" if days else f"all {counted(total, 'article')}"


def day_of(given: Mapping[str, Any], name: str) -> str:
    """The day that was sent under that name, or nothing. Raises UsageError for what is no day."""
    value = given.get(name) or ""
    try:
        return day_in(value) if value else ""
    except (ValueError, TypeError) as error:
        raise UsageError("A date of the filter can't be understood: choose it again.") from error
