"""Questions as programs give them, and answers as programs get them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.pipeline import Bot
from index.dates import iso_date
from index.errors import UsageError
from index.filters import date_and_source_filters
from index.search import as_result


def answer_json(bot: Bot, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to `{"question", "history"?, "from"?, "to"?, "source"?}`. Raises UsageError for a bad one."""
    return bot.ask(asked["question"], history=asked.get("history") or (), filters=_filters(asked)).to_json()


def search_json(bot: Bot, asked: dict[str, Any], *, k: int | None = None) -> dict[str, Any]:
    """The k best passages for the same kind of question, whose history is not looked at."""
    started = time.perf_counter()
    found = bot.search(asked["question"], filters=_filters(asked), k=k)
    return {
        "question": asked["question"],
        "results": [as_result(each, rank) for rank, each in enumerate(found, start=1)],
        "timings_ms": {"search": round((time.perf_counter() - started) * 1000, 1)},
    }


def _filters(asked: dict[str, Any]) -> Any:
    source = asked.get("source") or []
    sources = [source] if isinstance(source, str) else list(source)
    return date_and_source_filters(asked.get("from"), asked.get("to"), sources)


def read_batch(path: Path, common: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The questions of a batch file, with the common filters where a line has none of its own.

    Raises UsageError with the line's number for the first one that is not right, when it is reached.
    """
    try:
        file = path.open(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
    with file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield {**common, **_question(line, f"{path} line {number}")}


def _question(line: str, place: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{place} is not JSON: {error}") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str) or "id" not in asked:
        raise UsageError(f'{place} must be an object with "id" and "question"')
    for key in ("from", "to"):
        if asked.get(key) is not None and iso_date(asked[key]) is None:
            raise UsageError(f'{place}: "{key}" must be a date like 2025-03-16')
    history = asked.get("history") or []
    if not all(isinstance(turn, list | tuple) and len(turn) == 2 for turn in history):
        raise UsageError(f'{place}: "history" must be a list of [question, answer] pairs')
    return {key: value for key, value in asked.items() if value is not None}
