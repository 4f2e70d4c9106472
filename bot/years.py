"""Is a sentence about another year than the one that a question asks about?

"Ukraine won in May 2022" is no answer to "Who won in 2023?", however alike the two are. A sentence that names no year,
or a year only to compare with or to count from, may be about any that stands around it.
"""

from __future__ import annotations

import re

_YEAR = r"(?P<year>1[1-9]\d\d|20\d\d)"
_NAMED = re.compile(
    rf"(?<![\w.,$£€-])(?:(?P<first>1[1-9]\d\d|20\d\d)\s?(?:[-–/]|to\b|until\b|through\b)\s?(?P<last>\d{{2,4}})\b|{_YEAR}\b)"
    r"(?![-–]|(?<=0)['’]?s\b|[.,]\d|\s?(?:%|per\s?cent|people|men|women|dollars|euros|pounds|miles|metres|meters|km|kg|tons|tonnes))"
)
"""A year, or a stretch of years: 2010-11, 1914–1918, 1990 to 2004."""
_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
"""What may be a year however it is written: mid-2017, 2017-05-03."""
_OPEN = re.compile(
    r"\b(?:since|after|before|until|till|by|from|to|between|than|through|following|prior|as\s+of)\s+"
    r"(?:[\w’']+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a year of a question: what is asked about is of other years."""
_COMPARING = re.compile(
    r"\b(?:since|than|from|compared|against|versus|before|after|until|till|by|to|following|unlike|first|last|previous\w*|"
    r"earlier|later|originally|born|founded|established|named)\b[^.;:,()]*$",
    re.IGNORECASE,
)
"""Before a year of a sentence, in its clause: it is not the one that the sentence is about."""


def of_another_year(question: str, sentence: str, *, around: str = "", published: str = "") -> bool:
    """Whether the question asks about a year, and the sentence is about others only.

    One that names no year is about those of its passage, `around`, and of the day that its article was `published`
    (ISO, or nothing where that is not known): in January reports tell of December without its year.
    """
    asked = list(_NAMED.finditer(question))
    if not asked or any(_OPEN.search(question[: match.start()]) for match in asked):
        return False
    wanted = {year for match in asked for year in _years(match)}
    if _mentioned(sentence) & wanted:
        return False
    if any(not _COMPARING.search(sentence[: match.start()]) for match in _NAMED.finditer(sentence)):
        return True
    if not published or _mentioned(around) & wanted:
        return False
    return all(abs(int(published[:4]) - year) > 1 for year in wanted)


def _mentioned(text: str) -> set[int]:
    """All years that stand in a text or within a stretch of it, and other numbers as long."""
    within = {year for match in _NAMED.finditer(text) for year in _years(match)}
    return within | {int(match.group()) for match in _DIGITS.finditer(text)}


def _years(match: re.Match[str]) -> range:
    """The years that are named: one, or all of a stretch."""
    if match["year"]:
        return range(int(match["year"]), int(match["year"]) + 1)
    first, last = match["first"], match["last"]
    return range(int(first), int(first[: 4 - len(last)] + last) + 1)
