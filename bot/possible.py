"""What a sentence says may be, is threatened or is alleged, which is not to say that it is so.

As with a negation, what is meant is the first content word after the words that say so: "may cut", "threatened to
resign", "allege that Brown stole".
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.words import STOP_WORDS, stems

_MARKER = re.compile(
    r"\b(?:(?:may|might|could)(?!\s+not\b)|allegedly|reportedly|alleg(?:e|es|ed|ing)(?:\s+that)?"
    r"|accus(?:e|es|ed|ing)\s+(?:[\w’'-]+\s+){1,4}of|threaten(?:s|ed|ing)?\s+to)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CLAIMS_LESS = re.compile(
    r"\b(?:sa(?:y|ys|id)|claim(?:s|ed)?|according|alleg\w+|accus\w+|charg\w+|suspect\w*|believe[sd]?|if|whether|can|able|"
    r"allow\w*|permit\w*|up\s+to|likely|possibl[ey]|perhaps|risk\w*|threat\w*|warn\w*)\b",
    re.IGNORECASE,
)
"""In a claim: it does not say that the thing is so."""
REACH = 6
"""Words that are looked through for what is meant."""


@lru_cache(maxsize=1024)
def only_possible(text: str) -> frozenset[str]:
    """The stems of what a text says may be, and nowhere plainly."""
    meant = {start: stem for marker in _MARKER.finditer(text) for start, stem in _meant(text, marker.end())}
    plain = {stem for match in _WORD.finditer(text) if match.start() not in meant for stem in stems(match.group())[:1]}
    return frozenset(meant.values()) - plain


def _meant(text: str, start: int) -> list[tuple[int, str]]:
    """Where the first content word from there on stands that is no name and no adverb, in the same clause; its stem."""
    for number, match in enumerate(_WORD.finditer(text, start)):
        word = match.group()
        if number == REACH or re.search(r"[.;:]", text[start : match.start()]):
            break
        if word[0].isupper() or word.casefold() in STOP_WORDS or (word.endswith("ly") and not word.endswith("ply")):
            continue
        return [(match.start(), stem) for stem in stems(word)[:1]]
    return []


def doubted(claim: str, sentence: str, plainly: set[str]) -> str:
    """A word for what the claim says is so, and the sentence that it is made of only that it may be; "" where there is
    none. `plainly`: the stems of what the passage says elsewhere."""
    if _CLAIMS_LESS.search(claim):
        return ""
    uncertain = only_possible(sentence) - only_possible(claim) - plainly
    for match in _WORD.finditer(claim):
        wanted = claim[: match.start()].rstrip().endswith(" to")  # "moved there to study"
        if not wanted and uncertain.intersection(stems(match.group())[:1]):
            return match.group()
    return ""
