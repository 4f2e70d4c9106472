"""Do the words of a claim belong together in a passage? A learned score of where they stand in it.

The hard checks of `bot/check.py` see each number, date and name for itself. A claim joined from the halves of two
true sentences passes them all and says what nobody said; so does a statement about somebody else. What tells them is
that their words come from places that have nothing to do with each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from itertools import pairwise

from bot.calibration import fitted
from bot.numbers import stems_without_numbers
from bot.words import stems, words
from index.passages import sentence_spans

SUPPORTED = 0.5
"""The least score of a claim that is not doubted: it is as likely supported as not."""

_PRONOUN = re.compile(r"\W?(?:He|She|It|They|His|Her|Its|Their)\b")


def support(claim: str, passage: str) -> float:
    """The probability, at even chances, that the passage says what the claim says; 1 for a claim without content."""
    found = signals(claim, passage)
    return fitted("support").probability(found) if found else 1.0


def signals(claim: str, passage: str) -> dict[str, float]:
    """What the score is made of, each 0..1; empty for a claim without content words. Numbers are for the hard checks.

    known: the share of the claim's words that stand in the passage. sentence, neighbours: of these, the share that the
    best sentence has, and the best two that follow each other; words weigh by how few sentences have them (inverse
    document frequency, sentences being the documents), since what all is about tells nothing. first: the share of the
    others that such neighbours have together with the first of these, which mostly is the claim's subject.
    """
    wanted = list(dict.fromkeys(stems_without_numbers(claim)))
    if not wanted:
        return {}
    sentences = _sentences(passage)
    neighbours = tuple(first | second for first, second in pairwise(sentences)) or sentences
    counts = {word: sum(word in each for each in sentences) for word in wanted}
    weights = {word: math.log(1 + len(sentences) / count) for word, count in counts.items() if count}
    first, *others = weights or [""]
    near = [any({first, word} <= each for each in neighbours) for word in others]
    return {
        "known": len(weights) / len(wanted),
        "sentence": _best_share(sentences, weights),
        "neighbours": _best_share(neighbours, weights),
        "first": sum(near) / len(near) if near else 1.0,
    }


@lru_cache(maxsize=64)
def _sentences(passage: str) -> tuple[frozenset[str], ...]:
    """The stems of each sentence; one that begins with a pronoun has the names of the one before as well.

    Kept, because every sentence of an answer is checked against the same few passages.
    """
    found: list[frozenset[str]] = []
    before: list[str] = []
    for start, end in sentence_spans(passage):
        sentence = passage[start:end]
        named = [word for word in words(sentence) if word[0].isupper()]
        if _PRONOUN.match(sentence):
            named += before
        found.append(frozenset(stems(f"{sentence} {' '.join(named)}")))
        before = named
    return tuple(found)


def _best_share(places: Iterable[Set[str]], weights: Mapping[str, float]) -> float:
    """The largest share of the weights that the words of one place have."""
    most = max((sum(weights[word] for word in weights if word in each) for each in places), default=0.0)
    return most / sum(weights.values()) if weights else 0.0
