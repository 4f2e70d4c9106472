"""Does a passage give a date that a claim gives? And of which year is a day that is given without one?"""

from __future__ import annotations

import re

from bot.calendar import MONTHS, Date
from bot.facts import Facts, facts
from bot.words import STOP_WORDS, UPPER
from index.passages import sentence_spans

_NAMES = "|".join(month.capitalize() for month in MONTHS if len(month) > 3 or month == "may")
_MONTH = re.compile(rf"(?:\b(?P<before>[{UPPER}][\w-]*)\s+)?\b(?P<month>{_NAMES})\b")
"""With its capital: "may" and "march" are other words. Before it may stand who is called May."""
_BEFORE = STOP_WORDS | frozenset("early late mid since last next through".split())


class Dates:
    """The dates of a passage and of its header, each with the years that it may be of."""

    def __init__(self, passage: str, header: str) -> None:
        self._header = facts(header).dates
        self._named = _years(facts(passage))
        self._months = {
            MONTHS[match["month"].casefold()]
            for match in _MONTH.finditer(f"{header}\n{passage}")
            if match["before"] is None or match["month"] != "May" or match["before"].casefold() in _BEFORE
        }
        dated = any(date.year for date in self._header)
        before: set[int] = set()
        self._dated: list[tuple[str, Date, set[int]]] = []
        for sentence in (passage[start:end] for start, end in sentence_spans(passage)):
            own = facts(sentence)
            years = _years(own) or before
            self._dated += [(sentence, date, years) for date in own.dates]
            before = set() if dated else years  # the header says of what year a day is if its sentence does not
        known = {date for _, date, _ in self._dated}
        self._dated += [("", date, set()) for date in (*facts(passage).dates, *self._header) if date not in known]

    def have(self, claimed: Date, stated: Facts, closest: str) -> bool:
        """Whether there is one with all the parts that the claim gives, but not where the sentence that the claim is
        made of has another one. A month alone may stand there in a way that is no date: "the March elections"."""
        own = [(date, years) for sentence, date, years in self._dated if closest and sentence == closest]
        if any(self._same(claimed, *each) for each in own):
            return True
        if any(not any(self._same(date, *each) for date in stated.dates) for each in own):
            return False
        if any(self._same(claimed, date, years) for _, date, years in self._dated):
            return True
        return claimed.day is None and claimed.year is None and claimed.month in self._months

    def _same(self, claimed: Date, own: Date, years: set[int]) -> bool:
        if claimed.month != own.month or (claimed.day is not None and claimed.day != own.day):
            return False
        if claimed.year is None or claimed.year == own.year:
            return True
        return own.year is None and (claimed.year in years or self._is_near(claimed.year, own.month or 0))

    def _is_near(self, year: int, month: int) -> bool:
        """Whether the article came out in this year; or, of a month that is later than its own, in the year after; or
        in the one before, which the passage names then."""
        return any(
            year == date.year
            or (year + 1 == date.year and month > (date.month or 12))
            or (year - 1 == date.year and month < (date.month or 1) and year in self._named)
            for date in self._header
            if date.year
        )


def _years(given: Facts) -> set[int]:
    """The years that a text names, with a day or alone."""
    alone = {int(number.value) for number in given.numbers if number.kind == "year"}
    return alone | {date.year for date in given.dates if date.year}
