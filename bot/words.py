"""Words of English questions: which carry content, which are names. Pure functions over text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

# Question words and function words; kept here because nltk's list needs seconds to import.
STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be been before being but by can could did do does doing done for
    from get had has have having he her hers him his how i if in into is it its just many me more most much my no nor
    not of off on once one only or other our out over own she should so some such tell than that the their theirs them
    then there these they this those through to too under until up us very was we were what when where which while who
    whom whose why will with would you your say says said according article articles please know give long often far
    old
    """.split()
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
PERSON = re.compile(r"\b(?:he|she|him|his|hers?|himself|herself)\b", re.IGNORECASE)
"""A pronoun that stands for a person."""
UPPER = "A-Z" + "".join(letter for letter in map(chr, range(0x80, 0x10000)) if letter.isupper())
"""Upper-case letters, of all scripts in everyday use, to stand in a class of a pattern: `re` has no name for them."""
SHORT_NAMES = frozenset(("US", "WHO"))
"""Names that are function words but for their capitals. Not all such words in capitals: models stress with NOT, ALL."""
_SHORT_NAME = re.compile(rf"\b(?:{'|'.join(sorted(SHORT_NAMES))})\b(?!\$)")
_NAME = re.compile(rf"\b[{UPPER}][\w’'-]*(?:\s+(?:of\s+|the\s+|de\s+|bin\s+|al-)?[{UPPER}][\w’'-]*)*")

DATELINE = re.compile(r"\A[^\Wa-z\d_][^a-zß-öø-ÿ–—]{2,30}(?:, [\w .]{2,30})?(?: \([\w .]{2,40}\))? (?:--|[–—-]) ")
"""What a report begins with, where it was sent from: "NEW YORK (Northern News) – "."""


def whole(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which neither UTF-8 nor a database can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 (PyStemmer's name)


@lru_cache(maxsize=1)
def _stemmer() -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer("english")
    return stemmer


def words(text: str) -> list[str]:
    """The words of a text, as they stand."""
    return [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that are no function or question words, as they stand, in order, each once."""
    return list(dict.fromkeys(word for word in words(text) if word.casefold() not in STOP_WORDS))


def stems(text: str) -> list[str]:
    """The stems (Snowball, English) of the content words of a text, in order, repeated as they are."""
    stem = _stemmer().stemWord
    return [stem(word.casefold()) for word in words(text) if word.casefold() not in STOP_WORDS]


def names(text: str) -> list[str]:
    """Runs of capitalised words that are not just a sentence's first word, in order, each once."""
    found = []
    for match in _NAME.finditer(text):
        run = match.group().removesuffix("'s").removesuffix("’s")
        parts = run.split()
        while parts and parts[0].casefold() in STOP_WORDS:
            parts = parts[1:]
        if not parts:
            continue
        opens = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1:] in ".?!"
        if opens and len(parts) == 1 and len(run.split()) == 1 and not parts[0].isupper():
            continue
        found.append(" ".join(parts))
    return list(dict.fromkeys(found))


def short_names(text: str) -> list[str]:
    """The names of `SHORT_NAMES` in a text, each once, which `names` leaves out; none of a line in capitals only."""
    mixed = (line for line in text.splitlines() if not line.isupper() or line.strip(" .") in SHORT_NAMES)
    return list(dict.fromkeys(name for line in mixed for name in _SHORT_NAME.findall(line)))


def overlap(first: Sequence[str], second: Sequence[str]) -> float:
    """Share of the shorter one's distinct stems that the other has, 0..1."""
    a, b = set(first), set(second)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def answer_key(text: str) -> tuple[str, ...]:
    """What two wordings of one short answer have in common: the words in lower case, without articles."""
    return tuple(word.casefold() for word in words(text) if word.casefold() not in ("a", "an", "the"))
