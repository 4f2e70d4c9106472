"""Answering without a language model: the sentences that answer, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cite import Citations
from bot.read import Evidence
from bot.types import AnswerSentence
from bot.words import overlap, stems

MAX_SENTENCES = 3
SHARE_OF_BEST = 0.5
"""A further sentence is quoted when it is at least this share as likely to hold the answer as the best one."""
SAME_WORDS = 0.7
"""Two sentences that share this much of the shorter one's stems say the same thing; one is enough."""
MAX_COPIES_CITED = 3


def quote(evidence: Sequence[Evidence], citations: Citations) -> list[AnswerSentence]:
    """One to three quoted sentences, the best first, none saying the same as another.

    A sentence that repeats a quoted one in another article becomes a further citation behind it.
    """
    if not evidence:
        return []
    bar = evidence[0].score * SHARE_OF_BEST
    quoted: list[tuple[Evidence, list[Evidence]]] = []
    for found in evidence:
        if found.score < bar:
            break
        twin = next((entry for entry in quoted if _same(entry[0], found)), None)
        if twin is not None:
            cited = {entry.passage.article_id for entry in (twin[0], *twin[1])}
            if found.passage.article_id not in cited and len(cited) < MAX_COPIES_CITED:
                twin[1].append(found)
        elif len(quoted) < MAX_SENTENCES:
            quoted.append((found, []))
    sentences = []
    for found, copies in quoted:
        numbers = [citations.cite(each.passage, each.start, each.end) for each in (found, *copies)]
        kept = tuple(number for number in numbers if number is not None)
        if kept:
            sentences.append(AnswerSentence(found.text, "quoted", kept))
    return sentences


def _same(first: Evidence, second: Evidence) -> bool:
    a, b = stems(first.text), stems(second.text)
    return overlap(a, b) >= SAME_WORDS and min(len(set(a)), len(set(b))) >= 3
