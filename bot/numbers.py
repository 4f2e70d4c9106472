"""Numbers in a text, in figures and in words, with their units, signs and hedges; and whether two say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from bot.words import STOP_WORDS, stems, words

Kind = Literal["count", "percent", "money", "ordinal", "year", "decade"]
Bound = Literal["", "about", "nearly", "at most", "below", "at least"]

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SCALES = {**SCALES, "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}
_SCALE_WORDS = frozenset("hundred thousand million billion trillion bn tn".split())
_ORDINALS = {
    word: value
    for value, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), start=1)
}
_UNITS = {
    name: unit
    for unit, names in {
        "day": "day days", "week": "week weeks", "month": "month months", "year": "year years", "hour": "hour hours",
        "minute": "minute minutes min", "decade": "decade decades", "mile": "mile miles", "kilometre":
        "km kilometer kilometers kilometre kilometres", "metre": "m meter meters metre metres", "foot": "foot feet ft",
        "inch": "inch inches", "acre": "acre acres", "hectare": "hectare hectares", "tonne": "tonne tonnes ton tons",
        "kilogram": "kg kilogram kilograms kilo kilos", "pound": "pound pounds lb lbs", "degree": "degree degrees",
        "dollar": "dollar dollars", "euro": "euro euros", "yen": "yen", "gallon": "gallon gallons",
        "litre": "liter liters litre litres",
        "mph": "mph", "watt": "watt watts", "megawatt": "megawatt megawatts mw", "gigawatt": "gigawatt gigawatts gw",
        "person": "person people persons", "percent": "percent percentage",
    }.items()
    for name in names.split()
}  # fmt: skip
"""Units of measure. Another word after a number (17 children) says what is counted, and may be put otherwise."""
NUMBER_WORDS = frozenset(
    [*_SMALL, *_TENS, *_ORDINALS, *_UNITS, *(word for word in _SCALES if len(word) > 2), "per", "cent"]
)
_PEOPLE = frozenset(
    "men women children boys girls adults teenagers dead killed injured wounded hurt missing others residents "
    "civilians soldiers troops officers workers employees passengers students pupils victims survivors "
    "patients prisoners hostages migrants refugees protesters demonstrators fans "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
"""What may stand behind a number of people, or where these are not named."""
_NAMED = re.compile(r"(?:\b[A-Z][\w’'-]*|,)\s+$")
_CURRENCIES = {"$": "$", "us$": "$", "£": "£", "€": "€", "¥": "¥", "dollar": "$", "euro": "€", "yen": "¥"}

_GLUED_UNITS = r"\s?°(?:\s?(?-i:[CF]))?|(?-i:[CF])|pc|km|kg|mph|ft|lbs?|mw|gw"
_DIGITS = re.compile(
    r"(?<![\w.])(?P<currency>US\$|[$£€¥])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?P<ordinal>st|nd|rd|th)?(?P<glued>bn|tn|mn|k|m|b)?(?P<unit>{_GLUED_UNITS})?(?!\w)",
    re.IGNORECASE,
)
_MINUS = re.compile(r"(?:(?<!\d\s)(?<![^\s(])[-−]|\bminus\s)$", re.IGNORECASE)
_DECADES = {
    word: 10 * value
    for value, word in enumerate("thirties forties fifties sixties seventies eighties nineties".split(), start=3)
}
_DECADE = re.compile(
    r"(?<![\w.])(?:(?P<year>(?:1[5-9]|20)\d0)|(?:the\s['’]?|['’])(?P<short>[3-9]0))s\b|"
    rf"\bthe\s(?P<word>{'|'.join(_DECADES)})\b",
    re.IGNORECASE,
)
_GAP = r"[\s-]{1,2}"
_BIG = "|".join(SCALES)
_SOME = {"a": 1.0, "half": 0.5, "several": 6.0}
"""What a scale without a number is multiplied with; "several" are six with a step of ten, from one to eleven."""
_BELOW_100 = rf"(?>(?:{'|'.join([*_SMALL, *_TENS])})\b(?:{_GAP}(?:{'|'.join([*_SMALL, *_TENS])})\b)?)"
_HUNDREDS = rf"(?>(?:{_GAP}hundred\b(?:{_GAP}(?:and\s)?{_BELOW_100}(?!{_GAP}hundred\b))?)?)"
_THOUSANDS = rf"(?:{_GAP}thousand\b(?:{_GAP}(?:and\s)?(?>{_BELOW_100}{_HUNDREDS})(?!{_GAP}thousand\b))?)?"
_SCALED = rf"(?P<some>half{_GAP}a|a{_GAP}half|(?<!of\s)a|several(?!{_GAP}dozen))"
_SCALED += rf"(?={_GAP}(?:{_BIG})\b(?!\sand\sa\shalf))"
_NUMBER_WORDS = re.compile(
    rf"\b(?P<words>(?:{_BELOW_100}|{_SCALED}){_HUNDREDS}{_THOUSANDS})(?P<half>\sand\sa\shalf\b)?"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?:\+|-plus\b)?[\s-]{0,2}(?P<word>%|per cent|[A-Za-z]+)", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:(?P<about>about|around|roughly|approximately|some|close to)|(?P<nearly>nearly|almost)|"
    r"(?P<at_most>at most|up to|as many as|not? more than|a maximum of)|(?P<below>below|under|less than|fewer than)|"
    r"(?P<at_least>over|above|more than|at least|not? (?:less|fewer) than|upwards of|in excess of|a minimum of))\s+$",
    re.IGNORECASE,
)
_HEDGE_AFTER = re.compile(
    r"(?P<at_least>\+|-?plus\b|\s+or\s+(?:more|over|above)\b)|(?P<at_most>\s+or\s+(?:less|fewer|under|below)\b)",
    re.IGNORECASE,
)
_HEDGE_CHARACTERS = 20
"""More than the longest hedge has."""
_RANGE = re.compile(r"\s{0,2}(?:-|–|—|to\b|or\b|(?P<and>and\b))\s{0,2}")
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
ROUNDED = 0.1
"""What a hedged number ("about 800", "more than 800") may be off by."""


@dataclass(frozen=True)
class Number:
    """A number as it is meant: `value` in units of `unit` ("" where it counts things), `text` as it stands.

    `bound` is what it is said to be of what is meant, "" where it is just that; `step` is the place of its last digit
    that says anything; `scale` is what its figures are given in: a million. `beside` holds the content words right
    before and after it, in lower case; `of_people` says whether it may count people though no unit says so.
    """

    text: str
    value: float
    kind: Kind
    unit: str
    bound: Bound
    step: float
    scale: float = 1.0
    beside: frozenset[str] = frozenset()
    of_people: bool = False

    @property
    def hedged(self) -> bool:
        return bool(self.bound)


def numbers(text: str, whole: str) -> list[Number]:
    """The numbers of a text in order. `whole` is the text with nothing blanked out, for what stands beside them."""
    found = sorted([*_digit_numbers(text), *_word_numbers(text), *_decades(text)], key=lambda each: each[0])
    made = []
    for start, each in _ranges_whole(text, found):
        beside = _beside(whole, start, each.text)
        made.append(replace(each, beside=beside, of_people=_of_people(whole, start, start + len(each.text))))
    return made


def _beside(text: str, start: int, number: str) -> frozenset[str]:
    found = [*re.findall(r"[A-Za-z]+", text[max(0, start - 30) : start])[-1:]]
    found += re.findall(r"[A-Za-z]+", text[start + len(number) : start + len(number) + 30])[:1]
    return frozenset(word.casefold() for word in found) - STOP_WORDS - _SCALES.keys()


def _of_people(text: str, start: int, end: int) -> bool:
    """Whether a number may be of people: "killed 17 and injured 40", "three dead"; not "Flight 370", nor an age."""
    if _NAMED.search(text[max(0, start - 30) : start]):
        return False
    word = re.match(r"\s+([A-Za-z]+)", text[end : end + 30])
    after = word[1].casefold() if word else ""
    return after in _PEOPLE or (after != "of" and (not after or after in STOP_WORDS))


def _digit_numbers(text: str) -> Iterator[tuple[int, Number]]:
    for match in _DIGITS.finditer(text):
        digits = match["number"].replace(",", "")
        value = float(digits)
        decimals = len(digits.partition(".")[2])
        scale = _SCALES.get((match["glued"] or "").casefold(), 1.0)
        word, end = (_glued_unit(match["unit"]), match.end()) if match["unit"] else _next_word(text, match.end())
        scales = _SCALE_WORDS | {"m"} if match["currency"] else _SCALE_WORDS  # "5 m" is metres unless it is money
        if match["glued"] is None and word in scales:
            scale = _SCALES[word]
            word, end = _next_word(text, end)
        unit = _UNITS.get(word, "")
        kind: Kind = "count"
        currency = _CURRENCIES.get((match["currency"] or "").casefold()) or _currency(unit, scale, text[end : end + 4])
        if word in ("%", "per cent", "pc") or unit == "percent":
            kind, unit = "percent", ""
        elif currency:
            kind, unit = "money", currency
        elif match["ordinal"]:
            kind, unit = "ordinal", ""
        elif scale == 1.0 and not unit and len(match["number"]) == 4 and decimals == 0 and 1500 <= value <= 2100:
            kind = "year"
        start, sign = _signed(text, match.start() + match.group()[0].isspace())
        step, bound = scale * 10.0**-decimals, _bound(text, start, match.end())
        yield start, Number(text[start : match.end()], sign * value * scale, kind, unit, bound, step, scale)


def _currency(unit: str, scale: float, after: str) -> str:
    """The sign of a unit of money, or nothing. Millions of pounds are money, if not of a thing; few may be not."""
    return "£" if unit == "pound" and scale >= 1e6 and after != " of " else _CURRENCIES.get(unit, "")


def _bound(text: str, start: int, end: int) -> Bound:
    """What the words before or after a number say of it."""
    found = _HEDGE.search(text[max(0, start - _HEDGE_CHARACTERS) : start]) or _HEDGE_AFTER.match(text, end)
    bound: Bound = (found.lastgroup or "").replace("_", " ") if found else ""  # type: ignore[assignment]
    return bound


def _glued_unit(suffix: str) -> str:
    """The word for a unit that stands right behind a number: 30C, 90pc."""
    bare = suffix.casefold().strip(" °")
    return {"": "degree", "c": "degree", "f": "degree", "pc": "percent"}.get(bare, bare)


def _signed(text: str, start: int) -> tuple[int, float]:
    """Where a number begins with its sign, and 1 or -1."""
    minus = _MINUS.search(text[max(0, start - 8) : start])
    return (start - len(minus.group()), -1.0) if minus else (start, 1.0)


def _decades(text: str) -> Iterator[tuple[int, Number]]:
    for match in _DECADE.finditer(text):
        found = match.lastgroup or ""
        named = match[found].casefold()
        value = float(named) if found == "year" else 1900.0 + (_DECADES[named] if found == "word" else float(named))
        yield match.start(found), Number(text[match.start(found) : match.end()], value, "decade", "", "", 10.0)


def _ranges_whole(text: str, numbers: Sequence[tuple[int, Number]]) -> list[tuple[int, Number]]:
    """The numbers, each end of a range with what is said at the other one only: "$1 to $2 million", "10 to 15%"."""
    found = list(numbers)
    for i, ((start, first), (after, second)) in enumerate(pairwise(numbers)):
        joint = _RANGE.fullmatch(text, start + len(first.text), after)
        if not joint or (joint["and"] and not _BETWEEN.search(text[max(0, start - 16) : start])):
            continue
        if first.kind not in ("count", "money") or second.kind not in ("count", "money", "percent"):
            continue
        scale = second.scale if first.value < second.value / second.scale else 1.0  # "from 900,000 to 1.2 million"
        first = replace(first, value=first.value * scale, step=first.step * scale)
        if first.kind == "count" and not first.unit:
            first = replace(first, kind=second.kind, unit=second.unit)
        elif first.kind == "money" and second.kind == "count" and not second.unit:
            found[i + 1] = after, replace(second, kind="money", unit=first.unit)
        found[i] = start, first
    return found


def _next_word(text: str, at: int) -> tuple[str, int]:
    match = _AFTER.match(text, at)
    return (match["word"].casefold(), match.end()) if match else ("", at)


def _word_numbers(text: str) -> Iterator[tuple[int, Number]]:
    """Numbers in words, "a million" and "half a million" too, which are hedged. A bare "one" is no number."""
    for match in _NUMBER_WORDS.finditer(text):
        if match["ordinal"]:
            value = float(_ORDINALS[match["ordinal"].casefold()])
            yield match.start(), Number(match["ordinal"], value, "ordinal", "", "", 1.0)
            continue
        words = re.findall(r"[a-z]+", match["words"].casefold())
        value, group = 0.0, min((_SOME[word] for word in words if word in _SOME), default=0.0)
        for word in words:
            if word in _SMALL:
                group += _SMALL[word]
            elif word in _TENS:
                group += _TENS[word]
            elif word == "hundred":
                group *= 100
            elif word == "thousand":
                value, group = value + group * 1000, 0.0
        value += group + (0.5 if match["half"] else 0.0)
        word, end = _next_word(text, match.end())
        scale = SCALES.get(word, 1.0) if word != "hundred" else 1.0
        unit_end = end
        if scale > 1.0:
            word, unit_end = _next_word(text, end)
        unit = _UNITS.get(word, "")
        if words == ["one"] and scale == 1.0 and not unit and not match["half"]:
            continue
        kind: Kind = "count"
        if word in ("%", "per cent") or unit == "percent":
            kind, unit = "percent", ""
        elif currency := _currency(unit, scale, text[unit_end : unit_end + 4]):
            kind, unit = "money", currency
        start, sign = _signed(text, match.start())
        stop = end if match["some"] and scale > 1.0 else match.end()
        several = words[0] == "several"
        loose: Bound = "about" if match["some"] and not several else ""
        bound = _bound(text, start, stop) or loose
        step = 10 * value / _SOME["several"] * scale if several else scale * 0.1 if match["half"] else scale
        spoken = scale if scale > 1.0 or "thousand" in words[:-1] else _SCALES.get(words[-1], 1.0)
        yield start, Number(text[start:stop], sign * value * scale, kind, unit, bound, step, spoken)


def is_number(word: str) -> bool:
    """Whether a word is a number, or a part of one."""
    return word[0].isdigit() or word.casefold() in NUMBER_WORDS


def stems_without_numbers(text: str) -> list[str]:
    """The stems of a text's content words but its numbers, in order, repeated as they are."""
    return stems(" ".join(word for word in words(text) if not is_number(word)))


def same_number(claimed: Number, own: Number) -> bool:
    """Whether a claimed number says what another one does, be it rounded or hedged."""
    if claimed.kind == "decade" and own.kind == "year":
        return claimed.value == own.value // 10 * 10
    if claimed.kind != own.kind and {claimed.kind, own.kind} not in ({"count", "year"}, {"count", "ordinal"}):
        return False
    if claimed.unit and own.unit and claimed.unit != own.unit:
        return False
    people = claimed.unit == "person" and own.of_people
    if claimed.unit and not own.unit and claimed.kind == "count" and not people:
        return False  # the same figure, of something else
    if claimed.value == own.value:
        return True
    if claimed.hedged or own.hedged:
        return abs(claimed.value - own.value) <= ROUNDED * abs(own.value)
    return rounds(claimed, own)


def rounds(claimed: Number, own: Number) -> bool:
    """Whether a number is another one rounded, right to the last digit that it gives: 9.7 million for 9,712,345."""
    return claimed.step > own.step and claimed.step >= 1000 and abs(claimed.value - own.value) <= claimed.step / 2
