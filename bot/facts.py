"""What a sentence states that can be checked word for word: numbers with their units, dates, quotations, negation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.calendar import Date, dates
from bot.numbers import Number, numbers

_QUOTATION = re.compile(r"[“\"]([^“”\"]{2,300})[”\"]")
_NEGATION = re.compile(
    r"\b(?:not(?!\s+(?:only|just|merely|least|(?:more|less|fewer)\s+than)\b)|never|"
    r"no(?!\s+(?:doubt|matter|(?:more|less|fewer)\s+than)\b)|none|nobody|nothing|neither|nor|"
    r"without|cannot|den(?:y|ied|ies|ying)|fail(?:s|ed|ing)?|refus(?:e|es|ed|ing)|declin(?:e|es|ed|ing)(?=\s+to\s+(?!(?:an?|the|about|around|just|below|under|less|more|nearly|almost|record)\b)[a-z])|unable)\b|n[’']t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Facts:
    """What a text states that can be checked."""

    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    quotations: tuple[str, ...]


NO_FACTS = Facts((), (), ())


def facts(text: str) -> Facts:
    """The checkable facts of a text, in order. A number that is part of a date is in the date only."""
    found = list(dates(text))
    rest = text
    for start, end, _ in found:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    quotations = tuple(match[1].strip() for match in _QUOTATION.finditer(text) if len(match[1].split()) > 2)
    return Facts(tuple(numbers(rest, text)), tuple(date for _, _, date in found), quotations)


def negations(text: str) -> Iterator[tuple[int, int]]:
    """Where a text negates something: (start, end) of each negating word."""
    for match in _NEGATION.finditer(text):
        yield match.span()
