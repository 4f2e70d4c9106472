"""Reading: one pass of the reader over each passage found ranks it, finds answers in it and weighs them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from bot.calibration import Logistic
from bot.instructions import instructions, touches
from bot.reader.score import Reading
from bot.words import answer_key, content_words, names, stems
from bot.years import of_another_year
from index.passages import Span, sentences_of
from index.search import ScoredPassage


@dataclass(frozen=True)
class FoundAnswer:
    """A stretch of an article that may be the answer.

    `start` and `end` are offsets into the article; `score` (0..1) is how likely it is the answer.
    """

    start: int
    end: int
    score: float


class ReadPassage(ScoredPassage):
    """A passage that was read, and the `answers` found in it, the likeliest first. Its score is that of the best.

    `answerable` are the log odds that it answers at all, as the reader gives them.
    """

    answers: tuple[FoundAnswer, ...]
    answerable: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """A sentence that may answer the question, for the sake of the `answer` in it.

    `start` and `end` are offsets into its article. An answer that runs on over a sentence's end has all of its
    sentences.
    """

    passage: ScoredPassage
    start: int
    end: int
    answer: FoundAnswer

    @property
    def score(self) -> float:
        """How likely the answer is right, 0..1."""
        return self.answer.score

    @property
    def text(self) -> str:
        """The sentence."""
        return self._cut(self.start, self.end)

    @property
    def short_answer(self) -> str:
        """The answer alone: it stands verbatim in the sentence."""
        return self._cut(self.answer.start, self.answer.end)

    @property
    def told(self) -> tuple[str, ...]:
        """The answer as other articles may give it too."""
        return answer_key(self.short_answer) or (self.short_answer,)

    @property
    def answer_in_text(self) -> Span:
        """Where the short answer stands in `text`."""
        return self.answer.start - self.start, self.answer.end - self.start

    def _cut(self, start: int, end: int) -> str:
        offset = self.passage.passage.start_char_idx or 0
        return self.passage.passage.text[start - offset : end - offset]


class Reads(Protocol):
    """What reads a question against (header, text) pairs: a reading for each, in order."""

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]: ...


class PassageReader(BaseNodePostprocessor):
    """Reads passages and puts them in the order in which they are likely to hold the answer.

    A LlamaIndex postprocessor, so it can stand behind any retriever whose nodes carry `title` and `date` as
    metadata. `weights` combine what the reader says of an answer with the passage's score from the search.
    """

    _reader: Reads = PrivateAttr()
    _weights: Logistic = PrivateAttr()

    def __init__(self, reader: Reads, weights: Logistic) -> None:
        super().__init__()
        self._reader = reader
        self._weights = weights

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            raise ValueError("passages can be read only for a question: give query_bundle or query_str")
        scored = [
            node if isinstance(node, ScoredPassage) else ScoredPassage(node=node.node, score=node.score, scores={})
            for node in nodes
        ]
        return list(self.read(query_bundle.query_str, scored))

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[ReadPassage]:
        """What `postprocess_nodes` gives, with its own type; ties in the order of the passages."""
        readings = self._reader.score(question, [(header(found), found.passage.text) for found in passages])
        return ranked(passages, readings, self._weights)


def ranked(passages: Sequence[ScoredPassage], readings: Sequence[Reading], weights: Logistic) -> list[ReadPassage]:
    """The passages with the answers that were read in them, weighed, in the order of their best answers."""
    read = []
    for found, reading, answers in zip(passages, readings, weighed(passages, readings, weights), strict=True):
        score = answers[0].score if answers else 0.0
        scores = {**found.scores, "reader": score}
        read.append(
            ReadPassage(
                node=found.node,
                score=score,
                scores=scores,
                story=found.story,
                also_in=found.also_in,
                answers=answers,
                answerable=reading.answerable,
            )
        )
    return sorted(read, key=lambda found: -(found.score or 0.0))


def behind(read: Sequence[ReadPassage], unread: Sequence[ScoredPassage]) -> list[ScoredPassage]:
    """The passages that were read, then the others in their order, their scores scaled to fall on from there."""
    last = float(read[-1].score or 0.0) if read else 1.0
    scaled = (found.model_copy(update={"score": last * float(found.score or 0.0)}) for found in unread)
    return [*read, *scaled]


def header(found: ScoredPassage) -> str:
    """What the reader is told of the article: `title · date`."""
    metadata = found.node.metadata
    return " · ".join(filter(None, (metadata.get("title"), metadata.get("date"))))


def weighed(
    passages: Sequence[ScoredPassage], readings: Sequence[Reading], weights: Logistic
) -> list[tuple[FoundAnswer, ...]]:
    """Each passage's answers with their scores, best first."""
    answers = []
    for found, reading, own in zip(passages, readings, span_signals(passages, readings), strict=True):
        offset = found.passage.start_char_idx or 0
        kept = [
            FoundAnswer(offset + span.start, offset + span.end, weights.probability(signals))
            for span, signals in zip(reading.spans, own, strict=True)
        ]
        answers.append(tuple(sorted(kept, key=lambda answer: -answer.score)))
    return answers


def span_signals(passages: Sequence[ScoredPassage], readings: Sequence[Reading]) -> list[list[dict[str, float]]]:
    """The named signals of each span of each passage: its `margin` over there being no answer in the passage; the log
    odds that the passage is `answerable`; how far its `relevance` is above the (log) mean of these passages', so that
    being among few is no merit; the passage's `fused` score from the search."""
    usual = _log_mean([reading.relevance for reading in readings])
    return [
        [
            {
                "margin": span.score - reading.no_answer,
                "answerable": reading.answerable,
                "relevance": reading.relevance - usual,
                "fused": float(found.score or 0.0),
            }
            for span in reading.spans
        ]
        for found, reading in zip(passages, readings, strict=True)
    ]


def _log_mean(values: Sequence[float]) -> float:
    top = max(values, default=0.0)
    return top + math.log(sum(math.exp(value - top) for value in values) / len(values)) if values else 0.0


CLOSE_TO_BEST = 0.8
"""An answer is moved up for being told by several articles when it is at least this share as likely as the likeliest:
far below that, what they agree on is mostly something else."""


def find_evidence(question: str, passages: Sequence[ReadPassage]) -> list[Evidence]:
    """The sentences around the passages' answers to the question, each once, those of the answer that the articles
    together speak for most strongly first, and of one answer the likeliest first.

    None of them tells a machine what to say or is about another year than the one asked about: that is no answer, even
    where it holds one.
    """
    likely = sorted(_evidence(passages), key=lambda each: -each.score)
    found = [each for each in likely if not _is_of_another_year(question, each)]
    first: dict[tuple[str, Span], Evidence] = {}
    for each in found:
        first.setdefault((each.passage.article_id, (each.start, each.end)), each)
    bar = CLOSE_TO_BEST * found[0].score if found else 0.0
    strength = {
        answer: sum(sources.values()) if max(sources.values()) >= bar else max(sources.values())
        for answer, sources in told_by(found).items()
    }
    return sorted(first.values(), key=lambda each: (-strength[each.told], -each.score))


def told_by(evidence: Iterable[Evidence]) -> dict[tuple[str, ...], dict[str, float]]:
    """For each answer how likely it is in each of the stories that give it.

    Their sum is how strongly the articles speak for it: what several tell independently is likelier to be right
    (Wang et al. 2018, "Evidence aggregation for answer re-ranking in open-domain question answering", section 3.1).
    """
    sources: dict[tuple[str, ...], dict[str, float]] = {}
    for each in evidence:
        told = sources.setdefault(each.told, {})
        story = each.passage.article_id if each.passage.story is None else f"story {each.passage.story}"
        told[story] = max(told.get(story, 0.0), each.score)
    return sources


def _is_of_another_year(question: str, evidence: Evidence) -> bool:
    metadata = evidence.passage.node.metadata
    around = f"{metadata.get('title') or ''}\n{evidence.passage.passage.text}"
    return of_another_year(question, evidence.text, around=around, published=str(metadata.get("date") or ""))


def _evidence(passages: Sequence[ReadPassage]) -> Iterator[Evidence]:
    for passage in passages:
        sentences = sentences_of(passage.passage)
        offset = passage.passage.start_char_idx or 0
        orders = [(offset + start, offset + end) for start, end in instructions(passage.passage.text)]
        for answer in passage.answers:
            touched = [(start, end) for start, end in sentences if start < answer.end and answer.start < end]
            if touched and not touches((touched[0][0], touched[-1][1]), orders):
                yield Evidence(passage, touched[0][0], touched[-1][1], answer)


FEW_WORDS = 3
"""Content words by which at least a BM25 score is divided, where more words were searched for than were asked."""


def answer_signals(
    question: str, passages: Sequence[ReadPassage], evidence: Sequence[Evidence], *, searched: str = ""
) -> dict[str, float]:
    """The named signals of a whole result, for the confidence that it holds the answer; none where nothing was found.

    `searched` is what was searched for, where that is more than the question.

    `score`: the best answer's log odds; `lead`: how far they are above those of the best other answer;
    `answerable`: the log odds that the passage that answers most surely does; `dense`: the best cosine; `text`: the
    best BM25 score for each content word of the question; `covered`: the share of the question's stems in the best
    answer's passage and headline; `names_missing`: the share of the question's names and numbers that stand there
    nowhere.
    """
    if not passages or not evidence:
        return {}
    best = evidence[0]
    others = (each.score for each in evidence if each.told != best.told)
    title = str(best.passage.node.metadata.get("title", ""))
    told_of = " ".join(str(best.passage.node.metadata.get(key) or "") for key in ("date", "source"))
    context = f"{title} {told_of} {best.passage.passage.text}"
    there = set(stems(context))
    asked = list(dict.fromkeys(stems(question)))
    told = [*names(question), *re.findall(r"\d[\d.,]*\d|\d", question)]
    missing = [name for name in told if not set(stems(name)) <= there]
    telling = len(content_words(question))
    weighed = max(1, telling, min(FEW_WORDS, len(content_words(searched))))
    return {
        "score": log_odds(best.score),
        "lead": log_odds(best.score) - log_odds(next(others, 0.0)),
        "answerable": max(found.answerable for found in passages),
        "dense": max(found.scores.get("dense", 0.0) for found in passages),
        "text": max(found.scores.get("text", 0.0) for found in passages) / weighed,
        "covered": sum(stem in there for stem in asked) / max(1, len(asked)),
        "names_missing": len(missing) / max(1, len(told)),
    }


MOST_ODDS = 7.0
"""Log odds beyond ±7 (999 in 1,000) say nothing more than these."""


def log_odds(probability: float) -> float:
    """log(p / (1 - p)), held within ±MOST_ODDS."""
    if probability <= 0.0:
        return -MOST_ODDS
    if probability >= 1.0:
        return MOST_ODDS
    return max(-MOST_ODDS, min(MOST_ODDS, math.log(probability / (1.0 - probability))))
