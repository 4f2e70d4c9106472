"""Reading: which sentences of the passages found answer the question.

The seam is `EvidenceReader`. `SentenceReader` weighs each sentence by a few named signals; a trained reader takes
its place behind the same seam.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.calibration import Logistic
from bot.words import content_words, names, stems
from index.embed import Embedder
from index.passages import Span, sentences_of
from index.search import ScoredPassage

READ_PASSAGES = 8
"""Passages whose sentences are weighed: more cost time (each sentence is embedded) and hardly ever hold the answer."""


@dataclass(frozen=True)
class Evidence:
    """A sentence that may answer the question.

    `start` and `end` are offsets into its article; `score` (0..1) is how likely it holds the answer; `answer` is the
    short answer's span in the article where a reader can tell it.
    """

    passage: ScoredPassage
    start: int
    end: int
    score: float
    signals: dict[str, float]
    answer: Span | None = None

    @property
    def text(self) -> str:
        offset = self.passage.passage.start_char_idx or 0
        return self.passage.passage.text[self.start - offset : self.end - offset]


class EvidenceReader(Protocol):
    """Finds the sentences that answer a question."""

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Evidence]:
        """Sentences of the passages, the likeliest answer first; ties in the order of the passages."""
        ...


class SentenceReader:
    """Weighs each sentence of the best passages by its likeness to the question, by the words and names they share,
    by what kind of answer the question asks for, and by its passage's rank."""

    def __init__(self, embedder: Embedder, weights: Logistic) -> None:
        self._embedder = embedder
        self._weights = weights

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Evidence]:
        candidates = list(self._candidates(passages[:READ_PASSAGES]))
        if not candidates:
            return []
        texts = [found.text for found in candidates]
        vectors = self._embedder.embed([question, *texts])
        cosines = vectors[1:] @ vectors[0]
        signals = sentence_signals(question, candidates, cosines)
        weighed = [
            Evidence(found.passage, found.start, found.end, self._weights.probability(own), own)
            for found, own in zip(candidates, signals, strict=True)
        ]
        return sorted(weighed, key=lambda found: -found.score)

    @staticmethod
    def _candidates(passages: Sequence[ScoredPassage]) -> list[Evidence]:
        """Every sentence once, where the best-ranked of overlapping passages has it."""
        seen: set[tuple[str, Span]] = set()
        found: list[Evidence] = []
        for passage in passages:
            for span in sentences_of(passage.passage):
                if (passage.article_id, span) not in seen:
                    seen.add((passage.article_id, span))
                    found.append(Evidence(passage, *span, score=0.0, signals={}))
        return found


_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion)s?\b",
    re.I,
)
_TIME = re.compile(
    r"\b(?:\d{4}|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|today|yesterday|tomorrow|week|month|year|century|noon|a\.m|p\.m)\b",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|big|large|often|high|fast)\b|\bwhat (?:percent|number|share)|\bpercentage\b", re.I
)
_ASKS_TIME = re.compile(r"^\W*when\b|\b(?:what|which) (?:day|date|year|month|time)\b|\bsince when\b", re.IGNORECASE)
_ASKS_NAME = re.compile(
    r"\bwho(?:se|m)?\b|\bwhere\b|\bwhich (?:country|city|state|company|team|person)\b", re.IGNORECASE
)


def sentence_signals(question: str, found: Sequence[Evidence], cosines: np.ndarray) -> list[dict[str, float]]:
    """The named signals of each sentence: `cosine` with the question; `shared` and `shared_around`, the share of the
    question's stems (weighted by how rare they are among these sentences) in it, and in it with its neighbours and
    headline; `kind`, 1 where it holds the kind of thing asked for and 0 where not; `passage`, its passage's fused
    score; `new`, the share of its own stems that the question does not hold; `length` in log words."""
    own = [stems(each.text) for each in found]
    rarity = _rarity(own)
    asked = dict.fromkeys(stems(question))
    total = sum(rarity.get(stem, math.log(2 + len(own))) for stem in asked) or 1.0
    signals = []
    for position, each in enumerate(found):
        around = set(own[position]) | set(stems(str(each.passage.node.metadata.get("title", ""))))
        for neighbour in (position - 1, position + 1):
            if 0 <= neighbour < len(found) and found[neighbour].passage is each.passage:
                around |= set(own[neighbour])
        new = [stem for stem in set(own[position]) if stem not in asked]
        signals.append(
            {
                "cosine": float(cosines[position]),
                "shared": sum(rarity[stem] for stem in asked if stem in set(own[position])) / total,
                "shared_around": sum(rarity.get(stem, 0.0) for stem in asked if stem in around) / total,
                "kind": _kind(question, each.text),
                "passage": float(each.passage.score or 0.0),
                "new": len(new) / (1 + len(set(own[position]))),
                "length": math.log(1 + len(own[position])),
            }
        )
    return signals


def _rarity(sentences: Sequence[Sequence[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for sentence in sentences:
        for stem in set(sentence):
            counts[stem] = counts.get(stem, 0) + 1
    return {stem: math.log(1 + len(sentences) / count) for stem, count in counts.items()}


def _kind(question: str, sentence: str) -> float:
    """1 where the sentence has what the question asks for (number, time, name not in the question), else 0; 0.5
    where the question does not say what it asks for."""
    if _ASKS_NUMBER.search(question):
        return float(bool(_NUMBER.search(sentence)))
    if _ASKS_TIME.search(question):
        return float(bool(_TIME.search(sentence)))
    if _ASKS_NAME.search(question):
        asked = question.casefold()
        return float(any(name.casefold() not in asked for name in names(sentence)))
    return 0.5


def answer_signals(question: str, passages: Sequence[ScoredPassage], evidence: Sequence[Evidence]) -> dict[str, float]:
    """The named signals of a whole result, for the confidence that it holds the answer: the best sentence's `score`
    and its `lead` over the best of another article; the best passage's `dense` cosine; `text`, its BM25 score for
    each content word of the question; `covered`, the share of the question's stems in the best sentence's passage
    and headline; `names_missing`, the share of the question's names and numbers that stand there nowhere."""
    if not passages or not evidence:
        return {}
    best = evidence[0]
    others = [each.score for each in evidence if each.passage.article_id != best.passage.article_id]
    title = str(best.passage.node.metadata.get("title", ""))
    context = f"{title} {best.passage.node.metadata.get('date', '')} {best.passage.passage.text}"
    there = set(stems(context))
    asked = list(dict.fromkeys(stems(question)))
    told = [*names(question), *re.findall(r"\d[\d.,]*\d|\d", question)]
    missing = [name for name in told if not set(stems(name)) <= there]
    return {
        "score": best.score,
        "lead": best.score - max(others, default=0.0),
        "dense": max(found.scores["dense"] for found in passages),
        "text": max(found.scores["text"] for found in passages) / max(1, len(content_words(question))),
        "covered": sum(stem in there for stem in asked) / max(1, len(asked)),
        "names_missing": len(missing) / max(1, len(told)),
    }
