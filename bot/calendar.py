"""Dates in a text: which stand there, and which one a question names at a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.words import STOP_WORDS

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
        "november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = frozenset(WEEK)
_MONTH = "(?P<month>" + "|".join(sorted((name.capitalize() for name in MONTHS), key=len, reverse=True)) + r")\b\.?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?(?![,.]?\d|%)"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}})\b)?"),
    re.compile(rf"\b{_MONTH}(?:\s+of)?,?\s+(?P<year>\d{{4}})\b"),
    re.compile(rf"\b(?:in|since|until|by|early|late|mid|last|this|next|through|from)[\s-]+{_MONTH}"),
)
_DAY_AFTER = re.compile(
    r"(?:[-–—]|\s(?P<word>to|through)\s)(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?![,.]?\d|%)(?:,?\s+(?P<year>\d{4})\b)?"
)
_LED = re.compile(r"\b(?:from|between)\s+$", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"(?<![\d.,$£€])(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:[-–—]|\sto\s)$")
"""The other day of a stretch: "Feb. 3-5, 2023", "3 to 5 February"."""
_LED_BY = (
    r"(?:the\s+)?(?:(?:early|mid|late|(?:beginning|start|middle|end)\s+of|"
    rf"{'|'.join(sorted(WEEKDAYS))}),?[\s-]+)?(?:the\s+)?"
)
_YEAR_ALONE = (
    r"(?:the\s+)?(?:end\s+of\s+)?(?:the\s+year\s+)?(?P<year>\d{4})\b"
    # not the year of "2022 elections", nor of "2019–20"
    rf"(?=\s*$|\s*[^\w\s/–-](?!\d)|\s+(?:{'|'.join(sorted(STOP_WORDS))})\b)"
)
_TYPED_DATES = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (*(_LED_BY + pattern.pattern for pattern in _DATES), _YEAR_ALONE)
)
"""As people type them where the words before tell that a date follows: "march" and "MAY" are months there."""


@dataclass(frozen=True)
class Date:
    """A date, whose parts are None where they are not said."""

    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None


def date_at(text: str, start: int) -> tuple[Date, int] | None:
    """The date that stands at this place of a question, which may be a year alone, and where it ends."""
    for pattern in _TYPED_DATES:
        match = pattern.match(text, start)
        named = _date(match) if match else None
        if match and named:
            return named, match.end()
    return None


def dates(text: str) -> Iterator[tuple[int, int, Date]]:
    """The dates of a text, each with its start and end; by how they are written, not in order."""
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            named = _date(match)
            if named is None:
                continue
            taken.append(match.span())
            if beside := _day_beside(text, match, named):
                named = replace(named, year=beside[2].year)
                taken.append(beside[:2])
                yield beside
            yield *match.span(), named


def _day_beside(text: str, date: re.Match[str], named: Date) -> tuple[int, int, Date] | None:
    """The other day of the stretch that a date begins or ends, with its start and end."""
    if named.day is None or not date.groupdict().get("month"):
        return None
    start, end = date.span()
    found = _DAY_BEFORE.search(text, max(0, start - 12), start)
    if found is None and date.start("month") < date.start("day"):
        found = _DAY_AFTER.match(text, end)
        if found and found["word"] and not _LED.search(text, max(0, start - 12), start):
            return None  # "rose on March 3 to 17"
    if found is None or not 1 <= int(found["day"]) <= 31:
        return None
    year = found.groupdict().get("year")
    return *found.span(), replace(
        named, text=found["day"], day=int(found["day"]), year=named.year or (int(year) if year else None)
    )


def _date(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    month = int(parts["number"]) if parts.get("number") else MONTHS.get((parts.get("month") or "").casefold())
    year = int(parts["year"]) if parts.get("year") else None
    day = int(parts["day"]) if parts.get("day") else None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return Date(match.group(), year, month, day)
