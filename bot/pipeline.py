"""The bot: a question in, a cited answer out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.calibration import Logistic
from bot.cite import Citations
from bot.conflict import disagreement, newest_first, sides_json
from bot.quote import quote
from bot.read import Evidence, PassageReader, answer_signals, behind, find_evidence
from bot.resolve import Turn, resolve
from bot.types import MAX_QUESTION_CHARACTERS, QUOTES, Answer, Step
from bot.write import WRITER_PASSAGES, WriterFailed, write
from index.errors import UsageError
from index.library import Index
from index.search import ScoredPassage, as_result

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.vector_stores.types import MetadataFilters

    from index.types import Article

NEAREST = 3


class Bot:
    """Answers questions about the articles of an index. Safe to use from several threads.

    `threshold` is the confidence below which the answer is "not in these articles"; `llm` writes the answers where
    it is given, and where it fails the quoted answer stands in for it, with a notice; with `strict`, of what it writes
    only sentences that the passages support are kept.
    """

    def __init__(
        self,
        index: Index,
        reader: PassageReader,
        confidence: Logistic,
        *,
        passages: int,
        threshold: float,
        llm: LLM | None = None,
        strict: bool = False,
    ) -> None:
        self.index = index
        self._reader = reader
        self._confidence = confidence
        self._passages = passages
        self._threshold = threshold
        self._llm = llm
        self._strict = strict

    def chosen(self, *, passages: int, threshold: float, llm: LLM | None, strict: bool) -> Bot:
        """The same articles and models under other choices; nothing is loaded."""
        return Bot(
            self.index,
            self._reader,
            self._confidence,
            passages=passages,
            threshold=threshold,
            llm=llm,
            strict=strict,
        )

    def ask(self, question: str, *, history: Sequence[Turn] = (), filters: MetadataFilters | None = None) -> Answer:
        """The finished answer: what `stream` ends with."""
        *_, last = self.stream(question, history=history, filters=filters)
        assert isinstance(last, Answer)
        return last

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), filters: MetadataFilters | None = None
    ) -> Iterator[Step | Answer]:
        """Steps while the answer is being made, unfinished answers while one is being written, then the answer.

        `history` holds the conversation's earlier questions and answers, oldest first. Raises UsageError for a
        question that is empty or longer than 2,000 characters, IndexUnavailable, ModelUnavailable.
        """
        clock = _Clock()
        question = checked_question(question)
        with clock("resolve"):
            interpreted = resolve(question, history)
        if interpreted != question:
            yield Step("resolve", f"Understood as: {interpreted}")
        with clock("search"):
            found = self._found(interpreted, filters, self._passages)
        yield Step("search", f"{len(found)} passages found")
        with clock("read"):
            passages = self._reader.read(interpreted, found)
            evidence = find_evidence(passages)
            signals = answer_signals(interpreted, passages, evidence)
            confidence = self._confidence.probability(signals) if signals else 0.0
        nothing = Answer(
            question=question,
            interpreted_question=interpreted,
            status="not_found",
            confidence=confidence,
            nearest=[as_result(found, rank) for rank, found in enumerate(passages[:NEAREST], start=1)],
        )
        if confidence < self._threshold:
            yield replace(nothing, timings_ms=clock.timings())
            return
        answered = replace(nothing, status="answered", nearest=())
        for answer in self._written(answered, nothing, passages, evidence, clock):
            yield replace(answer, timings_ms=clock.timings())

    def search(
        self, question: str, *, filters: MetadataFilters | None = None, k: int | None = None
    ) -> list[ScoredPassage]:
        """The k best passages (as many as are read for an answer: None) for a question that stands alone.

        The passages that an answer would be read from are put in the reader's order; further ones follow as found.
        """
        question = checked_question(question)
        k = k or self._passages
        found = self._found(question, filters, max(k, self._passages))
        return behind(self._reader.read(question, found[: self._passages]), found[self._passages :])[:k]

    def _found(self, question: str, filters: MetadataFilters | None, k: int) -> list[ScoredPassage]:
        return self.index.retriever(k=k, filters=filters).search(question)

    def _written(
        self,
        found: Answer,
        nothing: Answer,
        passages: Sequence[ScoredPassage],
        evidence: Sequence[Evidence],
        clock: _Clock,
    ) -> Iterator[Answer]:
        """The answer by the language model, if there is one and it works, else in quotes."""
        notice = ""
        if self._llm is not None:
            citations = Citations(self._article)
            name = self._llm.metadata.model_name
            try:
                for written in write(
                    self._llm,
                    found.interpreted_question,
                    passages[:WRITER_PASSAGES],
                    citations,
                    strict=self._strict,
                ):
                    clock.mark("write")
                    if written.refused:
                        yield replace(nothing, written_by=name)
                        return
                    used = {number for sentence in written.sentences for number in sentence.citations}
                    yield replace(
                        found,
                        sentences=written.sentences,
                        citations=tuple(each for each in citations.all() if each.number in used),
                        written_by=name,
                        draft=written.draft,
                    )
                return
            except WriterFailed as error:
                notice = f"{error} The answer below is quoted from the articles instead."
        with clock("write"):
            citations = Citations(self._article)
            differing = disagreement(found.interpreted_question, evidence)
            quoted = quote(newest_first(evidence, differing), citations)
            conflicts = sides_json(differing, citations)
        answer = found if quoted.sentences else nothing
        yield replace(
            answer,
            sentences=quoted.sentences,
            short_answer=quoted.short_answer,
            conflicts=conflicts,
            citations=citations.all(),
            written_by=QUOTES,
            notice=notice,
        )

    def _article(self, passage: ScoredPassage) -> Article | None:
        return self.index.article(passage.article_id, passage.node.metadata["rev"])


def checked_question(question: str) -> str:
    """The question on one line. Raises UsageError when it is empty or too long."""
    bare = " ".join(question.replace("\x00", " ").split())
    if not bare:
        raise UsageError("The question is empty: type one.")
    if len(bare) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"The question has {len(bare):,} characters; {MAX_QUESTION_CHARACTERS:,} is the most. Shorten it."
        )
    return bare


class _Clock:
    """Milliseconds each hop took, and all of them together."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._hops: dict[str, float] = {}

    @contextmanager
    def __call__(self, hop: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._hops[hop] = (time.perf_counter() - started) * 1000

    def mark(self, hop: str) -> None:
        """The hop has lasted from the end of the timed ones until now."""
        elapsed = (time.perf_counter() - self._started) * 1000
        self._hops[hop] = elapsed - sum(ms for name, ms in self._hops.items() if name != hop)

    def timings(self) -> dict[str, float]:
        return {**self._hops, "total": (time.perf_counter() - self._started) * 1000}
