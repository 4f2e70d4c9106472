"""What became of the articles that saved answers cite: which were changed or removed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.verify import check
from index.types import Article
from ui.history import Conversation, Turn

ArticleOf = Callable[[str], Article | None]
Cited = tuple[str, str]
"""The id of a cited article and its hash when it was cited; empty where that was not kept."""


def told(conversation: Conversation, article_of: ArticleOf) -> Conversation:
    """The conversation with what became of each answer's citations since, in words for a person."""
    return replace(conversation, turns=tuple(_told(turn, article_of) for turn in conversation.turns))


def _told(turn: Turn, article_of: ArticleOf) -> Turn:
    citations = turn.answer["citations"] if turn.answer and turn.finished else ()
    return replace(turn, since=since(citations, article_of))


def since(citations: Iterable[Mapping[str, Any]], article_of: ArticleOf) -> str:
    """What became of citations since they were made; empty where each stands as it stood, in an unchanged article."""
    marks: dict[str, list[str]] = {"gone": [], "changed": [], "intact": []}
    for citation in citations:
        found = check(citation, article_of)
        state = "intact" if found.state == "moved" else found.state
        if state != "intact" or found.article_changed:
            marks[state].append(f"[{found.number}]")
    said = [
        (marks["gone"], "the article of {} was removed", "the articles of {} were removed"),
        (marks["changed"], "{} is no longer in its article", "{} are no longer in their articles"),
        (marks["intact"], "the article of {} was changed elsewhere", "the articles of {} were changed elsewhere"),
    ]
    parts = [(one if len(own) == 1 else several).format(_listed(own)) for own, one, several in said if own]
    return f"Since this answer: {'; '.join(parts)}." if parts else ""


def _listed(marks: list[str]) -> str:
    return marks[0] if len(marks) == 1 else f"{', '.join(marks[:-1])} and {marks[-1]}"


def outdated(cited: Mapping[str, Iterable[Cited]], article_of: ArticleOf) -> set[str]:
    """The ids of the conversations of which an article that they cite was changed or removed since.

    `cited` holds, for each conversation, what it cites. Of one that was saved without hashes only a removal is known.
    """
    hashes: dict[str, str | None] = {}

    def stands(article_id: str, kept: str) -> bool:
        if article_id not in hashes:
            article = article_of(article_id)
            hashes[article_id] = article.content_hash if article else None
        now = hashes[article_id]
        return now is not None and kept in ("", now)

    return {key for key, own in cited.items() if not all(stands(*each) for each in own)}
