"""Sentences made wrong on purpose, and true ones put otherwise: what the claim check is measured with.

Its patterns are its own, not those of the check, so that what the check can't read is not left out of the test as well.
Each function gives None where it finds nothing to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

Change = Callable[[str, random.Random], str | None]

_NUMBER = re.compile(r"(?<![\w.,$£€-])(\d{1,3}(?:,\d{3})+|\d{1,6})(?![\w,.-]*\d)(?!\w)")
_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip
_DAY = re.compile(rf"\b({'|'.join(_MONTHS)}) (\d{{1,2}})\b(?!,? ?\d{{4}}\d)")
_YEAR = re.compile(r"(?<![\d.,$-])\b(19[5-9]\d|20[0-2]\d)\b(?![\d,.%-]*\d)")
_UNITS = {
    **{"percent": "points", "miles": "kilometers", "days": "weeks", "weeks": "months", "months": "years"},
    **{"years": "months", "hours": "days", "minutes": "hours", "feet": "miles", "pounds": "tons"},
    **{"million": "billion", "billion": "million", "thousand": "million", "dollars": "euros"},
    **{"degrees": "percent", "acres": "miles", "inches": "feet"},
}
_UNIT = re.compile(r"\b(\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten)([ -])(" + "|".join(_UNITS) + r")\b")
_NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]+(?: [A-Z][a-z]+)+)\b")
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|will|would|could|can|should)\b (?!not\b|n't)")
_NOT = re.compile(r"\b(is|are|was|were|has|have|had|will|would|could|should|did|does|do|can) not ")
_CONTRACTED = re.compile(r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do)n[’']t ")


def number(sentence: str, chance: random.Random) -> str | None:
    """Another number, of about the same length."""
    found = [m for m in _NUMBER.finditer(sentence) if not 1900 <= int(m[1].replace(",", "")) <= 2100]
    if not found:
        return None
    match = chance.choice(found)
    value = int(match[1].replace(",", ""))
    other = value
    while other == value:
        other = max(1, value + chance.choice((-1, 1)) * max(1, round(value * chance.uniform(0.15, 0.9))))
    return _put(sentence, match.span(1), f"{other:,}" if "," in match[1] else str(other))


def date(sentence: str, chance: random.Random) -> str | None:
    """Another month, day or year."""
    if match := _DAY.search(sentence):
        if chance.random() < 0.5:
            return _put(sentence, match.span(1), chance.choice([m for m in _MONTHS if m != match[1]]))
        return _put(sentence, match.span(2), str(int(match[2]) % 28 + 1))
    if match := _YEAR.search(sentence):
        return _put(sentence, match.span(1), str(int(match[1]) + chance.choice((-3, -2, -1, 1, 2))))
    return None


def unit(sentence: str, chance: random.Random) -> str | None:
    """The same number of something else."""
    match = _UNIT.search(sentence)
    return _put(sentence, match.span(3), _UNITS[match[3]]) if match else None


def name(sentence: str, chance: random.Random, others: Sequence[str]) -> str | None:
    """Another name in the place of one; `others` are those to choose from."""
    found = list(_NAME.finditer(sentence))
    candidates = [each for each in others if each not in sentence]
    if not found or not candidates:
        return None
    match = chance.choice(found)
    fitting = [each for each in candidates if len(each.split()) == len(match[1].split())]
    return _put(sentence, match.span(1), chance.choice(fitting or candidates))


def names_in(text: str) -> list[str]:
    """The names that `name` would change, each once."""
    return list(dict.fromkeys(match[1] for match in _NAME.finditer(text)))


def negation(sentence: str, chance: random.Random) -> str | None:
    """Its negation taken away, or one put in after the first auxiliary verb."""
    for pattern in (_NOT, _CONTRACTED):
        if match := pattern.search(sentence):
            return _put(sentence, match.span(), f"{match[1]} ")
    match = _AUXILIARY.search(sentence)
    return _put(sentence, match.span(), f"{match[1]} not ") if match else None


WRONG: Mapping[str, Change] = {"number": number, "date": date, "unit": unit, "negation": negation}
"""Changes that make a sentence say what its passage does not; besides them `name`, and passages not its own."""


def _put(sentence: str, span: tuple[int, int], text: str) -> str:
    return sentence[: span[0]] + text + sentence[span[1] :]


# --- true paraphrases ---

_WORDS = "two three four five six seven eight nine ten eleven twelve".split()


def as_it_stands(sentence: str, chance: random.Random) -> str | None:
    """The very sentence."""
    return sentence


def shortened(sentence: str, chance: random.Random) -> str | None:
    """Without an insertion between commas, or without a relative clause at its end."""
    if match := re.search(
        r", (?:who|which|a|an|the) [^,.;“”\"]{8,80},(?= (?:said|was|is|has|had|will|were|are) )", sentence
    ):
        return _put(sentence, match.span(), "")
    if match := re.search(r", (?:which|who|while|as|after|with) [^,;“”\"]{12,120}(?=\.$)", sentence):
        return _put(sentence, match.span(), "")
    return None


def figures(sentence: str, chance: random.Random) -> str | None:
    """Its numbers in another way of writing: 2,000 as 2000, 5% as 5 percent, seven as 7."""
    changed = re.sub(r"(?<=\d),(?=\d{3}\b)", "", sentence)
    changed = re.sub(r"(?<=\d)%", " percent", changed) if "%" in changed else re.sub(r"(?<=\d) percent", "%", changed)
    for value, word in enumerate(_WORDS, start=2):
        changed = re.sub(rf"(?<![\w-]){word}\b(?= [a-z]+s\b)", str(value), changed)
    return changed if changed != sentence else None


def surname(sentence: str, chance: random.Random) -> str | None:
    """A person by the last name alone."""
    match = re.search(r"\b[A-Z][a-z]+ ([A-Z][a-z]+)(?= (?:said|told|was|is|has|had|added))", sentence)
    return _put(sentence, match.span(), match[1]) if match else None


def attributed(sentence: str, chance: random.Random) -> str | None:
    """`X, NAME said.` as `According to NAME, x.`"""
    match = re.fullmatch(r"([A-Z][^“”\"]{20,220}), ((?:[A-Z][a-z]+ ){1,2})said\.", sentence)
    return f"According to {match[2].strip()}, {match[1]}." if match else None


def day_first(sentence: str, chance: random.Random) -> str | None:
    """`March 12` as `12 March`; not a day that others follow, as in `March 12-15`."""
    match = _DAY.search(sentence)
    alone = match and not re.match(r"\s?(?:[-–—]|to\b|and\b)\s?\d", sentence[match.end() :])
    return _put(sentence, match.span(), f"{match[2]} {match[1]}") if match and alone else None


TRUE: Mapping[str, Change] = {
    "as it stands": as_it_stands,
    "shortened": shortened,
    "figures": figures,
    "surname": surname,
    "attributed": attributed,
    "day first": day_first,
}


# --- statements ---

_ASKS_FOR_SUBJECT = re.compile(
    r"^(?:who|what|which [\w' -]{1,40}?|how many [\w' -]{1,40}?) (?=(?:is|was|are|were|has|have|had|can|could|will|"
    r"would|[a-z]+ed|[a-z]+s)\b(?<!\bdoes))",
    re.IGNORECASE,
)


def statement(question: str, answer: str) -> str | None:
    """The question with its answer in the place of what it asks for; None where that is not its subject."""
    match = _ASKS_FOR_SUBJECT.match(question)
    if match is None:
        return None
    return f"{answer[:1].upper()}{answer[1:]} {question[match.end() :].rstrip(' ?')}."
