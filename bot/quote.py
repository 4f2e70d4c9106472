"""Answering without a language model: the sentences that answer, word for word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.calendar import MONTHS, WEEKDAYS
from bot.cite import Citations
from bot.claims import ALIKE, differ
from bot.numbers import NUMBER_WORDS
from bot.read import Evidence
from bot.types import AnswerSentence
from bot.when import day_of
from bot.words import answer_key, overlap, stems

MAX_SENTENCES = 3
MOST_SENTENCES = 5
"""Of an answer to a question that has several parts."""
SHARE_OF_BEST = 0.5
"""A further sentence is quoted when its answer is at least this share as likely as the best one."""
SAME_WORDS = 0.7
"""Two sentences that share this much of the shorter one's stems say the same thing; one is enough."""
_LIST = re.compile(
    r"^\W*(?:list|name|enumerate)\b|^\W*(?:which|what)\s+(?:\w+\s+){0,2}?(?:\w{3,}s|people|men|women|children)\s+"
    r"(?:are|were|have|had|has|did|do|does|will|would|can|could)\b",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"\b(?:timeline|chronology|step\s+by\s+step|in\s+what\s+order|(?:course|sequence|order)\s+of\s+events)\b"
    r"|\bhow\s+(?:did|has|have)\b.*\b(?:unfold|unfolded|develop|developed|evolve|evolved|progress|progressed)\b",
    re.IGNORECASE,
)
_COMMON = frozenset((*WEEKDAYS, *MONTHS, *NUMBER_WORDS, "yes", "no", "today", "yesterday"))
"""Words that are the answer to many questions: who gives one need not speak of the same thing."""
MAX_CITED = 3
"""Articles cited behind one sentence."""


@dataclass(frozen=True)
class Quoted:
    """Quoted sentences, the best first, and the short answer in the first of them."""

    sentences: tuple[AnswerSentence, ...] = ()
    short_answer: str | None = None


def sentences_wanted(question: str) -> int:
    """At most so many sentences answer a question: more where it asks for a list or a course of events."""
    return MOST_SENTENCES if _LIST.search(question) or asks_for_course(question) else MAX_SENTENCES


def asks_for_course(question: str) -> bool:
    """Whether a question asks how things went, so that its answer is told in the order of the days."""
    return _COURSE.search(question) is not None


def quote(
    evidence: Sequence[Evidence], citations: Citations, *, at_most: int = MAX_SENTENCES, by_day: bool = False
) -> Quoted:
    """The chosen evidence as quoted sentences, the likeliest first or, `by_day`, in the order of their articles' days;
    nothing where all of its articles are gone.

    A sentence of another article that gives the same answer is a further citation behind the first one.
    """
    sentences: list[AnswerSentence] = []
    short_answer = None
    picked = chosen(evidence, at_most)
    if by_day:
        picked.sort(key=lambda each: (day_of(each[0].passage), each[0].start))
    for best, others in picked:
        cited = [(each, citations.cite(each.passage, each.start, each.end)) for each in (best, *others)]
        kept = [(each, number) for each, number in cited if number is not None]
        if kept:
            first = kept[0][0]
            short_answer = short_answer or first.short_answer
            numbers = tuple(number for _, number in kept)
            place = None if sentences else first.answer_in_text
            sentences.append(AnswerSentence(first.text, "quoted", numbers, place))
    return Quoted(tuple(sentences), short_answer)


def joined(quoted: Sequence[Quoted]) -> Quoted:
    """The answers to the parts of a question as one; what two parts quote stands there once."""
    sentences: dict[tuple[int, ...], AnswerSentence] = {}
    for each in quoted:
        for sentence in each.sentences:
            sentences.setdefault(sentence.citations, sentence)
    return Quoted(tuple(sentences.values()), quoted[0].short_answer if quoted else None)


def chosen(evidence: Sequence[Evidence], at_most: int = MAX_SENTENCES) -> list[tuple[Evidence, list[Evidence]]]:
    """Which evidence to quote, the best first, and for each what says the same in other articles."""
    picked: list[tuple[Evidence, list[Evidence]]] = []
    bar = evidence[0].score * SHARE_OF_BEST if evidence else 0.0
    for found in evidence:
        if found.score < bar:
            continue
        same = next((entry for entry in picked if _same(entry[0], found)), None)
        if same is not None:
            cited = {entry.passage.article_id for entry in (same[0], *same[1])}
            if found.passage.article_id not in cited and len(cited) < MAX_CITED:
                same[1].append(found)
        elif len(picked) < at_most:
            picked.append((found, []))
    return picked


def _same(first: Evidence, second: Evidence) -> bool:
    """Whether both give the same answer, or are one sentence in two articles."""
    if differ(first, second):
        return False
    a, b = stems(first.text), stems(second.text)
    key = answer_key(first.short_answer)
    if key and key == answer_key(second.short_answer):
        return not set(key) <= _COMMON or overlap(a, b) >= ALIKE
    return overlap(a, b) >= SAME_WORDS and min(len(set(a)), len(set(b))) >= 3
