"""Questions as programs give them, and answers as programs get them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.words import whole
from index.dates import day_in
from index.errors import UsageError

if TYPE_CHECKING:
    from llama_index.core.vector_stores.types import MetadataFilters

    from bot.pipeline import Bot
    from index.search import ScoredPassage
    from index.types import Article
    from ui.panes import Summary, Wanted

    class ListedArticle(Summary, Protocol):
        """A row of the sources list, with what else is known of the article."""

        @property
        def updated(self) -> str | None: ...
        @property
        def authors(self) -> Sequence[str]: ...
        @property
        def language(self) -> str: ...
        @property
        def story(self) -> int | None: ...


class Searches(Protocol):
    """What a search needs of a bot."""

    def search(
        self, question: str, *, filters: MetadataFilters | None = ..., k: int | None = ...
    ) -> list[ScoredPassage]: ...


class ListedArticles(Protocol):
    """What a list needs of an index."""

    def articles(self) -> Sequence[ListedArticle]: ...
    def article(self, article_id: str, rev: int | None = ...) -> Article | None: ...


def answer_json(bot: Bot, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `{"question", "history"?, "from"?, "to"?, "source"?, "articles"?}`. Raises UsageError."""
    return bot.ask(asked["question"], history=asked.get("history") or (), filters=filters_of(asked)).to_json()


def search_json(bot: Searches, asked: Mapping[str, Any], *, k: int | None = None) -> dict[str, Any]:
    """The k best passages for the same kind of question, whose history is not looked at."""
    from index.search import as_result

    started = time.perf_counter()
    found = bot.search(asked["question"], filters=filters_of(asked), k=k)
    return {
        "question": asked["question"],
        "results": [as_result(each, rank) for rank, each in enumerate(found, start=1)],
        "timings_ms": {"search": round((time.perf_counter() - started) * 1000, 1)},
    }


def filters_of(asked: Mapping[str, Any]) -> MetadataFilters | None:
    """The filters that a question names: days, outlets, and the ids of the articles to ask."""
    from index.filters import date_and_source_filters

    source = asked.get("source") or []
    sources = [source] if isinstance(source, str) else list(source)
    return date_and_source_filters(asked.get("from"), asked.get("to"), sources, asked.get("articles") or ())


def summaries_json(articles: Sequence[ListedArticle]) -> list[dict[str, Any]]:
    """Articles as `list --json` prints them; `duplicates` holds the ids of the copies of each."""
    stories: dict[int | None, list[str]] = {}
    for article in articles:
        stories.setdefault(article.story, []).append(article.id)
    return [
        {
            "id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "origin": article.origin,
            "date": article.published,
            "updated": article.updated,
            "authors": list(article.authors),
            "language": article.language,
            "passages": article.passages,
            "duplicates": [each for each in stories[article.story] if article.story and each != article.id],
        }
        for article in articles
    ]


def listed_json(index: ListedArticles, wanted: Wanted, *, limit: int, offset: int = 0) -> dict[str, Any]:
    """`{"total", "articles"}`: how many articles are wanted, and `limit` of them from `offset` on, newest first."""
    articles = index.articles()
    matching = [number for number, article in enumerate(articles) if wanted.matches(article)]
    listed = summaries_json(articles)  # of all, because a copy may be one that is not wanted
    return {"total": len(matching), "articles": [listed[number] for number in matching[offset : offset + limit]]}


def article_json(index: ListedArticles, article_id: str) -> dict[str, Any] | None:
    """One article as `show --json` prints it, or None where there is none of that id."""
    article = index.article(article_id)
    summaries = summaries_json(index.articles()) if article is not None else []
    summary = next((each for each in summaries if each["id"] == article_id), None)
    return {**summary, "text": article.text} if article is not None and summary is not None else None


def read_batch(path: Path, common: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The questions of a batch file, with the common filters where a line has none of its own.

    Raises UsageError with the line's number for the first one that is not right, when it is reached.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
    with file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield {**common, **_question(line, f"{path} line {number}")}


def _question(line: bytes, place: str) -> dict[str, Any]:
    try:
        asked = json.loads(line.decode("utf-8"))
        asked = json.loads(whole(json.dumps(asked, ensure_ascii=False)))  # "\ud800" is JSON, but can't be printed
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is not in UTF-8: save the file in that encoding") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place} is not JSON: {error}") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str) or asked.get("id") is None:
        raise UsageError(f'{place} must be an object with "id" and "question"')
    for key in ("from", "to"):
        if asked.get(key) is not None:
            try:
                asked[key] = day_in(asked[key])
            except (ValueError, TypeError, KeyError) as error:
                raise UsageError(f'{place}: "{key}" must be a date like 2025-03-16') from error
    asked = {key: value for key, value in asked.items() if value is not None}
    for key in ("source", "articles"):
        if isinstance(asked.get(key), str):
            asked[key] = [asked[key]]
        if not _are_texts(asked.get(key, [])):
            raise UsageError(f'{place}: "{key}" must be a text or a list of texts')
    history = asked.get("history", [])
    if not isinstance(history, list) or not all(_are_texts(turn) and len(turn) == 2 for turn in history):
        raise UsageError(f'{place}: "history" must be a list of [question, answer] pairs')
    return asked


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
