"""Finding: what is asked is searched for and read, part by part, and weighed as to whether the answer is among it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from llama_index.core.vector_stores.types import MetadataFilters

from bot.calibration import Logistic
from bot.clock import Clock
from bot.hops import Hop, hop
from bot.parts import one_name_each, parts
from bot.read import Evidence, PassageReader, ReadPassage, answer_signals, find_evidence
from bot.resolve import Resolved
from bot.types import Step
from bot.when import When, day_in_words
from bot.words import stems
from index.filters import date_and_source_filters, since_or_undated_filters
from index.library import Index
from index.search import ScoredPassage

SURE_ENOUGH = 0.5
"""Confidence from which on an answer of the days that a question names keeps the others from being asked, even where
less is enough to be shown."""
SIMILAR = 6
"""Passages that are looked at for what others say of the same."""


@dataclass(frozen=True)
class Found:
    """What was found for one question: passages in the reader's order, the sentences that may answer it, the likeliest
    first, how likely (0..1, calibrated) the answer is among them, and which articles were asked."""

    question: Resolved
    passages: Sequence[ReadPassage] = ()
    evidence: Sequence[Evidence] = ()
    confidence: float = 0.0
    filters: MetadataFilters | None = None

    def is_answered(self, threshold: float) -> bool:
        """Whether an answer was found that is likely enough."""
        return bool(self.evidence) and self.confidence >= threshold

    @property
    def takes_up(self) -> bool:
        """Whether the best sentence's passage speaks of what the question took up from the conversation."""
        if not self.evidence:
            return False
        best = self.evidence[0].passage
        there = set(stems(f"{best.node.metadata.get('title', '')} {best.passage.text}"))
        return any(set(stems(each)) <= there for each in self.question.added)


@dataclass(frozen=True)
class Findings:
    """How a question was understood in the end, what was found for each of its parts, which of these hold an answer,
    what a person should be told of the search, and whether the `newest` answer is wanted. What was found `beside` it
    answers nothing."""

    question: Resolved
    found: Sequence[Found]
    threshold: float
    notice: str = ""
    newest: bool = False
    beside: Sequence[Found] = ()

    @property
    def answered(self) -> list[Found]:
        """The parts that are likely enough to be answered."""
        return [each for each in self.found if each.is_answered(self.threshold)]

    @property
    def lacking(self) -> str:
        """Which parts are not answered, in words; empty where all are."""
        missing = [each.question.asked for each in self.found if not each.is_answered(self.threshold)]
        return f"Not in these articles: {' '.join(missing)}" if missing else ""

    @property
    def confidence(self) -> float:
        """The mean of the parts that are answered, so the share of them that is expected to be right; of the surest
        part where none is answered."""
        sure = [each.confidence for each in self.answered] or [max(each.confidence for each in self.found)]
        return sum(sure) / len(sure)

    @property
    def passages(self) -> list[ReadPassage]:
        """The best passage of each part, then the second best of each, and so on; each passage once."""
        turns = chain.from_iterable(zip_longest(*(each.passages for each in (*self.found, *self.beside))))
        return list({each.passage.node_id: each for each in turns if each is not None}.values())


class Finder:
    """Searches an index and reads what it finds. `passages` are read for each part of a question; a part is answered
    from the confidence `threshold` on."""

    def __init__(
        self, index: Index, reader: PassageReader, confidence: Logistic, *, passages: int, threshold: float
    ) -> None:
        self.index = index
        self.passages = passages
        self.threshold = threshold
        self._reader = reader
        self._confidence = confidence

    def chosen(self, *, passages: int, threshold: float) -> Finder:
        """The same index and models under other choices."""
        return Finder(self.index, self._reader, self._confidence, passages=passages, threshold=threshold)

    def search(self, question: str, filters: MetadataFilters | None, k: int) -> list[ScoredPassage]:
        """The k best passages by search alone."""
        return self.index.retriever(k=k, filters=filters).search(question)

    def rank(self, question: str, passages: Sequence[ScoredPassage]) -> list[ReadPassage]:
        """The passages in the reader's order."""
        return self._reader.read(question, passages)

    def find(
        self, typed: str, resolved: Resolved, timing: When, filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        """What is found for each part of a question as it was understood.

        Where it may as well stand alone, it is asked as typed unless what it took up from the conversation answers it.
        Articles of the days that it names are asked first, and, where the days are not binding, then the others; of a
        collection that goes on, only those of shortly before: what it told of "this week" a year ago is something else.
        """
        if not timing.limits:
            return (yield from self._understood(typed, resolved, timing, filters, clock))
        since = ""
        if timing.binding or self.index.catalogue.has_of_days(timing.first, timing.last):
            found = yield from self._limited(typed, resolved, timing, filters, clock)
            if timing.binding or (found.answered and found.confidence >= SURE_ENOUGH):
                return found
            since = timing.shortly_before
        others = f"those since {day_in_words(since)}" if since else "the others"
        filters = _all_of(filters, since_or_undated_filters(since)) if since else filters
        found = yield from self._understood(typed, resolved, timing, filters, clock)
        return replace(found, notice=f"No article {timing.limits} answers this: {others} were asked.")

    def _limited(
        self, typed: str, resolved: Resolved, timing: When, filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        """What articles of the days and outlets that a question names say; each outlet for itself."""
        answered: list[Found] = []
        silent = []
        for outlet in timing.outlets or ("",):
            own = date_and_source_filters(timing.first, timing.last, [outlet] if outlet else ())
            findings = yield from self._understood(typed, resolved, timing, _all_of(filters, own), clock)
            answered += findings.answered
            silent += [] if findings.answered else [outlet]
        notice = f"Only articles {timing.limits} were asked."
        if not answered:
            return replace(findings, notice=notice)
        missing = f"None of {' or '.join(silent)} answers this." if silent else ""
        if len(timing.outlets) < 2:
            return replace(findings, notice=notice)
        return replace(findings, found=answered, notice=" ".join(filter(None, (notice, missing))))

    def _understood(
        self, typed: str, resolved: Resolved, timing: When, filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        found = yield from self._read(resolved, timing, filters, clock)
        if resolved.certain or any(each.takes_up for each in found.answered):
            return found
        return (yield from self._read(Resolved(typed, typed), replace(timing, asked=typed), filters, clock))

    def _read(
        self, question: Resolved, timing: When, filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        whole = question.asking(timing.asked)
        findings = yield from self._read_each(parts(whole), filters, clock)
        if len(findings.found) == 1 and not findings.answered and (apart := one_name_each(whole)):
            of_each = yield from self._read_each(apart, filters, clock)
            findings = of_each if len(of_each.answered) == len(apart) else findings
        if not findings.answered and (steps := hop(whole)):
            findings = yield from self._hop(findings, steps, filters, clock)
        return replace(findings, question=question, newest=timing.newest)

    def _hop(
        self, findings: Findings, steps: Hop, filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        """The findings of the outer question and of the inner one, where both are answered; else those given."""
        inner = yield from self._read_each([steps.inner], filters, clock)
        if not inner.found[0].evidence:
            return findings
        outer = yield from self._read_each([steps.outer(inner.found[0].evidence[0].short_answer)], filters, clock)
        if inner.answered and outer.answered:
            return replace(findings, found=[*outer.found, *inner.found])
        return replace(findings, beside=[*outer.found, *inner.found])

    def _read_each(
        self, asked: Sequence[Resolved], filters: MetadataFilters | None, clock: Clock
    ) -> Generator[Step, None, Findings]:
        with clock("search"):
            searched = [self.search(each.text, filters, self.passages) for each in asked]
        yield Step("search", f"{sum(map(len, searched))} passages found")
        with clock("read"):
            found = [self._weighed(each, some, filters) for each, some in zip(asked, searched, strict=True)]
        return Findings(asked[0], found, self.threshold)

    def similar(self, found: Found) -> Sequence[ScoredPassage]:
        """The passages in most words like the best sentence found, where others may say the same or otherwise: reports
        of one thing share more words with each other than with the question."""
        return self.index.retriever(k=SIMILAR, filters=found.filters).by_words(found.evidence[0].text)

    def _weighed(self, question: Resolved, passages: Sequence[ScoredPassage], filters: MetadataFilters | None) -> Found:
        read = self.rank(question.asked, passages)
        evidence = find_evidence(question.asked, read)
        signals = answer_signals(question.asked, read, evidence, searched=question.text)
        confidence = self._confidence.probability(signals) if signals else 0.0
        return Found(question, read, evidence, confidence, filters)


def _all_of(*filters: MetadataFilters | None) -> MetadataFilters | None:
    given: Iterable[MetadataFilters] = [each for each in filters if each is not None]
    return MetadataFilters(filters=list(given)) if given else None
