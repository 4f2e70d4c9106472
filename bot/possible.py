"""What a sentence says may be, is planned or is alleged, which is not to say that it is so.

As with a negation, what is meant is the first content word after the words that say so: "may cut", "threatened to
resign", "allege that Brown stole".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bot.words import STOP_WORDS, stems

_MARKER = re.compile(
    r"\b(?:(?P<may>(?:may|might|could)(?!\s+not\b)|allegedly|reportedly|possibly|perhaps)"
    r"|(?P<alleged>alleg(?:e|es|ed|ing)(?:\s+that)?|accus(?:e|es|ed|ing)\s+(?:[\w’'-]+\s+){1,4}of)"
    r"|(?P<planned>(?:threaten(?:s|ed|ing)?|plan(?:s|ned|ning)?|want(?:s|ed)?|hop(?:e|es|ed|ing)|vow(?:s|ed)?)\s+to))\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SAID_SO = re.compile(
    r"\b(?:sa(?:y|ys|id)|claim(?:s|ed)?|according|alleg\w+|accus\w+|charg\w+|suspect\w*|believe[sd]?|if|whether)\b",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"\b(?:will|would|going\s+to|is\s+to|are\s+to|about\s+to|intends?\s+to|expect\w*\s+to)\b", re.IGNORECASE
)
REACH = 6
"""Words that are looked through for what is meant."""


class Possible(NamedTuple):
    """Stems of what may be or is alleged to be, and of what is planned."""

    uncertain: frozenset[str]
    planned: frozenset[str]


@lru_cache(maxsize=1024)
def possible(text: str) -> Possible:
    """What a text says may be, or is to be."""
    uncertain, planned = set(), set()
    for marker in _MARKER.finditer(text):
        (planned if marker["planned"] else uncertain).update(_meant(text, marker.end()))
    return Possible(frozenset(uncertain), frozenset(planned))


def _meant(text: str, start: int) -> list[str]:
    """The stem of the first content word from there on that is no name and no adverb, in the same clause."""
    for number, match in enumerate(_WORD.finditer(text, start)):
        word = match.group()
        if number == REACH or re.search(r"[.;:]", text[start : match.start()]):
            break
        if word[0].isupper() or word.casefold() in STOP_WORDS or word.endswith("ly"):
            continue
        return stems(word)[:1]
    return []


def only_possible(claim: str, sentence: str, plainly: set[str]) -> str:
    """A word for what the claim says is so, and the sentence that it is made of only that it may be or is planned; ""
    where there is none. `plainly`: the stems of what the passage says elsewhere.

    A claim that says who says it, or that it may be, claims no more than that; of a plan it may be said that it will
    be.
    """
    if _SAID_SO.search(claim):
        return ""
    own, there = possible(claim), possible(sentence)
    doubted = there.uncertain | (frozenset() if _TO_COME.search(claim) else there.planned)
    for match in _WORD.finditer(claim):
        for stem in stems(match.group())[:1]:
            if stem in doubted and stem not in own.uncertain | own.planned | plainly:
                return match.group()
    return ""
