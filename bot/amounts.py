"""Does one amount bear out another? Directions (more than, at most), sizes without a figure (dozens), one of a kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.facts import facts
from bot.numbers import ROUNDED, SCALES, Number, rounds, same_number
from bot.words import stems

YEARS_ABOUT = 2
"""How far off a year may be that is "around" another one."""
SIZE_WORDS = frozenset(f"{word}s" for word in SCALES)
_SIZE = re.compile(
    rf"\b(?:(?:(?P<tens>tens\s+of|dozens\s+of)|(?P<hundreds>hundreds\s+of)|(?P<thousands>thousands\s+of))\s+)?"
    rf"(?P<many>{'|'.join(SCALES)})s\b"
    rf"|\b(?:several|a\s+few)\s+(?P<few>dozen)\b|\ba\s+few\s+(?P<some>{'|'.join(SCALES)})\b",
    re.IGNORECASE,
)
"""Those that `facts` reads no number in."""
_AT_MOST = ("at most", "below")
_ONE = re.compile(r"(?<!no )\b(?:one|a single)\s+(?P<what>(?:[\w’'-]+\s+){0,2}[\w’'-]+)", re.IGNORECASE)
_WHAT = re.compile(r"\s*(?P<what>(?:[\w’'-]+\s+){0,2}[\w’'-]+)")
PLURALS = {"man": "men", "woman": "women", "child": "children"}
"""Of those whom news count, where the plural has another stem."""


@dataclass(frozen=True)
class Size:
    """An amount without a figure, more than `value` and less than `below`, `text` as it stands: thousands."""

    text: str
    value: float
    below: float


def sizes(text: str) -> list[Size]:
    """The amounts without a figure in a text, in order."""
    found = []
    for match in _SIZE.finditer(text):
        scale = SCALES[(match["many"] or match["few"] or match["some"]).casefold()]
        times = 10.0 if match["tens"] else 100.0 if match["hundreds"] else 1000.0 if match["thousands"] else 1.0
        found.append(Size(match.group(), scale * times, scale * 1000 if scale > 100 else scale * 100))
    return found


def bears_out(claimed: Number, own: Number) -> bool:
    """Whether a number of a passage says what a claimed one says. More than so many are not fewer, nor about as many
    where these are fewer; and who gives a number without a hedge says that it is this one."""
    if not same_number(claimed, own):
        return False
    said, known = abs(claimed.value), abs(own.value)
    if claimed.bound == "at least":
        return own.bound not in _AT_MOST and (known > said if own.bound == "nearly" else known >= said)
    if claimed.bound in _AT_MOST:
        return own.bound != "at least" and known <= said
    if claimed.bound == "nearly":
        return known < said if own.bound == "at least" else known <= said
    if claimed.bound == "about":
        if claimed.kind == own.kind == "year":
            return abs(said - known) <= YEARS_ABOUT
        least = known * (1 - ROUNDED / 2) if own.bound == "at least" else 0.0
        return said >= least and (own.bound not in _AT_MOST or said <= known * (1 + ROUNDED / 2))
    return claimed.kind == "decade" or rounds(claimed, own) or (claimed.value == own.value and own.bound != "below")


def size_borne_out(claimed: Size, numbers: Sequence[Number], own: Sequence[Size]) -> bool:
    """Whether one of the numbers and sizes of a passage says what a claimed size says: thousands for 4,200."""
    if any(claimed.value <= each.value < claimed.below for each in own):
        return True
    counted = [each for each in numbers if each.kind in ("count", "money")]
    return any(
        abs(each.value) < claimed.below
        and (abs(each.value) > claimed.value or (each.bound == "at least" and abs(each.value) == claimed.value))
        for each in counted
    )


def bears_out_number(claimed: Number, own: Size) -> bool:
    """Whether a size says what a claimed number says: more than a hundred, or several hundred, for hundreds."""
    if claimed.kind not in ("count", "money"):
        return False
    several = claimed.text.casefold().startswith("several") and own.value < claimed.value < 10 * own.value
    return several or (claimed.bound == "at least" and claimed.value == own.value)


def one_of_several(claim: str, sentence: str) -> str:
    """ "One hostage", where the sentence has a number of hostages that is not one, and nothing of a hostage; or ""."""
    for match in _ONE.finditer(claim):
        for word in match["what"].split():
            if re.search(rf"\b(?:{re.escape(word)}|one|single)\b", sentence, re.IGNORECASE):
                continue
            if _counts(stems(PLURALS.get(word, word)), sentence):
                return match.group().partition(word)[0] + word
    return ""


def _counts(counted: Sequence[str], sentence: str) -> bool:
    """Whether a sentence gives a number of these that is not one."""
    for number in facts(sentence).numbers:
        after = _WHAT.match(sentence, sentence.find(number.text) + len(number.text))
        if number.kind == "count" and number.value != 1 and after and set(counted) & set(stems(after["what"])):
            return True
    return False
