"""How old people are said to be, in the ways that newspapers write it."""

from __future__ import annotations

import re

from bot.words import UPPER

_SAID = re.compile(
    r"\b(?P<old>\d{1,3})[\s-]years?[\s-]olds?\b|\bage[ds]?\s+(?:of\s+)?(?P<aged>\d{1,3})\b(?!\s*(?:[-–%]|to\b|years?\s+ago))"
    r"|\bturn(?:s|ed|ing)?\s+(?P<turned>\d{1,3})\b(?!\s+\w+s\b)",
    re.IGNORECASE,
)
_BEHIND_A_NAME = re.compile(rf"\b[{UPPER}][\w’'-]+,\s+(?P<age>\d{{1,3}})(?=\s*(?:[,;.)]|$))")


def ages_said(text: str) -> set[int]:
    """The ages that are called so: "45 years old", "a 45-year-old", "aged 45", "turned 45"."""
    return {int(age) for match in _SAID.finditer(text) for age in match.groups() if age}


def ages(text: str) -> set[int]:
    """These, and what stands behind a name between commas: "Anna Bell, 45, has run the shop"."""
    return ages_said(text) | {int(match["age"]) for match in _BEHIND_A_NAME.finditer(text)}
