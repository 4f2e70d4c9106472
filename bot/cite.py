"""Citations: exact sentences of articles, numbered in the order in which an answer uses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.instructions import instructions, touches
from bot.types import Citation
from bot.words import overlap, stems
from index.passages import Span, sentences_of
from index.search import ScoredPassage
from index.types import Article

Articles = Callable[[ScoredPassage], Article | None]
"""Gives the article that a passage was cut from, at the passage's own revision."""

_MARK = r"\s*[\[【](?:[Pp]assages?\s)?\d{1,3}(?:\s*(?:[,;–-]|and)\s*\d{1,3})*[\]】]"
_MARKS = re.compile(_MARK)
_NUMBERS = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
BEGUN_MARKS = re.compile(r"(?:[\[【](?:[Pp]assages?)?[\d,; –-]*(?:[\]】]\s*)?)+")
"""What may become citation marks of the sentence before it."""
_MARKS_AFTER_STOP = re.compile(rf"([.!?][”\"’')]*)((?:{_MARK})+)")


class Citations:
    """The citations of one answer, made as its sentences come; the same place gets the same number."""

    def __init__(self, articles: Articles) -> None:
        self._articles = articles
        self._made: dict[tuple[str, object, Span], Citation] = {}
        self._found: dict[tuple[str, object], Article | None] = {}

    def cite(self, passage: ScoredPassage, start: int, end: int) -> int | None:
        """The number of the citation for this stretch of the passage's article; None when the article is gone."""
        revision = (passage.article_id, passage.node.metadata.get("rev"))  # another one has the words elsewhere
        key = (*revision, (start, end))
        if key not in self._made:
            if revision not in self._found:
                self._found[revision] = self._articles(passage)
            article = self._found[revision]
            if article is None:
                return None
            self._made[key] = Citation(
                len(self._made) + 1, article, start, end, article.text[start:end], passage.also_in
            )
        return self._made[key].number

    def restart(self) -> None:
        """Forgets what was cited, so that an answer that is read anew is numbered from 1 again."""
        self._made.clear()

    def all(self) -> tuple[Citation, ...]:
        """The citations in the order of their numbers."""
        return tuple(self._made.values())


def closest_sentence(claim: str, passage: ScoredPassage) -> Span:
    """The sentence of the passage that shares most with a claim, as a span in the article.

    One that tells a machine what to say is taken only where there is no other.
    """
    node = passage.passage
    start = node.start_char_idx or 0
    wanted = stems(claim)

    def shared(span: Span) -> tuple[int, float]:
        own = stems(node.text[span[0] - start : span[1] - start])
        return len(set(own) & set(wanted)), overlap(own, wanted)

    orders = [(start + first, start + last) for first, last in instructions(node.text)]
    spans = sentences_of(node)
    return max([span for span in spans if not touches(span, orders)] or spans, key=shared)


def marks_before_stops(text: str) -> str:
    """A model's text with citation marks that follow a full stop moved before it: `said so. [1]` → `said so [1].`"""
    return _MARKS_AFTER_STOP.sub(lambda match: f"{match[2]}{match[1]}", text)


def split_marks(sentence: str, passages: Sequence[object]) -> tuple[str, list[int]]:
    """A sentence without its citation marks, and the passage numbers it names that exist, each once, in order."""
    pairs = [pair for marks in _MARKS.findall(sentence) for pair in _NUMBERS.findall(marks)]
    numbers = [number for first, last in pairs for number in range(int(first), int(last or first) + 1)]
    known = [number for number in dict.fromkeys(numbers) if 1 <= number <= len(passages)]
    return _MARKS.sub("", sentence).strip(), known
