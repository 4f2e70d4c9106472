"""Which day an answer like "Friday" means, counted from the date of the article that says it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.calendar import WEEK
from bot.when import day_in_words

_ASKS_WHEN = re.compile(r"\bwhen\b|\b(?:what|which)\s+(?:day|date)\b", re.IGNORECASE)
_DAY = re.compile(
    rf"(?:on\s+)?(?:(?:early|late)\s+)?(?:on\s+)?(?P<last>last\s+)?(?P<day>{'|'.join(WEEK)}|yesterday|today)"
    r"(?:\s+(?:morning|noon|afternoon|evening|night))?",
    re.IGNORECASE,
)
_NOT_PAST = re.compile(
    r"\b(?:will|would|shall|should|(?-i:may)|might|could|plans?|planned|due|expect\w*|schedul\w*|set\s+(?:for|to)|until|"
    r"(?:is|are|was|were)\s+to|next|coming|every|each|begins?|starts?|opens?|meets?)\b|[’']ll\b",
    re.IGNORECASE,
)
"""Where one of these stands beside it, a weekday may be one to come, or one of many."""
_BREAK = re.compile(r"[,;:–—]|\b(?:after|because|but|since|when|where|which|while|who)\b", re.IGNORECASE)


def day_meant(question: str, short_answer: str, sentence: str, published: str | None) -> str:
    """One line on the day that a short answer names by its place in the week; "" where it names none so.

    Newspapers name days of the last week so; of a sentence that may look ahead nothing is said. `published` is the
    article's ISO date.
    """
    named = _DAY.fullmatch(short_answer.strip(" ,."))
    if not named or not published or not _ASKS_WHEN.search(question):
        return ""
    if any(short_answer in clause and _NOT_PAST.search(clause) for clause in _BREAK.split(sentence)):
        return ""
    day, out = named["day"].casefold(), date.fromisoformat(published[:10])
    if day in WEEK:
        ago = (out.weekday() - WEEK.index(day)) % 7
        ago = ago or (7 if named["last"] else 0)
    else:
        ago = 1 if day == "yesterday" else 0
    meant = (out - timedelta(days=ago)).isoformat()
    return f"“{named['day']}” is {day_in_words(meant)}: the article is of {day_in_words(published[:10])}."
