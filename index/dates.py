"""Dates as articles and people write them, turned into ISO 8601 or nothing: a doubtful date is no date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

EARLIEST_YEAR = 1400
"""Before print there are no articles; year 1 and year 0001 are how software writes "none"."""


def iso_date(value: object) -> str | None:
    """ISO 8601 of a date, a date and time, or a text that names one day; None for anything else.

    A text is first read as ISO 8601, then by dateparser in strict mode (day, month and year must all stand in it).
    Dates in the far past or the future are taken for mistakes.
    """
    moment: date | None
    if isinstance(value, date):
        moment = value
    elif isinstance(value, str) and 4 < len(value.strip()) <= 60:
        moment = _from_iso(value.strip()) or _from_words(value.strip())
    else:
        return None
    if moment is None or not moment.year >= EARLIEST_YEAR:
        return None
    day = moment.date() if isinstance(moment, datetime) else moment
    if day > datetime.now(UTC).date() + timedelta(days=1):
        return None
    return moment.isoformat()


def day_in(text: str) -> str:
    """The ISO date of an ISO date, or of a date and time. Days to come are fine: "until 2099" is a way to say "all".

    Raises ValueError for anything else.
    """
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise ValueError("must be a date like 2025-03-16") from error


def _from_iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_YEAR = re.compile(r"\b\d{4}\b")
_DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}\b")


def _from_words(text: str) -> date | None:
    if not _YEAR.search(text):
        return None
    numbers = _DAY_OR_MONTH_FIRST.match(text)
    if numbers and numbers[1] != numbers[2] and int(numbers[1]) <= 12 and int(numbers[2]) <= 12:
        return None  # 03/04/2023 is two different days on two sides of an ocean
    import dateparser

    found: datetime | None = dateparser.parse(text, settings={"STRICT_PARSING": True, "PREFER_DATES_FROM": "past"})
    if found is None:
        return None
    return found if (found.hour, found.minute, found.second) != (0, 0, 0) else found.date()


def as_utc(iso: str) -> datetime:
    """The moment of an ISO date, in UTC without a zone (how the store keeps it); a bare date is its first moment."""
    moment = datetime.fromisoformat(iso)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_WRITTEN_DATE = re.compile(
    r"\b(\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d]{3,12}\.?,? \d{4}"
    r"|[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})\b"
)
MAX_DATELINE_CHARACTERS = 90


def visible_date(lines: Iterable[str]) -> str | None:
    """The day that stands in one of these opening lines of an article, in a short line of its own; else None.

    "Published 4 April 2023" names the article's day, a sentence that mentions a day does not.
    """
    for line in lines:
        for part in line.split("\n"):
            found = _WRITTEN_DATE.search(part) if len(part) <= MAX_DATELINE_CHARACTERS else None
            if found and len(part[: found.start()].split()) <= 6 and not part.rstrip().endswith((".", "?", "!")):
                day = iso_date(found[1])
                if day:
                    return day[:10]
    return None
