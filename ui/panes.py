"""What the two side panes show, as plain fields that the page puts in place with `textContent` only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote as percent_encoded

from index.types import Article
from ui.words import byline, counted, plain, readable_date, safe_link

ROWS_AT_ONCE = 50
"""Rows of the sources list that are sent to the browser before it asks for more."""
MAX_OUTLETS = 300
FRAGMENT_WORDS = 5
"""Words at either end of a quote that a text fragment names: enough to be found once, few enough to match a page whose
markup splits the sentence."""

Span = tuple[int, int]


class Summary(Protocol):
    """A row of the sources list, as the index gives it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def passages(self) -> int: ...


@dataclass(frozen=True)
class Wanted:
    """Which articles the list shows: those with every word of `words`, of one outlet, of the days from … to …"""

    words: str = ""
    source: str = ""
    date_from: str = ""
    date_to: str = ""

    def matches(self, summary: Summary) -> bool:
        """Undated articles have no place in a range of days."""
        day = (summary.published or "")[:10]
        if self.source and summary.source != self.source:
            return False
        if (self.date_from and day < self.date_from) or (self.date_to and not "" < day <= self.date_to):
            return False
        return all(word in _searched(summary) for word in self.words.casefold().split())


def reader_view(article: Article, place: Span = (0, 0), passage: Span | None = None, note: str = "") -> dict[str, Any]:
    """The fields of the reader pane: the text in parts, of which the one at `place` is to be marked.

    `passage` is the stretch around it that was retrieved. Cut here and not in the browser, whose strings count in
    UTF-16 units.
    """
    start, end = place
    left, right = passage if passage and end and passage[0] <= start and end <= passage[1] else place
    text, page = article.text, article.page_at(start) if end else None
    link = safe_link(article.url)
    return {
        "title": plain(article.title),
        "byline": plain(byline(article.source, readable_date(article.published), f"page {page}" if page else "")),
        "origin": plain(article.origin),
        "link": link + text_fragment(link, text[start:end]) if link and end else link,
        "before": plain(text[:left]),
        "lead": plain(text[left:start]),
        "quote": plain(text[start:end]),
        "trail": plain(text[end:right]),
        "after": plain(text[right:]),
        "picture": _picture(article, page),
        "note": plain(note),
        "problem": "",
    }


def _picture(article: Article, page: int | None) -> str:
    """The address of a picture of the page, for what came from a PDF."""
    if page is None or not article.origin.lower().endswith(".pdf"):
        return ""
    return f"page/picture?article={percent_encoded(article.id, safe='')}&page={page}"


def text_fragment(link: str, quote: str) -> str:
    """The end of an address that has a browser scroll to the quote (WICG, URL Fragment Text Directives)."""
    words = quote.split()
    if not words:
        return ""
    parts = [words[:FRAGMENT_WORDS], words[-FRAGMENT_WORDS:]] if len(words) > 2 * FRAGMENT_WORDS else [words]
    # A dash has a meaning of its own in the directive, and percent-encoding leaves it as it is.
    named = ",".join(percent_encoded(" ".join(part), safe="").replace("-", "%2D") for part in parts)
    return f"{'' if '#' in link else '#'}:~:text={named}"


def reader_problem(problem: str, title: str = "This can't be shown") -> dict[str, Any]:
    """The fields of the reader pane where there is no article to show."""
    return {"title": plain(title), "problem": plain(problem)}


def sources_view(summaries: Iterable[Summary], wanted: Wanted, rows: int = ROWS_AT_ONCE) -> dict[str, Any]:
    """The fields of the sources list: the newest `rows` articles wanted, the counts, and the outlets to choose from.

    Undated articles come last.
    """
    everything = list(summaries)
    matching = [each for each in everything if wanted.matches(each)]
    matching.sort(key=lambda s: (s.title.casefold(), s.id))
    matching.sort(key=lambda s: s.published or "", reverse=True)
    dates = [s.published for s in everything if s.published]
    return {
        "total": len(everything),
        "matching": len(matching),
        "summary": byline(
            counted(len(everything), "article"), f"newest {readable_date(max(dates), '%b')}" if dates else ""
        ),
        "outlets": _outlets(everything),
        "rows": [_row(summary) for summary in matching[:rows]],
        "problem": "",
    }


def _outlets(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    """The outlets with most articles, by name."""
    counts: dict[str, int] = {}
    for each in summaries:
        if each.source:
            counts[each.source] = counts.get(each.source, 0) + 1
    most = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_OUTLETS]
    return [{"name": name, "label": plain(f"{name} ({counts[name]:,})")} for name in sorted(most, key=str.casefold)]


def _searched(summary: Summary) -> str:
    return f"{summary.title} {summary.source} {readable_date(summary.published)} {summary.published or ''}".casefold()


def _row(summary: Summary) -> dict[str, Any]:
    facts = byline(
        summary.source,
        readable_date(summary.published, "%b"),
        counted(summary.passages, "passage").replace(" ", "\N{NO-BREAK SPACE}"),
    )
    return {"id": summary.id, "title": plain(summary.title), "byline": plain(facts)}


def skipped_view(skipped: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """What was skipped and why, with the file's name in place of its path."""
    return [{"name": plain(each["origin"].rsplit("/", 1)[-1]), "reason": plain(each["reason"])} for each in skipped]
