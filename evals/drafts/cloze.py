"""Questions that leave one name, number or date of a sentence out and ask what stands in the gap.

`evals.drafts.templates` makes the other kind. A language model's questions could stand beside both: whatever makes a
`Question` of a sentence can be drafted from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.words import STOP_WORDS, content_words, names
from evals.drafts.sentences import (
    CALENDAR,
    FIGURES,
    INSTITUTIONS,
    OPENERS,
    YEAR,
    About,
    Name,
    Vocabulary,
    body_of,
    leans,
    names_in,
)

GAP = "____"
ENOUGH_WORDS = 7
"""Content words from which on a question without a name can be told from others."""
WORDINGS: dict[About, str] = {
    "name": "Which name",
    "number": "Which number",
    "date": "Which date",
    "money": "Which amount of money",
    "percentage": "Which percentage",
}


@dataclass(frozen=True)
class Question:
    """A question on one sentence. The first of `answers` is the best; the lower `weakness`, the better the question."""

    text: str
    answers: tuple[str, ...]
    about: About
    weakness: int = 0


def answers_in(sentence: str, question: str, answers: Iterable[str]) -> tuple[str, ...]:
    """Those answers that stand in the sentence once and not in the question; none unless the first is one."""
    given = [answer for answer in dict.fromkeys(answers) if answer]
    kept = [each for each in given if sentence.count(each) == 1 and each.casefold() not in question.casefold()]
    return tuple(kept) if kept and kept[0] == given[0] else ()


def is_clear(question: str) -> bool:
    """Whether a question tells what it is about: it holds a name other than a day's, or many words."""
    told = [name for name in names(question) if name.casefold() not in CALENDAR]
    return bool(told) or len(content_words(question)) >= ENOUGH_WORDS


def gap(body: str, start: int, end: int) -> str:
    """The sentence with a gap from start to end."""
    return f"{body[:start]}{GAP}{body[end:]}"


def clozes(sentence: str, vocabulary: Vocabulary) -> Iterator[Question]:
    """A question for each name, number and date of the sentence that may be left out."""
    offset, body = body_of(sentence)
    found = names_in(body, vocabulary)
    if leans(body, found):
        return
    vague = bool(_VAGUE.search(body))
    for about, start, end, weakness in (*_name_gaps(body, found, vocabulary), *_figure_gaps(body)):
        left = gap(body, start, end)
        text = f"{WORDINGS[about]} stands in the gap: “{left.rstrip('.')}”?"
        answers = answers_in(sentence, text, [sentence[offset + start : offset + end]])
        if answers and is_clear(left):
            yield Question(text, answers, about, weakness + vague)


_PAIR_BEFORE = re.compile(r"\b[A-Z]\w* (?:and|&) $")
_PAIR_AFTER = re.compile(r" (?:and|&)(?: [A-Z]\w*){1,5}+")
_RANGE_BEFORE = re.compile(r"\d(?: percent|%)? (?:to|and|or) $")
_RANGE_AFTER = re.compile(r" (?:to|and|or) \$?\d")
_VAGUE = re.compile(
    r"\b(?:there|this|these|those|others?|another|both|such|same|latter|former|the (?:figure|number))\b|^The [a-z]|"
    r"^(?:In|At|On|By|For|From|Before|After) that\b"
)
"""Words for something that an earlier sentence named."""

Gap = tuple[About, int, int, int]
"""What is left out, from where to where, and how weak a question that makes."""


def _name_gaps(body: str, found: Sequence[Name], vocabulary: Vocabulary) -> Iterator[Gap]:
    for name in found:
        words = body[name.start : name.end].split(" ")
        rest = set(re.findall(r"\w+", gap(body, name.start, name.end)))
        if _stands_free(body, name) and not rest & {word for word in words if word[0].isupper()}:
            usual = any(word in vocabulary.usual for word in words)
            yield "name", name.start, name.end, 2 * usual + (len(words) == 1)


def _stands_free(body: str, name: Name) -> bool:
    """Whether a name is one by itself: "the ____ army" asks for an adjective, "Food and ____" for half a name."""
    before, after = body[: name.start], body[name.end :]
    follows = after.strip(" ").partition(" ")[0].rstrip(".,;:").casefold()
    if " " not in body[name.start : name.end]:
        verb = follows.endswith("ed") and not before.endswith(("a ", "an ", "the "))
        if after.startswith(" ") and follows not in STOP_WORDS and not verb:
            return False
    right = _PAIR_AFTER.match(after)
    if right is None and not _PAIR_BEFORE.search(before):
        return True
    last = (right.group() if right else body[name.start : name.end]).rpartition(" ")[2]
    return last.casefold() not in INSTITUTIONS


def _figure_gaps(body: str) -> Iterator[Gap]:
    taken: list[tuple[int, int]] = []
    for about, pattern in FIGURES:
        for match in pattern.finditer(body):
            start, end = match.span()
            if any(start < t_end and t_start < end for t_start, t_end in taken):
                continue
            taken.append((start, end))
            if about != "number" or _counts(body, start, end):
                spelt = about == "number" and not match.group()[0].isdigit()
                ranged = _RANGE_BEFORE.search(body[:start]) or _RANGE_AFTER.match(body, end)
                yield about, start, end, int(spelt) + bool(ranged)


def _counts(body: str, start: int, end: int) -> bool:
    """Whether a number counts something: it is no part of a name, a year or an address."""
    before, after = body[:start].rstrip(" ").rpartition(" ")[2], body[end:].lstrip(" ").partition(" ")[0]
    named = before[:1].isupper() and before.casefold() not in STOP_WORDS | OPENERS
    capital = after[:1].isupper() and not after.rstrip(".,").endswith("s")
    fraction = body.startswith(" and a ", end)
    return not named and not capital and not fraction and re.match(YEAR, body[start:]) is None
