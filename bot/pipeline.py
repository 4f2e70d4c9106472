"""The bot: a question in, a cited answer out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.calibration import Logistic
from bot.cite import Citations
from bot.clock import Clock
from bot.conflict import Disagreement, disagreement, newest_first, sides_json
from bot.find import Finder, Findings, Found
from bot.outlets import outlets
from bot.quote import MOST_SENTENCES, Quoted, asks_for_course, joined, quote, sentences_wanted
from bot.read import PassageReader, behind
from bot.resolve import History, resolve
from bot.rewrite import rewritten
from bot.types import MAX_QUESTION_CHARACTERS, QUOTES, Answer, AnswerSentence, Citation, Step
from bot.weekdays import day_meant
from bot.when import newer_on_it, newest_answers_first, when
from bot.words import whole
from bot.write import WRITER_PASSAGES, NothingSupported, WriterFailed, write
from index.errors import UsageError
from index.library import Index
from index.search import ScoredPassage, as_result

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.vector_stores.types import MetadataFilters

    from index.types import Article

NEAREST = 3
LACKING_A_PART = "The language model found no answer to a part of the question in these articles."


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
        self._finder = Finder(index, reader, confidence, passages=passages, threshold=threshold)
        self._llm = llm
        self._strict = strict

    def chosen(self, *, passages: int, threshold: float, llm: LLM | None, strict: bool) -> Bot:
        """The same articles and models under other choices; nothing is loaded."""
        other = copy(self)
        other._finder = self._finder.chosen(passages=passages, threshold=threshold)
        other._llm, other._strict = llm, strict
        return other

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        filters: MetadataFilters | None = None,
        today: date | None = None,
    ) -> Answer:
        """The finished answer: what `stream` ends with."""
        *_, last = self.stream(question, history=history, filters=filters, today=today)
        assert isinstance(last, Answer)
        return last

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        filters: MetadataFilters | None = None,
        today: date | None = None,
    ) -> Iterator[Step | Answer]:
        """Steps while the answer is being made, unfinished answers while one is being written, then the answer.

        `history` is the conversation so far, as `bot.resolve.History` has it; `today` (the real one: None) is
        what "last week" is counted from. Raises UsageError for a question that is empty or longer than 2,000
        characters, IndexUnavailable, ModelUnavailable.
        """
        clock = Clock()
        question = checked_question(question)
        with clock("resolve"):
            resolved = resolve(question, history)
            if self._llm is not None and resolved.added:
                resolved = rewritten(self._llm, resolved, question, history)
            timing = when(resolved.asked, today or date.today())
            told = outlets(timing.asked, self.index.catalogue.outlet)
            timing = replace(timing, asked=told.asked, outlets=told.names)
        if resolved.certain and resolved.text != question:
            yield Step("resolve", f"Understood as: {resolved.text}")
        findings = yield from self._finder.find(question, resolved, timing, filters, clock)
        nothing = Answer(
            question=question,
            interpreted_question=findings.question.text,
            status="not_found",
            confidence=findings.confidence,
            nearest=[as_result(each, rank) for rank, each in enumerate(findings.passages[:NEAREST], start=1)],
            notice=findings.notice,
        )
        if not findings.answered:
            yield replace(nothing, timings_ms=clock.timings())
            return
        for answer in self._written(nothing, findings, clock):
            yield replace(answer, timings_ms=clock.timings())

    def search(
        self, question: str, *, filters: MetadataFilters | None = None, k: int | None = None
    ) -> list[ScoredPassage]:
        """The k best passages (as many as are read for an answer: None) for a question that stands alone.

        The passages that an answer would be read from are put in the reader's order; further ones follow as found.
        """
        question = checked_question(question)
        first = self._finder.passages
        found = self._finder.search(question, filters, max(k or first, first))
        return behind(self._finder.rank(question, found[:first]), found[first:])[: k or first]

    def _written(self, nothing: Answer, findings: Findings, clock: Clock) -> Iterator[Answer]:
        """The answer by the language model, if there is one and it works, else in quotes."""
        begun = replace(nothing, status="answered", nearest=())
        if self._llm is None:
            yield self._quoted(nothing, findings, clock)
            return
        citations = Citations(self._article)
        name = self._llm.metadata.model_name
        passages = findings.passages[:WRITER_PASSAGES]
        answer, partly = begun, False
        try:
            for written in write(self._llm, begun.interpreted_question, passages, citations, strict=self._strict):
                clock.mark("write")
                if written.refused:
                    yield replace(nothing, written_by=name)
                    return
                answer = replace(
                    begun,
                    sentences=written.sentences,
                    citations=_cited(written.sentences, citations),
                    written_by=name,
                    draft=written.draft,
                )
                partly = written.partly
                yield answer
            answer = self._held_against(answer, findings, citations, partly=partly)
            clock.mark("write")
            yield answer
        except WriterFailed as error:
            failed = f"{error} The answer below is quoted from the articles instead."
            answer = self._quoted(nothing, findings, clock)
            down = not isinstance(error, NothingSupported)
            yield replace(answer, notice=" ".join(filter(None, (failed, answer.notice))), model_failed=down)

    def _held_against(self, answer: Answer, findings: Findings, citations: Citations, *, partly: bool) -> Answer:
        """A language model's answer with what the articles say to it that the model may not have said: how those it
        rests on are contradicted, that one is much newer, that a part was not found."""
        resting = {each.article.id for each in answer.citations}
        conflicts = []
        for each in findings.answered:
            differing = self._differing(each)
            if differing and resting & {one.passage.article_id for side in differing.sides for one in side}:
                conflicts += sides_json(differing, citations)
        newer = self._newer(findings, citations)
        lacking = (findings.lacking or LACKING_A_PART) if partly else ""
        return replace(
            answer,
            conflicts=conflicts,
            citations=_cited(answer.sentences, citations, conflicts),
            notice=" ".join(filter(None, (answer.notice, lacking, newer))),
        )

    def _quoted(self, nothing: Answer, findings: Findings, clock: Clock) -> Answer:
        """The answer in the articles' own sentences, part by part; `nothing` where all of its articles are gone."""
        with clock("write"):
            citations = Citations(self._article)
            quoted, conflicts = [], []
            for each in findings.answered:
                asked = each.question.asked
                differing = self._differing(each)
                evidence = newest_first(each.evidence, differing)
                if findings.newest and differing is None:
                    evidence = newest_answers_first(evidence)
                quoted.append(
                    quote(
                        evidence,
                        citations,
                        at_most=min(sentences_wanted(asked), max(1, MOST_SENTENCES // len(findings.found))),
                        by_day=asks_for_course(asked),
                    )
                )
                conflicts += sides_json(differing, citations)
            whole = joined(quoted)
            newer = self._newer(findings, citations)
        if not whole.sentences:
            return replace(nothing, written_by=QUOTES, notice=findings.notice)
        notices = (findings.notice, findings.lacking, newer, self._day_meant(nothing, whole, citations))
        answer = replace(nothing, written_by=QUOTES, notice=" ".join(filter(None, notices)))
        return replace(
            answer,
            status="answered",
            nearest=(),
            sentences=whole.sentences,
            short_answer=whole.short_answer,
            conflicts=conflicts,
            citations=citations.all(),
        )

    def _differing(self, found: Found) -> Disagreement | None:
        passages = [*found.passages, *self._finder.similar(found)]
        return disagreement(found.question.asked, found.evidence, passages)

    def _newer(self, findings: Findings, citations: Citations) -> str:
        """A much newer article on the one thing that was asked, where the answer does not rest on it."""
        if len(findings.found) != 1 or findings.notice:
            return ""
        cited = {each.article.id for each in citations.all()}
        passages = findings.found[0].passages
        resting = [each for each in passages if each.article_id in cited]
        return newer_on_it(findings.found[0].question.asked, resting, passages)

    def _day_meant(self, asked: Answer, quoted: Quoted, citations: Citations) -> str:
        """Which day the short answer means, where it is a day of the week."""
        first = quoted.sentences[0]
        article = next(each.article for each in citations.all() if each.number in first.citations)
        return day_meant(asked.interpreted_question, quoted.short_answer or "", first.text, article.published)

    def _article(self, passage: ScoredPassage) -> Article | None:
        return self.index.article(passage.article_id, passage.node.metadata["rev"])


def _cited(
    sentences: Sequence[AnswerSentence], citations: Citations, conflicts: Sequence[Mapping[str, Any]] = ()
) -> tuple[Citation, ...]:
    """The citations that these sentences and sides of conflicts name."""
    named = {number for sentence in sentences for number in sentence.citations}
    named |= {number for conflict in conflicts for side in conflict["sides"] for number in side["citations"]}
    return tuple(each for each in citations.all() if each.number in named)


def checked_question(question: str) -> str:
    """The question on one line, U+FFFD for lone surrogates. Raises UsageError when it is empty or too long."""
    bare = " ".join(whole(question).replace("\x00", " ").split())
    if not bare:
        raise UsageError("The question is empty: type one.")
    if len(bare) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"The question has {len(bare):,} characters; {MAX_QUESTION_CHARACTERS:,} is the most. Shorten it."
        )
    return bare
