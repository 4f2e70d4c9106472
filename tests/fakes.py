"""Stand-ins for the bot and the index that compute what they say from the text they are given, never at random."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.reader.score import Reading, Span
from bot.resolve import History
from bot.types import Answer, AnswerSentence, Citation, Step
from index.types import Article

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^\s].*?(?:[.!?](?=\s|$)|$)", re.MULTILINE)
_COMMON = frozenset(
    _WORD.findall("a an and are did do for from has have how in is it of on or that the to was what who")
)


@dataclass(frozen=True)
class FakeSummary:
    """A row of the sources list."""

    id: str
    title: str
    source: str
    url: str
    origin: str
    published: str | None
    passages: int
    updated: str | None = None
    authors: tuple[str, ...] = ()
    language: str = ""
    story: int | None = None


class FakeIndex:
    """Articles in memory, behind the two methods that the page needs."""

    def __init__(self, articles: Iterable[Article] = ()) -> None:
        self._articles = {article.id: article for article in articles}

    def articles(self) -> list[FakeSummary]:
        return [
            FakeSummary(
                a.id,
                a.title,
                a.source,
                a.url,
                a.origin,
                a.published,
                len(sentences(a)),
                a.updated,
                a.authors,
                a.language,
            )
            for a in self._articles.values()
        ]

    def article(self, article_id: str, rev: int | None = None) -> Article | None:
        return self._articles.get(article_id)

    def count(self) -> int:
        return len(self._articles)

    def passage_at(self, article: Article, start: int, end: int) -> tuple[int, int]:
        """The paragraph that holds the place."""
        left = article.text.rfind("\n\n", 0, start)
        right = article.text.find("\n\n", end)
        return (0 if left < 0 else left + 2), (len(article.text) if right < 0 else right)

    def replace(self, article: Article) -> None:
        """Another version of an article, or one more."""
        self._articles[article.id] = article

    def __iter__(self) -> Iterator[Article]:
        return iter(self._articles.values())


class FakeBot:
    """Quotes the sentences that share most words with the question; with `model_text`, says that text instead.

    `pause_s` is waited before each event. `closed` is set once a caller has closed the stream before its end, and
    `asked` keeps every (question, history) that came in, `filtered` the filters. With `error`, that is raised instead
    of an answer; with `echoes`, the model's text is the question.
    """

    def __init__(
        self, index: Any, *, pause_s: float = 0.0, model_text: str = "", echoes: bool = False,
        error: Exception | None = None, conflicts: Sequence[dict[str, Any]] = (),
    ) -> None:  # fmt: skip
        self._index = index
        self._pause_s = pause_s
        self._model_text = model_text
        self._echoes = echoes
        self._error = error
        self._conflicts = conflicts
        self.closed = threading.Event()
        self.filtered: list[Any] = []
        self.asked: list[tuple[str, tuple[tuple[str, ...], ...]]] = []

    def stream(self, question: str, *, history: History = (), filters: Any = None) -> Iterator[Step | Answer]:
        self.asked.append((question, tuple(history)))
        self.filtered.append(filters)
        try:
            for event in self._events(question, history, _asked_of(self._index, filters)):
                time.sleep(self._pause_s)
                yield event
        except GeneratorExit:
            self.closed.set()
            raise

    def search(self, question: str, *, filters: Any = None, k: int | None = None) -> list[Any]:
        """The sentences that share most words with the question, as `Bot.search` gives passages."""
        from llama_index.core.schema import TextNode

        from index.search import ScoredPassage

        if self._error is not None:
            raise self._error
        return [
            ScoredPassage(
                node=TextNode(
                    id_=f"{article.id}#{start}", text=article.text[start:end], start_char_idx=start, end_char_idx=end,
                    metadata={
                        "article_id": article.id, "title": article.title, "source": article.source,
                        "url": article.url, "date": article.published,
                    },
                ),
                score=overlap / 10,
                scores={"text": float(overlap)},
            )
            for overlap, article, start, end in best_sentences(_asked_of(self._index, filters), question)[:k]
        ]  # fmt: skip

    def _events(self, question: str, history: History, index: FakeIndex) -> Iterator[Step | Answer]:
        follows_up = bool(history) and question.lower().startswith(("and ", "why", "when"))
        searched = f"{question} ({history[-1][0]})" if follows_up else question
        yield Step("search", f"Searching {len(index.articles())} articles")
        if self._error is not None:
            raise self._error
        found = best_sentences(index, searched)
        yield Step("read", f"Reading {len(found)} passages")
        if not any(overlap >= 2 for overlap, *_ in found):
            yield Answer(question, searched, "not_found", 0.1, nearest=nearest(found))
            return
        citations = tuple(
            Citation(n, article, start, end, article.text[start:end])
            for n, (_, article, start, end) in enumerate((f for f in found[:3] if f[0] >= 2), start=1)
        )
        if self._model_text or self._echoes:
            yield from self._from_model(self._model_text or question, question, searched, citations)
            return
        quoted = tuple(
            AnswerSentence(c.quote, "quoted", (c.number,), None if c.number > 1 else longest_word(c.quote))
            for c in citations
        )
        for count in range(1, len(quoted)):
            yield Answer(question, searched, "answered", 0.9, quoted[:count], citations)
        start, end = longest_word(citations[0].quote)
        short = citations[0].quote[start:end]
        yield Answer(
            question, searched, "answered", 0.9, quoted, citations, short_answer=short, conflicts=self._conflicts
        )

    def _from_model(
        self, text: str, question: str, searched: str, citations: tuple[Citation, ...]
    ) -> Iterator[Step | Answer]:
        words = text.split(" ")
        for count in range(1, len(words) + 1):
            yield Answer(question, searched, "answered", 0.0, draft=" ".join(words[:count]), written_by="fake")
        said = (
            AnswerSentence(text, "supported", (1,)),
            AnswerSentence(text, "unsupported"),
        )
        yield Answer(question, searched, "answered", 0.6, said, citations, notice=text, written_by="fake")


class WordReader:
    """Reads by shared words: of each sentence its first number, else its last word, may be the answer.

    A span's score is four times the share of the question's words that its sentence has, a number counting as one
    more; no answer scores 2, so half of the words make an answer. `pairs` keeps what was read.
    """

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str, str]] = []

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        return self.score_pairs([(question, header, text) for header, text in passages])

    def score_pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[Reading]:
        self.pairs += pairs
        return [_reading(question, text) for question, _, text in pairs]


def _reading(question: str, text: str) -> Reading:
    wanted = {word.lower() for word in _WORD.findall(question)} - _COMMON
    spans = []
    for sentence in _SENTENCE.finditer(text):
        found = list(_WORD.finditer(sentence.group()))
        if found:
            shared = len(wanted & {word.group().lower() for word in found})
            number = next((word for word in found if word.group()[0].isdigit()), None)
            start, end = (sentence.start() + place for place in (number or found[-1]).span())
            spans.append(Span(start, end, 4.0 * (shared + bool(number)) / max(1, len(wanted))))
    spans.sort(key=lambda span: -span.score)
    best = spans[0].score if spans else 0.0
    return Reading(tuple(spans[:3]), 2.0, best, 2.0 * best - 4.0)


def _asked_of(index: FakeIndex, filters: Any) -> FakeIndex:
    """The articles that satisfy filters as `date_and_source_filters` makes them."""

    def satisfies(article: Article, key: str, operator: str, value: Any) -> bool:
        own = {"article_id": article.id, "source": article.source, "date": (article.published or "")[:10]}[key]
        return {"in": own in value, ">=": own >= str(value), "<=": "" < own <= str(value)}[operator]

    if filters is None:
        return index
    wanted = [(each.key, each.operator.value, each.value) for each in filters.filters]
    return FakeIndex(article for article in index if all(satisfies(article, *each) for each in wanted))


def longest_word(text: str) -> tuple[int, int]:
    """Where the longest word of the text stands, the first of several."""
    return max((match.span() for match in _WORD.finditer(text)), key=lambda span: span[1] - span[0])


def free_port() -> int:
    """A port on loopback that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def sentences(article: Article) -> list[tuple[int, int]]:
    """The (start, end) of each sentence in the article's text, in order."""
    return [found.span() for found in _SENTENCE.finditer(article.text)]


def best_sentences(index: Iterable[Article], question: str) -> list[tuple[int, Article, int, int]]:
    """(words shared, article, start, end), most shared first, ties as the articles stand."""
    wanted = {word.lower() for word in _WORD.findall(question)} - _COMMON
    scored = [
        (len(wanted & {word.lower() for word in _WORD.findall(article.text[start:end])}), article, start, end)
        for article in index
        for start, end in sentences(article)
    ]
    return sorted(scored, key=lambda found: -found[0])[:5]


def nearest(found: list[tuple[int, Article, int, int]]) -> list[dict[str, Any]]:
    """Search results in the shape that `footnote search --json` prints."""
    return [
        {
            "rank": rank,
            "score": overlap / 10,
            "article_id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "date": article.published,
            "passage_id": f"{article.id}#{start}",
            "start": start,
            "end": end,
            "text": article.text[start:end],
        }
        for rank, (overlap, article, start, end) in enumerate(found[:3], start=1)
    ]


def news() -> list[Article]:
    """A handful of short made-up articles: enough to look at the page and to walk through it in tests."""
    return [
        Article(
            "harbour-1", "Harbour bridge to close for eleven weeks of repairs",
            "The harbour bridge in Lindmouth will close to traffic on 4 March for repairs.\n\n"
            "City engineer Maren Holt said that inspectors had found cracks in two of the nine cable anchors. "
            "The work will take eleven weeks and cost 6.4 million pounds, she told the council.\n\n"
            "Ferries will run every ten minutes while the bridge is closed. Cyclists travel free.",
            source="Lindmouth Courier", url="https://courier.example/bridge?id=7&ref=a", published="2024-02-11",
            origin="seeds/harbour-bridge.md",
        ),
        Article(
            "harbour-2", "Bridge repairs: cost rises to nine million, says engineer",
            "Repairs to the harbour bridge will cost 9.1 million pounds, Maren Holt said on Tuesday.\n\n"
            "A third cable anchor was found to be cracked. The bridge is now due to reopen on 17 June. "
            "Opposition councillor Idris Vane asked for the inspection reports to be published.",
            source="The Estuary Post", url="https://estuary.example/2024/bridge", published="2024-04-30T08:15:00Z",
            origin="seeds/bridge-cost.html",
        ),
        Article(
            "peat", "Moor that was drained in 1962 holds water again",
            "Volunteers have blocked 312 ditches on Carrow Moor, and the peat holds water again.\n\n"
            "The moor was drained in 1962 for forestry. Botanist Ana Quill counted eleven kinds of sphagnum moss, "
            "where there were three in 2019.\n\n"
            "“Wet peat keeps its carbon,” Quill said. A survey of birds follows in spring.",
            source="Upland Review", url="", published="2023-11-02", origin="seeds/peat.txt",
        ),
        Article(
            "library", "Village library stays open at night without staff",
            "The library in Osterby has opened at night since May, with no staff on duty. Readers let themselves in "
            "with their card. Loans rose by 38 percent in the first year, and two books were not brought back.",
            source="Lindmouth Courier", url="https://courier.example/library", published="2022-06-19",
            origin="seeds/library.md",
        ),
        Article(
            "undated", "A short history of the lighthouse keepers of Fell Point",
            "Nine keepers lived at Fell Point between 1871 and 1984. The last of them, Jory Penn, "
            "kept bees and wrote the weather down four times a day.",
            source="", url="", published=None, origin="seeds/lighthouse.txt",
        ),
    ]  # fmt: skip
