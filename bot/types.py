"""The nouns on the way out: a citation, a sentence that rests on citations, and the answer made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from index.catalogue import ArticleSummary
from index.types import Article

Status = Literal["answered", "not_found"]
Support = Literal["quoted", "supported", "unsupported"]

MAX_QUESTION_CHARACTERS = 2000

QUOTES = "quotes"
"""`Answer.written_by` when no language model had a part in it."""


@dataclass(frozen=True)
class Citation:
    """The exact stretch of an article that a sentence rests on: `article.text[start:end] == quote`, always.

    `also_in` names the copies of the article: together they are one source. Raises ValueError when made with a quote
    that does not stand at that place.
    """

    number: int
    article: Article
    start: int
    end: int
    quote: str
    also_in: tuple[ArticleSummary, ...] = ()

    def __post_init__(self) -> None:
        if not self.quote or self.article.text[self.start : self.end] != self.quote:
            raise ValueError(f"citation {self.number}: {self.article.id}[{self.start}:{self.end}] is not the quote")

    def to_json(self) -> dict[str, Any]:
        article = self.article
        return {
            "n": self.number,
            "article_id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "date": article.published,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "page": article.page_at(self.start),
            "article_hash": article.content_hash,
            "also_in": [each.reference() for each in self.also_in],
        }


@dataclass(frozen=True)
class AnswerSentence:
    """One sentence of an answer, how far it is backed, and the numbers of the citations behind it.

    `answer` is the place of the short answer in `text`, where it stands in this sentence. `lacking` says, of an
    unsupported one that cites something, what of it the cited passages do not say, in words for a person.
    """

    text: str
    support: Support
    citations: tuple[int, ...] = ()
    answer: tuple[int, int] | None = None
    lacking: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "support": self.support,
            "citations": list(self.citations),
            "answer": list(self.answer) if self.answer else None,
            "lacking": list(self.lacking),
        }


@dataclass(frozen=True)
class Step:
    """A sign of life while an answer is being made: which hop was done, in words for a person."""

    hop: Literal["resolve", "search", "read", "write"]
    message: str


@dataclass(frozen=True)
class Answer:
    """What a question came to. The JSON form is the one that every interface prints.

    `interpreted_question` is the question that was searched for: the same, unless it was a follow-up.
    `confidence` (0..1) is calibrated: of the answers given with about p, about a fraction p are right.
    `short_answer` stands verbatim in the first quoted sentence, or is None. `nearest` holds search results
    (as `index.search.as_result` makes them) when nothing answers. `notice` tells the reader what went
    otherwise than asked (a language model that was down, say). `draft` is text of a language model that
    is still coming in and has not been checked: empty in a finished answer. `model_failed` says that quotes stand in
    for what a language model was to write and could not; the JSON form has only the notice of it.
    """

    question: str
    interpreted_question: str
    status: Status
    confidence: float
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    short_answer: str | None = None
    nearest: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[Mapping[str, Any]] = ()
    written_by: str = QUOTES
    notice: str = ""
    draft: str = ""
    model_failed: bool = False
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def independent_sources(self) -> int:
        """The number of stories cited: copies of one article are one source."""
        return len({min([each.article.id, *(copy.id for copy in each.also_in)]) for each in self.citations})

    @property
    def text(self) -> str:
        """The sentences in order, each followed by its citation numbers: `… [1] … [2][3]`."""
        return " ".join(
            sentence.text + "".join(f" [{n}]" if i == 0 else f"[{n}]" for i, n in enumerate(sentence.citations))
            for sentence in self.sentences
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "interpreted_question": self.interpreted_question,
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "text": self.text,
            "short_answer": self.short_answer,
            "sentences": [sentence.to_json() for sentence in self.sentences],
            "citations": [citation.to_json() for citation in self.citations],
            "independent_sources": self.independent_sources,
            "nearest": list(self.nearest),
            "conflicts": list(self.conflicts),
            "written_by": self.written_by,
            "notice": self.notice,
            "timings_ms": {hop: round(ms, 1) for hop, ms in self.timings_ms.items()},
        }
