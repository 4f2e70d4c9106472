"""How old people are said to be, in the ways that newspapers write it."""

from __future__ import annotations

import re

_IN_WORDS = {
    word: age
    for age, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split(),
        start=1,
    )
}
_SAID = re.compile(
    rf"\b(?P<old>\d{{1,3}}|{'|'.join(_IN_WORDS)})[\s-]years?[\s-]olds?\b"
    r"|\bage[ds]?\s+(?:of\s+)?(?P<aged>\d{1,3})\b(?!\s*(?:[-–%]|to\b|years?\s+ago))"
    r"|\bturn(?:s|ed|ing)?\s+(?P<turned>\d{1,3})\b(?!\s+\w+s\b)",
    re.IGNORECASE,
)
_BEHIND_SOMEBODY = re.compile(
    r"(?<![\w’'-])[^\W\d_][\w’'-]*(?:,\s+(?P<age>\d{1,3})(?=\s*(?:[,;.]|$))|\s\((?P<bracketed>\d{1,3})\))"
)


def ages_said(text: str) -> set[int]:
    """The ages that are called so: "45 years old", "an eight-year-old", "aged 45", "turned 45"."""
    found = (age for match in _SAID.finditer(text) for age in match.groups() if age)
    return {_IN_WORDS.get(age.casefold()) or int(age) for age in found}


def ages(text: str) -> set[int]:
    """These, and what stands behind somebody: "Anna Bell, 45, has run the shop", "the girl (8)"."""
    return ages_said(text) | {int(age) for match in _BEHIND_SOMEBODY.finditer(text) for age in match.groups() if age}
